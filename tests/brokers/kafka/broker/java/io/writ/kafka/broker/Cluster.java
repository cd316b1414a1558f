package io.writ.kafka.broker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;

/**
 * A Kafka cluster on loopback: nodes that are broker and controller, or controllers and brokers
 * apart. Clients come by CLIENT (SASL: PLAIN, SCRAM) or TLS (certificates).
 */
final class Cluster implements AutoCloseable {
    /** The policies of the tests name it. */
    static final String ID = "d3JpdC1rYWZrYS10ZXN0MQ";
    static final String NODE_USER = "broker";

    static final String BUILDER = "principal.builder.class";

    /** Who decides. */
    enum Guard { WRIT, STANDARD, NONE }

    /** How many brokers; controllers of their own, or none if brokers are controllers as well. */
    record Shape(int brokers, int controllers) { }

    private final Setup setup;
    private final Path folder;
    final Certificates certificates;
    final List<Node> controllers = new ArrayList<>();
    final List<Node> brokers = new ArrayList<>();
    private final List<Integer> quorum;
    private final List<Integer> clientPorts = new ArrayList<>();
    private final List<Integer> tlsPorts = new ArrayList<>();

    Cluster(Setup setup, Path folder, Shape shape, boolean tls)
        throws IOException, InterruptedException {
        this.setup = setup;
        this.folder = Files.createDirectories(folder);
        certificates = tls ? new Certificates(folder.resolve("certificates")) : null;
        boolean apart = shape.controllers > 0;
        quorum = ports(apart ? shape.controllers : shape.brokers);
        String voters = IntStream.range(0, quorum.size())
            .mapToObj(at -> (at + 1) + "@127.0.0.1:" + quorum.get(at))
            .collect(Collectors.joining(","));
        for (int at = 0; apart && at < shape.controllers; at++) {
            controllers.add(node(at + 1, "controller", voters, quorum.get(at)));
        }
        for (int at = 0; at < shape.brokers; at++) {
            int id = apart ? shape.controllers + at + 1 : at + 1;
            brokers.add(node(id, apart ? "broker" : "broker,controller", voters,
                apart ? 0 : quorum.get(at)));
        }
        replicas(Math.min(shape.brokers, 3));
    }

    List<Node> nodes() {
        List<Node> all = new ArrayList<>(controllers);
        all.addAll(brokers);
        return all;
    }

    private Node node(int id, String roles, String voters, int controllerPort)
        throws IOException {
        Node node = new Node(setup, folder.resolve("node-" + id));
        List<String> listeners = new ArrayList<>();
        if (roles.contains("broker")) {
            List<Integer> ports = ports(2);
            clientPorts.add(ports.get(0));
            listeners.add("CLIENT://127.0.0.1:" + ports.get(0));
            if (certificates != null) {
                tlsPorts.add(ports.get(1));
                listeners.add("TLS://127.0.0.1:" + ports.get(1));
                certificates.settings("node").forEach((key, value) ->
                    node.set("listener.name.tls." + key, value));
                node.set("listener.name.tls.ssl.client.auth", "required");
            }
            node.set("inter.broker.listener.name", "CLIENT");
        }
        if (controllerPort != 0) {
            listeners.add("CONTROLLER://127.0.0.1:" + controllerPort);
        }
        node.set("listeners", String.join(",", listeners));
        node.set("process.roles", roles);
        node.set("node.id", Integer.toString(id));
        node.set("controller.quorum.voters", voters);
        Settings.COMMON.forEach(node::set);
        return node;
    }

    private void replicas(int count) {
        for (Node node : nodes()) {
            for (String of : List.of("offsets.topic", "transaction.state.log",
                "share.coordinator.state.topic")) {
                node.set(of + ".replication.factor", Integer.toString(count));
            }
            node.set("transaction.state.log.min.isr", Integer.toString(Math.min(count, 2)));
            node.set("share.coordinator.state.topic.min.isr", Integer.toString(Math.min(count, 2)));
        }
    }

    /** Who decides from the next start of a node. */
    void guard(Guard by, Policy policy) {
        nodes().forEach(node -> guard(node, by, policy));
    }

    static void guard(Node node, Guard by, Policy policy) {
        for (String key : List.of("authorizer.class.name", "super.users", "writ.bundle",
            "writ.trust", "writ.node.principals", BUILDER)) {
            node.remove(key);
        }
        if (by == Guard.STANDARD) {
            node.set("authorizer.class.name",
                "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
            node.set("super.users", "User:" + NODE_USER + ";User:admin");
        } else if (by == Guard.WRIT) {
            node.set("authorizer.class.name", "io.writ.kafka.WritAuthorizer");
            node.set("writ.node.principals", "User:" + NODE_USER);
            node.set(BUILDER, "io.writ.kafka.WritPrincipalBuilder");
            node.set("writ.bundle", policy.bundle().toString());
            node.set("writ.trust", policy.trust().toString());
        }
    }

    void set(String key, String value) {
        nodes().forEach(node -> node.set(key, value));
    }

    void format() throws IOException {
        for (Node node : nodes()) {
            node.format(ID, List.of("SCRAM-SHA-256=[name=scarlett,password=scarlett-secret]"));
        }
    }

    void start() throws IOException {
        for (Node node : nodes()) {
            node.start();
        }
    }

    /** Until an admin sees every broker. */
    void ready() {
        Until.holds("all brokers are there", 90, () -> {
            for (Node node : nodes()) {
                if (!node.running()) {
                    throw new IllegalStateException("a node ended: " + node.log());
                }
            }
            try (Admin admin = Admin.create(as("admin"))) {
                return admin.describeCluster().nodes().get().size() == brokers.size();
            }
        });
    }

    void up() throws IOException {
        start();
        ready();
    }

    void stop() throws InterruptedException {
        for (Node node : brokers) {
            node.stop();
        }
        for (Node node : controllers) {
            node.stop();
        }
    }

    String servers() {
        return at(clientPorts);
    }

    /** One of them. */
    String controllerServer() {
        return at(quorum.subList(0, 1));
    }

    private static String at(List<Integer> ports) {
        return ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
    }

    /** Settings of a client that says who it is by SASL/PLAIN. */
    Map<String, Object> as(String user) {
        return Settings.plain(servers(), user);
    }

    Map<String, Object> asScram(String user, String password, boolean token) {
        return Settings.scram(servers(), user, password, token);
    }

    /** Settings of a client that shows a certificate. */
    Map<String, Object> asCertificate(String name) {
        Map<String, Object> keys = new HashMap<>(certificates.settings(name));
        keys.put("bootstrap.servers", at(tlsPorts));
        keys.put("security.protocol", "SSL");
        Settings.hasty(keys);
        return keys;
    }

    static List<Integer> ports(int count) throws IOException {
        List<ServerSocket> open = new ArrayList<>();
        try {
            for (int at = 0; at < count; at++) {
                open.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return open.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : open) {
                socket.close();
            }
        }
    }

    @Override
    public void close() {
        nodes().forEach(Node::close);
    }
}
