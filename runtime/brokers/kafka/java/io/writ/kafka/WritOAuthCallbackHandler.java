package io.writ.kafka;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallback;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler;

/** Kafka's own check of a token, with an event of each one that fails. */
public final class WritOAuthCallbackHandler implements AuthenticateCallbackHandler {
    private final AuthenticateCallbackHandler kafka;
    private Logins logins = Logins.of(Map.of());

    /** Made by Kafka. */
    public WritOAuthCallbackHandler() {
        this(new OAuthBearerValidatorCallbackHandler());
    }

    WritOAuthCallbackHandler(AuthenticateCallbackHandler kafka) {
        this.kafka = kafka;
    }

    @Override
    public void configure(Map<String, ?> configs, String mechanism,
        List<AppConfigurationEntry> entries) {
        logins = Logins.of(configs);
        kafka.configure(configs, mechanism, entries);
    }

    @Override
    public void handle(Callback[] callbacks) throws IOException, UnsupportedCallbackException {
        kafka.handle(callbacks);
        for (Callback callback : callbacks) {
            if (callback instanceof OAuthBearerValidatorCallback asked && asked.token() == null) {
                // A token that does not hold proves no name.
                logins.failed(null, "OAUTHBEARER", asked.errorStatus() == null
                    ? "the token does not hold" : asked.errorStatus());
            }
        }
    }

    @Override
    public void close() {
        kafka.close();
    }
}
