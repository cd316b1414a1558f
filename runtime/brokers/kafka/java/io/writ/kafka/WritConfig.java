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
record WritConfig(Path bundle, List<String> trust, int threshold, String scope,
    Set<String> superUsers, Set<String> nodePrincipals,
                  Set<String> controllerListeners, String library, boolean nativeCode,
                  int sessions, int names, long idleMillis, long pollMillis) {
    static final String BUNDLE = "writ.bundle";
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

    private static final Set<String> KEYS = Set.of(BUNDLE, TRUST, THRESHOLD, SCOPE, LIBRARY, TIER,
        SESSIONS, NAMES, IDLE, POLL, NODE_PRINCIPALS, GROUPS_CLAIM, GROUPS_CERTIFICATE,
        GROUPS_NONE);

    static WritConfig of(Map<String, ?> configs) {
        for (String key : configs.keySet()) {
            if (key.startsWith("writ.") && !KEYS.contains(key)) {
                throw new ConfigException("unknown key " + key + ": the keys are "
                    + String.join(", ", KEYS.stream().sorted().toList()));
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
        return new WritConfig(Path.of(bundle).toAbsolutePath().normalize(), trust, threshold,
            text(configs, SCOPE, ""),
            principals(configs, SUPER_USERS), principals(configs, NODE_PRINCIPALS),
            Set.copyOf(list(configs.get(CONTROLLER_LISTENERS))), text(configs, LIBRARY, ""),
            tier.equals("native"),
            (int) number(configs, SESSIONS, 10_000, 2, 10_000_000), (int) number(configs, NAMES,
                100_000, 2, 100_000_000),
            number(configs, IDLE, 600_000, 1, Long.MAX_VALUE / 1_000_000), number(configs, POLL,
                200, 10, 3_600_000));
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
