package io.writ.kafka;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A policy that would keep the nodes from each other does not become the one that runs. */
final class NodesTest {
    private static final String HEAD = """
        package nodes "Who may be a node"

        edition 2026
        use kafka

        cluster main = "differential"
        acl at main { allow Read on Topic "orders" to User:ann }
        """;

    private NodesTest() { }

    static void run(Checks checks, Path writ, Path folder) throws Exception {
        Policy policy = new Policy(writ, folder);
        record Case(String says, String principals, String refused) { }
        for (Case each : List.of(
            new Case("", "", null),
            new Case("", "User:broker", "User:broker would be denied ClusterAction on Cluster "
                + "kafka-cluster (default) from each address"),
            new Case("infrastructure at main = User:broker", "User:broker", null),
            new Case("infrastructure at main = User:broker", "User:broker;User:b2", "User:b2"),
            new Case("infrastructure at main = User:broker, User:b2", "User:broker;User:b2", null),
            new Case("infrastructure at main = User:broker from 10.0.0.0/24", "User:broker", null),
            new Case("infrastructure at main = User:broker from 10.9.0.0/24", "User:broker",
                "(default)"),
            new Case("superusers at main = User:broker", "User:broker", null),
            new Case("superusers at main = User:broker\n"
                + "guard frozen at main { deny any on any to any }", "User:broker", "(guard)"),
            // The connection decides; whoever starts the node sees a warning.
            new Case("superusers at main = User:broker\n"
                + "guard tls at main { deny any on any to any unless tls.version >= 1.2 }",
                "User:broker", null),
            new Case("acl at main { allow ClusterAction on Cluster * to User:broker }",
                "User:broker", null))) {
            policy.publish(HEAD + each.says + "\n");
            String denied = check(policy, each.principals);
            boolean as = each.refused == null ? denied == null
                : denied != null && denied.contains(each.refused);
            checks.check(as, each.says + " with " + each.principals + ": " + denied);
        }
        whileRunning(checks, policy);
    }

    private static String check(Policy policy, String principals) throws Exception {
        WritConfig config = WritConfig.of(policy.keys(Map.of("writ.node.principals", principals)));
        Trial nodes = new Trial(config, "differential", List.of(address("192.168.0.7"),
            address("10.0.0.7")));
        return nodes.refused(Files.readAllBytes(policy.bundle()), config.trust().stream()
            .map(key -> key.getBytes(java.nio.charset.StandardCharsets.UTF_8))
            .toArray(byte[][]::new), 1);
    }

    private static InetAddress address(String text) {
        return World.address(text);
    }

    private static void whileRunning(Checks checks, Policy policy) throws Exception {
        WritAuthorizer own = new WritAuthorizer();
        own.configure(policy.keys(Map.of("writ.node.principals", "User:broker")));
        policy.publish(HEAD);
        own.start(new Both.ServerInfo());
        checks.equal("", own.shared().engine.running().packageName(), "nothing runs");
        policy.publish(HEAD + "infrastructure at main = User:broker\n");
        checks.equal(1, own.look(), "the good one runs");
        long runs = own.shared().engine.running().version();
        policy.publish(HEAD + "\n");
        checks.equal(0, own.look(), "one without infrastructure does not take its place");
        checks.equal(runs, own.shared().engine.running().version(), "and the good one stays");
        own.close();
    }
}
