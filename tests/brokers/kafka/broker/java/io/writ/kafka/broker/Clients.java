package io.writ.kafka.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Short forms of what clients do. Each opens its own client and closes it. */
final class Clients {
    private static final int READ_SECONDS = 20;

    private Clients() { }

    static Map<String, Object> with(Map<String, Object> settings, String... pairs) {
        Map<String, Object> all = new HashMap<>(settings);
        for (int at = 0; at < pairs.length; at += 2) {
            all.put(pairs[at], pairs[at + 1]);
        }
        return all;
    }

    static KafkaProducer<String, String> producer(Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.remove("default.api.timeout.ms");
        all.putIfAbsent("max.block.ms", "15000");
        all.putIfAbsent("delivery.timeout.ms", "20000");
        return new KafkaProducer<>(all, new StringSerializer(), new StringSerializer());
    }

    static KafkaConsumer<String, String> consumer(Map<String, Object> settings, String group) {
        Map<String, Object> all = new HashMap<>(settings);
        if (group != null) {
            all.put("group.id", group);
        }
        all.putIfAbsent("enable.auto.commit", "false");
        all.putIfAbsent("auto.offset.reset", "earliest");
        return new KafkaConsumer<>(all, new StringDeserializer(), new StringDeserializer());
    }

    /** One record, acknowledged. Idempotent unless the settings say otherwise. */
    static RecordMetadata send(Map<String, Object> settings, String topic, String value)
        throws Exception {
        try (KafkaProducer<String, String> producer = producer(settings)) {
            return producer.send(new ProducerRecord<>(topic, value)).get();
        }
    }

    /** One record by a producer without an id: the broker is asked for Write on the topic only. */
    static RecordMetadata sendPlain(Map<String, Object> settings, String topic, String value)
        throws Exception {
        return send(with(settings, "enable.idempotence", "false"), topic, value);
    }

    static Void transaction(Map<String, Object> settings, String id, String topic)
        throws Exception {
        try (KafkaProducer<String, String> producer = producer(with(settings, "transactional.id",
            id))) {
            producer.initTransactions();
            producer.beginTransaction();
            var sent = producer.send(new ProducerRecord<>(topic, "in a transaction"));
            producer.flush();
            sent.get();
            producer.commitTransaction();
            return null;
        }
    }

    /** Polls until the topic gave a record; a group is joined and the offset committed. */
    static List<String> read(Map<String, Object> settings, String topic, String group) {
        try (KafkaConsumer<String, String> consumer = consumer(settings, group)) {
            consumer.subscribe(List.of(topic));
            List<String> seen = poll(consumer);
            consumer.commitSync();
            return seen;
        }
    }

    /** Reads a partition without a group: Fetch and ListOffsets only. */
    static List<String> readAssigned(Map<String, Object> settings, String topic) {
        try (KafkaConsumer<String, String> consumer = consumer(settings, null)) {
            TopicPartition first = new TopicPartition(topic, 0);
            consumer.assign(List.of(first));
            consumer.seekToBeginning(List.of(first));
            return poll(consumer);
        }
    }

    private static List<String> poll(KafkaConsumer<String, String> consumer) {
        List<String> seen = new ArrayList<>();
        long end = System.nanoTime() + READ_SECONDS * 1_000_000_000L;
        while (seen.isEmpty() && System.nanoTime() < end) {
            for (ConsumerRecord<String, String> each : consumer.poll(Duration.ofMillis(200))) {
                seen.add(each.value());
            }
        }
        if (seen.isEmpty()) {
            throw new IllegalStateException("no record within " + READ_SECONDS + " s");
        }
        return seen;
    }

    /** What an admin client does. */
    interface Asks<T> {
        T of(Admin admin) throws Exception;
    }

    static <T> Callable<T> admin(Map<String, Object> settings, Asks<T> asks) {
        return () -> {
            try (Admin admin = Admin.create(settings)) {
                return asks.of(admin);
            }
        };
    }

    static void topics(Map<String, Object> settings, int replicas, String... names)
        throws Exception {
        admin(settings, admin -> admin.createTopics(List.of(names).stream()
            .map(name -> new NewTopic(name, 1, (short) replicas)).toList()).all().get()).call();
    }

    static Properties properties(Map<String, Object> settings) {
        Properties of = new Properties();
        of.putAll(settings);
        return of;
    }
}
