package io.writ.kafka.broker;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.EOFException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * Which error each API gives to one who is refused: the rows of `errors.txt`, once with Kafka's own
 * authorizer and once with Writ, which must say the same. Every API of this Kafka is in a row or is
 * known to ask nobody.
 */
final class ErrorsTest {
    /** {@code API[@version] WHERE WHO ERRORS JSON}. */
    private record Row(String api, short version, String where, String who, String errors,
        String json) {
        static Row of(String line) {
            String[] parts = line.trim().split(" +", 5);
            int at = parts[0].indexOf('@');
            return new Row(at < 0 ? parts[0] : parts[0].substring(0, at),
                at < 0 ? -1 : Short.parseShort(parts[0].substring(at + 1)), parts[1], parts[2],
                parts[3], parts.length < 5 ? "{}" : parts[4]);
        }

        @Override
        public String toString() {
            return api + (version < 0 ? "" : "@" + version) + " at the " + where + " by " + who
                + " " + json;
        }
    }

    private static final Set<ApiKeys> ASK_NOBODY = EnumSet.of(ApiKeys.API_VERSIONS,
        ApiKeys.SASL_HANDSHAKE, ApiKeys.SASL_AUTHENTICATE, ApiKeys.GET_TELEMETRY_SUBSCRIPTIONS,
        ApiKeys.PUSH_TELEMETRY, ApiKeys.LEADER_AND_ISR, ApiKeys.STOP_REPLICA,
        ApiKeys.UPDATE_METADATA, ApiKeys.CONTROLLED_SHUTDOWN);

    private final ObjectMapper json = new ObjectMapper();
    private final List<Row> rows = new ArrayList<>();
    private final Check check;

    private ErrorsTest(Path table, Check check) throws Exception {
        this.check = check;
        for (String line : Files.readAllLines(table)) {
            if (!line.isBlank() && !line.startsWith("#")) {
                rows.add(Row.of(line));
            }
        }
    }

    static void run(Setup setup, Check check) throws Exception {
        ErrorsTest test = new ErrorsTest(setup.policies().resolve("errors.txt"), check);
        test.covered();
        for (Cluster.Guard guard : List.of(Cluster.Guard.STANDARD, Cluster.Guard.WRIT)) {
            check.section(guard.name());
            test.with(setup, guard);
        }
    }

    private void covered() {
        Set<String> said = new HashSet<>();
        rows.forEach(row -> said.add(row.api));
        for (ApiKeys api : ApiKeys.values()) {
            check.that(said.contains(api.name()) != ASK_NOBODY.contains(api),
                api + " has a row or asks nobody");
        }
    }

    private void with(Setup setup, Cluster.Guard guard) throws Exception {
        Path folder = setup.folder().resolve(guard.name());
        Policy policy = new Policy(setup, folder.resolve("policy"));
        policy.publish(policy.text("errors.writ") + policy.text("audited.part"));
        try (Cluster cluster = new Cluster(setup, folder.resolve("cluster"),
            new Cluster.Shape(1, 0), false)) {
            cluster.guard(guard, policy);
            if (guard == Cluster.Guard.WRIT) {
                Events.keep(cluster, policy);
            }
            // The controller's listener, too, knows somebody who may nothing.
            cluster.set("listener.name.controller.plain.sasl.jaas.config",
                Settings.nodeLogin(List.of("carol")));
            cluster.set("unstable.api.versions.enable", "true");
            cluster.format();
            cluster.up();
            Map<String, Object> admin = cluster.as("admin");
            Clients.topics(admin, 1, "orders.new", Events.TOPIC);
            // The group has a coordinator: without one some APIs never get to ask.
            Clients.send(admin, "orders.new", "x");
            Clients.read(admin, "orders.new", "g");
            if (guard == Cluster.Guard.STANDARD) {
                Clients.admin(admin, to -> to.createAcls(grants()).all().get()).call();
            }
            Uuid topic = Clients.admin(admin, to -> to.describeTopics(List.of("orders.new"))
                .allTopicNames().get().get("orders.new").topicId()).call();
            Row granted = Row.of("DESCRIBE_GROUPS broker grace - {\"groups\":[\"g\"]}");
            Until.holds("the grants are there", 20, () ->
                !ask(cluster, granted, topic).equals(Errors.GROUP_AUTHORIZATION_FAILED.name()));
            for (Row row : rows) {
                if (known(row)) {
                    check.same(row.errors, ask(cluster, row, topic), row.toString());
                }
            }
            if (guard == Cluster.Guard.WRIT) {
                recorded(new Events(cluster));
            }
        }
    }

    /** Each refusal of the table is an event that names who asked, and by which API. */
    private void recorded(Events events) {
        check.section("and each refusal is an event");
        for (Row row : rows) {
            if (known(row) && row.errors.endsWith("AUTHORIZATION_FAILED")) {
                String method = "kafka." + ApiKeys.valueOf(row.api).name;
                check.that(events.has(event -> Events.decision(event)
                    && Events.text(event, "/data/methodName").equals(method)
                    && Events.text(event, "/data/authenticationInfo/principal")
                        .equals("User:" + row.who)
                    && !event.at("/data/authorizationInfo/granted").asBoolean()),
                    "an event of " + method + " by " + row.who);
            }
        }
    }

    /** What grace may in `errors.writ`, as ACLs. */
    private static List<AclBinding> grants() {
        return List.of(acl(ResourceType.GROUP, "g", AclOperation.READ),
            acl(ResourceType.GROUP, "g", AclOperation.DELETE),
            acl(ResourceType.TRANSACTIONAL_ID, "t", AclOperation.WRITE));
    }

    private static AclBinding acl(ResourceType type, String name, AclOperation operation) {
        return new AclBinding(new ResourcePattern(type, name, PatternType.LITERAL),
            new AccessControlEntry("User:grace", "*", operation, AclPermissionType.ALLOW));
    }

    /** An older Kafka does not have each API. */
    private static boolean known(Row row) {
        for (ApiKeys api : ApiKeys.values()) {
            if (api.name().equals(row.api)) {
                return true;
            }
        }
        return false;
    }

    private String ask(Cluster cluster, Row row, Uuid topic) throws Exception {
        ApiKeys api = ApiKeys.valueOf(row.api);
        short version = row.version < 0 ? api.latestVersion() : row.version;
        var message = Message.fill(api.messageType.newRequest(), json.readTree(
            row.json.replace("$id", topic.toString()).replace("$cluster", Cluster.ID)));
        String server = row.where.equals("controller") ? cluster.controllerServer()
            : cluster.servers();
        try (Wire wire = new Wire(server, row.who)) {
            Set<Errors> errors = new HashSet<>(wire.ask(api, version, message).errorCounts()
                .keySet());
            errors.remove(Errors.NONE);
            if (errors.isEmpty()) {
                return "NONE";
            }
            return String.join("+", Message.names(errors));
        } catch (EOFException e) {
            return "closed";
        } catch (SocketTimeoutException e) {
            return "silent";
        }
    }
}
