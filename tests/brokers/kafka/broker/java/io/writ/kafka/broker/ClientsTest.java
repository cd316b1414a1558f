package io.writ.kafka.broker;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;

/**
 * What clients see on one node: produce, fetch, groups, transactions; by a grant, a prefix, a
 * denial, a guard, by nothing.
 */
final class ClientsTest {
    private final Cluster cluster;
    private final Check check;

    private ClientsTest(Cluster cluster, Check check) {
        this.cluster = cluster;
        this.check = check;
    }

    static void run(Setup setup, Check check) throws Exception {
        Policy policy = new Policy(setup, setup.folder().resolve("policy"));
        policy.publish(policy.text("shop.writ"));
        try (Cluster cluster = new Cluster(setup, setup.folder().resolve("cluster"),
            new Cluster.Shape(1, 0), true)) {
            cluster.certificates.issue("tess", "CN=tess", "san=dns:tess.example");
            cluster.guard(Cluster.Guard.WRIT, policy);
            cluster.format();
            cluster.up();
            Clients.topics(cluster.as("admin"), 1, "orders.new", "orders.secret", "cards.eu",
                "ops.log", "other");
            ClientsTest test = new ClientsTest(cluster, check);
            test.produce();
            test.fetch();
            test.groups();
            test.transactions();
            test.guards();
            new AdminTest(cluster, check).all();
            test.withoutBuilder();
        }
    }

    private Map<String, Object> as(String user) {
        return cluster.as(user);
    }

    private void produce() {
        check.section("produce");
        check.works("a grant by prefix, idempotent", () ->
            Clients.send(as("alice"), "orders.new", "one"));
        check.works("by SCRAM", () -> Clients.send(cluster.asScram("scarlett", "scarlett-secret",
            false), "orders.new", "two"));
        check.works("the one who is excepted from a denial", () ->
            Clients.sendPlain(as("alice"), "orders.secret", "three"));
        check.works("a super user of the policy", () -> Clients.send(as("admin"), "other", "four"));
        check.fails(TopicAuthorizationException.class, "Read is not Write", () ->
            Clients.sendPlain(as("bob"), "orders.new", "x"));
        check.fails(ClusterAuthorizationException.class,
            "an id for a producer who may write nothing", () ->
            Clients.send(as("bob"), "orders.new", "x"));
        check.fails(TopicAuthorizationException.class, "a denial beats a grant by prefix", () ->
            Clients.sendPlain(cluster.asScram("scarlett", "scarlett-secret", false),
                "orders.secret", "x"));
        check.fails(TopicAuthorizationException.class, "nothing granted", () ->
            Clients.sendPlain(as("carol"), "orders.new", "x"));
        check.fails(TopicAuthorizationException.class,
            "a topic that is not there looks like one that is refused", () ->
            Clients.sendPlain(as("carol"), "not.there", "x"));
    }

    private void fetch() {
        check.section("fetch");
        check.works("Read by prefix", () -> Clients.readAssigned(as("bob"), "orders.new"));
        check.fails(TopicAuthorizationException.class, "Describe is not Read", () ->
            Clients.readAssigned(as("eve"), "orders.new"));
        check.fails(TopicAuthorizationException.class, "a denial beats a grant", () ->
            Clients.readAssigned(as("bob"), "orders.secret"));
    }

    private void groups() {
        check.section("groups");
        for (String protocol : List.of("classic", "consumer")) {
            check.works(protocol + ": group and topic granted", () -> Clients.read(
                Clients.with(as("bob"), "group.protocol", protocol), "orders.new",
                "orders-" + protocol));
            check.fails(GroupAuthorizationException.class, protocol + ": another group", () ->
                Clients.read(Clients.with(as("bob"), "group.protocol", protocol), "orders.new",
                    "ops-" + protocol));
            check.fails(TopicAuthorizationException.class, protocol + ": another topic", () ->
                Clients.read(Clients.with(as("bob"), "group.protocol", protocol), "ops.log",
                    "orders-other-" + protocol));
        }
    }

    private void transactions() {
        check.section("transactions");
        check.works("id and topic granted", () ->
            Clients.transaction(as("alice"), "orders-1", "orders.new"));
        check.fails(TransactionalIdAuthorizationException.class, "another id", () ->
            Clients.transaction(as("alice"), "cards-1", "orders.new"));
        check.fails(TransactionalIdAuthorizationException.class, "an id of another", () ->
            Clients.transaction(as("bob"), "orders-1", "orders.new"));
        check.fails(TopicAuthorizationException.class, "another topic", () ->
            Clients.transaction(as("alice"), "orders-2", "other"));
    }

    private void guards() {
        check.section("guards and certificates");
        Map<String, Object> tess = cluster.asCertificate("tess");
        check.works("a certificate where the guard asks for one", () ->
            Clients.send(tess, "cards.eu", "card"));
        check.works("and it reads", () -> Clients.readAssigned(tess, "cards.eu"));
        check.fails(TopicAuthorizationException.class, "a password where it asks for more", () ->
            Clients.sendPlain(as("dave"), "cards.eu", "x"));
        check.fails(TopicAuthorizationException.class, "a certificate elsewhere", () ->
            Clients.sendPlain(tess, "orders.new", "x"));
        check.works("a forwarded request by certificate: the controller sees the client's TLS",
            creates(tess, "cards.us"));
        check.fails(TopicAuthorizationException.class, "and that dave has none",
            creates(as("dave"), "cards.fr"));
    }

    private static Callable<Object> creates(Map<String, Object> who, String topic) {
        return Clients.admin(who, admin -> admin.createTopics(List.of(new NewTopic(topic, 1,
            (short) 1))).all().get());
    }

    /** Kafka's own principals carry no TLS facts: what is unknown makes the guard apply. */
    private void withoutBuilder() throws Exception {
        check.section("without the principal builder");
        cluster.stop();
        cluster.nodes().forEach(node -> node.remove(Cluster.BUILDER));
        cluster.up();
        check.works("grants hold", () -> Clients.send(as("alice"), "orders.new", "x"));
        check.fails(TopicAuthorizationException.class, "a guard on what is unknown denies", () ->
            Clients.sendPlain(cluster.asCertificate("tess"), "cards.eu", "x"));
        new AdminTest(cluster, check).tokens();
    }
}
