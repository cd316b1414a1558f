package io.writ.kafka.broker;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.AuthorizationException;

/**
 * A consumer that runs is cut off by a new bundle: nothing that was written a second after the
 * bundle came gets to it. The grant given back, it goes on.
 */
final class ReloadTest {
    private static final long SECOND_MS = 1_000;
    private static final int AFTER_RECORDS = 40;

    private final Policy policy;
    private final Cluster cluster;
    private final Check check;
    private final String text;
    /** When the bundle that revokes was put there, and when the consumer was told; 0: not yet. */
    private final AtomicLong placed = new AtomicLong();
    private final AtomicLong told = new AtomicLong();
    private final AtomicLong read = new AtomicLong();
    private final AtomicLong lastWritten = new AtomicLong();

    ReloadTest(Policy policy, Cluster cluster, Check check, String text) {
        this.policy = policy;
        this.cluster = cluster;
        this.check = check;
        this.text = text;
    }

    void run() throws Exception {
        check.section("a reload that revokes");
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<Void> producing = threads.submit(produces());
            Future<Void> consuming = threads.submit(consumes());
            Until.holds("the consumer reads", 30, () -> read.get() > 10);
            byte[] next = policy.build(BundlesTest.without(text,
                "  allow Read on Topic \"orders.\"* to User:bob\n"));
            placed.set(System.currentTimeMillis());
            policy.place(next);
            consuming.get(60, TimeUnit.SECONDS);
            System.out.println("the consumer was cut off after "
                + (told.get() - placed.get()) + " ms");
            check.that(told.get() != 0, "the consumer is told that it may no longer");
            check.that(lastWritten.get() <= placed.get() + SECOND_MS,
                "a record reached the consumer that was written "
                + (lastWritten.get() - placed.get()) + " ms after the bundle came");
            policy.publish(text);
            check.works("given back, it reads", () -> Until.value("a read", 30, () ->
                Clients.readAssigned(cluster.as("bob"), "orders.new")));
            check.works("and the producer saw nothing of it all", producing::get);
        } finally {
            threads.shutdownNow();
        }
    }

    /** A record about every 25 ms with the time in it, until the consumer is out and some more. */
    private Callable<Void> produces() {
        return () -> {
            try (KafkaProducer<String, String> producer = Clients.producer(cluster.as("alice"))) {
                for (int after = 0; after < AFTER_RECORDS; after += told.get() == 0 ? 0 : 1) {
                    producer.send(new ProducerRecord<>("orders.new",
                        Long.toString(System.currentTimeMillis()))).get();
                    TimeUnit.MILLISECONDS.sleep(25);
                }
            }
            return null;
        };
    }

    private Callable<Void> consumes() {
        return () -> {
            try (KafkaConsumer<String, String> consumer = Clients.consumer(
                Clients.with(cluster.as("bob"), "auto.offset.reset", "latest"), "orders-reload")) {
                consumer.subscribe(List.of("orders.new"));
                while (true) {
                    for (ConsumerRecord<String, String> each : consumer.poll(
                        Duration.ofMillis(50))) {
                        lastWritten.set(Long.parseLong(each.value()));
                        read.incrementAndGet();
                    }
                }
            } catch (AuthorizationException e) {
                told.set(System.currentTimeMillis());
                return null;
            }
        };
    }
}
