package io.writ.kafka;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.metadata.authorizer.StandardAcl;

/** Names and principals cross as they are, and what is no text is denied. */
final class TextTest {
    private static final List<String> ODD = List.of("g\0nul", "g\0", "g\uD83D\uDE00pair",
        "g\uDBFF\uDFFFlast", "g\uFFFDreplaced", "g\uFFFF", "g\u00e9\u4e2d", "g\u0001\u007f\u0080",
        "g\u07ff\u0800", "g" + "\uD83D\uDE00".repeat(5_000));
    /** Half of a pair, with what a careless encoder would make of it. */
    private static final List<String> HALVES = List.of("g\uD83D", "g\uDE00x", "g\uDE00\uD83D",
        "g\uD83D\uD83D\uDE00", "\uDE00");
    private static final List<ResourceType> KINDS = List.of(ResourceType.GROUP,
        ResourceType.TRANSACTIONAL_ID);

    private final Checks checks;
    private final Both both;

    private TextTest(Checks checks, Both both) {
        this.checks = checks;
        this.both = both;
    }

    static void run(Checks checks, Path writ, Path folder)
        throws IOException, InterruptedException {
        Both both = new Both(writ, folder, Map.of());
        both.begin(new World());
        TextTest test = new TextTest(checks, both);
        test.policy();
        test.names();
        test.halves();
        test.listing();
        test.whileBundlesChange(folder);
        both.own.close();
    }

    private static StandardAcl acl(String principal, ResourceType type, String name) {
        return new StandardAcl(type, name, PatternType.LITERAL, principal, "*", AclOperation.ALL,
            AclPermissionType.ALLOW);
    }

    private void policy() throws IOException, InterruptedException {
        for (String name : ODD) {
            for (ResourceType kind : KINDS) {
                both.add(acl("User:u" + name, kind, name));
            }
        }
        // What half of a pair must not be taken for.
        for (String name : List.of("g?", "g\uFFFD", "g?x", "g\uFFFDx", "?", "\uFFFD", "g")) {
            for (ResourceType kind : KINDS) {
                both.add(acl("User:half", kind, name));
            }
        }
        both.add(acl("User:ann", ResourceType.GROUP, "*"));
        both.add(acl("User:ann", ResourceType.TRANSACTIONAL_ID, "*"));
        both.add(acl("User:*", ResourceType.TOPIC, "*"));
        both.publish(new World());
    }

    private boolean may(String user, ResourceType kind, String name) {
        return PluginTest.allowed(both.own, new Both.Context(new KafkaPrincipal("User", user),
            World.address("10.0.0.1")), kind == ResourceType.TRANSACTIONAL_ID ? AclOperation.WRITE
            : AclOperation.READ, kind, name);
    }

    private void names() {
        for (ResourceType kind : KINDS) {
            for (String name : ODD) {
                for (String asked : ODD) {
                    checks.equal(name.equals(asked), may("u" + name, kind, asked),
                        kind + " of u" + name.length() + ", asked " + asked.length());
                }
                checks.check(!may("u", kind, name), "a beginning of the principal");
                checks.check(!may("u" + name, kind, "g"), "a beginning of the name");
                checks.check(!may("u" + name + "\0", kind, name), "a longer principal");
                checks.check(!may("u" + name, kind, name + "\0"), "a longer name");
                checks.check(may("ann", kind, name), "any name");
            }
        }
    }

    private void halves() {
        for (String half : HALVES) {
            for (ResourceType kind : KINDS) {
                checks.check(!may("ann", kind, half), "half a pair is no name");
                checks.check(!may("half", kind, half), "nor the name of something else");
            }
            checks.check(!may("a" + half, ResourceType.TOPIC, "t"), "half a pair is no principal");
            checks.check(!PluginTest.allowed(both.own, new Both.Context(
                new KafkaPrincipal("T" + half, "ann"), World.address("10.0.0.1")),
                AclOperation.READ, ResourceType.TOPIC, "t"), "nor the type of one");
            checks.check(!PluginTest.allowed(both.own, new Both.Context(
                new KafkaPrincipal("User", "ann"), World.address("10.0.0.1"), "L" + half),
                AclOperation.READ, ResourceType.TOPIC, "t"), "nor a listener");
        }
        checks.check(may("b", ResourceType.TOPIC, "t"), "a whole one is");
    }

    private void listing() {
        Set<AclBinding> listed = new HashSet<>();
        both.own.acls(AclBindingFilter.ANY).forEach(listed::add);
        Set<AclBinding> stored = new HashSet<>();
        both.acls().forEach(acl -> stored.add(acl.toBinding()));
        checks.equal(stored, listed, "the listing has the same texts");
    }

    /** Decisions by handle and, while a bundle takes another's place, by strings. */
    private void whileBundlesChange(Path folder) throws IOException, InterruptedException {
        List<byte[]> bundles = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            both.publish(new World());
            bundles.add(Files.readAllBytes(both.bundle()));
        }
        List<String> trust = List.of(Files.readString(folder.resolve("test.pub.pem")));
        WritConfig config = WritConfig.of(Map.of(WritConfig.BUNDLE, "x", WritConfig.TRUST,
            folder.resolve("test.pub.pem").toString()));
        PolicyEngine fresh = new PolicyEngine(config, Both.CLUSTER,
            new Trial(config, Both.CLUSTER, List.of()), null);
        AtomicBoolean ended = new AtomicBoolean();
        AtomicLong wrong = new AtomicLong();
        AtomicLong asked = new AtomicLong();
        fresh.load(bundles.get(0), trust, 1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Thread thread = new Thread(() -> {
                while (!ended.get()) {
                    for (String name : ODD) {
                        wrong.addAndGet(ask(fresh, "u" + name, name) ? 0 : 1);
                        wrong.addAndGet(ask(fresh, "u", name) ? 1 : 0);
                        wrong.addAndGet(ask(fresh, "half", "g\uD83D") ? 1 : 0);
                        asked.incrementAndGet();
                    }
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (int round = 0; round < 10; round++) {
            for (byte[] bundle : bundles) {
                // The first loads are new, all others are refused or the same: each is a turn.
                fresh.load(bundle, trust, 1);
            }
        }
        ended.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        checks.equal(0L, wrong.get(), "no answer was wrong while bundles changed");
        checks.check(asked.get() > 0, "somebody asked");
    }

    private static boolean ask(PolicyEngine engine, String user, String name) {
        return (engine.decide(new Both.Context(new KafkaPrincipal("User", user),
            World.address("10.0.0.1")), List.of(PluginTest.action(AclOperation.READ,
            ResourceType.GROUP, name)))[0] & Native.ALLOWED) != 0;
    }
}
