package io.writ.kafka;

import org.apache.kafka.server.authorizer.Action;

/** What an answer is for, in the numbers of {@code writ_purpose}. */
final class Purpose {
    static final int ENFORCE = 0;
    static final int PROBE = 1;
    static final int FILTER = 2;

    private Purpose() { }

    /**
     * SOURCE: Kafka logs allows and denials of what it does or refuses; no denial where it leaves
     * names out of a list or asks something else next; neither where a client asks what it could do.
     */
    static int of(Action action) {
        if (action.logIfDenied()) {
            return ENFORCE;
        }
        return action.logIfAllowed() ? FILTER : PROBE;
    }
}
