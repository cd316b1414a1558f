package io.writ.kafka;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;

/**
 * All of a request's context that a policy can see and that stays for a session. Kafka names no
 * connection, so two connections with the same facts are one session.
 */
final class SessionKey {
    final String type;
    final String name;
    final boolean token;
    final InetAddress address;
    /** Null, as the protocol: the request was perhaps forwarded, and nobody says from where. */
    final String listener;
    final String protocol;
    /** What a builder saw, or null. */
    final SessionFacts facts;
    /** From the audit trail's own topic. */
    final boolean keptAway;
    private final String zoned;
    private final int hash;

    SessionKey(AuthorizableRequestContext context, Set<String> controllerListeners) {
        KafkaPrincipal principal = context.principal();
        type = principal.getPrincipalType();
        name = principal.getName();
        token = principal.tokenAuthenticated();
        address = context.clientAddress();
        facts = SessionFacts.of(principal);
        // Forwarded requests come with the listener of the hop between broker and controller.
        boolean hop = facts == null && controllerListeners.contains(context.listenerName());
        listener = facts != null ? facts.listener() : hop ? null : context.listenerName();
        protocol = facts != null ? facts.protocol() : hop ? null : context.securityProtocol().name;
        // Java compares addresses without their zones, which policy tells apart.
        zoned = address instanceof Inet6Address six && (six.getScopeId() != 0 ||
            six.getScopedInterface() != null)
            ? address.getHostAddress() : "";
        hash = name.hashCode() * 31 + address.hashCode();
        keptAway = false;
    }

    private SessionKey(SessionKey of) {
        type = of.type;
        name = of.name;
        token = of.token;
        address = of.address;
        listener = of.listener;
        protocol = of.protocol;
        facts = of.facts;
        zoned = of.zoned;
        hash = of.hash;
        keptAway = true;
    }

    SessionKey keptAway() {
        return new SessionKey(this);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SessionKey that && hash == that.hash && token == that.token
            && keptAway == that.keptAway
            && name.equals(that.name) && type.equals(that.type) && address.equals(that.address)
            && Objects.equals(listener, that.listener) && Objects.equals(protocol, that.protocol)
            && zoned.equals(that.zoned)
            && (facts == that.facts || facts != null && facts.equals(that.facts));
    }
}
