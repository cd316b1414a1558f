package io.writ.kafka.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TopicAuthorizationException;

/**
 * A controller and three brokers apart: replication, forwarded requests, transaction markers from
 * broker to broker, one bundle for all, and a rolling restart under way.
 */
final class ApartTest {
    private static final int BROKERS = 3;

    private final Policy policy;
    private final Cluster cluster;
    private final Check check;

    private ApartTest(Policy policy, Cluster cluster, Check check) {
        this.policy = policy;
        this.cluster = cluster;
        this.check = check;
    }

    static void run(Setup setup, Check check) throws Exception {
        Policy policy = new Policy(setup, setup.folder().resolve("policy"));
        policy.publish(policy.text("shop.writ"));
        try (Cluster cluster = new Cluster(setup, setup.folder().resolve("cluster"),
            new Cluster.Shape(BROKERS, 1), false)) {
            cluster.guard(Cluster.Guard.WRIT, policy);
            cluster.format();
            cluster.up();
            ApartTest test = new ApartTest(policy, cluster, check);
            test.replicated();
            test.forwarded();
            test.everywhere();
            test.rolling();
        }
    }

    private void replicated() throws Exception {
        check.section("three brokers: replication and transactions");
        Clients.topics(cluster.as("admin"), BROKERS, "orders.new");
        for (int at = 0; at < 3; at++) {
            check.works("a record on every replica", () ->
                Clients.send(Clients.with(cluster.as("alice"), "acks", "all"), "orders.new", "x"));
        }
        check.works("every replica is in sync", () -> {
            Until.holds("three in sync", 30, () -> Clients.admin(cluster.as("admin"), admin ->
                admin.describeTopics(List.of("orders.new")).allTopicNames().get().get("orders.new")
                    .partitions().get(0).isr().size() == BROKERS).call());
            return null;
        });
        check.works("a transaction", () ->
            Clients.transaction(cluster.as("alice"), "orders-1", "orders.new"));
        check.works("is read when it is whole", () -> Clients.read(Clients.with(cluster.as("bob"),
            "isolation.level", "read_committed"), "orders.new", "orders-1"));
    }

    /** The client's principal is asked at the controller, whichever broker forwards. */
    private void forwarded() {
        check.section("forwarded requests");
        for (int at = 0; at < BROKERS; at++) {
            String name = "ops.by" + at;
            String broker = cluster.servers().split(",")[at];
            check.works("a topic by " + broker, Clients.admin(Settings.plain(broker, "olivia"),
                admin -> admin.createTopics(List.of(new NewTopic(name, 1, (short) 1))).all()
                    .get()));
            check.fails(TopicAuthorizationException.class, "refused by " + broker, Clients.admin(
                Settings.plain(broker, "carol"), admin -> admin.createTopics(List.of(
                    new NewTopic(name + "x", 1, (short) 1))).all().get()));
        }
        check.works("the controller said so", () -> {
            String log = cluster.controllers.get(0).log();
            check.that(log.contains("User:carol from 127.0.0.1 asks Create on Topic ops.by0x"),
                "carol's request is in the controller's log");
            return null;
        });
    }

    /** One bundle, and every node follows it. */
    private void everywhere() throws Exception {
        check.section("a new bundle on every node");
        String text = policy.text("shop.writ");
        List<String> brokers = List.of(cluster.servers().split(","));
        policy.publish(BundlesTest.without(text, "  allow any on Topic \"ops.\"*, Group \"ops-\"* "
            + "to User:olivia\n"));
        // Each node looks by itself: a broker may know before the controller, which decides what is
        // forwarded.
        Until.holds("the controller follows", 10, () -> cluster.controllers.get(0).log()
            .contains(" version " + policy.version() + " ("));
        for (int at = 0; at < BROKERS; at++) {
            String broker = brokers.get(at);
            String name = "ops.late" + at;
            Callable<Object> creates = Clients.admin(Settings.plain(broker, "olivia"), admin ->
                admin.createTopics(List.of(new NewTopic(name, 1, (short) 1))).all().get());
            check.works("revoked at " + broker, () -> {
                Until.holds("refused", 10, () -> Clients.admin(Settings.plain(broker, "olivia"),
                    admin -> admin.listTopics().names().get().isEmpty()).call());
                return null;
            });
            check.fails(TopicAuthorizationException.class, "and through it", creates);
        }
        policy.publish(text);
    }

    /** The nodes start again one by one while a producer goes on; no record is lost or refused. */
    private void rolling() throws Exception {
        check.section("a rolling restart");
        AtomicBoolean end = new AtomicBoolean();
        ExecutorService thread = Executors.newSingleThreadExecutor();
        Map<String, Object> alice = Clients.with(cluster.as("alice"), "acks", "all",
            "delivery.timeout.ms", "120000", "max.block.ms", "120000");
        try {
            Future<Integer> sent = thread.submit(() -> {
                List<Future<?>> all = new ArrayList<>();
                try (KafkaProducer<String, String> producer = Clients.producer(alice)) {
                    while (!end.get()) {
                        Future<?> one = producer.send(new ProducerRecord<>("orders.new",
                            "rolling"));
                        one.get();
                        all.add(one);
                    }
                }
                return all.size();
            });
            for (Node node : cluster.nodes()) {
                node.stop();
                node.start();
                cluster.ready();
            }
            end.set(true);
            Integer count = check.works("no record is refused meanwhile", sent::get);
            System.out.println(count + " records meanwhile");
            check.works("and the cluster goes on", () ->
                Clients.send(cluster.as("alice"), "orders.new", "after"));
        } finally {
            end.set(true);
            thread.shutdownNow();
        }
    }
}
