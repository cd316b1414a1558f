package io.writ.kafka;

import java.lang.ref.Cleaner;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;

/**
 * A native handle that is freed when nobody can reach it any more, or when its owner is closed.
 * Whoever passes {@link #address} to native code keeps the handle alive until that returns ({@code
 * Reference.reachabilityFence}).
 */
final class Handle {
    private static final Cleaner CLEANER = Cleaner.create();

    final long address;
    private final Free end;

    /** {@code free} must not reach the handle. */
    Handle(long address, LongConsumer free) {
        this(address, free, null);
    }

    /** {@code owner} null: nobody frees it before Java does. */
    Handle(long address, LongConsumer free, Owner owner) {
        this.address = address;
        end = address == 0 ? null : new Free(address, free, owner);
        if (end != null) {
            if (owner != null) {
                owner.live.add(end);
            }
            CLEANER.register(this, end);
        }
    }

    /** Now; nobody uses it any more. */
    void free() {
        if (end != null) {
            end.run();
        }
    }

    /** Frees all of its handles at once, when nobody uses one any more. */
    static final class Owner {
        private final Set<Free> live = ConcurrentHashMap.newKeySet();

        void freeAll() {
            live.forEach(Free::run);
        }
    }

    private static final class Free implements Runnable {
        private final long address;
        private final LongConsumer free;
        private final Owner owner;
        private final AtomicBoolean done = new AtomicBoolean();

        Free(long address, LongConsumer free, Owner owner) {
            this.address = address;
            this.free = free;
            this.owner = owner;
        }

        @Override
        public void run() {
            if (done.compareAndSet(false, true)) {
                free.accept(address);
                if (owner != null) {
                    owner.live.remove(this);
                }
            }
        }
    }
}
