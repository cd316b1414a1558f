package io.writ.kafka.broker;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Connections that come, ask and go, each from an address of its own: what the plug-in keeps of
 * them is bounded. Once its caches are full, neither the heap nor the process grows.
 */
final class ConnectionsTest {
    private static final int THREADS = 2;
    private static final int STEPS = 10;
    /** After these the caches are full and the compiler is done. */
    private static final int WARM_STEPS = 4;
    private static final long MIB = 1 << 20;
    /** The heap is touched from the start, so what grows is not it. */
    private static final List<String> JVM = List.of("-Xms512m", "-XX:+AlwaysPreTouch");
    private static final long HEAP_GROWTH_MAX = 8 * MIB;
    private static final long RESIDENT_GROWTH_MAX = 24 * MIB;

    private final Cluster cluster;
    private final Check check;

    private ConnectionsTest(Cluster cluster, Check check) {
        this.cluster = cluster;
        this.check = check;
    }

    static void run(Setup setup, Check check) throws Exception {
        Policy policy = new Policy(setup, setup.folder().resolve("policy"));
        policy.publish(policy.text("shop.writ"));
        try (Cluster cluster = new Cluster(setup, setup.folder().resolve("cluster"),
            new Cluster.Shape(1, 0), false)) {
            cluster.guard(Cluster.Guard.WRIT, policy);
            cluster.set("writ.sessions.max", "500");
            cluster.nodes().forEach(node -> node.jvm(JVM));
            cluster.format();
            cluster.up();
            Clients.topics(cluster.as("admin"), 1, "orders.new");
            new ConnectionsTest(cluster, check).all(setup.full() ? 100_000 : 20_000);
        }
    }

    private void all(int count) throws Exception {
        long[] before = null;
        long[] after = null;
        for (int step = 1; step <= STEPS; step++) {
            open(count / STEPS * (step - 1), count / STEPS * step);
            after = cluster.brokers.get(0).memory();
            say(count / STEPS * step, after);
            before = step == WARM_STEPS ? after : before;
        }
        check.that(after[0] - before[0] <= HEAP_GROWTH_MAX, "the heap grew by "
            + (after[0] - before[0]) + " bytes");
        check.that(after[1] - before[1] <= RESIDENT_GROWTH_MAX, "the process grew by "
            + (after[1] - before[1]) + " bytes");
    }

    private static void say(int count, long[] memory) {
        System.out.printf(Locale.ROOT, "after %,d connections: heap %,d KiB, resident %,d KiB%n",
            count, memory[0] / 1024, memory[1] / 1024);
    }

    private void open(int from, int to) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<Integer>> all = java.util.stream.IntStream.range(0, THREADS)
                .mapToObj(part -> threads.submit(() -> part(from, to, part))).toList();
            int good = 0;
            for (Future<Integer> one : all) {
                good += one.get();
            }
            check.same(to - from, good, "connections that were answered as the policy says");
        } finally {
            threads.shutdownNow();
        }
    }

    /** Who may describe the topic and who may not, by turns. */
    private int part(int from, int to, int part) throws IOException {
        int good = 0;
        for (int at = from + part; at < to; at += THREADS) {
            boolean may = at % 4 < 2;
            // Any address of the loopback network is this machine.
            String host = "127." + (1 + at / 65_536) + "." + at / 256 % 256 + "." + (at % 254 + 1);
            try (Wire wire = new Wire(cluster.servers(), may ? "bob" : "carol", host)) {
                var answer = wire.ask(ApiKeys.METADATA, (short) 12, new MetadataRequestData()
                    .setTopics(List.of(new MetadataRequestData.MetadataRequestTopic()
                        .setName("orders.new"))));
                good += answer.errorCounts().containsKey(Errors.TOPIC_AUTHORIZATION_FAILED) == may
                    ? 0 : 1;
            }
        }
        return good;
    }
}
