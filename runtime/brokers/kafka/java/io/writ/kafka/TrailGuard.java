package io.writ.kafka;

import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;

/**
 * Keeps everybody but the sender away from the topics that the audit trail writes in this cluster,
 * whatever the policy says. Who is kept away is asked for at a scope that no policy has, so that the
 * event of the denial says who, what and when like any other.
 */
final class TrailGuard {
    static final byte[] NOWHERE = "the audit trail's own topic".getBytes(StandardCharsets.UTF_8);
    private static final Set<AclOperation> CHANGES = EnumSet.of(AclOperation.WRITE,
        AclOperation.DELETE, AclOperation.ALTER, AclOperation.ALTER_CONFIGS);

    private final Set<String> topics;
    private final String sender;

    /** {@code audit} null: there is no trail. */
    TrailGuard(WritConfig.Audit audit) {
        topics = audit == null ? Set.of() : Set.copyOf(audit.ownTopics());
        sender = audit == null ? "" : audit.sender();
    }

    /**
     * Delete on the cluster is nobody's: who has it may delete every topic, and Kafka then asks about none
     * of them. Denied, Kafka asks topic by topic, and super users lose nothing but this one.
     */
    boolean keepsAway(AuthorizableRequestContext context, Action action) {
        if (!topics.isEmpty() && action.resourcePattern().resourceType() == ResourceType.CLUSTER) {
            return action.operation() == AclOperation.DELETE;
        }
        return !topics.isEmpty() && action.resourcePattern().resourceType() == ResourceType.TOPIC
            && CHANGES.contains(action.operation())
            && topics.contains(action.resourcePattern().name())
            && !sender.equals(context.principal().getPrincipalType() + ":"
                + context.principal().getName());
    }

    /** For the log: these were denied by the guard. */
    void mark(Asker asker, AuthorizableRequestContext context, List<Action> actions) {
        for (int at = 0; !topics.isEmpty() && at < actions.size(); at++) {
            if (keepsAway(context, actions.get(at))) {
                asker.answers[at] = asker.answers[at] & ~Native.ALLOWED | Native.KEPT_AWAY;
            }
        }
    }
}
