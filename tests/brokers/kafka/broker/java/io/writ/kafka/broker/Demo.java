package io.writ.kafka.broker;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.AuthorizationException;

/**
 * {@code ./dev demo kafka}: a broker guarded by Writ, one who may and one who may not, a new policy
 * that takes a grant away under a running producer, and the audit events of it all.
 */
public final class Demo {
    private static final String TOPIC = "orders.eu";
    private static final String WRITES = "  allow Read, Write on Topic \"orders.\"* to User:alice";
    private static final String READS = "  allow Read on Topic \"orders.\"* to User:alice";

    private final Setup setup;
    private final long began = System.nanoTime();

    private Demo(Setup setup) {
        this.setup = setup;
    }

    public static void main(String[] args) throws Exception {
        Demo demo = new Demo(Setup.of(args));
        int code = 0;
        try {
            demo.run();
        } catch (Exception e) {
            e.printStackTrace(System.out);
            code = 1;
        }
        System.exit(code);
    }

    private void title(String text) {
        System.out.printf(Locale.ROOT, "%n== %s (%.1f s)%n", text,
            (System.nanoTime() - began) / 1e9);
    }

    private static void say(String who, String what) {
        System.out.printf("   %-7s %s%n", who, what);
    }

    private void run() throws Exception {
        Policy policy = new Policy(setup, setup.folder().resolve("policy"));
        String text = policy.text("demo.writ");
        title("the policy");
        text.lines().forEach(line -> System.out.println("   | " + line));
        title("tested, compiled, signed");
        System.out.print(Setup.run(setup.writ().toString(), "test",
            setup.policies().resolve("demo.writ").toString()).indent(3));
        policy.publish(text);
        System.out.print(Setup.run(setup.writ().toString(), "inspect", policy.bundle().toString(),
            "--trust", policy.trust().toString()).indent(3));
        title("a Kafka node with io.writ.kafka.WritAuthorizer");
        try (Cluster cluster = new Cluster(setup, setup.folder().resolve("cluster"),
            new Cluster.Shape(1, 0), false)) {
            cluster.guard(Cluster.Guard.WRIT, policy);
            Events.keep(cluster, policy);
            cluster.format();
            cluster.up();
            say("node", "is up at " + cluster.servers() + "; who it may let in, the bundle says");
            Clients.topics(cluster.as("admin"), 1, Events.TOPIC, TOPIC, "orders.secret");
            clients(cluster);
            revoked(cluster, policy, text);
            altered(cluster, policy, text);
            decisions(cluster);
            cluster.stop();
        }
        title("the node is stopped, nothing is left");
    }

    private void clients(Cluster cluster) {
        title("who may, and who may not");
        tries("alice", "writes to " + TOPIC, () ->
            Clients.send(cluster.as("alice"), TOPIC, "1 book"));
        tries("bob", "reads it in the group reports-1", () ->
            Clients.read(cluster.as("bob"), TOPIC, "reports-1"));
        tries("bob", "writes to " + TOPIC, () ->
            Clients.sendPlain(cluster.as("bob"), TOPIC, "2 books"));
        tries("carol", "reads " + TOPIC, () -> Clients.readAssigned(cluster.as("carol"), TOPIC));
        tries("alice", "reads orders.secret", () ->
            Clients.readAssigned(cluster.as("alice"), "orders.secret"));
        tries("admin", "creates an ACL", Clients.admin(cluster.as("admin"), admin ->
            admin.createAcls(List.of(new org.apache.kafka.common.acl.AclBinding(
                new org.apache.kafka.common.resource.ResourcePattern(
                    org.apache.kafka.common.resource.ResourceType.TOPIC, TOPIC,
                    org.apache.kafka.common.resource.PatternType.LITERAL),
                new org.apache.kafka.common.acl.AccessControlEntry("User:carol", "*",
                    org.apache.kafka.common.acl.AclOperation.READ,
                    org.apache.kafka.common.acl.AclPermissionType.ALLOW)))).all().get()));
    }

    private static void tries(String who, String what, java.util.concurrent.Callable<?> call) {
        try {
            call.call();
            say(who, what + ": done");
        } catch (Exception e) {
            Throwable cause = Check.cause(e);
            say(who, what + ": " + cause.getClass().getSimpleName() + ": " + cause.getMessage());
        }
    }

    /** The producer stays connected; the grant goes. */
    private void revoked(Cluster cluster, Policy policy, String text) throws Exception {
        title("alice writes on and on, and version 2 takes her Write away");
        byte[] next = policy.build(text.replace(WRITES, READS));
        long placed = 0;
        int written = 0;
        int after = 0;
        try (KafkaProducer<String, String> producer = Clients.producer(cluster.as("alice"))) {
            while (true) {
                producer.send(new ProducerRecord<>(TOPIC, "a book")).get();
                written++;
                after += placed == 0 ? 0 : 1;
                if (written == 50) {
                    placed = System.nanoTime();
                    policy.place(next);
                }
                TimeUnit.MILLISECONDS.sleep(20);
            }
        } catch (java.util.concurrent.ExecutionException e) {
            if (!(Check.cause(e) instanceof AuthorizationException)) {
                throw e;
            }
            say("alice", written + " records written, " + after
                + " of them after version 2 was put in place; then, after "
                + (System.nanoTime() - placed) / 1_000_000 + " ms, "
                + Check.cause(e).getClass().getSimpleName());
        }
        tries("alice", "still reads", () -> Clients.readAssigned(cluster.as("alice"), TOPIC));
    }

    private void altered(Cluster cluster, Policy policy, String text) throws Exception {
        title("somebody puts back what alice had, by changing the signed file");
        byte[] forged = policy.build(text);
        forged[forged.length * 2 / 3] ^= 1;
        policy.place(forged);
        Until.holds("the node looked", 20, () ->
            cluster.brokers.get(0).log().contains("is refused"));
        tries("alice", "writes", () -> Clients.sendPlain(cluster.as("alice"), TOPIC, "x"));
    }

    /** The trail, as whoever may read its topic sees it. */
    private void decisions(Cluster cluster) throws Exception {
        title("the audit events of the clients' requests, from the topic " + Events.TOPIC);
        Events events = new Events(cluster);
        Predicate<JsonNode> last = Events.decided("alice", "Write", "Topic", TOPIC, false);
        Until.holds("the last denial is in the topic", 30, () -> events.has(last));
        String before = "";
        for (JsonNode event : events.all()) {
            String line = line(event);
            if (!line.isEmpty() && !line.equals(before)) {
                System.out.println("   " + line);
            }
            before = line;
        }
        title("one of them, whole");
        JsonNode one = events.all().stream().filter(Events.decided("alice", "", "Topic",
            "orders.secret", false)).findFirst().orElseThrow();
        System.out.print(one.toPrettyString().indent(3));
    }

    /** Empty for what is not the story: nodes among themselves, and what was only asked. */
    private static String line(JsonNode event) {
        if (Events.text(event, "/type").startsWith("io.writ.engine/bundle")) {
            return Events.text(event, "/type").substring("io.writ.engine/".length()) + ": "
                + Events.text(event, "/data/message");
        }
        String who = Events.text(event, "/data/authenticationInfo/principal");
        if (!Events.decision(event)
            || !List.of("User:alice", "User:bob", "User:carol").contains(who)
            || !Events.text(event, "/data/purpose").equals("enforce")) {
            return "";
        }
        JsonNode info = event.at("/data/authorizationInfo");
        String policy = Events.text(event, "/data/policyInfo/file").isEmpty() ? ""
            : " " + Path.of(Events.text(event, "/data/policyInfo/file")).getFileName() + ":"
                + Events.text(event, "/data/policyInfo/line");
        return String.format("%-5s %-10s %-9s %-5s %-13s %s%s", info.get("granted").asBoolean()
            ? "allow" : "DENY", who, Events.text(info, "/operation"),
            Events.text(info, "/resourceType"), Events.text(info, "/resourceName"),
            Events.reason(event), policy);
    }
}
