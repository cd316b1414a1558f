package io.writ.kafka;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.plain.PlainAuthenticateCallback;
import org.apache.kafka.common.security.plain.internals.PlainServerCallbackHandler;

/** Kafka's own check of a password, with an event of each one that fails. */
public final class WritPlainCallbackHandler implements AuthenticateCallbackHandler {
    private final PlainServerCallbackHandler kafka = new PlainServerCallbackHandler();
    private Logins logins = Logins.of(Map.of());

    @Override
    public void configure(Map<String, ?> configs, String mechanism,
        List<AppConfigurationEntry> entries) {
        logins = Logins.of(configs);
        kafka.configure(configs, mechanism, entries);
    }

    @Override
    public void handle(Callback[] callbacks) throws IOException, UnsupportedCallbackException {
        kafka.handle(callbacks);
        String user = null;
        for (Callback callback : callbacks) {
            if (callback instanceof NameCallback name) {
                user = name.getDefaultName();
            } else if (callback instanceof PlainAuthenticateCallback asked
                && !asked.authenticated()) {
                logins.failed("User:" + user, "PLAIN", "no such user, or another password");
            }
        }
    }

    @Override
    public void close() {
        kafka.close();
    }
}
