package io.writ.kafka.broker;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Keys of server.properties that every node has, and keys of clients. */
final class Settings {
    private static final String PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule";
    private static final String SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule";
    /** Users of SASL/PLAIN; the password of each is its name and "-secret". */
    static final List<String> USERS = List.of("admin", "alice", "bob", "carol", "dave", "eve",
        "grace",
        "mallory", "olivia", Events.SENDER, Events.READER);

    static final Map<String, String> COMMON = common();

    private Settings() { }

    private static Map<String, String> common() {
        Map<String, String> keys = new HashMap<>();
        keys.put("listener.security.protocol.map",
            "CLIENT:SASL_PLAINTEXT,TLS:SSL,CONTROLLER:SASL_PLAINTEXT");
        keys.put("controller.listener.names", "CONTROLLER");
        keys.put("sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-256");
        keys.put("listener.name.controller.sasl.enabled.mechanisms", "PLAIN");
        keys.put("sasl.mechanism.inter.broker.protocol", "PLAIN");
        keys.put("sasl.mechanism.controller.protocol", "PLAIN");
        keys.put("listener.name.client.plain.sasl.jaas.config", nodeLogin(USERS));
        keys.put("listener.name.client.scram-sha-256.sasl.jaas.config", SCRAM + " required;");
        keys.put("listener.name.controller.plain.sasl.jaas.config", nodeLogin(List.of()));
        keys.put("delegation.token.secret.key", "a secret of the tests");
        keys.put("offsets.topic.num.partitions", "1");
        keys.put("transaction.state.log.num.partitions", "1");
        keys.put("share.coordinator.state.topic.num.partitions", "1");
        keys.put("group.initial.rebalance.delay.ms", "0");
        keys.put("group.min.session.timeout.ms", "1000");
        keys.put("auto.create.topics.enable", "false");
        keys.put("num.network.threads", "2");
        keys.put("num.io.threads", "2");
        keys.put("background.threads", "2");
        keys.put("controlled.shutdown.enable", "true");
        return keys;
    }

    /** Who the node is, and who else may say so by a password. */
    static String nodeLogin(List<String> users) {
        String node = Cluster.NODE_USER;
        String self = PLAIN + " required username=\"" + node + "\" password=\"" + node
            + "-secret\" user_" + node + "=\"" + node + "-secret\"";
        return self + users.stream().map(user -> " user_" + user + "=\"" + user + "-secret\"")
            .collect(Collectors.joining()) + ";";
    }

    static Map<String, Object> plain(String servers, String user) {
        Map<String, Object> keys = sasl(servers, "PLAIN");
        keys.put("sasl.jaas.config", PLAIN + " required username=\"" + user + "\" password=\""
            + user + "-secret\";");
        return keys;
    }

    static Map<String, Object> scram(String servers, String user, String password, boolean token) {
        Map<String, Object> keys = sasl(servers, "SCRAM-SHA-256");
        keys.put("sasl.jaas.config", SCRAM + " required username=\"" + user + "\" password=\""
            + password + "\"" + (token ? " tokenauth=\"true\"" : "") + ";");
        return keys;
    }

    private static Map<String, Object> sasl(String servers, String mechanism) {
        Map<String, Object> keys = new HashMap<>();
        keys.put("bootstrap.servers", servers);
        keys.put("security.protocol", "SASL_PLAINTEXT");
        keys.put("sasl.mechanism", mechanism);
        hasty(keys);
        return keys;
    }

    /** A test that waits for a minute tells nothing more. */
    static void hasty(Map<String, Object> keys) {
        keys.put("request.timeout.ms", "15000");
        keys.put("default.api.timeout.ms", "20000");
        keys.put("reconnect.backoff.ms", "20");
        keys.put("reconnect.backoff.max.ms", "200");
    }
}
