package io.writ.kafka;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLSession;
import javax.security.sasl.SaslServer;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;

/**
 * Who vouches for a session's groups: a claim of the token, an attribute of the certificate's
 * subject, or the configuration, which says that sessions of a mechanism are in none. Otherwise they
 * are unknown, and a guard on a group that an identity provider vouches for then denies.
 */
record GroupSource(String claim, String attribute, Set<String> none) {
    private static final String TOKEN = "OAUTHBEARER.token";
    private static final ObjectMapper JSON = new ObjectMapper()
        .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    static GroupSource of(Map<String, ?> configs) {
        return new GroupSource(WritConfig.text(configs, WritConfig.GROUPS_CLAIM, ""),
            WritConfig.text(configs, WritConfig.GROUPS_CERTIFICATE, ""),
            new HashSet<>(WritConfig.list(configs.get(WritConfig.GROUPS_NONE))));
    }

    /** Null: nobody vouches. */
    List<String> of(SSLSession tls, SaslServer sasl) {
        String mechanism = sasl != null ? sasl.getMechanismName() : tls != null ? "SSL"
            : "PLAINTEXT";
        if (!claim.isEmpty() && sasl != null
            && sasl.getNegotiatedProperty(TOKEN) instanceof OAuthBearerToken token) {
            return claimed(token.value());
        }
        // A certificate speaks for its own principal, not for one that SASL names.
        if (!attribute.isEmpty() && sasl == null && tls != null) {
            X509Certificate of = TlsFacts.certificate(tls);
            return of == null ? null : TlsFacts.subject(of, attribute);
        }
        return none.contains(mechanism) ? List.of() : null;
    }

    /**
     * The claim of a token whose signature Kafka has checked. A token without the claim says nothing:
     * many providers leave it out when the client does not ask for it.
     */
    List<String> claimed(String token) {
        String[] parts = token.split("\\.", -1);
        if (parts.length < 2) {
            return null;
        }
        try {
            JsonNode claims = JSON.readTree(Base64.getUrlDecoder().decode(parts[1]));
            JsonNode value = claims.get(claim);
            if (value == null) {
                value = claims;
                for (String step : claim.split("\\.", -1)) {
                    value = value.get(step);
                    if (value == null) {
                        return null;
                    }
                }
            }
            return texts(value);
        } catch (IOException | IllegalArgumentException e) {
            return null;
        }
    }

    private static List<String> texts(JsonNode value) {
        List<String> out = new ArrayList<>();
        if (value.isTextual()) {
            out.add(value.textValue());
        } else if (value.isArray()) {
            for (JsonNode one : value) {
                if (!one.isTextual()) {
                    return null;
                }
                out.add(one.textValue());
            }
        } else {
            return null;
        }
        return out.stream().allMatch(text -> Utf8.encode(text) != null) ? out : null;
    }
}
