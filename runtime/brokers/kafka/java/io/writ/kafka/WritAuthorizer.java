package io.writ.kafka;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.server.authorizer.AclCreateResult;
import org.apache.kafka.server.authorizer.AclDeleteResult;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizationResult;
import org.apache.kafka.server.authorizer.Authorizer;
import org.apache.kafka.server.authorizer.AuthorizerServerInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides a broker's or controller's requests by a signed bundle. Without one that could be
 * activated nobody gets in but the configured super users.
 */
public final class WritAuthorizer implements Authorizer {
    private static final Logger LOG = LoggerFactory.getLogger(WritAuthorizer.class);

    private WritConfig config;
    private volatile SharedEngine shared;

    @Override
    public void configure(Map<String, ?> configs) {
        config = WritConfig.of(configs);
        Native.open(config.library());
    }

    /** The bundle is read here, since only now the broker says which cluster it is of. */
    @Override
    public Map<Endpoint, ? extends CompletionStage<Void>> start(AuthorizerServerInfo info) {
        shared = SharedEngine.acquire(config, info.clusterResource().clusterId());
        Map<Endpoint, CompletableFuture<Void>> ready = new HashMap<>();
        info.endpoints().forEach(endpoint -> ready.put(endpoint,
            CompletableFuture.completedFuture(null)));
        return ready;
    }

    @Override
    public List<AuthorizationResult> authorize(AuthorizableRequestContext context,
        List<Action> actions) {
        for (Action action : actions) {
            if (action.resourcePattern().patternType() != PatternType.LITERAL) {
                throw new IllegalArgumentException("an action has a literal name: " + action);
            }
        }
        PolicyEngine engine = engine();
        if (engine == null) {
            return Collections.nCopies(actions.size(), AuthorizationResult.DENIED);
        }
        if (!engine.active() && isSuperUser(engine, context)) {
            return Collections.nCopies(actions.size(), AuthorizationResult.ALLOWED);
        }
        int[] answers = engine.decide(context, actions);
        if (actions.size() == 1) {
            return List.of(result(context, actions.get(0), answers[0]));
        }
        List<AuthorizationResult> results = new ArrayList<>(actions.size());
        for (int at = 0; at < actions.size(); at++) {
            results.add(result(context, actions.get(at), answers[at]));
        }
        return results;
    }

    private AuthorizationResult result(AuthorizableRequestContext context, Action action,
        int answer) {
        boolean allowed = (answer & 1) != 0;
        if (allowed && action.logIfAllowed() && LOG.isDebugEnabled()) {
            LOG.debug("{}", said(context, action, "allowed", answer));
        } else if (!allowed && action.logIfDenied() && LOG.isInfoEnabled()) {
            LOG.info("{}", said(context, action, "denied", answer));
        }
        return allowed ? AuthorizationResult.ALLOWED : AuthorizationResult.DENIED;
    }

    private static String said(AuthorizableRequestContext context, Action action, String verdict,
        int answer) {
        String reason = (answer & Native.KEPT_AWAY) != 0 ? "the audit trail's own topic"
            : Native.reason(answer >>> 8 & 0xFF);
        return verdict + " (" + reason + "): " + context.principal()
            + " from "
            + context.clientAddress().getHostAddress() + " asks "
                + Words.word(action.operation().name()) + " on "
            + Words.word(action.resourcePattern().resourceType().name()) + " "
                + action.resourcePattern().name();
    }

    @Override
    public AuthorizationResult authorizeByResourceType(AuthorizableRequestContext context,
        AclOperation operation, ResourceType type) {
        PolicyEngine engine = engine();
        if (engine == null) {
            return AuthorizationResult.DENIED;
        }
        if (!engine.active() && isSuperUser(engine, context)) {
            return AuthorizationResult.ALLOWED;
        }
        return (engine.decideByKind(context, operation, type) & 1) != 0 ?
            AuthorizationResult.ALLOWED : AuthorizationResult.DENIED;
    }

    /** No policy is active: nobody else gets in. Each use is said, and is an event. */
    private boolean isSuperUser(PolicyEngine engine, AuthorizableRequestContext context) {
        String principal = context.principal().getPrincipalType() + ":"
            + context.principal().getName();
        if (!config.superUsers().contains(principal)) {
            return false;
        }
        String what = "no policy is active: the super user " + principal + " from "
            + context.clientAddress().getHostAddress() + " is let in";
        LOG.warn("{}", what);
        engine.event("superuser.without-policy", what);
        return true;
    }

    @Override
    public List<? extends CompletionStage<AclCreateResult>> createAcls(
        AuthorizableRequestContext context, List<AclBinding> bindings) {
        AclCreateResult refused = new AclCreateResult(new InvalidRequestException(elsewhere()));
        return bindings.stream().map(binding ->
             CompletableFuture.completedFuture(refused)).toList();
    }

    @Override
    public List<? extends CompletionStage<AclDeleteResult>> deleteAcls(
        AuthorizableRequestContext context, List<AclBindingFilter> filters) {
        AclDeleteResult refused = new AclDeleteResult(new InvalidRequestException(elsewhere()));
        return filters.stream().map(filter -> CompletableFuture.completedFuture(refused)).toList();
    }

    private String elsewhere() {
        PolicyEngine engine = engine();
        String runs = engine != null && engine.active()
            ? runs(engine) : "a signed bundle, none active yet";
        return "ACLs are not stored here: this cluster is guarded by Writ, " + runs
            + ". Change the policy's text or its rows, build and sign a new version with "
            + "`writ build`, and put it in the place of "
            + config.bundle();
    }

    @Override
    public Iterable<AclBinding> acls(AclBindingFilter filter) {
        PolicyEngine engine = engine();
        if (engine == null || !engine.active()) {
            return List.of();
        }
        AclListing rows = engine.acls();
        if (rows == null) {
            throw new InvalidRequestException("what " + runs(engine)
                + " grants at " + (config.scope().isEmpty() ? "its only cluster" : config.scope())
                + " is more than can be listed");
        }
        return rows.matching(filter);
    }

    @Override
    public int aclCount() {
        PolicyEngine engine = engine();
        return engine == null || !engine.active() ? 0 : engine.aclCount();
    }

    private static String runs(PolicyEngine engine) {
        return "package " + engine.running().packageName() + " version "
            + engine.running().version();
    }

    private PolicyEngine engine() {
        SharedEngine of = shared;
        return of == null ? null : of.engine;
    }

    /** For tests: looks for a new bundle now. */
    int look() {
        return shared.watch.look();
    }

    /** For tests. */
    SharedEngine shared() {
        return shared;
    }

    @Override
    public void close() {
        SharedEngine of = shared;
        shared = null;
        if (of != null) {
            of.release();
        }
    }
}
