package io.writ.kafka;

import java.util.HashMap;
import java.util.Map;

/**
 * A node that is broker and controller has two authorizers; with the same settings they share an
 * engine, its audit trail and its watch.
 */
final class SharedEngine {
    private record Key(WritConfig config, String cluster) { }

    private static final Map<Key, SharedEngine> ALL = new HashMap<>();

    final PolicyEngine engine;
    final BundleWatch watch;
    /** Null: decisions leave no events. */
    final AuditTrail trail;
    private final Key key;
    private int users;

    private SharedEngine(Key key) {
        this.key = key;
        WritConfig.Audit audit = key.config.audit();
        trail = audit == null ? null : new AuditTrail(audit);
        PolicyEngine made = null;
        try {
            made = new PolicyEngine(key.config, key.cluster, new Trial(key.config, key.cluster,
                Trial.ownAddresses()), trail);
            engine = made;
            watch = new BundleWatch(engine, key.config, trail);
            watch.restore();
        } catch (RuntimeException e) {
            // What stays open would keep its folders from the next one.
            end(made, trail);
            throw e;
        }
        if (audit != null) {
            Logins.begin(audit.log(), engine, key.cluster);
        }
        watch.look();
        watch.start();
    }

    private static void end(PolicyEngine engine, AuditTrail trail) {
        if (engine != null) {
            engine.close();
        }
        if (trail != null) {
            trail.close();
        }
    }

    static SharedEngine acquire(WritConfig config, String cluster) {
        synchronized (ALL) {
            SharedEngine of = ALL.computeIfAbsent(new Key(config, cluster == null ? "" : cluster),
                SharedEngine::new);
            of.users++;
            return of;
        }
    }

    void release() {
        synchronized (ALL) {
            if (--users != 0) {
                return;
            }
            ALL.remove(key);
            watch.close();
            if (trail != null) {
                Logins.end(key.config.audit().log());
            }
            end(engine, trail);
        }
    }
}
