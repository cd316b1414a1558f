package io.writ.kafka;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigException;

/** The plug-in's keys of server.properties, checked. Every error names the key and what it had. */
record WritConfig(Path bundle, String store, List<String> trust, int threshold, String scope,
    Set<String> superUsers, Set<String> nodePrincipals,
                  Set<String> controllerListeners, Audit audit, String library,
                  boolean nativeCode, int sessions, int names, long idleMillis, long pollMillis) {
    /**
     * Where events go.
     *
     * @param key the text of the private key, or empty
     * @param sender under whom the client of Kafka writes here, or empty: it writes elsewhere
     * @param threads that decide at once
     */
    record Audit(Path log, String key, String rings, String source, List<String> sinks,
                 List<String> kafka, String sender, long keepSeconds, long keepBytes,
                 int threads) {
        /** Topics of this cluster. */
        List<String> ownTopics() {
            return sender.isEmpty() ? List.of() : sinks.stream()
                .filter(sink -> sink.startsWith(TOPIC))
                .map(sink -> sink.substring(TOPIC.length())).toList();
        }
    }

    private static final String TOPIC = "kafka:";
    static final String BUNDLE = "writ.bundle";
    static final String STORE = "writ.bundle.store";
    static final String TRUST = "writ.trust";
    static final String THRESHOLD = "writ.trust.threshold";
    static final String SCOPE = "writ.scope";
    /** Kafka's own key. */
    static final String SUPER_USERS = "super.users";
    static final String NODE_PRINCIPALS = "writ.node.principals";
    static final String LIBRARY = "writ.native.library";
    static final String TIER = "writ.tier";
    static final String SESSIONS = "writ.sessions.max";
    static final String NAMES = "writ.names.max";
    static final String IDLE = "writ.idle.ms";
    static final String POLL = "writ.bundle.poll.ms";

    /** Kafka's own key. */
    private static final String CONTROLLER_LISTENERS = "controller.listener.names";
    /** Of the principal builder. */
    static final String GROUPS_CLAIM = "writ.groups.claim";
    static final String GROUPS_CERTIFICATE = "writ.groups.certificate";
    static final String GROUPS_NONE = "writ.groups.none";

    static final String AUDIT_LOG = "writ.audit.log";
    static final String AUDIT_KEY = "writ.audit.key";
    static final String AUDIT_RINGS = "writ.audit.rings";
    static final String AUDIT_SOURCE = "writ.audit.source";
    static final String AUDIT_SINKS = "writ.audit.sinks";
    static final String AUDIT_PRINCIPAL = "writ.audit.principal";
    static final String AUDIT_KEEP_HOURS = "writ.audit.keep.hours";
    static final String AUDIT_KEEP_BYTES = "writ.audit.keep.bytes";
    static final String AUDIT_THREADS = "writ.audit.threads.max";
    /** Then the name of a property of the Kafka client. */
    static final String AUDIT_KAFKA = "writ.audit.kafka.";
    /** Kafka's own key. */
    private static final String REQUEST_THREADS = "num.io.threads";
    private static final int REQUEST_THREADS_DEFAULT = 8;
    /** Kafka's own key: of each listener; they see logins. */
    private static final String NETWORK_THREADS = "num.network.threads";
    private static final int NETWORK_THREADS_DEFAULT = 3;
    private static final int LISTENERS = 8;
    private static final int OTHER_THREADS = 24;
    /** The native library's limit. */
    private static final int THREADS_MOST = 4_096;

    private static final Set<String> KEYS = Set.of(BUNDLE, STORE, TRUST, THRESHOLD, SCOPE, LIBRARY, TIER,
        SESSIONS, NAMES, IDLE, POLL, NODE_PRINCIPALS, GROUPS_CLAIM, GROUPS_CERTIFICATE,
        GROUPS_NONE, AUDIT_LOG, AUDIT_KEY, AUDIT_RINGS, AUDIT_SOURCE, AUDIT_SINKS, AUDIT_PRINCIPAL,
        AUDIT_KEEP_HOURS, AUDIT_KEEP_BYTES, AUDIT_THREADS);

    static WritConfig of(Map<String, ?> configs) {
        for (String key : configs.keySet()) {
            if (key.startsWith("writ.") && !KEYS.contains(key) && !key.startsWith(AUDIT_KAFKA)) {
                throw new ConfigException("unknown key " + key + ": the keys are "
                    + String.join(", ", KEYS.stream().sorted().toList()) + ", " + AUDIT_KAFKA
                    + "…");
            }
        }
        String bundle = text(configs, BUNDLE, "");
        if (bundle.isEmpty()) {
            throw new ConfigException(BUNDLE
                + " is missing: the file or folder of the signed bundle");
        }
        List<String> trust = trust(text(configs, TRUST, ""));
        int threshold = (int) number(configs, THRESHOLD, 1, 1, trust.size());
        String tier = text(configs, TIER, "native");
        if (!tier.equals("native") && !tier.equals("interpreter")) {
            throw new ConfigException(TIER, tier, "it is `native` or `interpreter`");
        }
        String store = text(configs, STORE, "");
        return new WritConfig(Path.of(bundle).toAbsolutePath().normalize(), store.isEmpty() ? store
            : Path.of(store).toAbsolutePath().normalize().toString(), trust, threshold,
            text(configs, SCOPE, ""),
            principals(configs, SUPER_USERS), principals(configs, NODE_PRINCIPALS),
            Set.copyOf(list(configs.get(CONTROLLER_LISTENERS))), audit(configs), text(configs, LIBRARY, ""),
            tier.equals("native"),
            (int) number(configs, SESSIONS, 10_000, 2, 10_000_000), (int) number(configs, NAMES,
                100_000, 2, 100_000_000),
            number(configs, IDLE, 600_000, 1, Long.MAX_VALUE / 1_000_000), number(configs, POLL,
                200, 10, 3_600_000));
    }

    /** Null: nothing is recorded. */
    private static Audit audit(Map<String, ?> configs) {
        String log = text(configs, AUDIT_LOG, "");
        if (log.isEmpty()) {
            configs.keySet().stream().filter(key -> key.startsWith("writ.audit.")
                && !text(configs, key, "").isEmpty()).findFirst().ifPresent(key -> {
                    throw new ConfigException(key + " says something of the audit trail, and "
                        + AUDIT_LOG + " is missing: the folder of its log");
                });
            return null;
        }
        List<String> sinks = list(configs.get(AUDIT_SINKS));
        for (String sink : sinks) {
            if (!sink.equals("-") && !sink.startsWith("file:") && !sink.startsWith(TOPIC)) {
                throw new ConfigException(AUDIT_SINKS, sink,
                    "it is `-`, `file:PATH` or `kafka:TOPIC`");
            }
        }
        List<String> kafka = configs.keySet().stream().filter(key -> key.startsWith(AUDIT_KAFKA))
            .map(key -> key.substring(AUDIT_KAFKA.length()) + "=" + text(configs, key, ""))
            .sorted().toList();
        Set<String> sender = principals(configs, AUDIT_PRINCIPAL);
        if (sender.size() > 1) {
            throw new ConfigException(AUDIT_PRINCIPAL, sender, "it is one principal");
        }
        boolean topics = sinks.stream().anyMatch(sink -> sink.startsWith(TOPIC));
        if (topics && kafka.stream().noneMatch(one -> one.startsWith("bootstrap.servers="))) {
            throw new ConfigException(AUDIT_SINKS, sinks, "a topic of which cluster? "
                + AUDIT_KAFKA + "bootstrap.servers is missing");
        }
        // A node that is both roles has the request threads of both.
        long threads = 2 * number(configs, REQUEST_THREADS, REQUEST_THREADS_DEFAULT, 1, 10_000)
            + LISTENERS * number(configs, NETWORK_THREADS, NETWORK_THREADS_DEFAULT, 1, 10_000)
            + OTHER_THREADS;
        return new Audit(Path.of(log).toAbsolutePath().normalize(), file(configs, AUDIT_KEY),
            text(configs, AUDIT_RINGS, ""), text(configs, AUDIT_SOURCE, ""), sinks, kafka,
            sender.isEmpty() ? "" : sender.iterator().next(),
            3_600 * number(configs, AUDIT_KEEP_HOURS, 0, 0, 1_000_000),
            number(configs, AUDIT_KEEP_BYTES, 0, 0, Long.MAX_VALUE),
            (int) number(configs, AUDIT_THREADS, Math.min(threads, THREADS_MOST), 1,
                THREADS_MOST));
    }

    private static String file(Map<String, ?> configs, String key) {
        String path = text(configs, key, "");
        try {
            return path.isEmpty() ? "" : Files.readString(Path.of(path), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new ConfigException(key, path, "a file that cannot be read: " + e);
        }
    }

    static String text(Map<String, ?> configs, String key, String otherwise) {
        Object value = configs.get(key);
        return value == null ? otherwise : value.toString().trim();
    }

    /** What stands between commas; Kafka has split some values already. */
    static List<String> list(Object value) {
        if (value instanceof List<?> split) {
            return split.stream().map(Object::toString).toList();
        }
        return value == null ? List.of() : Arrays.stream(value.toString().split(","))
            .map(String::trim).filter(part -> !part.isEmpty()).distinct().toList();
    }

    private static long number(Map<String, ?> configs, String key, long otherwise, long least,
        long most) {
        String text = text(configs, key, Long.toString(otherwise));
        try {
            long value = Long.parseLong(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new ConfigException(key, text, "it is a number from " + least + " to " + most);
    }

    private static List<String> trust(String files) {
        List<String> keys = new ArrayList<>();
        for (String file : files.split(",")) {
            if (file.isBlank()) {
                continue;
            }
            try {
                keys.add(Files.readString(Path.of(file.trim()), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new ConfigException(TRUST, file.trim(), "a public key that cannot be read: "
                    + e);
            }
        }
        if (keys.isEmpty()) {
            throw new ConfigException(TRUST
                + " is missing: the files of the public keys that sign bundles, by commas");
        }
        return List.copyOf(keys);
    }

    /** By semicolons, since distinguished names have commas. */
    private static Set<String> principals(Map<String, ?> configs, String key) {
        Set<String> users = new LinkedHashSet<>();
        for (String user : text(configs, key, "").split(";")) {
            String trimmed = user.trim();
            if (trimmed.isEmpty()) {
                continue;
            }
            if (trimmed.indexOf(':') <= 0) {
                throw new ConfigException(key, trimmed, "a principal is Type:name");
            }
            users.add(trimmed);
        }
        return Set.copyOf(users);
    }
}
