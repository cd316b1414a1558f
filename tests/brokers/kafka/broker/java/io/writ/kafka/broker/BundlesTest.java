package io.writ.kafka.broker;

import java.nio.file.Files;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.common.errors.TopicAuthorizationException;

/**
 * Which bundle decides: while a node runs and when it starts again, with bundles that are good,
 * older, altered, expired, of another cluster or not there. Without one only the configured super
 * users get in.
 */
final class BundlesTest {
    private static final String ANOTHER_CLUSTER = "YW5vdGhlciBjbHVzdGVyIQ";

    private final Policy policy;
    private final Cluster cluster;
    private final Check check;
    private final String shop;
    /** The text of the policy without what lets alice write. */
    private final String revoked;

    private BundlesTest(Policy policy, Cluster cluster, Check check) throws Exception {
        this.policy = policy;
        this.cluster = cluster;
        this.check = check;
        shop = policy.text("shop.writ");
        revoked = without(shop, "  allow Read, Write on Topic \"orders.\"* to User:alice, "
            + "User:scarlett\n");
    }

    static String without(String text, String line) {
        if (!text.contains(line)) {
            throw new IllegalArgumentException("the policy does not say " + line);
        }
        return text.replace(line, "");
    }

    static void run(Setup setup, Check check) throws Exception {
        Policy policy = new Policy(setup, setup.folder().resolve("policy"));
        try (Cluster cluster = new Cluster(setup, setup.folder().resolve("cluster"),
            new Cluster.Shape(1, 0), false)) {
            cluster.guard(Cluster.Guard.WRIT, policy);
            // For the starts without a policy: who brings the node up, and who looks after it.
            cluster.set("super.users", "User:broker;User:admin");
            cluster.format();
            BundlesTest test = new BundlesTest(policy, cluster, check);
            byte[] good = policy.publish(test.shop);
            cluster.up();
            Clients.topics(cluster.as("admin"), 1, "orders.new", "other");
            check.works("a good bundle decides", test::writes);
            new ReloadTest(policy, cluster, check, test.shop).run();
            test.whileItRuns(good);
            test.starts();
        }
    }

    private Object writes() throws Exception {
        return Clients.sendPlain(cluster.as("alice"), "orders.new", "x");
    }

    private String log() throws Exception {
        return cluster.brokers.get(0).log();
    }

    /** Puts a bundle there that is refused, and looks for why in the node's log. */
    private void refused(String what, byte[] bundle, String why) throws Exception {
        int before = log().length();
        policy.place(bundle);
        check.works(what + ": the log says why", () -> {
            Until.holds("a refusal in the log", 30, () -> log().substring(before)
                .contains("is refused"));
            return null;
        });
        String said = log().substring(before);
        check.that(said.contains(why), what + ": `" + why + "` is not in the log: " + said);
    }

    private static byte[] altered(byte[] bundle) {
        byte[] out = bundle.clone();
        out[out.length * 2 / 3] ^= 1;
        return out;
    }

    private void whileItRuns(byte[] old) throws Exception {
        check.section("while the node runs");
        refused("an older bundle", old, "version");
        check.works("and what ran goes on", this::writes);
        refused("an altered bundle", altered(policy.build(revoked)), "refused");
        check.works("and what ran goes on", this::writes);
        refused("a bundle of another cluster", policy.build(revoked.replace(Cluster.ID,
            ANOTHER_CLUSTER)), "cluster");
        check.works("and what ran goes on", this::writes);
        refused("an expired bundle", Resigned.until(policy.build(revoked), policy.key(),
            Instant.now().minusSeconds(60)), "expired");
        check.works("and what ran goes on", this::writes);
        refused("a bundle that keeps the nodes apart", policy.build(shop.replace(
            "infrastructure at main = User:broker", "infrastructure at main = User:other")),
            "ClusterAction");
        check.works("and what ran goes on", this::writes);
        Instant soon = Instant.now().plusSeconds(4);
        int before = log().length();
        policy.place(Resigned.until(policy.build(shop), policy.key(), soon));
        Until.holds("the bundle that ends soon decides", 10, () ->
            log().substring(before).contains("decides from now on"));
        Until.holds("it has ended", 10, () -> Instant.now().isAfter(soon.plusSeconds(1)));
        check.works("a bundle that ends while it runs goes on", this::writes);
        Until.holds("the node reminds of it", 10, () ->
            log().substring(before).contains("has expired at"));
        Files.delete(policy.bundle());
        Until.holds("the node saw that it is gone", 10, () -> log().contains("cannot be read")
            || log().contains("no bundle"));
        check.works("a bundle that is gone goes on while the node runs", this::writes);
    }

    /** Starts the node; it comes up by the configured super users if no policy is active. */
    private void again() throws Exception {
        cluster.stop();
        cluster.up();
    }

    private void nobody(String what) throws Exception {
        Map<String, Object> alice = cluster.as("alice");
        check.fails(TopicAuthorizationException.class, what + ": alice is out", this::writes);
        check.works(what + ": the configured super user is in", () ->
            Clients.sendPlain(cluster.as("admin"), "other", "x"));
        check.same(0, Clients.admin(alice, admin -> admin.listTopics().names().get().size()).call(),
            what + ": topics that alice sees");
        check.that(log().contains("no policy is active: the super user User:admin"),
            what + ": each use of a super user is in the log");
        check.that(log().contains("No policy is active: only the configured super users get in"),
            what + ": the log says that no policy is active");
    }

    private void starts() throws Exception {
        check.section("starts without a good bundle");
        again();
        nobody("no bundle");
        policy.publish(shop);
        comesBack("a bundle that comes later counts without a start", this::writes);
        again();
        check.works("a start with a good bundle", this::writes);
        older();
        byte[] next = policy.build(shop);
        policy.place(altered(next));
        again();
        nobody("an altered bundle");
        policy.place(policy.build(shop.replace(Cluster.ID, ANOTHER_CLUSTER)));
        again();
        nobody("a bundle of another cluster");
        policy.place(Resigned.until(policy.build(shop), policy.key(),
            Instant.now().minusSeconds(60)));
        again();
        nobody("an expired bundle");
        unregistered();
        stored();
    }

    /** With a store of its own a node knows what decided last. */
    private void stored() throws Exception {
        check.section("a node that keeps what decided last");
        Node node = cluster.brokers.get(0);
        cluster.set("writ.bundle.store", node.folder().resolve("store").toString());
        again();
        byte[] allows = policy.build(shop);
        policy.publish(revoked);
        Until.holds("the newer bundle decides", 10, () -> Check.error(this::writes)
            .equals("TopicAuthorizationException"));
        policy.place(allows);
        again();
        check.fails(TopicAuthorizationException.class, "a start with an older bundle",
            this::writes);
        check.that(log().contains("is refused"), "the older bundle is refused");
        Files.delete(policy.bundle());
        again();
        check.fails(TopicAuthorizationException.class, "a start without a bundle", this::writes);
        check.works("what decided last lets in whom it names", () ->
            Clients.sendPlain(cluster.as("admin"), "other", "x"));
        policy.publish(shop);
        comesBack("a newer bundle counts", this::writes);
    }

    /** What a node ran before it ended it does not know: the file that is there decides. */
    private void older() throws Exception {
        byte[] allows = policy.build(shop);
        policy.publish(revoked);
        Until.holds("the newer bundle decides", 10, () -> Check.error(this::writes)
            .equals("TopicAuthorizationException"));
        policy.place(allows);
        again();
        check.works("a start with an older bundle than ran before", this::writes);
    }

    private void comesBack(String what, Callable<?> call) {
        check.works(what, () -> {
            Until.value(what, 30, call::call);
            return null;
        });
    }

    /** Not even the node's own principal is let in: it waits, says why, and a bundle heals it. */
    private void unregistered() throws Exception {
        check.section("a start that nobody may");
        cluster.stop();
        cluster.set("super.users", "");
        cluster.start();
        Until.holds("the node was refused", 60, () -> log().contains("is refused")
            && log().contains("ClusterAuthorizationException"));
        check.that(cluster.brokers.get(0).running(), "the node waits");
        policy.publish(shop);
        cluster.ready();
        check.works("a good bundle lets the node in without another start", this::writes);
    }
}
