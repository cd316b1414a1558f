package io.writ.kafka;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.metadata.authorizer.StandardAcl;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizationResult;

/** The plug-in's own rules, without a broker: {@code --writ PROGRAM --folder DIR}. */
public final class PluginTest {
    private final Path writ;
    private final Path folder;
    private final Checks checks = new Checks();

    private PluginTest(Path writ, Path folder) {
        this.writ = writ;
        this.folder = folder;
    }

    public static void main(String[] args) throws Exception {
        PluginTest test = new PluginTest(Path.of(args[1]), Path.of(args[3]));
        test.configuration();
        test.bundles();
        test.caches();
        ListingTest.run(test.checks, test.writ, test.folder.resolve("listing"));
        TextTest.run(test.checks, test.writ, test.folder.resolve("text"));
        BuilderTest.run(test.checks, test.writ, test.folder.resolve("builder"));
        NodesTest.run(test.checks, test.writ, test.folder.resolve("nodes"));
        StoreTest.run(test.checks, test.writ, test.folder.resolve("stored"));
        AuditTest.run(test.checks, test.writ, test.folder.resolve("audit"));
        test.checks.end();
    }

    private void check(boolean holds, String what) {
        checks.check(holds, what);
    }

    private void refused(Map<String, String> keys, String says) {
        try {
            new WritAuthorizer().configure(keys);
            check(false, "a configuration that is wrong is accepted: " + keys);
        } catch (ConfigException e) {
            check(e.getMessage().contains(says), e.getMessage() + " does not say " + says);
        }
    }

    private void configuration() throws IOException {
        Path key = Files.writeString(folder.resolve("a.pem"), "a key");
        Map<String, String> good = Map.of("writ.bundle", "/nowhere.writb", "writ.trust",
            key.toString(), "log.dirs", "/x");
        new WritAuthorizer().configure(good);
        check(true, "");
        refused(Map.of("writ.trust", key.toString()), "writ.bundle");
        refused(Map.of("writ.bundle", "/nowhere.writb"), "writ.trust");
        for (String[] wrong : new String[][] {{"writ.trust", "/no/such.pem"},
            {"writ.trust.threshold", "2"}, {"writ.tier", "fast"},
            {"writ.sessions.max", "many"}, {"writ.bundel", "x"}, {"super.users", "root"}, {"writ.node.principals", "broker"}, {"writ.audit.key", "x"},
                {"writ.audit.kafka.acks", "1"},
                {"writ.idle.ms", "0"}}) {
            Map<String, String> keys = new HashMap<>(good);
            keys.put(wrong[0], wrong[1]);
            refused(keys, wrong[0]);
        }
    }

    private static Both.Context context(String principal) {
        int colon = principal.indexOf(':');
        return new Both.Context(new KafkaPrincipal(principal.substring(0, colon),
            principal.substring(colon + 1)),
            World.address("10.0.0.1"));
    }

    static boolean reads(WritAuthorizer of, Both.Context context, String topic) {
        return allowed(of, context, AclOperation.READ, ResourceType.TOPIC, topic);
    }

    private static boolean allowed(WritAuthorizer of, String principal, AclOperation operation,
        ResourceType type, String name) {
        return allowed(of, context(principal), operation, type, name);
    }

    static boolean allowed(WritAuthorizer of, Both.Context context, AclOperation operation,
        ResourceType type, String name) {
        return of.authorize(context, List.of(action(operation, type, name))).get(0)
            == AuthorizationResult.ALLOWED;
    }

    static Action action(AclOperation operation, ResourceType type, String name) {
        return new Action(operation, new ResourcePattern(type, name, PatternType.LITERAL), 1, true,
            true);
    }

    private static boolean reads(WritAuthorizer of, String principal) {
        return allowed(of, principal, AclOperation.READ, ResourceType.TOPIC, "orders");
    }

    private static StandardAcl acl(String principal, ResourceType type, String name) {
        return new StandardAcl(type, name, PatternType.LITERAL, principal, "*", AclOperation.READ,
            AclPermissionType.ALLOW);
    }

    /** Nobody but the super users without a bundle; a bad one changes nothing; a new one counts at
     * once. */
    private void bundles() throws IOException, InterruptedException, ExecutionException {
        Both both = new Both(writ, folder.resolve("bundles"), Map.of("super.users",
            "User:root; User:other"));
        WritAuthorizer own = both.own;
        check(reads(own, "User:root") && reads(own, "User:other"),
            "super users get in without a bundle");
        check(!reads(own, "User:ann") && !reads(own, "Robot:root"), "nobody else does");
        World world = new World();
        both.begin(world);
        both.add(acl("User:ann", ResourceType.TOPIC, "orders"));
        both.publish(world);
        check(reads(own, "User:ann"), "the bundle decides");
        check(!reads(own, "User:root"),
            "the configured super users act only while no bundle is active");
        byte[] good = Files.readAllBytes(both.bundle());
        both.remove(acl("User:ann", ResourceType.TOPIC, "orders"));
        both.publish(world);
        check(!reads(own, "User:ann"),
            "a new bundle takes the grant away from a session that is known");
        Files.write(both.bundle(), good);
        check(own.look() == 0 && !reads(own, "User:ann"), "an older bundle is refused");
        byte[] altered = good.clone();
        altered[altered.length / 2] ^= 1;
        Files.write(both.bundle(), altered);
        check(own.look() == 0 && !reads(own, "User:ann"), "an altered bundle is refused");
        Files.delete(both.bundle());
        check(own.look() == 0 && !reads(own, "User:root"),
            "without the file the policy that runs stays");
        both.add(acl("User:ann", ResourceType.TOPIC, "orders"));
        both.publish(world);
        check(reads(own, "User:ann"), "the next good one counts");
        var created = own.createAcls(context("User:ann"), List.of(acl("User:x", ResourceType.TOPIC,
            "t").toBinding())).get(0)
            .toCompletableFuture().get();
        check(created.exception().isPresent() &&
            created.exception().get().getMessage().contains("policy.writb"),
            "an ACL that is made is refused, and the bundle is named");
        var deleted = own.deleteAcls(context("User:ann"),
            List.of(AclBindingFilter.ANY)).get(0).toCompletableFuture().get();
        check(deleted.exception().isPresent(), "an ACL that is deleted is refused");
        own.close();
        check(!reads(own, "User:ann"), "a closed authorizer lets nobody in");
    }

    /** Bounded, and what is not used goes. */
    private void caches() {
        AtomicLong now = new AtomicLong();
        HandleCache<Integer, String> cache = new HandleCache<>(100, 1_000, now::get);
        long most = 0;
        boolean kept = true;
        String first = cache.get(0, key -> "value");
        for (int key = 1; key <= 10_000; key++) {
            cache.get(key, number -> "v" + number);
            most = Math.max(most, cache.size());
            kept &= cache.get(0, number -> "made again") == first;
        }
        check(most <= 102, "no growth: " + most);
        check(kept, "what is used is kept");
        now.set(1_001);
        cache.expire();
        now.set(2_002);
        cache.expire();
        check(cache.size() == 0, "after two idle times nothing is left");
    }
}
