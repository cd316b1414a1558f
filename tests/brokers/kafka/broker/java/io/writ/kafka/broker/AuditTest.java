package io.writ.kafka.broker;

import static io.writ.kafka.broker.Events.decided;
import static io.writ.kafka.broker.Events.with;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;

/**
 * What clients do and are refused, read back as events from a topic of the same cluster by an
 * ordinary consumer; who may touch that topic; the signed log that the events come from.
 */
final class AuditTest {
    private static final String PURPOSE = "/data/purpose";
    private static final String METHOD = "/data/methodName";
    private static final String REASON = "/data/policyInfo/reason";

    private final Setup setup;
    private final Policy policy;
    private final Cluster cluster;
    private final Check check;
    private final Events events;

    private AuditTest(Setup setup, Policy policy, Cluster cluster, Check check) {
        this.setup = setup;
        this.policy = policy;
        this.cluster = cluster;
        this.check = check;
        this.events = new Events(cluster);
    }

    static String text(Policy policy) throws Exception {
        return policy.text("shop.writ") + policy.text("audited.part");
    }

    static void run(Setup setup, Check check) throws Exception {
        Policy policy = new Policy(setup, setup.folder().resolve("policy"));
        policy.publish(text(policy));
        try (Cluster cluster = new Cluster(setup, setup.folder().resolve("cluster"),
            new Cluster.Shape(1, 0), false)) {
            cluster.guard(Cluster.Guard.WRIT, policy);
            Events.keep(cluster, policy);
            cluster.set("listener.name.client.plain.sasl.server.callback.handler.class",
                "io.writ.kafka.WritPlainCallbackHandler");
            cluster.format();
            cluster.up();
            Clients.topics(cluster.as("admin"), 1, Events.TOPIC, "orders.new", "orders.secret",
                "cards.eu", "ops.log");
            AuditTest test = new AuditTest(setup, policy, cluster, check);
            test.decisions();
            test.purposes();
            test.logins();
            test.ownTopic();
            test.quiet();
            test.refusals();
            test.deletion();
            test.verified();
        }
    }

    private Map<String, Object> as(String user) {
        return cluster.as(user);
    }

    private void has(String what, Predicate<JsonNode> such) {
        check.that(events.has(such), "an event: " + what);
    }

    private void decisions() {
        check.section("what clients did, as events");
        check.works("alice writes", () -> Clients.send(as("alice"), "orders.new", "x"));
        has("alice wrote, allowed", with(with(decided("alice", "Write", "Topic", "orders.new",
            true), METHOD, "kafka.Produce"), PURPOSE, "enforce"));
        check.works("bob reads in a group", () -> Clients.read(as("bob"), "orders.new",
            "orders-1"));
        has("bob joined", with(decided("bob", "Read", "Group", "orders-1", true), METHOD,
            "kafka.JoinGroup"));
        has("bob fetched", with(decided("bob", "Read", "Topic", "orders.new", true), METHOD,
            "kafka.Fetch"));
        check.works("alice in a transaction", () ->
            Clients.transaction(as("alice"), "orders-1", "orders.new"));
        has("her id", decided("alice", "Write", "TransactionalId", "orders-1", true));
        check.fails(TopicAuthorizationException.class, "bob writes", () ->
            Clients.sendPlain(as("bob"), "orders.new", "x"));
        has("bob was refused, by default", with(decided("bob", "Write", "Topic", "orders.new",
            false), REASON, "default"));
        check.fails(TopicAuthorizationException.class, "scarlett against a denial", () ->
            Clients.sendPlain(cluster.asScram("scarlett", "scarlett-secret", false),
                "orders.secret", "x"));
        has("the denial, its file and line", with(decided("scarlett", "", "Topic",
            "orders.secret", false), REASON, "deny").and(event ->
                !Events.text(event, "/data/policyInfo/file").isEmpty()
                && event.at("/data/policyInfo/line").asInt() > 0));
        check.fails(TopicAuthorizationException.class, "dave against a guard", () ->
            Clients.sendPlain(as("dave"), "cards.eu", "x"));
        has("the guard by its name", with(decided("dave", "", "Topic", "cards.eu", false), REASON,
            "guard").and(event -> event.at("/data/policyInfo").toString()
                .contains("cards-by-certificate")));
        check.fails(TopicAuthorizationException.class, "olivia creates elsewhere", Clients.admin(
            as("olivia"), admin -> admin.createTopics(List.of(new org.apache.kafka.clients.admin
                .NewTopic("orders.made", 1, (short) 1))).all().get()));
        has("the forwarded request, as olivia's", with(decided("olivia", "Create", "Topic",
            "orders.made", false), METHOD, "kafka.CreateTopics"));
        has("the bundle that decided", event -> decided("bob", "Write", "Topic", "orders.new",
            false).test(event) && Events.text(event, "/data/policyInfo/version").equals("1")
            && Events.text(event, "/data/policyInfo/package").equals("shop"));
    }

    private static Predicate<JsonNode> purpose(String user, String purpose) {
        return event -> Events.decision(event) && Events.text(event, PURPOSE).equals(purpose)
            && Events.text(event, "/data/authenticationInfo/principal").equals("User:" + user);
    }

    private void purposes() {
        check.section("what an answer was for");
        check.works("carol lists topics", Clients.admin(as("carol"), admin ->
            admin.listTopics().names().get()));
        has("carol's list, a filter", purpose("carol", "filter"));
        check.works("eve asks what she may", Clients.admin(as("eve"), admin ->
            admin.describeTopics(List.of("orders.new"), new DescribeTopicsOptions()
                .includeAuthorizedOperations(true)).allTopicNames().get()));
        has("eve's operations, a probe", purpose("eve", "probe"));
    }

    private static Predicate<JsonNode> login(String user, String status) {
        return event -> Events.text(event, "/type").endsWith("/authentication")
            && event.at("/data/authenticationInfo").toString().contains(user)
            && Events.text(event, "/data/result/status").equals(status);
    }

    private void logins() {
        check.section("logins");
        has("alice came in", login("alice", "SUCCESS"));
        has("scarlett came in, by SCRAM", login("scarlett", "SUCCESS"));
        check.fails(SaslAuthenticationException.class, "a wrong password", () ->
            Clients.sendPlain(Clients.with(as("alice"), "sasl.jaas.config",
                as("alice").get("sasl.jaas.config").toString().replace("alice-secret", "guess")),
                "orders.new", "x"));
        has("alice did not come in", login("alice", "UNAUTHENTICATED"));
    }

    /** Not even a super user writes, deletes or changes the trail's own topic. */
    private void ownTopic() {
        check.section("the topic of the trail");
        Map<String, Object> admin = as("admin");
        check.fails(TopicAuthorizationException.class, "a super user writes", () ->
            Clients.sendPlain(admin, Events.TOPIC, "x"));
        check.fails(TopicAuthorizationException.class, "a super user changes", Clients.admin(admin,
            to -> to.incrementalAlterConfigs(Map.of(new org.apache.kafka.common.config
                .ConfigResource(org.apache.kafka.common.config.ConfigResource.Type.TOPIC,
                Events.TOPIC), List.of(new org.apache.kafka.clients.admin.AlterConfigOp(
                    new org.apache.kafka.clients.admin.ConfigEntry("retention.ms", "1"),
                    org.apache.kafka.clients.admin.AlterConfigOp.OpType.SET)))).all().get()));
        has("that he tried", with(decided("admin", "Write", "Topic", Events.TOPIC, false), REASON,
            "unknown-scope"));
        check.fails(TopicAuthorizationException.class, "who is granted nothing reads", () ->
            Clients.readAssigned(as("carol"), Events.TOPIC));
    }

    /** What the sender asks about its topic makes no event in the topic, which would never end. */
    private void quiet() throws Exception {
        check.section("the sender feeds nobody");
        check.same(0L, events.all().stream().filter(decided(Events.SENDER, "Write", "Topic",
            Events.TOPIC, true)).count(), "events of the sender's own writes");
        long ofSender = events.all().stream().filter(event -> Events.text(event,
            "/data/authenticationInfo/principal").equals("User:" + Events.SENDER)
            && Events.text(event, "/data/authorizationInfo/resourceName").equals(Events.TOPIC))
            .count();
        check.same(0L, ofSender, "events of the sender about its topic");
    }

    private void refusals() throws Exception {
        check.section("bundles, as events");
        Node node = cluster.brokers.get(0);
        policy.place(policy.build(text(policy).replace("audit \"shop.example\" {",
            "audit \"shop.example\" {\n  level replicated deny any")));
        Until.holds("a refusal in the log", 20, () -> node.log().contains("is refused"));
        check.that(node.log().contains("replicated"), "what waits for the topic is refused");
        check.works("and what ran goes on", () -> Clients.send(as("alice"), "orders.new", "x"));
        policy.publish(text(policy));
        has("the next version came", event -> Events.text(event, "/type")
            .equals("io.writ.engine/bundle.activated")
            && Events.text(event, "/data/message").contains("version " + policy.version()));
    }

    /** Other topics go; the trail's own stays. */
    private void deletion() {
        check.section("deletion");
        Map<String, Object> admin = as("admin");
        check.works("a super user deletes a topic", Clients.admin(admin, to ->
            to.deleteTopics(List.of("ops.log")).all().get()));
        check.fails(TopicAuthorizationException.class, "and not the trail's", Clients.admin(admin,
            to -> to.deleteTopics(List.of(Events.TOPIC)).all().get()));
        has("that he tried", with(decided("admin", "Delete", "Topic", Events.TOPIC, false), REASON,
            "unknown-scope"));
    }

    /** After the end the log on the disk proves what was in it. */
    private void verified() throws Exception {
        check.section("the signed log");
        Node node = cluster.brokers.get(0);
        List<String> ids = events.all().stream().map(event -> Events.text(event, "/id")).toList();
        cluster.stop();
        String log = node.folder().resolve("audit").toString();
        check.works("writ audit verify", () -> Setup.run(setup.writ().toString(), "audit",
            "verify", log, "--trust", policy.trust().toString()));
        String said = Setup.run(setup.writ().toString(), "audit", "cat", log, "--format", "json");
        Set<String> rows = said.lines().map(line -> line.substring(7, line.indexOf('"', 7)))
            .collect(Collectors.toSet());
        check.same(List.of(), ids.stream().filter(id -> !rows.contains(id)).toList(),
            "events of the topic that are not in the log");
        check.same((long) ids.size(), ids.stream().distinct().count(), "events that came once");
        check.that(said.contains("User:" + Events.SENDER), "the sender's requests are in the log");
    }
}
