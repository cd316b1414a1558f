package io.writ.kafka.broker;

import java.util.concurrent.Callable;

/** Waits for what another process does: asks until it is so, and fails after a long while. */
final class Until {
    private static final int PAUSE_MS = 20;

    private Until() { }

    /** The first answer that is not null. An exception is no answer yet. */
    static <T> T value(String what, int seconds, Callable<T> asks) {
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        Exception last = null;
        while (System.nanoTime() < end) {
            try {
                T answer = asks.call();
                if (answer != null) {
                    return answer;
                }
                last = null;
            } catch (Exception e) {
                last = e;
            }
            pause();
        }
        throw new IllegalStateException("after " + seconds + " s still not: " + what, last);
    }

    static void holds(String what, int seconds, Callable<Boolean> asks) {
        value(what, seconds, () -> asks.call() ? Boolean.TRUE : null);
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
