package io.writ.kafka;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.KafkaException;

/**
 * Events of logins, from wherever Kafka lets us see them: the principal builder and the handlers of
 * SASL. They find the trail by the folder of its log, since Kafka makes them apart from the
 * authorizer. Before that has started there is no trail, and a login leaves no event.
 */
final class Logins {
    private record Open(PolicyEngine engine, String cluster) { }

    private static final Map<Path, Open> OPEN = new ConcurrentHashMap<>();

    private final Path log;

    private Logins(Path log) {
        this.log = log;
    }

    /** What is told goes nowhere if the settings name no trail. */
    static Logins of(Map<String, ?> configs) {
        String log = WritConfig.text(configs, WritConfig.AUDIT_LOG, "");
        return new Logins(log.isEmpty() ? null : Path.of(log).toAbsolutePath().normalize());
    }

    static void begin(Path log, PolicyEngine engine, String cluster) {
        OPEN.put(log, new Open(engine, cluster));
    }

    static void end(Path log) {
        OPEN.remove(log);
    }

    /** A login that could not be recorded must not succeed. */
    void succeeded(String principal, String mechanism, InetAddress host) {
        if (!told(true, principal, mechanism, null, host)) {
            throw new KafkaException("the login of " + principal + " cannot be recorded");
        }
    }

    /** {@code principal} null: whoever it was gave no name that can be read. */
    void failed(String principal, String mechanism, String message) {
        told(false, principal, mechanism, message, null);
    }

    private boolean told(boolean success, String principal, String mechanism, String message,
        InetAddress host) {
        Open open = log == null ? null : OPEN.get(log);
        return open == null || open.engine.login(success, new byte[][] {bytes(principal),
            bytes(mechanism), bytes(message), host == null ? null : bytes(host.getHostAddress()),
            bytes(open.cluster)});
    }

    /** What is half of a surrogate pair becomes a question mark: an event says what it can. */
    private static byte[] bytes(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }
}
