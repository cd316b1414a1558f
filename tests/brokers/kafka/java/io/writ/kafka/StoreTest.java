package io.writ.kafka;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.KafkaException;

/** What decided last decides after a restart, and nothing older. */
final class StoreTest {
    private static final String TEXT = """
        package stored "What is kept"

        edition 2026
        use kafka

        cluster main = "differential"
        infrastructure at main = User:broker
        acl at main { allow Read on Topic "orders" to User:USER }
        """;

    private StoreTest() { }

    static void run(Checks checks, Path writ, Path folder) throws Exception {
        Policy policy = new Policy(writ, folder);
        String store = folder.resolve("store").toString();
        policy.publish(TEXT.replace("USER", "ann"));
        byte[] first = Files.readAllBytes(policy.bundle());
        WritAuthorizer own = start(policy, store, "");
        checks.check(reads(own, "ann"), "the first version runs");
        policy.publish(TEXT.replace("USER", "bob"));
        checks.equal(1, own.look(), "the second is accepted");
        try {
            start(policy, store, "another node's");
            checks.check(false, "two engines have one folder");
        } catch (KafkaException e) {
            checks.check(e.getMessage().contains(store), "the folder is named: " + e.getMessage());
        }
        own.close();
        Files.write(policy.bundle(), first);
        WritAuthorizer again = start(policy, store, "");
        checks.check(reads(again, "bob") && !reads(again, "ann"),
            "after a restart the older file does not count");
        again.close();
        Files.delete(policy.bundle());
        WritAuthorizer without = start(policy, store, "");
        checks.check(reads(without, "bob"), "nor that there is none");
        without.close();
        WritAuthorizer fussy = start(policy, store, "User:other-broker");
        checks.check(!reads(fussy, "bob"), "what would keep a node away does not run");
        fussy.close();
        WritAuthorizer forgetful = start(policy, "", "");
        checks.check(!reads(forgetful, "bob"), "without a folder nothing is known");
        forgetful.close();
    }

    private static WritAuthorizer start(Policy policy, String store, String nodes) {
        Map<String, String> keys = new HashMap<>(Map.of("writ.node.principals",
            nodes.startsWith("User:") ? nodes : "User:broker"));
        if (!store.isEmpty()) {
            keys.put("writ.bundle.store", store);
        }
        if (nodes.startsWith("another")) {
            keys.put("writ.names.max", "7");
        }
        WritAuthorizer out = new WritAuthorizer();
        out.configure(policy.keys(keys));
        out.start(new Both.ServerInfo());
        return out;
    }

    private static boolean reads(WritAuthorizer own, String user) {
        return PluginTest.reads(own, new Both.Context(
            new org.apache.kafka.common.security.auth.KafkaPrincipal("User", user),
            World.address("10.0.0.1")), "orders");
    }
}
