package io.writ.kafka.broker;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * Records through a node with Writ, with Kafka's authorizer, with none, and with Writ and its
 * trail, in turn: throughput and
 * the 99th percentile of a send, side by side. Then reloads under the same load: no request fails.
 */
final class LoadTest {
    /** Statements that are on other topics, as a cluster has them. */
    private static final int OTHERS = 2_000;
    private static final String TOPIC = "orders.load";
    private static final String VALUE = "x".repeat(200);

    private final Setup setup;
    private final Check check;

    private LoadTest(Setup setup, Check check) {
        this.setup = setup;
        this.check = check;
    }

    static void run(Setup setup, Check check) throws Exception {
        LoadTest test = new LoadTest(setup, check);
        int turns = setup.full() ? 3 : 1;
        System.out.println("| guard | records/s in | p50, ms | p99, ms | records/s out |");
        for (int turn = 0; turn < turns; turn++) {
            for (Cluster.Guard guard : Cluster.Guard.values()) {
                test.with(guard, false, turn);
            }
            test.with(Cluster.Guard.WRIT, true, turn);
        }
    }

    private static String text(Policy policy, int more) throws Exception {
        StringBuilder text = new StringBuilder(policy.text("shop.writ"));
        text.append("\nacl others at main {\n");
        for (int at = 0; at < OTHERS + more; at++) {
            text.append("  allow Read on Topic \"other.").append(at).append("\" to User:u")
                .append(at % 50).append('\n');
        }
        return text.append("}\n").toString();
    }

    private static List<AclBinding> acls() {
        List<AclBinding> all = new ArrayList<>();
        for (int at = 0; at < OTHERS; at++) {
            all.add(allow(ResourceType.TOPIC, "other." + at, PatternType.LITERAL, "u" + at % 50,
                AclOperation.READ));
        }
        for (AclOperation operation : List.of(AclOperation.READ, AclOperation.WRITE)) {
            all.add(allow(ResourceType.TOPIC, "orders.", PatternType.PREFIXED, "alice", operation));
        }
        all.add(allow(ResourceType.TOPIC, "orders.", PatternType.PREFIXED, "bob",
            AclOperation.READ));
        all.add(allow(ResourceType.GROUP, "orders-", PatternType.PREFIXED, "bob",
            AclOperation.READ));
        return all;
    }

    private static AclBinding allow(ResourceType type, String name, PatternType pattern,
        String user, AclOperation operation) {
        return new AclBinding(new ResourcePattern(type, name, pattern), new AccessControlEntry(
            "User:" + user, "*", operation, AclPermissionType.ALLOW));
    }

    private void with(Cluster.Guard guard, boolean audited, int turn) throws Exception {
        String name = guard + (audited ? " audited" : "");
        Path folder = setup.folder().resolve(name.replace(' ', '-') + "-" + turn);
        Policy policy = new Policy(setup, folder.resolve("policy"));
        policy.publish(text(policy, 0));
        try (Cluster cluster = new Cluster(setup, folder.resolve("cluster"),
            new Cluster.Shape(1, 0), false)) {
            cluster.guard(guard, policy);
            cluster.nodes().forEach(node -> node.jvm(List.of()));
            if (guard == Cluster.Guard.WRIT) {
                cluster.set("writ.bundle.poll.ms", "20");
            }
            if (audited) {
                cluster.set("writ.audit.log", folder.resolve("audit").toString());
                cluster.set("writ.audit.rings", folder.resolve("rings").toString());
            }
            cluster.format();
            cluster.up();
            Clients.topics(cluster.as("admin"), 1, TOPIC);
            if (guard == Cluster.Guard.STANDARD) {
                Clients.admin(cluster.as("admin"), admin ->
                    admin.createAcls(acls()).all().get()).call();
                Until.holds("the ACLs are there", 30, () -> Check.error(() ->
                    Clients.send(cluster.as("alice"), TOPIC, "x")).equals("none"));
            }
            int seconds = setup.full() ? 10 : 3;
            stream(cluster, seconds);
            long[] in = stream(cluster, seconds);
            System.out.printf(Locale.ROOT, "| %s | %,d | %.2f | %.2f | %,d |%n", name,
                in.length / seconds, in[in.length / 2] / 1e6, in[in.length * 99 / 100] / 1e6,
                drain(cluster));
            check.that(in.length > 0, name + ": records were written");
            if (guard == Cluster.Guard.WRIT && !audited && turn == 0) {
                reloads(cluster, policy);
            }
            cluster.stop();
        }
    }

    /** Writes as fast as it goes. Returns what each record took, in nanoseconds, sorted. */
    private long[] stream(Cluster cluster, int seconds) {
        AtomicLong failures = new AtomicLong();
        List<Long> took = java.util.Collections.synchronizedList(new ArrayList<>());
        Map<String, Object> alice = Clients.with(cluster.as("alice"), "acks", "1", "linger.ms",
            "2");
        try (KafkaProducer<String, String> producer = Clients.producer(alice)) {
            long end = System.nanoTime() + seconds * 1_000_000_000L;
            while (System.nanoTime() < end) {
                // Few at a time: a queue in the producer is not the broker's.
                Future<?> last = null;
                for (int at = 0; at < 50; at++) {
                    long sent = System.nanoTime();
                    last = producer.send(new ProducerRecord<>(TOPIC, VALUE), (of, e) -> {
                        took.add(System.nanoTime() - sent);
                        failures.addAndGet(e == null ? 0 : 1);
                    });
                }
                last.get();
            }
        } catch (Exception e) {
            check.that(false, "a send failed: " + Check.cause(e));
        }
        check.same(0L, failures.get(), "failed sends");
        long[] sorted = took.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        return sorted;
    }

    /** Reads all that is there; records a second. */
    private static long drain(Cluster cluster) {
        try (KafkaConsumer<String, String> consumer = Clients.consumer(cluster.as("bob"),
            "orders-drain")) {
            consumer.subscribe(List.of(TOPIC));
            long seen = 0;
            long first = 0;
            long last = System.nanoTime();
            while (seen == 0 || System.nanoTime() - last < 1_000_000_000L) {
                int got = consumer.poll(Duration.ofMillis(100)).count();
                if (got > 0) {
                    last = System.nanoTime();
                    first = first == 0 ? last : first;
                    seen += got;
                }
            }
            return seen * 1_000_000_000L / Math.max(1, last - first);
        }
    }

    /** New versions while records go in and out: each decides, and nothing is refused. */
    private void reloads(Cluster cluster, Policy policy) throws Exception {
        int count = setup.full() ? 100 : 20;
        AtomicBoolean end = new AtomicBoolean();
        AtomicLong sent = new AtomicLong();
        AtomicLong read = new AtomicLong();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<Void> producing = threads.submit(producing(cluster, end, sent));
            Future<Void> consuming = threads.submit(consuming(cluster, end, read));
            Until.holds("the load runs", 30, () -> sent.get() > 100 && read.get() > 100);
            for (int at = 1; at <= count; at++) {
                policy.publish(text(policy, at % 2));
                String says = "version " + policy.version() + " (";
                Until.holds("version " + policy.version() + " decides", 30, () ->
                    cluster.brokers.get(0).log().contains(says));
            }
            end.set(true);
            check.works(count + " reloads: no send is refused", () ->
                producing.get(60, TimeUnit.SECONDS));
            check.works(count + " reloads: no fetch is refused", () ->
                consuming.get(60, TimeUnit.SECONDS));
            System.out.printf(Locale.ROOT, "%d reloads, %,d records in and %,d out meanwhile%n",
                count, sent.get(), read.get());
            check.that(!cluster.brokers.get(0).log().contains("WritAuthorizer denied"),
                "nothing was denied");
        } finally {
            end.set(true);
            threads.shutdownNow();
        }
    }

    private static Callable<Void> producing(Cluster cluster, AtomicBoolean end, AtomicLong sent) {
        return () -> {
            try (KafkaProducer<String, String> producer = Clients.producer(cluster.as("alice"))) {
                while (!end.get()) {
                    producer.send(new ProducerRecord<>(TOPIC, VALUE)).get();
                    sent.incrementAndGet();
                }
            }
            return null;
        };
    }

    private static Callable<Void> consuming(Cluster cluster, AtomicBoolean end, AtomicLong read) {
        return () -> {
            try (KafkaConsumer<String, String> consumer = Clients.consumer(cluster.as("bob"),
                "orders-reloads")) {
                consumer.subscribe(List.of(TOPIC));
                while (!end.get()) {
                    read.addAndGet(consumer.poll(Duration.ofMillis(50)).count());
                }
            }
            return null;
        };
    }
}
