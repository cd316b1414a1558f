package io.writ.kafka;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * A bounded map with idle expiry in two generations. What is asked for lives in the young one; what
 * was not asked for since two turns is gone. A turn comes when the young one is full or {@code
 * idle}
 * has passed, so a key that is used is kept and one that is not is dropped after two idle times at
 * most. Reading is one look-up without a lock. At most {@code limit} entries, a few more for a
 * moment.
 */
final class HandleCache<K, V> {
    private final int half;
    private final long idleNanos;
    private final LongSupplier clock;
    private volatile ConcurrentHashMap<K, V> young = new ConcurrentHashMap<>();
    private volatile ConcurrentHashMap<K, V> old = new ConcurrentHashMap<>();
    private long turned;

    HandleCache(int limit, long idleNanos, LongSupplier clock) {
        this.half = Math.max(1, limit / 2);
        this.idleNanos = idleNanos;
        this.clock = clock;
        this.turned = clock.getAsLong();
    }

    V get(K key, Function<? super K, ? extends V> make) {
        V found = young.get(key);
        return found != null ? found : promote(key, make);
    }

    private V promote(K key, Function<? super K, ? extends V> make) {
        if (young.mappingCount() >= half) {
            turn(false);
        }
        V earlier = old.get(key);
        V value = earlier != null ? earlier : make.apply(key);
        V other = young.putIfAbsent(key, value);
        return other != null ? other : value;
    }

    /** To be called now and then: drops what is idle. */
    void expire() {
        turn(true);
    }

    private synchronized void turn(boolean byTime) {
        long now = clock.getAsLong();
        if (byTime ? now - turned < idleNanos : young.mappingCount() < half) {
            return;
        }
        old = young;
        young = new ConcurrentHashMap<>();
        turned = now;
    }

    void clear() {
        young = new ConcurrentHashMap<>();
        old = new ConcurrentHashMap<>();
    }

    long size() {
        return young.mappingCount() + old.mappingCount();
    }
}
