package io.writ.kafka;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.metadata.authorizer.StandardAcl;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizationResult;

/**
 * Asks Kafka's authorizer and Writ's the same random questions in one process while the policy
 * changes. {@code --writ PROGRAM --folder DIR --decisions N --seed S}; the last line is
 * {@code N passed, N failed}.
 */
public final class Differential {
    private static final int CHANGES = 5;
    private static final int PER_POLICY = 2_000;
    private static final int SHOWN = 20;

    private final Random random;
    private final Both both;
    private long passed;
    private long failed;
    private long allowed;
    private long byType;
    private long policies;
    private long listings;
    private long listed;

    private Differential(Both both, long seed) {
        this.both = both;
        this.random = new Random(seed);
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        String writ = "";
        String folder = "";
        long decisions = 100_000;
        long seed = 1;
        for (int at = 0; at + 1 < args.length; at += 2) {
            switch (args[at]) {
                case "--writ" -> writ = args[at + 1];
                case "--folder" -> folder = args[at + 1];
                case "--decisions" -> decisions = Long.parseLong(args[at + 1]);
                case "--seed" -> seed = Long.parseLong(args[at + 1]);
                default -> throw new IllegalArgumentException(args[at]);
            }
        }
        System.out.println("seed " + seed);
        Differential run = new Differential(new Both(Path.of(writ), Path.of(folder), Map.of()),
            seed);
        run.all(decisions);
        System.exit(run.failed == 0 && run.passed != 0 ? 0 : 1);
    }

    private void all(long decisions) throws IOException, InterruptedException {
        while (passed + failed < decisions) {
            World world = new World(random);
            both.begin(world);
            for (int change = 0; change < CHANGES && passed + failed < decisions; change++) {
                change(world);
                both.publish(world);
                policies++;
                list(world);
                long until = Math.min(decisions, passed + failed + PER_POLICY);
                while (passed + failed < until) {
                    ask(world, (int) Math.min(until - passed - failed, 1 + random.nextInt(8)));
                }
            }
        }
        System.out.printf("%d policies, %d decisions allowed, %d by type%n", policies, allowed,
            byType);
        System.out.printf("%d listings as ACLs, %d rows%n", listings, listed);
        System.out.printf("%d passed, %d failed%n", passed, failed);
    }

    /** The first policy of a world has what comes; each later one loses some ACLs and gains some.
     * */
    private void change(World world) {
        for (StandardAcl acl : new ArrayList<>(both.acls())) {
            if (random.nextInt(4) == 0) {
                both.remove(acl);
            }
        }
        int size = random.nextInt(4) == 0 ? random.nextInt(4) : random.nextInt(150);
        for (int i = 0; i < size; i++) {
            both.add(world.acl());
        }
    }

    private void ask(World world, int count) {
        String principal = random.nextInt(8) == 0 && !world.superUsers.isEmpty()
            ? world.pick(new ArrayList<>(world.superUsers)) : world.pick(world.principals);
        int colon = principal.indexOf(':');
        Both.Context context = new Both.Context(new KafkaPrincipal(principal.substring(0, colon),
            principal.substring(colon + 1)),
            world.client());
        // What Kafka's authorizer answers by type leaves out its own default for names without
        // ACLs.
        if (random.nextInt(20) == 0 && !world.allowIfNone) {
            byType++;
            compare(context, "by type Write Topic",
                both.kafka.authorizeByResourceType(context, AclOperation.WRITE, ResourceType.TOPIC),
                both.own.authorizeByResourceType(context, AclOperation.WRITE, ResourceType.TOPIC));
            return;
        }
        List<Action> actions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ResourceType type = world.pick(World.TYPES);
            actions.add(new Action(world.pick(World.OPERATIONS),
                new ResourcePattern(type, world.asked(type), PatternType.LITERAL), 1,
                    random.nextBoolean(), random.nextBoolean()));
        }
        List<AuthorizationResult> kafka = both.kafka.authorize(context, actions);
        List<AuthorizationResult> own = both.own.authorize(context, actions);
        if (own.size() != actions.size()) {
            throw new IllegalStateException(own.size() + " answers to " + actions.size()
                + " actions");
        }
        for (int i = 0; i < count; i++) {
            compare(context, actions.get(i).toString(), kafka.get(i), own.get(i));
        }
    }

    /** What the bundle lists as ACLs is what Kafka lists. */
    private void list(World world) {
        for (AclBindingFilter filter : List.of(AclBindingFilter.ANY, world.filter(),
            world.filter())) {
            Set<AclBinding> kafka = new HashSet<>();
            both.kafka.acls(filter).forEach(acl -> kafka.add(World.listed(acl)));
            kafka.remove(null);
            List<AclBinding> own = new ArrayList<>();
            both.own.acls(filter).forEach(own::add);
            boolean counted = filter != AclBindingFilter.ANY || both.own.aclCount() == own.size();
            if (counted && own.size() == kafka.size() && kafka.containsAll(own)) {
                listings++;
                listed += own.size();
            } else if (failed++ < SHOWN) {
                System.out.println(filter + ": Kafka lists " + kafka + ", Writ " + own);
            }
        }
    }

    private void compare(Both.Context context, String what, AuthorizationResult kafka,
        AuthorizationResult own) {
        allowed += kafka == AuthorizationResult.ALLOWED ? 1 : 0;
        if (kafka == own) {
            passed++;
            return;
        }
        if (failed++ < SHOWN) {
            System.out.println(context.principal() + " from "
                + context.clientAddress().getHostAddress() + ", " + what + ": Kafka "
                + kafka + ", Writ " + own);
            both.acls().forEach(acl -> System.out.println("    " + acl));
        }
    }
}
