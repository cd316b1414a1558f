package io.writ.kafka;

import java.lang.ref.Reference;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Would a bundle let the nodes of the cluster talk to each other? Brokers and controllers register,
 * replicate and forward by ClusterAction on Cluster; a policy that denies it stops the cluster. Asked
 * in an engine of its own before the bundle becomes the policy that runs.
 */
final class NodeCheck {
    private static final Logger LOG = LoggerFactory.getLogger(WritAuthorizer.class);
    private static final byte[] CLUSTER = "kafka-cluster".getBytes(StandardCharsets.UTF_8);

    private final Set<String> principals;
    private final byte[] cluster;
    private final byte[] scope;
    private final List<InetAddress> from;

    NodeCheck(WritConfig config, String cluster, List<InetAddress> from) {
        this.principals = config.nodePrincipals();
        this.cluster = cluster.getBytes(StandardCharsets.UTF_8);
        this.scope = config.scope().getBytes(StandardCharsets.UTF_8);
        this.from = from;
        if (principals.isEmpty()) {
            LOG.warn("{} is not set: a policy that keeps the nodes from each other would be accepted",
                WritConfig.NODE_PRINCIPALS);
        }
    }

    /** The addresses of this node. What it asks of others comes from one of them. */
    static List<InetAddress> ownAddresses() {
        List<InetAddress> out = new ArrayList<>();
        try {
            NetworkInterface.networkInterfaces().forEach(one ->
                one.inetAddresses().forEach(out::add));
        } catch (SocketException e) {
            LOG.warn("the addresses of this node cannot be found: {}", e.getMessage());
        }
        return out;
    }

    /** Null: the nodes' requests are let in, or nobody said who they are, or the bundle does not
     * load. */
    String denied(byte[] bundle, byte[][] trust, int threshold) {
        if (principals.isEmpty()) {
            return null;
        }
        Handle engine = new Handle(Native.engine(cluster, false), Native::freeEngine);
        if (engine.address == 0) {
            return "there is no memory to look at it";
        }
        try {
            // Why it cannot be loaded is said by the engine that was to run it.
            if (Native.load(engine.address, bundle, trust, threshold) != null) {
                return null;
            }
            for (String principal : principals) {
                String denied = denied(engine, principal);
                if (denied != null) {
                    return denied;
                }
            }
            return null;
        } finally {
            Reference.reachabilityFence(engine);
        }
    }

    private String denied(Handle engine, String principal) {
        int answer = 0;
        for (InetAddress host : from) {
            answer = ask(engine, principal, host);
            if ((answer & Native.ALLOWED) != 0) {
                return null;
            }
        }
        String what = principal + " would be denied ClusterAction on Cluster kafka-cluster ("
            + Native.reason(answer >>> 8 & 0xFF) + ") from each address of this node";
        if ((answer & Native.ERROR) != 0) {
            // A fact of the connection decides, which nobody can know beforehand.
            LOG.warn("{}, as far as can be known without a connection", what);
            return null;
        }
        return what + ": nodes could neither register nor replicate. Say `infrastructure at "
            + "CLUSTER = " + principal + "`";
    }

    private int ask(Handle engine, String principal, InetAddress host) {
        int colon = principal.indexOf(':');
        byte[] type = Utf8.encode(principal.substring(0, colon));
        byte[] name = Utf8.encode(principal.substring(colon + 1));
        if (type == null || name == null) {
            return 0;
        }
        Handle session = new Handle(Native.session(engine.address, type, name,
            host.getHostAddress().getBytes(StandardCharsets.UTF_8), scope, null, new byte[0][],
            new byte[0][], new int[0], System.currentTimeMillis() * 1000), Native::freeSession);
        int answer = Native.decideText(engine.address, session.address,
            Words.KINDS[ResourceType.CLUSTER.ordinal()], CLUSTER,
            Words.OPERATIONS[AclOperation.CLUSTER_ACTION.ordinal()], null, null);
        Reference.reachabilityFence(session);
        return answer;
    }
}
