package io.writ.kafka.broker;

import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;

/** Counts what held and what did not, and says the latter at once. */
final class Check {
    private int passed;
    private int failed;

    void that(boolean holds, String what) {
        if (holds) {
            passed++;
        } else {
            failed++;
            System.out.println("FAILED: " + what);
        }
    }

    void same(Object expected, Object seen, String what) {
        that(Objects.equals(expected, seen), what + ": " + seen + " instead of " + expected);
    }

    /** The client's call comes to a good end. */
    <T> T works(String what, Callable<T> call) {
        try {
            T value = call.call();
            that(true, what);
            return value;
        } catch (Exception | AssertionError e) {
            that(false, what + ": " + cause(e));
            return null;
        }
    }

    /** The client's call ends with exactly this error. */
    void fails(Class<? extends Throwable> error, String what, Callable<?> call) {
        same(error.getSimpleName(), error(call), what);
    }

    /** The class of the error that a client sees, without packages; `none` if it sees none. */
    static String error(Callable<?> call) {
        try {
            call.call();
            return "none";
        } catch (Exception e) {
            return cause(e).getClass().getSimpleName();
        }
    }

    /** Clients wrap what a broker answered. */
    static Throwable cause(Throwable e) {
        Throwable at = e;
        while (at.getCause() != null && (at instanceof ExecutionException
            || at.getClass() == KafkaException.class)) {
            at = at.getCause();
        }
        return at;
    }

    void section(String name) {
        System.out.println("-- " + name);
    }

    boolean good() {
        return failed == 0 && passed > 0;
    }

    String sum() {
        return passed + " passed, " + failed + " failed";
    }
}
