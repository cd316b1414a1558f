package io.writ.kafka;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.security.auth.KafkaPrincipal;

/** The compiler's table of what the plug-in supplies says what the plug-in does. */
final class SuppliesTest {
    private static final Path TABLE = Path.of("compiler/supply/kafka.def");
    /** True or false where the fact is known, an error where it is not. */
    private static final Map<String, String> KNOWN = Map.ofEntries(
        either("listener", "listener == \"x\""), either("security.protocol",
            "security.protocol == SSL"), either("auth.token", "auth.token"),
        either("client.id", "client.id == \"x\""), either("request.type", "request.type == \"x\""),
        either("sasl.mechanism", "sasl.mechanism == \"x\""),
        either("tls.version", "tls.version < 1.2"), either("tls.cipher", "tls.cipher == \"x\""),
        either("certificate.names", "\"x\" in certificate.names"),
        either("groups", "principal in contractors"),
        either("auth.expires", "auth.expires < 2027-01-01"));

    private SuppliesTest() { }

    private static Map.Entry<String, String> either(String fact, String condition) {
        return Map.entry(fact, "(" + condition + ") or not (" + condition + ")");
    }

    private static Map<String, String> table() throws Exception {
        Map<String, String> out = new HashMap<>();
        Matcher row = Pattern.compile("^WRIT_SUPPLIES\\(\"([^\"]+)\", (\\w+)\\)$",
            Pattern.MULTILINE).matcher(Files.readString(TABLE));
        while (row.find()) {
            out.put(row.group(1), row.group(2));
        }
        return out;
    }

    /** {@code seen} is of a session over TLS and SASL, by a builder that knows of its groups. */
    static void run(Checks checks, Path writ, Path folder, KafkaPrincipal seen) throws Exception {
        Map<String, String> table = table();
        checks.equal(KNOWN.keySet(), table.keySet(), "facts of the table");
        StringBuilder text = new StringBuilder("package supplied \"What is known\"\n\n"
            + "edition 2026\nuse kafka\n\ncluster main = \"differential\"\n"
            + "external group contractors\nacl at main {\n"
            + "  allow Read on Topic * to any, anonymous\n");
        KNOWN.forEach((fact, known) -> text.append("  deny Read on Topic \"").append(fact)
            .append("\" to any when not (").append(known).append(")\n"));
        Policy policy = new Policy(writ, folder);
        policy.publish(text + "}\n");
        WritAuthorizer own = new WritAuthorizer();
        own.configure(policy.keys(Map.of()));
        own.start(new Both.ServerInfo());
        KafkaPrincipal bare = new KafkaPrincipal("User", "ann");
        table.forEach((fact, when) -> {
            checks.equal(when.equals("Always"), known(own, bare, fact), fact + " by itself");
            checks.equal(!when.equals("Never"), known(own, seen, fact), fact + " by the builder");
        });
        own.close();
    }

    private static boolean known(WritAuthorizer own, KafkaPrincipal principal, String fact) {
        return PluginTest.reads(own, new Both.Context(principal, World.address("10.0.0.1")), fact);
    }
}
