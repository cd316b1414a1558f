package io.writ.kafka;

import java.lang.ref.Cleaner;
import java.util.function.LongConsumer;

/**
 * A native handle that is freed when nobody can reach it any more. Whoever passes {@link #address}
 * to native code keeps the handle alive until that returns ({@code Reference.reachabilityFence}).
 */
final class Handle {
    private static final Cleaner CLEANER = Cleaner.create();

    final long address;

    /** {@code free} must not reach the handle. */
    Handle(long address, LongConsumer free) {
        this.address = address;
        if (address != 0) {
            CLEANER.register(this, () -> free.accept(address));
        }
    }
}
