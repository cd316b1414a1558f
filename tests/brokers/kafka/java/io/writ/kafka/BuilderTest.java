package io.writ.kafka;

import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLSession;
import javax.security.auth.callback.Callback;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.sasl.SaslServer;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.auth.AuthenticationContext;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.PlaintextAuthenticationContext;
import org.apache.kafka.common.security.auth.SaslAuthenticationContext;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.security.auth.SslAuthenticationContext;
import org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallback;
import org.apache.kafka.common.security.ssl.SslPrincipalMapper;
import org.apache.kafka.common.security.token.delegation.TokenInformation;

/** What the principal builder reads of a connection, keeps and sends on. */
final class BuilderTest {
    private final Checks checks;
    private final SSLSession mutual;
    private final SSLSession oneSided;

    private BuilderTest(Checks checks, Path folder) throws Exception {
        this.checks = checks;
        Tls tls = new Tls(folder);
        KeyStore server = tls.certificate("server", "CN=localhost", "");
        KeyStore client = tls.certificate("client", "CN=app-7, OU=contractors, OU=payments, O=acme",
            "dns:app-7.example,uri:spiffe://acme/app-7,ip:10.0.0.7,email:app@acme.example");
        mutual = tls.session(server, client, "TLSv1.3");
        oneSided = tls.session(server, null, "TLSv1.2");
    }

    static void run(Checks checks, Path writ, Path folder) throws Exception {
        BuilderTest test = new BuilderTest(checks, folder);
        test.plaintext();
        test.certificates();
        test.sasl();
        test.claims();
        test.kept();
        test.sentOn();
        test.tokens();
        test.guards(new Policy(writ, folder));
        SuppliesTest.run(checks, writ, folder.resolve("supplies"),
            builder(Map.of("writ.groups.none", "SCRAM-SHA-512"))
                .build(sasl(server("SCRAM-SHA-512", "ann", null), test.mutual)));
    }

    private static WritPrincipalBuilder builder(Map<String, String> keys) {
        WritPrincipalBuilder out = new WritPrincipalBuilder();
        out.configure(keys);
        return out;
    }

    private static AuthenticationContext plain(String listener) {
        return new PlaintextAuthenticationContext(World.address("10.0.0.1"), listener);
    }

    private static AuthenticationContext tls(SSLSession session) {
        return new SslAuthenticationContext(session, World.address("10.0.0.1"), "MTLS");
    }

    private static AuthenticationContext sasl(SaslServer server, SSLSession session) {
        return new SaslAuthenticationContext(server, session == null
            ? SecurityProtocol.SASL_PLAINTEXT : SecurityProtocol.SASL_SSL,
            World.address("10.0.0.1"), "CLIENT", Optional.ofNullable(session));
    }

    /** A finished exchange; {@code token} null: not of OAUTHBEARER. */
    private static SaslServer server(String mechanism, String user, String token) {
        return (SaslServer) Proxy.newProxyInstance(BuilderTest.class.getClassLoader(),
            new Class<?>[] {SaslServer.class}, (self, method, arguments) ->
                switch (method.getName()) {
                    case "getMechanismName" -> mechanism;
                    case "getAuthorizationID" -> user;
                    case "isComplete" -> true;
                    case "getNegotiatedProperty" -> token != null
                        && arguments[0].equals("OAUTHBEARER.token") ? bearer(token) : null;
                    case "hashCode" -> System.identityHashCode(self);
                    case "equals" -> self == arguments[0];
                    default -> null;
                });
    }

    private static OAuthBearerToken bearer(String value) {
        return (OAuthBearerToken) Proxy.newProxyInstance(BuilderTest.class.getClassLoader(),
            new Class<?>[] {OAuthBearerToken.class}, (self, method, arguments) ->
                method.getName().equals("value") ? value : null);
    }

    private static String jwt(String claims) {
        Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
        return encoder.encodeToString("{}".getBytes(StandardCharsets.UTF_8)) + "."
            + encoder.encodeToString(claims.getBytes(StandardCharsets.UTF_8)) + ".signature";
    }

    /** A connection whose login succeeded. */
    static void logIn(WritPrincipalBuilder builder, String mechanism, String user) {
        builder.build(sasl(server(mechanism, user, null), null));
    }

    /** No token holds. */
    static final class Refusing implements AuthenticateCallbackHandler {
        @Override
        public void configure(Map<String, ?> configs, String mechanism,
            List<AppConfigurationEntry> entries) { }

        @Override
        public void handle(Callback[] callbacks) {
            for (Callback callback : callbacks) {
                ((OAuthBearerValidatorCallback) callback).error("invalid_token", null, null);
            }
        }

        @Override
        public void close() { }
    }

    private void plaintext() {
        WritPrincipalBuilder builder = builder(Map.of());
        KafkaPrincipal of = builder.build(plain("PLAIN"));
        checks.equal(KafkaPrincipal.ANONYMOUS, of, "no credentials, no name");
        checks.check(of != KafkaPrincipal.ANONYMOUS, "what is kept is not kept of everybody");
        checks.equal(null, SessionFacts.of(KafkaPrincipal.ANONYMOUS), "nobody knows of others");
        checks.equal(new SessionFacts("PLAIN", "PLAINTEXT", null, null, null, List.of(), null),
            SessionFacts.of(of), "what is known without TLS and SASL");
        checks.check(builder.build(plain("PLAIN")) == of, "one principal for all of a listener");
    }

    private void certificates() {
        WritPrincipalBuilder builder = builder(Map.of("writ.groups.certificate", "OU"));
        KafkaPrincipal of = builder.build(tls(mutual));
        checks.equal("User:CN=app-7,OU=contractors,OU=payments,O=acme", of.toString(), "the DN");
        SessionFacts facts = SessionFacts.of(of);
        checks.equal("1.3", facts.tlsVersion(), "TLS version");
        checks.equal(mutual.getCipherSuite(), facts.cipher(), "cipher");
        checks.equal(null, facts.mechanism(), "no SASL");
        checks.equal(Set.of("DNS:app-7.example", "URI:spiffe://acme/app-7", "IP:10.0.0.7",
            "EMAIL:app@acme.example"), Set.copyOf(facts.names()), "names of the certificate");
        checks.equal(Set.of("contractors", "payments"), Set.copyOf(facts.groups()), "its units");
        KafkaPrincipal short7 = builder(Map.of("ssl.principal.mapping.rules",
            "RULE:^CN=([^,]+),.*$/$1/U,DEFAULT")).build(tls(mutual));
        checks.equal("User:APP-7", short7.toString(), "Kafka's rules for names hold");
        checks.equal(null, SessionFacts.of(short7).groups(), "nobody was asked for groups");
        KafkaPrincipal nobody = builder.build(tls(oneSided));
        checks.equal(KafkaPrincipal.ANONYMOUS, nobody, "no certificate, no name");
        checks.equal("1.2", SessionFacts.of(nobody).tlsVersion(), "but a TLS version");
        checks.equal(List.of(), SessionFacts.of(nobody).names(), "no names");
        checks.equal(null, SessionFacts.of(nobody).groups(), "and nobody who vouches");
    }

    private void sasl() {
        WritPrincipalBuilder builder = builder(Map.of("writ.groups.certificate", "OU",
            "writ.groups.none", "SCRAM-SHA-512, GSSAPI"));
        KafkaPrincipal of = builder.build(sasl(server("PLAIN", "ann", null), mutual));
        checks.equal("User:ann", of.toString(), "the name is SASL's");
        checks.equal("PLAIN", SessionFacts.of(of).mechanism(), "the mechanism");
        checks.equal("SASL_SSL", SessionFacts.of(of).protocol(), "the protocol");
        checks.equal("1.3", SessionFacts.of(of).tlsVersion(), "TLS below SASL");
        checks.equal(4, SessionFacts.of(of).names().size(), "names of the certificate below SASL");
        checks.equal(null, SessionFacts.of(of).groups(),
            "a certificate does not vouch for whom SASL names");
        KafkaPrincipal scram = builder.build(sasl(server("SCRAM-SHA-512", "ann", null), null));
        checks.equal(List.of(), SessionFacts.of(scram).groups(), "in no group, as configured");
        checks.equal(null, SessionFacts.of(scram).tlsVersion(), "no TLS");
    }

    private void claims() {
        record Case(String claims, List<String> groups) { }
        for (Case each : List.of(
            new Case("{\"groups\":[\"a\",\"b c\"]}", List.of("a", "b c")),
            new Case("{\"groups\":\"a\"}", List.of("a")), new Case("{\"groups\":[]}", List.of()),
            new Case("{\"groups\":[\"g\\u0000x\",\"g\\ud83d\\ude00\"]}",
                List.of("g\0x", "g\uD83D\uDE00")),
            new Case("{\"sub\":\"x\"}", null), new Case("{\"groups\":[1]}", null),
            new Case("{\"groups\":{}}", null), new Case("{\"groups\":null}", null),
            new Case("{\"groups\":[\"a\"],\"groups\":[]}", null),
            new Case("{\"groups\":[\"\\ud83d\"]}", null), new Case("no JSON", null),
            new Case("", null), new Case("[]", null))) {
            KafkaPrincipal of = builder(Map.of("writ.groups.claim", "groups"))
                .build(sasl(server("OAUTHBEARER", "ann", jwt(each.claims)), null));
            checks.equal(each.groups, SessionFacts.of(of).groups(), "groups of " + each.claims);
        }
        GroupSource nested = GroupSource.of(Map.of("writ.groups.claim", "realm.roles"));
        checks.equal(List.of("r"), nested.claimed(jwt("{\"realm\":{\"roles\":[\"r\"]}}")), "within");
        checks.equal(List.of("s"), nested.claimed(jwt("{\"realm.roles\":\"s\"}")), "by that name");
        checks.equal(null, nested.claimed(jwt("{\"realm\":\"r\"}")), "not so deep");
        checks.equal(null, nested.claimed("opaque"), "no token that can be read");
        checks.equal(null, nested.claimed("a.%.b"), "no bytes");
    }

    private void kept() throws InterruptedException {
        WritPrincipalBuilder builder = builder(Map.of());
        SaslServer connection = server("PLAIN", "ann", null);
        KafkaPrincipal of = builder.build(sasl(connection, null));
        of.tokenAuthenticated(true);
        checks.check(builder.build(sasl(connection, null)) == of, "read once a connection");
        checks.check(builder.build(sasl(server("PLAIN", "ann", null), null)) != of,
            "another connection is read again");
        for (int i = 0; i < 10_000; i++) {
            builder.build(sasl(server("PLAIN", "user" + i, null), null));
        }
        for (int round = 0; round < 100 && builder.kept() > 1_000; round++) {
            System.gc();
            Thread.sleep(10);
            builder.build(sasl(server("PLAIN", "last", null), null));
        }
        checks.check(builder.kept() <= 1_000, "what is gone is forgotten: " + builder.kept());
        checks.check(builder.build(sasl(connection, null)) == of, "what lives is known");
    }

    private void sentOn() {
        WritPrincipalBuilder builder = builder(Map.of());
        DefaultKafkaPrincipalBuilder plain = new DefaultKafkaPrincipalBuilder(null,
            SslPrincipalMapper.fromRules("DEFAULT"));
        KafkaPrincipal odd = new KafkaPrincipal("User", "a\0b\uD83D\uDE00\uFFFD", true);
        SessionFacts facts = new SessionFacts("CLIENT", "SASL_SSL", "1.3", null, "PLAIN",
            List.of("DNS:a", ""), List.of("g\uD83D\uDE00"));
        SessionFacts.know(odd, facts);
        byte[] bytes = builder.serialize(odd);
        KafkaPrincipal read = builder(Map.of()).deserialize(bytes);
        checks.equal(odd, read, "the principal arrives");
        checks.check(read.tokenAuthenticated(), "and that it came with a token");
        checks.equal(facts, SessionFacts.of(read), "with what is known of it");
        checks.equal(odd, plain.deserialize(bytes), "Kafka's own builder reads the principal");
        KafkaPrincipal bare = builder.deserialize(plain.serialize(odd));
        checks.equal(odd, bare, "what Kafka's own builder sends is read");
        checks.equal(null, SessionFacts.of(bare), "and says no more");
        SessionFacts unknown = new SessionFacts("L", "SSL", null, null, null, null, null);
        KafkaPrincipal other = new KafkaPrincipal("User", "b");
        SessionFacts.know(other, unknown);
        checks.equal(unknown, SessionFacts.of(builder.deserialize(builder.serialize(other))),
            "the unknown stays unknown");
        for (int end = plain.serialize(odd).length; end < bytes.length; end++) {
            KafkaPrincipal cut = builder.deserialize(Arrays.copyOf(bytes, end));
            checks.check(odd.equals(cut) && SessionFacts.of(cut) == null, "cut at " + end);
        }
        for (int at = plain.serialize(odd).length; at < bytes.length; at++) {
            byte[] altered = bytes.clone();
            altered[at] ^= 0x40;
            checks.equal(odd, builder.deserialize(altered), "altered at " + at);
        }
    }

    /** Kafka compares principals by class, in both directions. */
    private void tokens() {
        WritPrincipalBuilder builder = builder(Map.of());
        KafkaPrincipal stored = new KafkaPrincipal("User", "ann");
        KafkaPrincipal direct = builder.build(sasl(server("SCRAM-SHA-512", "ann", null), mutual));
        KafkaPrincipal forwarded = builder.deserialize(builder.serialize(direct));
        KafkaPrincipal renewer = new KafkaPrincipal("User", "renewer");
        for (KafkaPrincipal asks : List.of(direct, forwarded)) {
            checks.equal(KafkaPrincipal.class, asks.getClass(), "no class of our own");
            checks.check(asks.equals(stored) && stored.equals(asks), "equal both ways");
            checks.equal(stored.hashCode(), asks.hashCode(), "and in sets");
            TokenInformation own = new TokenInformation("id", stored, stored, List.of(renewer), 0,
                1, 1);
            checks.check(own.ownerOrRenewer(asks), "the owner may see and renew");
            TokenInformation renewed = new TokenInformation("id", renewer, renewer,
                List.of(stored), 0, 1, 1);
            checks.check(renewed.ownerOrRenewer(asks), "the renewer may");
            TokenInformation made = new TokenInformation("id", asks, asks, List.of(asks), 0, 1, 1);
            checks.check(made.ownerOrRenewer(stored), "a token that it made is found by its name");
            TokenInformation foreign = new TokenInformation("id", renewer, renewer,
                List.of(renewer), 0, 1, 1);
            checks.check(!foreign.ownerOrRenewer(asks), "nobody else's");
        }
    }

    private static final String GUARDS = """
        package guarded "Guards on what a builder sees"

        edition 2026
        use kafka

        cluster main = "differential"
        external group contractors
        guard tls-floor at main { deny any on Topic "secure."* to any unless tls.version >= 1.3 }
        guard inside at main { deny any on Topic "inside."* to any when listener == "CLIENT" }
        guard no-contractors at main { deny any on Topic "staff."* to contractors }
        acl at main {
          allow Read on Topic "secure."*, Topic "inside."*, Topic "staff."* to any, anonymous
          allow Read on Topic "named" to any when "URI:spiffe://acme/app-7" in certificate.names
          allow Read on Topic "scram" to any when sasl.mechanism == "SCRAM-SHA-512"
        }
        """;

    private void guards(Policy policy) throws Exception {
        policy.publish(GUARDS);
        WritAuthorizer own = new WritAuthorizer();
        own.configure(policy.keys(Map.of("controller.listener.names", "CONTROLLER")));
        own.start(new Both.ServerInfo());
        WritPrincipalBuilder builder = builder(Map.of("writ.groups.certificate", "OU",
            "writ.groups.none", "SCRAM-SHA-512"));
        KafkaPrincipal mtls = builder.build(tls(mutual));
        KafkaPrincipal scram = builder.build(sasl(server("SCRAM-SHA-512", "ann", null), oneSided));
        KafkaPrincipal plain = builder.build(sasl(server("PLAIN", "ann", null), mutual));
        KafkaPrincipal without = new KafkaPrincipal("User", "ann");
        KafkaPrincipal sent = builder.deserialize(builder.serialize(scram));
        record Case(KafkaPrincipal of, String listener, String topic, boolean allowed) { }
        for (Case each : List.of(
            new Case(mtls, "MTLS", "secure.a", true), new Case(scram, "CLIENT", "secure.a", false),
            new Case(plain, "CLIENT", "secure.a", true),
            new Case(without, "CLIENT", "secure.a", false),
            new Case(builder.build(plain("P")), "P", "secure.a", false),
            new Case(mtls, "MTLS", "inside.a", true), new Case(scram, "CLIENT", "inside.a", false),
            new Case(sent, "CONTROLLER", "inside.a", false),
            new Case(without, "CONTROLLER", "inside.a", false),
            new Case(without, "OTHER", "inside.a", true),
            new Case(mtls, "MTLS", "staff.a", false), new Case(scram, "CLIENT", "staff.a", true),
            new Case(sent, "CONTROLLER", "staff.a", true),
            new Case(plain, "CLIENT", "staff.a", false),
            new Case(without, "CLIENT", "staff.a", false),
            new Case(mtls, "MTLS", "named", true), new Case(scram, "CLIENT", "named", false),
            new Case(without, "CLIENT", "named", false),
            new Case(scram, "CLIENT", "scram", true), new Case(sent, "CONTROLLER", "scram", true),
            new Case(plain, "CLIENT", "scram", false), new Case(mtls, "MTLS", "scram", false))) {
            checks.equal(each.allowed, PluginTest.reads(own, new Both.Context(each.of,
                World.address("10.0.0.1"), each.listener), each.topic),
                SessionFacts.of(each.of) + " at " + each.listener + " on " + each.topic);
        }
        own.close();
    }
}
