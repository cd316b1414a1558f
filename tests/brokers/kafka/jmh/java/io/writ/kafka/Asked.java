package io.writ.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.metadata.authorizer.StandardAcl;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;

/** A workload's rows as ACLs, and its asks as what a broker would hand to an authorizer. */
final class Asked {
    /** Who asks, and what in one call. */
    record Call(AuthorizableRequestContext context, List<Action> actions) { }

    private static final ObjectMapper JSON = new ObjectMapper();

    private Asked() { }

    static void acls(Path folder, Consumer<StandardAcl> to) throws IOException {
        lines(folder.resolve("rows.jsonl"), row -> to.accept(new StandardAcl(
            type(row), row.get("resourceName").asText(),
            PatternType.valueOf(upper(row, "patternType")), row.get("principal").asText(),
            row.get("host").asText(), AclOperation.valueOf(upper(row, "operation")),
            AclPermissionType.valueOf(upper(row, "permission")))));
    }

    /** One action a call, in the order of the workload. */
    static List<Call> calls(Path folder) throws IOException {
        List<Call> out = new ArrayList<>();
        lines(folder.resolve("asks.jsonl"), ask -> out.add(new Call(context(ask), List.of(action(
            AclOperation.valueOf(upper(ask, "operation")), type(ask),
            ask.get("resourceName").asText())))));
        return out;
    }

    /**
     * Metadata answers: the asks of one principal together, in one call; with `all` the eight
     * operations of each topic follow, one call a topic, as a broker asks them.
     */
    static List<List<Call>> metadata(Path folder, int topics, boolean all) throws IOException {
        Map<AuthorizableRequestContext, List<Call>> by = new java.util.LinkedHashMap<>();
        for (Call call : calls(folder)) {
            by.computeIfAbsent(call.context, x -> new ArrayList<>()).add(call);
        }
        List<List<Call>> out = new ArrayList<>();
        for (Map.Entry<AuthorizableRequestContext, List<Call>> one : by.entrySet()) {
            List<Action> names = one.getValue().stream().map(call -> call.actions.get(0))
                .limit(topics).toList();
            List<Call> answer = new ArrayList<>(List.of(new Call(one.getKey(), names)));
            for (int at = 0; all && at < names.size(); at++) {
                String name = names.get(at).resourcePattern().name();
                answer.add(new Call(one.getKey(), TOPIC_OPERATIONS.stream().map(operation ->
                    action(operation, ResourceType.TOPIC, name)).toList()));
            }
            if (names.size() == topics) {
                out.add(answer);
            }
        }
        return out;
    }

    private static final List<AclOperation> TOPIC_OPERATIONS = List.of(AclOperation.READ,
        AclOperation.WRITE, AclOperation.CREATE, AclOperation.DESCRIBE, AclOperation.DELETE,
        AclOperation.ALTER, AclOperation.DESCRIBE_CONFIGS, AclOperation.ALTER_CONFIGS);

    private static Action action(AclOperation operation, ResourceType type, String name) {
        return new Action(operation, new ResourcePattern(type, name, PatternType.LITERAL), 1, true,
            true);
    }

    private static ResourceType type(JsonNode line) {
        return ResourceType.valueOf(line.get("resourceType").asText()
            .replaceAll("(?<=[a-z])(?=[A-Z])", "_").toUpperCase(Locale.ROOT));
    }

    private static String upper(JsonNode line, String member) {
        return line.get(member).asText().replaceAll("(?<=[a-z])(?=[A-Z])", "_")
            .toUpperCase(Locale.ROOT);
    }

    private static final Map<String, AuthorizableRequestContext> CONTEXTS = new HashMap<>();

    /** One for each principal and host: as many connections. */
    private static AuthorizableRequestContext context(JsonNode ask) {
        String principal = ask.get("principal").asText();
        String host = ask.get("host").asText();
        return CONTEXTS.computeIfAbsent(principal + " " + host, key -> {
            try {
                return new Context(new KafkaPrincipal(
                    principal.substring(0, principal.indexOf(':')),
                    principal.substring(principal.indexOf(':') + 1)), InetAddress.getByName(host));
            } catch (IOException e) {
                throw new IllegalArgumentException(key, e);
            }
        });
    }

    private static void lines(Path file, Consumer<JsonNode> to) throws IOException {
        try (BufferedReader in = Files.newBufferedReader(file)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                to.accept(JSON.readTree(line));
            }
        }
    }

    private record Context(KafkaPrincipal principal, InetAddress clientAddress)
        implements AuthorizableRequestContext {
        @Override
        public String listenerName() { return "SASL_SSL"; }
        @Override
        public SecurityProtocol securityProtocol() { return SecurityProtocol.SASL_SSL; }
        @Override
        public int requestType() { return 3; }
        @Override
        public int requestVersion() { return 13; }
        @Override
        public String clientId() { return "bench"; }
        @Override
        public int correlationId() { return 7; }
    }
}
