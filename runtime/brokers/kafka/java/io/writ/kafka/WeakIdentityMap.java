package io.writ.kafka;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is known of objects while they live: found by the very object, not by what it equals, and
 * gone when Java can no longer reach it. A value must not reach its object. Reading takes no lock.
 */
final class WeakIdentityMap<K, V> {
    private final ConcurrentHashMap<Object, V> map = new ConcurrentHashMap<>();
    private final ReferenceQueue<K> gone = new ReferenceQueue<>();

    V get(K of) {
        return map.get(new Sought(of));
    }

    void put(K of, V value) {
        for (Object dead = gone.poll(); dead != null; dead = gone.poll()) {
            map.remove(dead);
        }
        map.put(new Kept<>(of, gone), value);
    }

    int size() {
        return map.size();
    }

    private static final class Kept<K> extends WeakReference<K> {
        private final int hash;

        Kept(K of, ReferenceQueue<K> gone) {
            super(of, gone);
            hash = System.identityHashCode(of);
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public boolean equals(Object other) {
            if (this == other) {
                return true;
            }
            Object of = get();
            return of != null && (other instanceof Kept<?> kept && kept.get() == of
                || other instanceof Sought sought && sought.of == of);
        }
    }

    /** Keeps nothing: for one look-up. */
    private static final class Sought {
        private final Object of;

        Sought(Object of) {
            this.of = of;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(of);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Kept<?> kept && kept.get() == of;
        }
    }
}
