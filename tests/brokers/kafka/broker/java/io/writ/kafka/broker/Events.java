package io.writ.kafka.broker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** The audit topic of the cluster itself, read by an ordinary consumer. */
final class Events {
    static final String TOPIC = "writ-audit";
    static final String SENDER = "writ-audit";
    static final String READER = "auditor";

    private final Cluster cluster;
    private final ObjectMapper json = new ObjectMapper();
    private final List<JsonNode> seen = new ArrayList<>();
    private long next;

    Events(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Each node keeps a signed log and sends from it to the topic, as a client of its own. */
    static void keep(Cluster cluster, Policy policy) {
        for (Node node : cluster.nodes()) {
            Path folder = node.folder().resolve("audit");
            node.set("writ.audit.log", folder.toString());
            node.set("writ.audit.rings", node.folder().resolve("rings").toString());
            node.set("writ.audit.key", policy.key().toString());
            node.set("writ.audit.sinks", "kafka:" + TOPIC);
            node.set("writ.audit.principal", "User:" + SENDER);
            node.set("writ.audit.kafka.bootstrap.servers", cluster.servers());
            node.set("writ.audit.kafka.security.protocol", "SASL_PLAINTEXT");
            node.set("writ.audit.kafka.sasl.mechanism", "PLAIN");
            node.set("writ.audit.kafka.sasl.username", SENDER);
            node.set("writ.audit.kafka.sasl.password", SENDER + "-secret");
        }
    }

    /** Reads on; events that were read before stay. */
    private void more() throws IOException {
        TopicPartition first = new TopicPartition(TOPIC, 0);
        try (KafkaConsumer<String, String> consumer = Clients.consumer(cluster.as(READER), null)) {
            consumer.assign(List.of(first));
            consumer.seek(first, next);
            long end = consumer.endOffsets(List.of(first)).get(first);
            while (next < end) {
                for (ConsumerRecord<String, String> one : consumer.poll(Duration.ofMillis(100))) {
                    seen.add(json.readTree(one.value()));
                }
                next = consumer.position(first);
            }
        }
    }

    List<JsonNode> all() throws IOException {
        more();
        return List.copyOf(seen);
    }

    /** Waits until such an event is there: events come after the decision, by way of the log. */
    boolean has(Predicate<JsonNode> such) {
        try {
            Until.holds("an event", 20, () -> all().stream().anyMatch(such));
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    static String text(JsonNode event, String path) {
        JsonNode at = event.at(path);
        return at.isMissingNode() ? "" : at.asText();
    }

    static boolean decision(JsonNode event) {
        return text(event, "/type").endsWith("/authorization");
    }

    /** A decision about one resource, or one of the resources of a list. */
    static Predicate<JsonNode> decided(String user, String operation, String kind, String name,
        boolean granted) {
        return event -> decision(event)
            && text(event, "/data/authenticationInfo/principal").equals("User:" + user)
            && (text(event, "/data/authorizationInfo/operation").equals(operation)
                || operation.isEmpty())
            && text(event, "/data/authorizationInfo/resourceType").equals(kind)
            && text(event, "/data/authorizationInfo/resourceName").equals(name)
            && event.at("/data/authorizationInfo/granted").asBoolean() == granted;
    }

    static Predicate<JsonNode> with(Predicate<JsonNode> such, String path, String value) {
        return such.and(event -> text(event, path).equals(value));
    }

    static String reason(JsonNode event) {
        return text(event, "/data/policyInfo/reason");
    }
}
