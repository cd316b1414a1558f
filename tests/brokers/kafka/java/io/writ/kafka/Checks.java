package io.writ.kafka;

/** Counts what holds and says what does not. */
final class Checks {
    private int passed;
    private int failed;

    void check(boolean holds, String what) {
        if (holds) {
            passed++;
        } else {
            failed++;
            System.out.println("FAILED: " + what);
        }
    }

    void equal(Object expected, Object was, String what) {
        check(expected == null ? was == null : expected.equals(was),
            what + ": expected " + expected + ", was " + was);
    }

    /** Ends the process as the counts say. */
    void end() {
        System.out.printf("%d passed, %d failed%n", passed, failed);
        System.exit(failed == 0 ? 0 : 1);
    }
}
