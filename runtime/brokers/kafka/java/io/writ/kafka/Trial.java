package io.writ.kafka;

import java.lang.ref.Reference;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Would a bundle do in this cluster? Asked in an engine of its own, which records nothing, before the
 * bundle becomes the policy that runs. Brokers and controllers register, replicate and forward by
 * ClusterAction on Cluster; the audit trail writes its topic; request threads wait for no topic.
 */
final class Trial {
    private static final Logger LOG = LoggerFactory.getLogger(WritAuthorizer.class);
    private static final int DURABLE = 1;
    private static final int REPLICATED = 2;

    private record Request(String principal, AclOperation operation, ResourceType kind, String name,
                           String meaning) { }

    private final Handle.Owner sessions = new Handle.Owner();
    private final List<Request> requests = new ArrayList<>();
    private final byte[] cluster;
    private final byte[] scope;
    private final boolean records;
    private final List<InetAddress> from;

    Trial(WritConfig config, String cluster, List<InetAddress> from) {
        this.cluster = cluster.getBytes(StandardCharsets.UTF_8);
        this.scope = config.scope().getBytes(StandardCharsets.UTF_8);
        this.records = config.audit() != null;
        this.from = from;
        for (String principal : config.nodePrincipals()) {
            requests.add(new Request(principal, AclOperation.CLUSTER_ACTION, ResourceType.CLUSTER,
                "kafka-cluster", "nodes could neither register nor replicate. Say `infrastructure "
                    + "at CLUSTER = " + principal + "`"));
        }
        if (config.nodePrincipals().isEmpty()) {
            LOG.warn("{} is not set: a policy that keeps the nodes from each other would be accepted",
                WritConfig.NODE_PRINCIPALS);
        }
        if (config.audit() != null) {
            for (String topic : config.audit().ownTopics()) {
                requests.add(new Request(config.audit().sender(), AclOperation.WRITE,
                    ResourceType.TOPIC, topic, "events could not be sent. Allow it in the policy"));
            }
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

    /** Null: it would do, or it does not load, which the engine that was to run it says. */
    String refused(byte[] bundle, byte[][] trust, int threshold) {
        return refused(engine -> Native.load(engine, bundle, trust, threshold) == null);
    }

    /** The same of what is kept in a folder. */
    String refused(String store, byte[][] trust, int threshold) {
        byte[] folder = store.getBytes(StandardCharsets.UTF_8);
        return refused(engine -> Native.keepIn(engine, folder) == null
            && Native.restore(engine, trust, threshold) == null);
    }

    private String refused(LongPredicate load) {
        Handle engine = new Handle(Native.engine(cluster, false, 0), Native::freeEngine);
        if (engine.address == 0) {
            return "there is no memory to look at it";
        }
        try {
            if (!load.test(engine.address)) {
                return null;
            }
            String level = level(Native.level(engine.address));
            if (level != null) {
                return level;
            }
            for (Request request : requests) {
                String denied = denied(engine, request);
                if (denied != null) {
                    return denied;
                }
            }
            return null;
        } finally {
            // The folder has one engine at a time.
            sessions.freeAll();
            engine.free();
        }
    }

    private String level(int asked) {
        if (asked >= REPLICATED) {
            return "it asks for `level replicated`: request threads would wait for a topic, which may "
                + "be of this very cluster and need them. Say `level durable`";
        }
        return asked == DURABLE && !records
            ? "it asks for `level durable`, and nothing is recorded here: set " + WritConfig.AUDIT_LOG
            : null;
    }

    private String denied(Handle engine, Request request) {
        int answer = 0;
        for (InetAddress host : from) {
            answer = ask(engine, request, host);
            if ((answer & Native.ALLOWED) != 0) {
                return null;
            }
        }
        String what = request.principal + " would be denied "
            + Words.word(request.operation.name()) + " on " + Words.word(request.kind.name()) + " "
            + request.name + " (" + Native.reason(answer >>> 8 & 0xFF)
            + ") from each address of this node";
        if ((answer & Native.ERROR) != 0) {
            // A fact of the connection decides, which nobody can know beforehand.
            LOG.warn("{}, as far as can be known without a connection", what);
            return null;
        }
        return what + ": " + request.meaning;
    }

    private int ask(Handle engine, Request request, InetAddress host) {
        int colon = request.principal.indexOf(':');
        byte[] type = Utf8.encode(request.principal.substring(0, colon));
        byte[] name = Utf8.encode(request.principal.substring(colon + 1));
        byte[] about = Utf8.encode(request.name);
        if (type == null || name == null || about == null) {
            return 0;
        }
        Handle session = new Handle(Native.session(engine.address, type, name,
            host.getHostAddress().getBytes(StandardCharsets.UTF_8), scope, null, new byte[0][],
            new byte[0][], new int[0], System.currentTimeMillis() * 1000), Native::freeSession,
            sessions);
        int answer = Native.decideText(engine.address, session.address,
            Words.KINDS[request.kind.ordinal()], about,
            Words.OPERATIONS[request.operation.ordinal()], Purpose.ENFORCE, null, null);
        Reference.reachabilityFence(session);
        return answer;
    }
}
