package io.writ.kafka;

import java.io.BufferedWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.ClusterResource;
import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.internals.PluginMetricsImpl;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.metadata.authorizer.StandardAcl;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizerServerInfo;

/**
 * Kafka's authorizer and Writ's with the same policy, brought up as a broker does it. Kafka gets
 * each
 * ACL added and removed; Writ gets a new bundle in the place of the one before.
 */
final class Both {
    static final String CLUSTER = "differential";

    private final Path writ;
    private final Path folder;
    final WritAuthorizer own = new WritAuthorizer();
    StandardAuthorizer kafka;
    private final Map<StandardAcl, Uuid> acls = new LinkedHashMap<>();
    private long nextId = 1;
    private long version;

    Both(Path writ, Path folder, Map<String, String> more) throws IOException,
        InterruptedException {
        this.writ = writ;
        this.folder = folder;
        Files.createDirectories(folder.resolve("policy"));
        Policy.run(writ.toString(), "keys", "new", "test", "--out", folder.toString());
        // Changes come when the test says so, not when the watch looks.
        Map<String, String> keys = new HashMap<>(more);
        keys.putAll(Map.of(WritConfig.BUNDLE, bundle().toString(), WritConfig.TRUST,
            folder.resolve("test.pub.pem").toString(),
            WritConfig.POLL, "3600000", WritConfig.SESSIONS, "64", WritConfig.NAMES, "64"));
        own.configure(keys);
        own.start(new ServerInfo());
    }

    Path bundle() {
        return folder.resolve("policy.writb");
    }

    /** A cluster without ACLs. */
    void begin(World world) {
        acls.clear();
        kafka = new StandardAuthorizer();
        kafka.configure(Map.of("super.users", String.join(";", world.superUsers), "node.id", "1",
            "allow.everyone.if.no.acl.found", Boolean.toString(world.allowIfNone)));
        // Without metrics authorize() fails, and a broker always sets them.
        kafka.withPluginMetrics(new PluginMetricsImpl(new Metrics(), Map.of()));
        kafka.start(new ServerInfo());
        kafka.loadSnapshot(Map.of());
        kafka.completeInitialLoad();
    }

    Collection<StandardAcl> acls() {
        return acls.keySet();
    }

    void add(StandardAcl acl) {
        if (!acls.containsKey(acl)) {
            Uuid id = new Uuid(0x5eed, nextId++);
            acls.put(acl, id);
            kafka.addAcl(id, acl);
        }
    }

    void remove(StandardAcl acl) {
        kafka.removeAcl(acls.remove(acl));
    }

    /** The same ACLs as a bundle, in the place of the one before. */
    void publish(World world) throws IOException, InterruptedException {
        Path policy = folder.resolve("policy");
        StringBuilder text = new StringBuilder("package differential \"Kafka's ACLs\"\n\n");
        text.append("edition 2026\nuse kafka\n\ncluster main = \"" + CLUSTER + "\"\n");
        for (String user : world.superUsers) {
            int colon = user.indexOf(':');
            text.append("superusers at main = ").append(user, 0, colon
                + 1).append('"').append(user.substring(colon + 1))
                .append("\"\n");
        }
        if (!acls.isEmpty()) {
            text.append("acl at main load \"rows.jsonl\" as kafka\n");
        }
        if (world.allowIfNone) {
            text.append("default allow when unlisted at main \"allow.everyone.if.no.acl.found\"\n");
        }
        Files.writeString(policy.resolve("policy.writ"), text);
        try (BufferedWriter rows = Files.newBufferedWriter(policy.resolve("rows.jsonl"))) {
            for (StandardAcl acl : acls.keySet()) {
                rows.write(row(acl));
                rows.newLine();
            }
        }
        version++;
        Path next = folder.resolve("next.writb");
        Policy.run(writ.toString(), "build", policy.toString(), "-o", next.toString(), "--key",
            folder.resolve("test.pem").toString(),
            "--version", Long.toString(version));
        Files.move(next, bundle(), java.nio.file.StandardCopyOption.ATOMIC_MOVE,
            java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        if (own.look() != 1) {
            throw new IllegalStateException("version " + version + " did not become active");
        }
    }

    /** The text of a JSON string; what is beyond ASCII, or a control character, is escaped. */
    private static String json(String text) {
        StringBuilder out = new StringBuilder();
        for (char c : text.toCharArray()) {
            boolean plain = c >= ' ' && c < 127 && c != '"' && c != '\\';
            out.append(plain ? String.valueOf(c) : String.format("\\u%04x", (int) c));
        }
        return out.toString();
    }

    private static String row(StandardAcl acl) {
        return
            String.format("{\"principal\":\"%s\",\"host\":\"%s\",\"operation\":\"%s\","
                + "\"permission\":\"%s\",\"resourceType\":\"%s\","
                + "\"patternType\":\"%s\",\"resourceName\":\"%s\"}", json(acl.principal()),
                    acl.host(), Words.word(acl.operation().name()),
            Words.word(acl.permissionType().name()), Words.word(acl.resourceType().name()),
                Words.word(acl.patternType().name()),
            json(acl.resourceName()));
    }

    record Context(KafkaPrincipal principal, InetAddress clientAddress, String listenerName)
        implements AuthorizableRequestContext {
        Context(KafkaPrincipal principal, InetAddress clientAddress) {
            this(principal, clientAddress, "SASL_PLAINTEXT");
        }

        @Override
        public SecurityProtocol securityProtocol() {
            return SecurityProtocol.SASL_PLAINTEXT; }
        @Override
        public int requestType() { return 3; }
        @Override
        public int requestVersion() { return 12; }
        @Override
        public String clientId() { return "differential"; }
        @Override
        public int correlationId() { return 7; }
    }

    record ServerInfo() implements AuthorizerServerInfo {
        private static final Endpoint HERE = new Endpoint("SASL_PLAINTEXT",
            SecurityProtocol.SASL_PLAINTEXT, "127.0.0.1", 9092);
        @Override
        public ClusterResource clusterResource() { return new ClusterResource(CLUSTER); }
        @Override
        public int brokerId() { return 1; }
        @Override
        public Collection<Endpoint> endpoints() { return List.of(HERE); }
        @Override
        public Endpoint interBrokerEndpoint() { return HERE; }
        @Override
        public Collection<String> earlyStartListeners() { return List.of(); }
    }
}
