package io.writ.kafka;

import java.util.HashMap;
import java.util.Map;

/**
 * A node that is broker and controller has two authorizers; with the same settings they share an
 * engine and its watch.
 */
final class SharedEngine {
    private record Key(WritConfig config, String cluster) { }

    private static final Map<Key, SharedEngine> ALL = new HashMap<>();

    final PolicyEngine engine;
    final BundleWatch watch;
    private final Key key;
    private int users;

    private SharedEngine(Key key) {
        this.key = key;
        engine = new PolicyEngine(key.config, key.cluster, new NodeCheck(key.config, key.cluster,
            NodeCheck.ownAddresses()));
        watch = new BundleWatch(engine, key.config);
        watch.look();
        watch.start();
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
            if (--users == 0) {
                ALL.remove(key);
                watch.close();
            }
        }
    }
}
