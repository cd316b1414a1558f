package io.writ.kafka;

import org.apache.kafka.server.authorizer.AuthorizableRequestContext;

/** What one request thread keeps between its questions. */
final class Asker {
    private final Handle values;
    private final int clientPosition;
    private final int apiPosition;
    private String client = "";
    private int api = -1;
    private boolean said;
    private volatile boolean asking;
    long[] sessions = new long[8];
    long[] resources = new long[8];
    /** What the numbers are of, so that nothing is freed while native code has them. */
    Handle[] keep = new Handle[16];
    int[] operations = new int[8];
    int[] purposes = new int[8];
    int[] answers = new int[8];

    Asker(Handle values, int clientPosition, int apiPosition) {
        this.values = values;
        this.clientPosition = clientPosition;
        this.apiPosition = apiPosition;
    }

    long values() {
        return values.address;
    }

    void room(int count) {
        if (answers.length < count) {
            sessions = new long[count];
            resources = new long[count];
            keep = new Handle[2 * count];
            operations = new int[count];
            purposes = new int[count];
            answers = new int[count];
        }
    }

    /** From here to {@link #leave} nobody frees handles; what was freed before is seen as closed. */
    void enter() {
        asking = true;
    }

    void leave() {
        asking = false;
    }

    boolean isAsking() {
        return asking;
    }

    /** Says the request's own facts where they differ from those of the request before. */
    void about(AuthorizableRequestContext context) {
        String now = context.clientId();
        if (!said || (now == null ? client != null : !now.equals(client))) {
            Native.setText(values.address, clientPosition, now == null ? null : Utf8.encode(now));
            client = now;
        }
        if (!said || context.requestType() != api) {
            api = context.requestType();
            Native.setText(values.address, apiPosition, PolicyEngine.api(api));
        }
        said = true;
    }
}
