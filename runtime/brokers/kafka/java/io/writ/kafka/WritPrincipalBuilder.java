package io.writ.kafka;

import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSession;
import javax.security.auth.kerberos.KerberosPrincipal;
import javax.security.sasl.SaslServer;
import org.apache.kafka.common.Configurable;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.security.auth.AuthenticationContext;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.KafkaPrincipalBuilder;
import org.apache.kafka.common.security.auth.KafkaPrincipalSerde;
import org.apache.kafka.common.security.auth.SaslAuthenticationContext;
import org.apache.kafka.common.security.auth.SslAuthenticationContext;
import org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder;
import org.apache.kafka.common.security.kerberos.KerberosShortNamer;
import org.apache.kafka.common.security.ssl.SslPrincipalMapper;

/**
 * Makes the principals that Kafka's own builder makes, by the same rules, and keeps beside each what
 * a policy may ask of its connection. What was read is kept as long as the connection: Kafka asks on
 * every request. Forwarded requests carry it to the controller.
 */
public final class WritPrincipalBuilder
    implements KafkaPrincipalBuilder, KafkaPrincipalSerde, Configurable {
    private static final String MAPPING_RULES = "ssl.principal.mapping.rules";
    private static final String KERBEROS_RULES = "sasl.kerberos.principal.to.local.rules";
    private static final String MECHANISMS = "sasl.enabled.mechanisms";

    /** By the TLS session or the SASL exchange: one builder serves one listener. */
    private final WeakIdentityMap<Object, KafkaPrincipal> known = new WeakIdentityMap<>();
    private volatile KafkaPrincipal plaintext;
    private DefaultKafkaPrincipalBuilder kafka = new DefaultKafkaPrincipalBuilder(null,
        SslPrincipalMapper.fromRules("DEFAULT"));
    private GroupSource groups = GroupSource.of(Map.of());
    private Logins logins = Logins.of(Map.of());

    @Override
    public void configure(Map<String, ?> configs) {
        Object mapping = configs.get(MAPPING_RULES);
        SslPrincipalMapper mapper = SslPrincipalMapper.fromRules(mapping == null ? "DEFAULT"
            : mapping.toString());
        boolean kerberos = WritConfig.list(configs.get(MECHANISMS)).contains("GSSAPI");
        kafka = new DefaultKafkaPrincipalBuilder(kerberos ? shortNamer(configs) : null, mapper);
        groups = GroupSource.of(configs);
        logins = Logins.of(configs);
    }

    private static KerberosShortNamer shortNamer(Map<String, ?> configs) {
        List<String> rules = WritConfig.list(configs.get(KERBEROS_RULES));
        String realm;
        try {
            // Kafka asks for the default realm in the same way.
            realm = new KerberosPrincipal("realm", 1).getRealm();
        } catch (IllegalArgumentException e) {
            realm = "";
        }
        try {
            return KerberosShortNamer.fromUnparsedRules(realm, rules.isEmpty() ? List.of("DEFAULT")
                : rules);
        } catch (RuntimeException e) {
            throw new ConfigException(KERBEROS_RULES, rules, e.getMessage());
        }
    }

    @Override
    public KafkaPrincipal build(AuthenticationContext context) {
        Object connection = connection(context);
        if (connection == null) {
            KafkaPrincipal already = plaintext;
            if (already == null || !SessionFacts.of(already).listener()
                .equals(context.listenerName())) {
                already = read(context);
                plaintext = already;
            }
            return already;
        }
        KafkaPrincipal already = known.get(connection);
        if (already == null) {
            already = read(context);
            if (!already.equals(KafkaPrincipal.ANONYMOUS)) {
                String mechanism = SessionFacts.of(already).mechanism();
                logins.succeeded(already.toString(), context.securityProtocol().name + "/"
                    + (mechanism == null ? "mTLS" : mechanism), context.clientAddress());
            }
            known.put(connection, already);
        }
        return already;
    }

    /** Null: a connection like any other of its listener. */
    private static Object connection(AuthenticationContext context) {
        if (context instanceof SaslAuthenticationContext sasl) {
            return sasl.server();
        }
        return context instanceof SslAuthenticationContext ssl ? ssl.session() : null;
    }

    private KafkaPrincipal read(AuthenticationContext context) {
        KafkaPrincipal of = kafka.build(context);
        SSLSession tls = null;
        SaslServer sasl = null;
        if (context instanceof SaslAuthenticationContext by) {
            sasl = by.server();
            tls = by.sslSession().orElse(null);
        } else if (context instanceof SslAuthenticationContext by) {
            tls = by.session();
        }
        // A principal of its own: Kafka's anonymous one is shared by everybody.
        KafkaPrincipal own = new KafkaPrincipal(of.getPrincipalType(), of.getName(),
            of.tokenAuthenticated());
        SessionFacts.know(own, new SessionFacts(context.listenerName(),
            context.securityProtocol().name, tls == null ? null : TlsFacts.version(tls),
            tls == null ? null : tls.getCipherSuite(),
            sasl == null ? null : sasl.getMechanismName(),
            tls == null ? List.of() : TlsFacts.names(tls), groups.of(tls, sasl)));
        return own;
    }

    @Override
    public byte[] serialize(KafkaPrincipal principal) {
        byte[] out = kafka.serialize(principal);
        SessionFacts facts = SessionFacts.of(principal);
        return facts == null ? out : facts.append(out);
    }

    @Override
    public KafkaPrincipal deserialize(byte[] bytes) {
        KafkaPrincipal out = kafka.deserialize(bytes);
        SessionFacts facts = SessionFacts.read(bytes);
        if (facts != null) {
            SessionFacts.know(out, facts);
        }
        return out;
    }

    /** For tests: connections of which something is kept. */
    int kept() {
        return known.size();
    }
}
