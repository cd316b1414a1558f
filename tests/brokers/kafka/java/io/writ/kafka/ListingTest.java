package io.writ.kafka;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;

/** What a policy's own words look like as ACLs. */
final class ListingTest {
    private static final String TEXT = """
        package listed "For listings"

        edition 2026
        use kafka
        use kms

        cluster main = "differential"
        group writers = User:ann, User:"CN=bob,O=acme"
        external group contractors
        superusers at main = User:root
        infrastructure at main = User:broker

        role Owner(ns: String) "Everything under a name" {
          allow Read, Write on Topic ns + "."*
        }
        bind Owner("pay") to writers at main
        acl at main {
          allow any on Group * to User:ann
          allow Read on Topic "orders" to User:ann from 10.0.0.0/8, 192.0.2.1
          deny  Delete on Topic "audit."* to any
          allow Read on Topic "open" to any
          allow Read on Topic "late" to User:ann until 2099-01-01
          allow Read on Topic "big."* except "big.secret" to User:ann
          allow Read on Topic "x" to User:ann when request.type == "Fetch"
          allow Read on Topic "y" to contractors
        }
        guard no-tokens at main { deny CreateTokens on User * to any }
        """;

    private ListingTest() { }

    static void run(Checks checks, Path writ, Path folder) throws Exception {
        Policy policy = new Policy(writ, folder);
        WritAuthorizer own = new WritAuthorizer();
        own.configure(policy.keys(Map.of()));
        own.start(new Both.ServerInfo());
        checks.equal(0, own.aclCount(), "without a policy nothing is granted");
        checks.equal(List.of(), lines(own), "and nothing is listed");
        policy.publish(TEXT);
        checks.equal(1, own.look(), "the policy runs");
        checks.equal(List.of(
            "ALLOW CN=bob,O=acme pay. PREFIXED READ *", "ALLOW CN=bob,O=acme pay. PREFIXED WRITE *",
            "ALLOW ann * LITERAL ALTER_CONFIGS *", "ALLOW ann * LITERAL DELETE *",
            "ALLOW ann * LITERAL DESCRIBE *", "ALLOW ann * LITERAL DESCRIBE_CONFIGS *",
            "ALLOW ann * LITERAL READ *", "ALLOW ann orders LITERAL READ 10.0.0.0/8",
            "ALLOW ann orders LITERAL READ 192.0.2.1", "ALLOW ann pay. PREFIXED READ *",
            "ALLOW ann pay. PREFIXED WRITE *", "DENY * * LITERAL CREATE_TOKENS *",
            "DENY * audit. PREFIXED DELETE *"), lines(own), "the listing");
        checks.equal(13, own.aclCount(), "and its count");
        AclListing kept = own.shared().engine.acls();
        checks.equal("13 ACLs; 5 statements cannot be said, or not wholly: 1 for a condition, 1 for "
            + "a validity, 1 for an exception, a tag or a suffix, 2 for principals that have no "
            + "name", kept.summary(), "what the log says");
        policy.publish(TEXT.substring(0, TEXT.indexOf("guard")));
        checks.equal(1, own.look(), "the next policy runs");
        checks.equal(12, own.aclCount(), "its count");
        checks.equal(13L, StreamSupport.stream(kept.matching(AclBindingFilter.ANY).spliterator(),
            false).count(), "a listing that somebody reads does not change");
        own.close();
    }

    private static List<String> lines(WritAuthorizer own) {
        TreeSet<String> out = new TreeSet<>();
        for (AclBinding acl : own.acls(AclBindingFilter.ANY)) {
            out.add(acl.entry().permissionType() + " "
                + acl.entry().principal().substring("User:".length()) + " " + acl.pattern().name()
                + " " + acl.pattern().patternType() + " " + acl.entry().operation() + " "
                + acl.entry().host());
        }
        return List.copyOf(out);
    }
}
