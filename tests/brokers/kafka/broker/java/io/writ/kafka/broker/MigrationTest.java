package io.writ.kafka.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * The steps of docs/operations/kafka.md from a cluster with ACLs to one guarded by Writ and back,
 * on a controller and two brokers. After each step clients see the same.
 */
final class MigrationTest {
    private final Setup setup;
    private final Policy policy;
    private final Cluster cluster;
    private final Check check;
    private final Path folder;
    private int round;

    private MigrationTest(Setup setup, Policy policy, Cluster cluster, Check check)
        throws IOException {
        this.setup = setup;
        this.policy = policy;
        this.cluster = cluster;
        this.check = check;
        this.folder = Files.createDirectories(setup.folder().resolve("migration"));
    }

    static void run(Setup setup, Check check) throws Exception {
        Policy policy = new Policy(setup, setup.folder().resolve("policy"));
        try (Cluster cluster = new Cluster(setup, setup.folder().resolve("cluster"),
            new Cluster.Shape(2, 1), false)) {
            cluster.guard(Cluster.Guard.STANDARD, policy);
            cluster.format();
            cluster.up();
            new MigrationTest(setup, policy, cluster, check).all();
        }
    }

    private void all() throws Exception {
        Map<String, Object> admin = cluster.as("admin");
        Clients.topics(admin, 2, "orders.new", "orders.audit", "catalog");
        Clients.send(admin, "orders.new", "x");
        Clients.send(admin, "catalog", "x");
        Clients.admin(admin, to -> to.createAcls(acls()).all().get()).call();
        Until.holds("the ACLs are everywhere", 20, () -> Check.error(() ->
            Clients.send(cluster.as("alice"), "orders.new", "x")).equals("none"));
        check.section("with ACLs");
        Map<String, String> before = outcomes();
        before.forEach((what, error) -> System.out.println("   " + what + ": " + error));
        check.that(new TreeSet<>(before.values()).size() >= 4, "some are refused, some are not: "
            + before);
        Path listing = listing();
        check.section("imported as text, node after node");
        policy.place(policy.build(imported(listing, true)));
        moved(Cluster.Guard.WRIT, before);
        check.works("kafka-acls --list", this::kafkaAcls);
        check.section("imported as rows, as a new version");
        policy.place(policy.build(imported(listing, false)));
        Until.holds("every node decides by it", 20, () -> {
            for (Node node : cluster.nodes()) {
                if (!node.log().contains("version " + policy.version() + " (")) {
                    return false;
                }
            }
            return true;
        });
        same(before, "as rows");
        check.same(Set.copyOf(acls()), Set.copyOf(Clients.admin(admin, to ->
            to.describeAcls(AclBindingFilter.ANY).values().get()).call()),
            "the ACLs are listed as they were");
        check.section("rolled back");
        moved(Cluster.Guard.STANDARD, before);
    }

    /** Controllers first, or last on the way back; each node stops, gets its keys and starts. */
    private void moved(Cluster.Guard guard, Map<String, String> before) throws Exception {
        List<Node> order = new ArrayList<>(cluster.nodes());
        if (guard == Cluster.Guard.STANDARD) {
            java.util.Collections.reverse(order);
        }
        for (Node node : order) {
            node.stop();
            Cluster.guard(node, guard, policy);
            if (guard == Cluster.Guard.WRIT) {
                node.set("super.users", "User:admin");
            }
            node.start();
            cluster.ready();
            if (setup.full() || guard == Cluster.Guard.WRIT) {
                same(before, "after a node");
            }
        }
        same(before, "after all nodes");
        check.same(guard == Cluster.Guard.WRIT, cluster.brokers.get(1).log()
            .contains("decides from now on"), "Writ decides");
    }

    private void same(Map<String, String> before, String when) {
        outcomes().forEach((what, error) -> check.same(before.get(what), error,
            when + ": " + what));
    }

    private static AclBinding acl(ResourceType type, String name, PatternType pattern,
        String principal, AclOperation operation, AclPermissionType permission, String host) {
        return new AclBinding(new ResourcePattern(type, name, pattern),
            new AccessControlEntry(principal, host, operation, permission));
    }

    private static AclBinding allow(ResourceType type, String name, PatternType pattern,
        String principal, AclOperation operation) {
        return acl(type, name, pattern, principal, operation, AclPermissionType.ALLOW, "*");
    }

    private static List<AclBinding> acls() {
        ResourceType topic = ResourceType.TOPIC;
        ResourceType group = ResourceType.GROUP;
        PatternType prefixed = PatternType.PREFIXED;
        PatternType literal = PatternType.LITERAL;
        return List.of(
            allow(topic, "orders.", prefixed, "User:alice", AclOperation.ALL),
            acl(topic, "orders.audit", literal, "User:alice", AclOperation.WRITE,
                AclPermissionType.DENY, "*"),
            allow(group, "orders", prefixed, "User:alice", AclOperation.READ),
            allow(ResourceType.TRANSACTIONAL_ID, "orders", prefixed, "User:alice",
                AclOperation.WRITE),
            allow(topic, "orders.new", literal, "User:bob", AclOperation.READ),
            acl(topic, "orders.new", literal, "User:dave", AclOperation.READ,
                AclPermissionType.ALLOW, "127.0.0.1"),
            acl(topic, "orders.new", literal, "User:eve", AclOperation.READ,
                AclPermissionType.ALLOW, "10.0.0.0/8"),
            allow(topic, "catalog", literal, "User:*", AclOperation.READ),
            acl(topic, "catalog", literal, "User:mallory", AclOperation.ALL,
                AclPermissionType.DENY, "127.0.0.0/8"),
            allow(group, "*", literal, "User:bob", AclOperation.READ),
            allow(topic, "ops.", prefixed, "User:olivia", AclOperation.CREATE),
            allow(ResourceType.CLUSTER, "kafka-cluster", literal, "User:olivia",
                AclOperation.DESCRIBE),
            allow(group, "team, one (old) `x`", literal, "User:CN=o'neil, O=\"x\"",
                AclOperation.READ));
    }

    /** What each client does, and the class of the error that it sees. */
    private Map<String, String> outcomes() {
        int now = round++;
        Map<String, Callable<?>> calls = new LinkedHashMap<>();
        calls.put("alice writes orders.new", () -> Clients.send(as("alice"), "orders.new", "x"));
        calls.put("alice writes orders.audit", () ->
            Clients.sendPlain(as("alice"), "orders.audit", "x"));
        calls.put("alice reads in a group", () ->
            Clients.read(as("alice"), "orders.new", "orders-" + now));
        calls.put("alice reads in another group", () ->
            Clients.read(as("alice"), "orders.new", "billing"));
        calls.put("alice in a transaction", () ->
            Clients.transaction(as("alice"), "orders-1", "orders.new"));
        calls.put("bob reads orders.new", () -> Clients.readAssigned(as("bob"), "orders.new"));
        calls.put("bob writes orders.new", () ->
            Clients.sendPlain(as("bob"), "orders.new", "x"));
        calls.put("bob writes with an id", () -> Clients.send(as("bob"), "orders.new", "x"));
        calls.put("bob in any group", () ->
            Clients.read(as("bob"), "orders.new", "bob-" + now));
        calls.put("dave, from here", () -> Clients.readAssigned(as("dave"), "orders.new"));
        calls.put("eve, not from there", () -> Clients.readAssigned(as("eve"), "orders.new"));
        calls.put("carol reads what all may", () -> Clients.readAssigned(as("carol"), "catalog"));
        calls.put("mallory does not", () -> Clients.readAssigned(as("mallory"), "catalog"));
        calls.put("carol reads nothing else", () ->
            Clients.readAssigned(as("carol"), "orders.new"));
        calls.put("olivia creates", Clients.admin(as("olivia"), admin -> admin.createTopics(
            List.of(new NewTopic("ops.r" + now, 1, (short) 1))).all().get()));
        calls.put("olivia creates elsewhere", Clients.admin(as("olivia"), admin ->
            admin.createTopics(List.of(new NewTopic("other", 1, (short) 1))).all().get()));
        calls.put("carol creates", Clients.admin(as("carol"), admin -> admin.createTopics(
            List.of(new NewTopic("ops.c" + now, 1, (short) 1))).all().get()));
        calls.put("olivia lists ACLs", Clients.admin(as("olivia"), admin ->
            admin.describeAcls(AclBindingFilter.ANY).values().get()));
        calls.put("carol lists ACLs", Clients.admin(as("carol"), admin ->
            admin.describeAcls(AclBindingFilter.ANY).values().get()));
        Map<String, String> seen = new LinkedHashMap<>();
        calls.forEach((what, call) -> seen.put(what, Check.error(call)));
        return seen;
    }

    private Map<String, Object> as(String user) {
        return cluster.as(user);
    }

    /** Kafka's own command, as an operator runs it. */
    private String kafkaAcls() throws IOException, InterruptedException {
        StringBuilder keys = new StringBuilder();
        cluster.as("admin").forEach((key, value) -> keys.append(key).append('=').append(value)
            .append('\n'));
        Path config = Files.writeString(folder.resolve("admin.properties"), keys);
        return Setup.run(Setup.java(), "-Dlog4j2.configurationFile="
            + setup.policies().resolve("../log4j2-client.yaml").normalize(), "-cp",
            System.getProperty("java.class.path"), "org.apache.kafka.tools.AclCommand",
            "--bootstrap-server", cluster.servers(), "--command-config", config.toString(),
            "--list");
    }

    private Path listing() throws IOException, InterruptedException {
        String said = kafkaAcls();
        check.same((long) acls().size(), said.lines().filter(line ->
            line.contains("permissionType=")).count(), "ACLs in the listing");
        return Files.writeString(folder.resolve("listing.txt"), said);
    }

    /** A folder with the frame of the policy and what the listing says. */
    private Path imported(Path listing, boolean text) throws IOException, InterruptedException {
        Path source = Files.createDirectories(folder.resolve(text ? "text" : "rows"));
        Path frame = source.resolve("cluster.writ");
        List<String> command = new ArrayList<>(List.of(setup.writ().toString(), "import",
            "kafka-acls", listing.toString(), "--at", "main"));
        if (text) {
            Files.writeString(frame, policy.text("migrated.writ"));
            command.addAll(List.of("--package", "migrated", "-o",
                source.resolve("acls.writ").toString()));
            Setup.run(command);
        } else {
            command.addAll(List.of("--data", "-o", source.resolve("acls.jsonl").toString()));
            Files.writeString(frame, policy.text("migrated.writ") + "\n" + block(
                Setup.run(command)));
        }
        return source;
    }

    /** The block that the import prints to be put into a policy. */
    private static String block(String said) {
        int from = said.indexOf("acl at main load");
        if (from < 0) {
            throw new IllegalStateException("the import prints no block: " + said);
        }
        return said.substring(from).lines().findFirst().orElseThrow() + "\n";
    }
}
