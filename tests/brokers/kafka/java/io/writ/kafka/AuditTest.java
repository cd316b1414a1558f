package io.writ.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallback;
import org.apache.kafka.common.security.plain.PlainAuthenticateCallback;
import org.apache.kafka.common.security.plain.PlainLoginModule;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizationResult;

/** Every decision is an event of the trail, and the trail's topic is nobody's but its own. */
final class AuditTest {
    private static final String HEAD = """
        package audited "What is recorded"

        edition 2026
        use kafka

        cluster main = "differential"
        superusers at main = User:root
        acl at main {
          allow Read, Write, Delete, Alter, AlterConfigs on Topic "audit", Topic "orders" to User:ann
          allow Write on Topic "audit" to User:sender
        }
        """;

    private final Checks checks;
    private final Path writ;
    private final Policy policy;

    private AuditTest(Checks checks, Path writ, Path folder) throws Exception {
        this.checks = checks;
        this.writ = writ;
        policy = new Policy(writ, folder);
        Policy.run(writ.toString(), "keys", "new", "audit", "--out", folder.toString());
    }

    static void run(Checks checks, Path writ, Path folder) throws Exception {
        AuditTest test = new AuditTest(checks, writ, folder);
        test.threads();
        test.decisions();
        test.withoutPolicy();
        test.levels();
        test.topic();
        test.logins();
        test.whileItCloses();
    }

    /** A thread that finds no ring denies, so there must be one for each of Kafka's. */
    private void threads() throws Exception {
        record Case(Map<String, String> keys, int threads) { }
        for (Case each : List.of(new Case(Map.of(), 64),
            new Case(Map.of("num.io.threads", "64", "num.network.threads", "16"), 280),
            new Case(Map.of("num.io.threads", "9000"), 4_096),
            new Case(Map.of("writ.audit.threads.max", "7"), 7))) {
            Map<String, String> keys = new HashMap<>(each.keys);
            keys.put("writ.audit.log", "/x");
            checks.equal(each.threads, WritConfig.of(policy.keys(keys)).audit().threads(),
                "threads by " + each.keys);
        }
    }

    private Path log(String name) {
        return policy.folder.resolve("log-" + name);
    }

    private WritAuthorizer start(String name, Map<String, String> more) {
        Map<String, String> keys = new HashMap<>(Map.of("writ.audit.log", log(name).toString(),
            "writ.audit.key", policy.folder.resolve("audit.pem").toString()));
        keys.putAll(more);
        WritAuthorizer out = new WritAuthorizer();
        out.configure(policy.keys(keys));
        out.start(new Both.ServerInfo());
        return out;
    }

    private List<JsonNode> events(String name) throws Exception {
        Process process = new ProcessBuilder(writ.toString(), "audit", "cat", log(name).toString(),
            "--format", "json").start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        checks.equal(0, process.waitFor(), "the log is read");
        List<JsonNode> out = new ArrayList<>();
        for (String line : said.split("\n")) {
            if (!line.isEmpty()) {
                out.add(new ObjectMapper().readTree(line));
            }
        }
        return out;
    }

    private static List<String> decisions(List<JsonNode> events) {
        List<String> out = new ArrayList<>();
        for (JsonNode event : events) {
            JsonNode data = event.path("data");
            if (!data.has("authorizationInfo")) {
                continue;
            }
            JsonNode info = data.path("authorizationInfo");
            out.add(data.path("authenticationInfo").path("principal").asText() + " "
                + info.path("operation").asText() + " " + info.path("resourceName").asText() + " "
                + info.path("granted").asText());
        }
        return out;
    }

    private static List<String> types(List<JsonNode> events) {
        return events.stream().map(event -> event.path("type").asText()).toList();
    }

    private static Both.Context context(String user) {
        return new Both.Context(new KafkaPrincipal("User", user), World.address("10.0.0.1"));
    }

    private static Action action(AclOperation operation, String topic, boolean logAllowed,
        boolean logDenied) {
        return new Action(operation, new ResourcePattern(ResourceType.TOPIC, topic,
            PatternType.LITERAL), 1, logAllowed, logDenied);
    }

    private static boolean may(WritAuthorizer own, String user, AclOperation operation,
        String topic) {
        return own.authorize(context(user), List.of(action(operation, topic, true, true))).get(0)
            == AuthorizationResult.ALLOWED;
    }

    private void decisions() throws Exception {
        policy.publish(HEAD);
        Path file = policy.folder.resolve("events.jsonl");
        WritAuthorizer own = start("decisions", Map.of("writ.audit.sinks", "file:" + file));
        checks.equal(List.of(AuthorizationResult.ALLOWED, AuthorizationResult.DENIED,
            AuthorizationResult.ALLOWED), own.authorize(context("ann"), List.of(
                action(AclOperation.READ, "orders", true, true),
                action(AclOperation.READ, "other", true, false),
                action(AclOperation.WRITE, "orders", false, false))), "answers");
        checks.check(!may(own, "bob", AclOperation.READ, "orders\0\uD83D\uDE00"), "a denial");
        own.close();
        List<JsonNode> events = events("decisions");
        checks.equal(List.of("User:ann Read orders true", "User:ann Read other false",
            "User:ann Write orders true", "User:bob Read orders\0\uD83D\uDE00 false"),
            decisions(events), "each decision is an event");
        String all = events.toString();
        checks.check(all.contains("\"filter\"") && all.contains("\"probe\"")
            && all.contains("\"enforce\""), "what each was for");
        checks.check(types(events).contains("io.writ.engine/bundle.activated")
            && types(events).contains("io.writ.engine/engine.stopped"), "begin and end");
        checks.equal(events.size(), Files.readAllLines(file).size(), "the sink has all of them");
        Policy.run(writ.toString(), "audit", "verify", log("decisions").toString(), "--trust",
            policy.folder.resolve("audit.pub.pem").toString());
        WritAuthorizer again = start("decisions", Map.of());
        checks.check(may(again, "ann", AclOperation.READ, "orders"), "the log is opened again");
        again.close();
        checks.equal(5, decisions(events("decisions")).size(), "and goes on");
    }

    private void withoutPolicy() throws Exception {
        Files.delete(policy.bundle());
        WritAuthorizer own = start("none", Map.of("super.users", "User:root"));
        checks.check(may(own, "root", AclOperation.READ, "x"), "a super user gets in");
        checks.check(!may(own, "ann", AclOperation.READ, "x"), "nobody else does");
        own.close();
        List<JsonNode> events = events("none");
        checks.equal(List.of("User:ann Read x false"), decisions(events), "the denial");
        checks.check(types(events).contains("io.writ.engine/superuser.without-policy"),
            "the use of a super user");
    }

    private void levels() throws Exception {
        record Case(String level, boolean recorded, boolean runs) { }
        for (Case each : List.of(new Case("ring", true, true), new Case("durable", true, true),
            new Case("replicated", true, false), new Case("ring", false, true),
            new Case("durable", false, false), new Case("replicated", false, false))) {
            policy.publish(HEAD + "audit \"acme\" { level " + each.level + " any }\n");
            WritConfig config = WritConfig.of(policy.keys(each.recorded
                ? Map.of("writ.audit.log", log("level").toString()) : Map.of()));
            String refused = new Trial(config, "differential", List.of(World.address("10.0.0.1")))
                .refused(Files.readAllBytes(policy.bundle()), config.trust().stream()
                    .map(key -> key.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new), 1);
            checks.equal(each.runs, refused == null, "level " + each.level + ", recorded "
                + each.recorded + ": " + refused);
        }
        policy.publish(HEAD + "audit \"acme\" { level durable any }\n");
        WritAuthorizer own = start("durable", Map.of());
        checks.check(may(own, "ann", AclOperation.READ, "orders"), "a decision waits for the disk");
        policy.publish(HEAD + "audit \"acme\" { level replicated deny any }\n");
        checks.equal(0, own.look(), "a policy that would wait for a topic is refused");
        own.close();
        checks.check(types(events("durable")).contains("io.writ.engine/bundle.refused"),
            "which is an event");
    }

    /** Nobody listens at the address of the cluster: decisions do not wait for it. */
    private void topic() throws Exception {
        Map<String, String> keys = Map.of("writ.audit.sinks", "kafka:audit",
            "writ.audit.kafka.bootstrap.servers", "127.0.0.1:1", "writ.audit.principal",
            "User:sender");
        policy.publish(HEAD);
        WritAuthorizer own = start("topic", keys);
        for (AclOperation change : List.of(AclOperation.WRITE, AclOperation.DELETE,
            AclOperation.ALTER, AclOperation.ALTER_CONFIGS)) {
            checks.check(!may(own, "ann", change, "audit"), change + " by another");
            checks.check(!may(own, "root", change, "audit"), change + " by a super user");
            checks.check(may(own, "ann", change, "orders"), change + " of another topic");
        }
        checks.check(may(own, "ann", AclOperation.READ, "audit"), "whoever may read it reads it");
        checks.check(may(own, "sender", AclOperation.WRITE, "audit"), "the sender writes it");
        checks.check(!may(own, "sender", AclOperation.DELETE, "audit"), "and no more");
        List<AuthorizationResult> mixed = own.authorize(context("ann"), List.of(
            action(AclOperation.WRITE, "orders", true, true),
            action(AclOperation.WRITE, "audit", true, true),
            action(AclOperation.READ, "audit", true, true)));
        checks.equal(List.of(AuthorizationResult.ALLOWED, AuthorizationResult.DENIED,
            AuthorizationResult.ALLOWED), mixed, "in one call");
        policy.publish(HEAD.replace("allow Write on Topic \"audit\" to User:sender", ""));
        checks.equal(0, own.look(), "a policy by which nothing could be sent is refused");
        own.close();
        List<String> decided = decisions(events("topic"));
        checks.equal(18, decided.size(), "decisions are events, once each");
        checks.check(decided.contains("User:root Delete audit false")
            && decided.contains("User:ann AlterConfigs audit false")
            && decided.contains("User:sender Write audit true"), "and say who: " + decided);
    }

    private void logins() throws Exception {
        policy.publish(HEAD);
        WritAuthorizer own = start("logins", Map.of());
        Map<String, String> keys = Map.of("writ.audit.log", log("logins").toString());
        WritPrincipalBuilder builder = new WritPrincipalBuilder();
        builder.configure(keys);
        BuilderTest.logIn(builder, "SCRAM-SHA-512", "ann");
        WritPlainCallbackHandler plain = new WritPlainCallbackHandler();
        plain.configure(keys, "PLAIN", List.of(new AppConfigurationEntry(
            PlainLoginModule.class.getName(),
            AppConfigurationEntry.LoginModuleControlFlag.REQUIRED, Map.of("user_bob", "right"))));
        for (String password : List.of("wrong", "right")) {
            NameCallback name = new NameCallback("user", "bob");
            PlainAuthenticateCallback asked = new PlainAuthenticateCallback(password.toCharArray());
            plain.handle(new Callback[] {name, asked});
            checks.equal(password.equals("right"), asked.authenticated(), "Kafka's own answer");
        }
        WritOAuthCallbackHandler bearer = new WritOAuthCallbackHandler(new BuilderTest.Refusing());
        bearer.configure(keys, "OAUTHBEARER", List.of());
        bearer.handle(new Callback[] {new OAuthBearerValidatorCallback("token")});
        own.close();
        List<String> seen = new ArrayList<>();
        for (JsonNode event : events("logins")) {
            JsonNode data = event.path("data");
            if (event.path("type").asText().endsWith("/authentication")) {
                seen.add(data.path("authenticationInfo").path("principal").asText() + " "
                    + data.path("authenticationInfo").path("metadata").path("mechanism").asText()
                    + " " + data.path("result").path("status").asText());
            }
        }
        checks.equal(List.of("User:ann SASL_PLAINTEXT/SCRAM-SHA-512 SUCCESS",
            "User:bob PLAIN UNAUTHENTICATED", "None:UNKNOWN_USER OAUTHBEARER UNAUTHENTICATED"),
            seen, "logins");
        BuilderTest.logIn(builder, "PLAIN", "late");
        checks.check(true, "after the end a login leaves no event");
    }

    /** Threads ask until after the end: an answer and its event, or a denial. */
    private void whileItCloses() throws Exception {
        policy.publish(HEAD);
        for (int round = 0; round < 3; round++) {
            WritAuthorizer own = start("closing", Map.of());
            AtomicLong allowed = new AtomicLong();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int number = i;
                Thread thread = new Thread(() -> {
                    for (int at = 0; ; at++) {
                        if (!may(own, "ann", AclOperation.READ, "orders")) {
                            return;
                        }
                        allowed.incrementAndGet();
                        own.authorize(context("u" + number + "." + at % 100),
                            List.of(action(AclOperation.READ, "t" + at % 100, true, true)));
                    }
                });
                threads.add(thread);
                thread.start();
            }
            Thread.sleep(100);
            own.close();
            for (Thread thread : threads) {
                thread.join();
            }
            checks.check(allowed.get() > 0, "somebody asked");
        }
        Policy.run(writ.toString(), "audit", "verify", log("closing").toString(), "--trust",
            policy.folder.resolve("audit.pub.pem").toString());
    }
}
