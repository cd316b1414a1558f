package io.writ.kafka;

import java.lang.ref.Reference;
import java.lang.ref.SoftReference;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One native engine with the handles that its questions need. Threads: any; nothing here locks on
 * the way of a decision.
 *
 * <p>The bits of operations belong to a bundle. {@link #turn} is odd while one bundle replaces
 * another; a decision that saw it odd, or met a bundle with other bits, is asked by strings, which
 * mean the same under every bundle.
 */
final class PolicyEngine {
    private static final Logger LOG = LoggerFactory.getLogger(WritAuthorizer.class);

    private static final long WAIT_NANOS = 100_000;

    /** What runs. {@code version} is 0 if nothing does. */
    /** {@code expires}: microseconds since 1970; {@code Long.MAX_VALUE}: never. */
    record Running(String packageName, String digest, long version, long expires) { }

    /** How many ACLs what runs can be said as; the rows themselves while there is room for them. */
    private record Listed(Running of, int count, SoftReference<AclListing> rows) { }

    /** What no session can be opened for: the text of its principal or listener is ill-formed. */
    private static final Handle NOBODY = new Handle(0, x -> { });

    private final Handle engine;
    private final byte[] scope;
    private final Set<String> controllers;
    private final Trial trial;
    private final TrailGuard guard;
    private final Handle.Owner owner = new Handle.Owner();
    private final HandleCache<SessionKey, Handle> sessions;
    private final HandleCache<String, Handle>[] names;
    private final Function<SessionKey, Handle> openSession = this::open;
    private final Function<String, Handle>[] openName;
    private final ThreadLocal<Asker> askers = ThreadLocal.withInitial(this::asker);
    private final Set<Asker> all = Collections.synchronizedSet(
        Collections.newSetFromMap(new WeakHashMap<>()));
    private final int clientId;
    private final int requestType;
    private volatile boolean closed;
    private volatile int turn;
    private volatile int[][] bits = new int[0][];
    private volatile Running running = new Running("", "", 0, Long.MAX_VALUE);
    private volatile Listed listed = new Listed(null, -1, new SoftReference<>(null));

    /** {@code trail} null: decisions leave no events. */
    @SuppressWarnings("unchecked")
    PolicyEngine(WritConfig config, String cluster, Trial trial, AuditTrail trail) {
        this.trial = trial;
        guard = new TrailGuard(config.audit());
        long address = Native.engine(cluster.getBytes(StandardCharsets.UTF_8), config.nativeCode(),
            trail == null ? 0 : trail.address());
        if (address == 0) {
            throw new IllegalStateException("no engine could be made");
        }
        engine = new Handle(address, Native::freeEngine);
        scope = config.scope().getBytes(StandardCharsets.UTF_8);
        controllers = config.controllerListeners();
        long idle = TimeUnit.MILLISECONDS.toNanos(config.idleMillis());
        sessions = new HandleCache<>(config.sessions(), idle, System::nanoTime);
        names = new HandleCache[ResourceType.values().length];
        openName = new Function[names.length];
        for (int kind = 0; kind < names.length; kind++) {
            byte[] word = Words.KINDS[kind];
            names[kind] = new HandleCache<>(config.names(), idle, System::nanoTime);
            openName[kind] = name -> resource(word, name);
        }
        clientId = Native.position(address, "client.id".getBytes(StandardCharsets.UTF_8));
        requestType = Native.position(address, "request.type".getBytes(StandardCharsets.UTF_8));
    }

    /** Null if the bundle is active now, otherwise why it is not; the one before stays. */
    synchronized String load(byte[] bundle, List<String> trust, int threshold) {
        if (closed) {
            return "the authorizer is closed";
        }
        byte[][] keys = keys(trust);
        String unfit = trial.refused(bundle, keys, threshold);
        if (unfit != null) {
            event("bundle.refused", unfit);
            return unfit;
        }
        return activate(() -> Native.load(engine.address, bundle, keys, threshold));
    }

    /**
     * From now on nothing older than what decided here is accepted, over restarts too. What decided
     * last decides again. Null, or why it does not; empty: nothing has.
     */
    synchronized String keepIn(String store, List<String> trust, int threshold) {
        byte[][] keys = keys(trust);
        String unfit = trial.refused(store, keys, threshold);
        byte[] refused = Native.keepIn(engine.address, store.getBytes(StandardCharsets.UTF_8));
        if (refused != null) {
            throw new KafkaException(WritConfig.STORE + " " + store + ": " + Utf8.decode(refused));
        }
        return unfit != null ? unfit
            : activate(() -> Native.restore(engine.address, keys, threshold));
    }

    private static byte[][] keys(List<String> trust) {
        return trust.stream().map(key -> key.getBytes(StandardCharsets.UTF_8))
            .toArray(byte[][]::new);
    }

    private String activate(Supplier<byte[]> load) {
        turn = turn + 1;
        try {
            byte[] refused = load.get();
            long[] numbers = new long[3];
            String[] of = Utf8.decode(Native.info(engine.address, numbers)).split("\n", -1);
            int[][] now = operations();
            // The same object while the numbers mean the same.
            bits = Arrays.deepEquals(now, bits) ? bits : now;
            running = new Running(of[0], of[1], numbers[1] == 0 ? 0 : numbers[0], numbers[2]);
            return refused == null ? null : Utf8.decode(refused);
        } finally {
            turn = turn + 1;
        }
    }

    private int[][] operations() {
        int[][] out = new int[Words.KINDS.length][Words.OPERATIONS.length];
        for (int kind = 0; kind < out.length; kind++) {
            for (int operation = 0; operation < out[kind].length; operation++) {
                out[kind][operation] = Native.operation(engine.address, Words.KINDS[kind],
                    Words.OPERATIONS[operation]);
            }
        }
        return out;
    }

    Running running() {
        return running;
    }

    boolean active() {
        return running.version != 0;
    }

    /** What the policy that runs says as ACLs. Null: it has no such scope, or more rows than
     * anybody reads. */
    synchronized AclListing acls() {
        Running now = running;
        Listed known = listed;
        AclListing rows = known.of == now ? known.rows.get() : null;
        if (rows != null || closed) {
            return rows;
        }
        long address = Native.acls(engine.address, scope);
        rows = address == 0 ? null : new AclListing(address);
        if (known.of != now) {
            LOG.info("package {} version {} as ACLs: {}", now.packageName, now.version,
                rows == null ? "cannot be listed" : rows.summary());
        }
        listed = new Listed(now, rows == null ? -1 : (int) Math.min(rows.count, Integer.MAX_VALUE),
            new SoftReference<>(rows));
        return rows;
    }

    /** -1: they cannot be counted. */
    int aclCount() {
        Listed known = listed;
        if (known.of != running) {
            acls();
            known = listed;
        }
        return known.count;
    }

    void expire() {
        sessions.expire();
        for (HandleCache<String, Handle> of : names) {
            of.expire();
        }
    }

    /** Decisions as numbers, by position; valid until the thread's next question. */
    int[] decide(AuthorizableRequestContext context, List<Action> actions) {
        Asker asker = askers.get();
        asker.room(actions.size());
        asker.enter();
        try {
            if (closed) {
                Arrays.fill(asker.answers, 0, actions.size(), 0);
                return asker.answers;
            }
            int before = turn;
            int[][] table = bits;
            prepare(asker, context, actions);
            // Without a policy there are no numbers of operations.
            if ((before & 1) != 0 || !active()) {
                byStrings(asker, context, actions);
            } else {
                byHandle(asker, context, actions, table);
                if (turn != before && ((turn & 1) != 0 || bits != table)) {
                    byStrings(asker, context, actions);
                }
            }
            guard.mark(asker, context, actions);
            Reference.reachabilityFence(asker);
            return asker.answers;
        } finally {
            asker.leave();
        }
    }

    private void prepare(Asker asker, AuthorizableRequestContext context, List<Action> actions) {
        SessionKey key = new SessionKey(context, controllers);
        Handle session = sessions.get(key, openSession);
        for (int at = 0; at < actions.size(); at++) {
            Action action = actions.get(at);
            ResourcePattern pattern = action.resourcePattern();
            int kind = pattern.resourceType().ordinal();
            Handle by = guard.keepsAway(context, action)
                ? sessions.get(key.keptAway(), openSession) : session;
            Handle name = names[kind].get(pattern.name(), openName[kind]);
            asker.keep[2 * at] = by;
            asker.keep[2 * at + 1] = name;
            asker.sessions[at] = by.address;
            asker.resources[at] = name.address;
            asker.purposes[at] = Purpose.of(action);
        }
    }

    private void byHandle(Asker asker, AuthorizableRequestContext context, List<Action> actions,
        int[][] table) {
        asker.about(context);
        int count = actions.size();
        for (int at = 0; at < count; at++) {
            Action action = actions.get(at);
            asker.operations[at] = table.length == 0 ? -1 : table[action.resourcePattern()
                .resourceType().ordinal()][action.operation().ordinal()];
        }
        if (count == 1) {
            asker.answers[0] = Native.decide(engine.address, asker.sessions[0], asker.resources[0],
                asker.operations[0], asker.purposes[0], asker.values());
        } else {
            Native.decideAll(engine.address, asker.sessions, asker.resources, asker.operations,
                asker.purposes, count, asker.values(), asker.answers);
        }
    }

    private void byStrings(Asker asker, AuthorizableRequestContext context, List<Action> actions) {
        byte[] client = context.clientId() == null ? null : Utf8.encode(context.clientId());
        byte[] api = api(context.requestType());
        for (int at = 0; at < actions.size(); at++) {
            Action action = actions.get(at);
            byte[] name = Utf8.encode(action.resourcePattern().name());
            asker.answers[at] = name == null ? 0 : Native.decideText(engine.address,
                asker.sessions[at],
                Words.KINDS[action.resourcePattern().resourceType().ordinal()], name,
                Words.OPERATIONS[action.operation().ordinal()], asker.purposes[at], client, api);
        }
    }

    /** Is there a name of this kind for which the operation would be allowed? */
    int decideByKind(AuthorizableRequestContext context, AclOperation operation,
        ResourceType type) {
        Asker asker = askers.get();
        asker.enter();
        try {
            if (closed) {
                return 0;
            }
            Handle session = sessions.get(new SessionKey(context, controllers), openSession);
            int answer = Native.decideByKind(engine.address, session.address,
                Words.KINDS[type.ordinal()], Words.OPERATIONS[operation.ordinal()]);
            Reference.reachabilityFence(session);
            return answer;
        } finally {
            asker.leave();
        }
    }

    /** Leaves an event of something that is no decision. */
    void event(String type, String message) {
        Asker asker = askers.get();
        asker.enter();
        try {
            if (!closed) {
                Native.event(engine.address, type.getBytes(StandardCharsets.UTF_8),
                    message.getBytes(StandardCharsets.UTF_8));
            }
        } finally {
            asker.leave();
        }
    }

    /** Leaves an event of a login. False: it cannot be recorded, so nobody may come in by it. */
    boolean login(boolean success, byte[][] texts) {
        Asker asker = askers.get();
        asker.enter();
        try {
            return !closed && Native.authentication(engine.address, success, texts);
        } finally {
            asker.leave();
        }
    }

    /** Frees everything. Whoever asks from now on is denied. */
    synchronized void close() {
        synchronized (all) {
            closed = true;
        }
        for (Asker asker : all.toArray(Asker[]::new)) {
            while (asker.isAsking()) {
                // A decision may wait for the disk.
                LockSupport.parkNanos(WAIT_NANOS);
            }
        }
        owner.freeAll();
        engine.free();
    }

    private Handle open(SessionKey key) {
        SessionOpening opening = SessionOpening.of(key);
        return opening == null ? NOBODY : new Handle(opening.open(engine.address,
            key.keptAway ? TrailGuard.NOWHERE : scope), Native::freeSession, owner);
    }

    private Handle resource(byte[] kind, String name) {
        byte[] text = Utf8.encode(name);
        return text == null ? NOBODY : new Handle(Native.resource(engine.address, kind, text),
            Native::freeResource, owner);
    }

    static byte[] api(int key) {
        return ApiKeys.hasId(key) ? ApiKeys.forId(key).name.getBytes(StandardCharsets.UTF_8) : null;
    }

    private Asker asker() {
        synchronized (all) {
            Asker out = new Asker(closed ? NOBODY : new Handle(Native.values(engine.address),
                Native::freeValues, owner), clientId, requestType);
            all.add(out);
            return out;
        }
    }
}
