package io.writ.kafka.broker;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateDelegationTokenOptions;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.DelegationTokenAuthorizationException;
import org.apache.kafka.common.errors.DelegationTokenOwnerMismatchException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.token.delegation.DelegationToken;

/** What an admin client sees: topics, configurations, groups, tokens, authorized operations. */
final class AdminTest {
    private final Cluster cluster;
    private final Check check;
    private final Map<String, Object> olivia;
    private final Map<String, Object> carol;
    private final Map<String, Object> alice;

    AdminTest(Cluster cluster, Check check) {
        this.cluster = cluster;
        this.check = check;
        olivia = cluster.as("olivia");
        carol = cluster.as("carol");
        alice = cluster.as("alice");
    }

    void all() {
        topics();
        configs();
        groups();
        operations();
        tokens();
        acls();
    }

    private <T> void works(String what, Map<String, Object> who, Clients.Asks<T> asks) {
        check.works(what, Clients.admin(who, asks));
    }

    private <T> void fails(Class<? extends Throwable> error, String what, Map<String, Object> who,
        Clients.Asks<T> asks) {
        check.fails(error, what, Clients.admin(who, asks));
    }

    private void topics() {
        check.section("admin: topics");
        works("Create by prefix, through the controller", olivia, admin ->
            admin.createTopics(List.of(new NewTopic("ops.made", 1, (short) 1))).all().get());
        fails(TopicAuthorizationException.class, "Create elsewhere", olivia, admin ->
            admin.createTopics(List.of(new NewTopic("orders.made", 1, (short) 1))).all().get());
        works("more partitions", olivia, admin ->
            admin.createPartitions(Map.of("ops.made", NewPartitions.increaseTo(2))).all().get());
        fails(TopicAuthorizationException.class, "more partitions elsewhere", olivia, admin ->
            admin.createPartitions(Map.of("orders.new", NewPartitions.increaseTo(2))).all().get());
        fails(TopicAuthorizationException.class, "Delete with Describe only",
            cluster.as("eve"), admin -> admin.deleteTopics(List.of("orders.new")).all().get());
        fails(UnknownTopicOrPartitionException.class, "Delete of what is not there, granted",
            olivia, admin -> admin.deleteTopics(List.of("ops.nothing")).all().get());
        fails(TopicAuthorizationException.class, "Delete of what is not there, not granted", carol,
            admin -> admin.deleteTopics(List.of("ops.nothing")).all().get());
        works("Delete", olivia, admin -> admin.deleteTopics(List.of("ops.made")).all().get());
        works("a list shows what may be described", cluster.as("bob"), admin -> {
            check.same(Set.of("orders.new"), admin.listTopics().names().get().stream()
                .filter(name -> !name.startsWith("__")).collect(Collectors.toSet()),
                "bob's topics");
            return null;
        });
    }

    private static final ConfigResource OPS = new ConfigResource(ConfigResource.Type.TOPIC,
        "ops.log");
    private static final ConfigResource ORDERS = new ConfigResource(ConfigResource.Type.TOPIC,
        "orders.new");
    private static final ConfigResource NODE = new ConfigResource(ConfigResource.Type.BROKER, "1");

    private static Map<ConfigResource, java.util.Collection<AlterConfigOp>> set(
        ConfigResource resource, String key, String value) {
        return Map.of(resource, List.of(new AlterConfigOp(new ConfigEntry(key, value),
            AlterConfigOp.OpType.SET)));
    }

    private void configs() {
        check.section("admin: configurations");
        works("of a topic", olivia, admin -> admin.describeConfigs(List.of(OPS)).all().get());
        fails(TopicAuthorizationException.class, "of another topic", olivia, admin ->
            admin.describeConfigs(List.of(ORDERS)).all().get());
        works("of a broker: DescribeConfigs on Cluster", olivia, admin ->
            admin.describeConfigs(List.of(NODE)).all().get());
        fails(ClusterAuthorizationException.class, "of a broker", carol, admin ->
            admin.describeConfigs(List.of(NODE)).all().get());
        works("changed", olivia, admin ->
            admin.incrementalAlterConfigs(set(OPS, "retention.ms", "60000")).all().get());
        fails(TopicAuthorizationException.class, "changed elsewhere", olivia, admin ->
            admin.incrementalAlterConfigs(set(ORDERS, "retention.ms", "1")).all().get());
        fails(ClusterAuthorizationException.class, "of a broker, changed", olivia, admin ->
            admin.incrementalAlterConfigs(set(NODE, "num.io.threads", "3")).all().get());
    }

    private void groups() {
        check.section("admin: groups");
        works("those that may be described are listed", cluster.as("bob"), admin -> {
            Set<String> seen = new TreeSet<>();
            admin.listGroups().all().get().forEach(group -> seen.add(group.groupId()));
            check.same(Set.of("orders-classic", "orders-consumer"), seen, "bob's groups");
            return null;
        });
        works("described", alice, admin ->
            admin.describeConsumerGroups(List.of("orders-classic")).all().get());
        fails(GroupAuthorizationException.class, "described", carol, admin ->
            admin.describeConsumerGroups(List.of("orders-classic")).all().get());
        works("offsets", alice, admin ->
            admin.listConsumerGroupOffsets("orders-classic").partitionsToOffsetAndMetadata().get());
        fails(GroupAuthorizationException.class, "offsets", olivia, admin ->
            admin.listConsumerGroupOffsets("orders-classic").partitionsToOffsetAndMetadata().get());
        fails(GroupAuthorizationException.class, "deleted by another", carol, admin ->
            admin.deleteConsumerGroups(List.of("orders-classic")).all().get());
        works("deleted", alice, admin ->
            admin.deleteConsumerGroups(List.of("orders-classic")).all().get());
    }

    private static Set<String> names(Set<AclOperation> of) {
        return of == null ? null : new TreeSet<>(of.stream().map(AclOperation::name).toList());
    }

    private static Set<String> set(String... names) {
        return new TreeSet<>(Arrays.asList(names));
    }

    /** Metadata, groups and the cluster with the operations that the asker may do. */
    private void operations() {
        check.section("admin: authorized operations");
        works("of a topic", alice, admin -> {
            TopicDescription of = admin.describeTopics(List.of("orders.new"),
                new DescribeTopicsOptions().includeAuthorizedOperations(true)).allTopicNames().get()
                .get("orders.new");
            check.same(set("DESCRIBE", "READ", "WRITE"), names(of.authorizedOperations()), "alice");
            return null;
        });
        works("of a topic, all of them", olivia, admin -> {
            TopicDescription of = admin.describeTopics(List.of("ops.log"),
                new DescribeTopicsOptions().includeAuthorizedOperations(true)).allTopicNames().get()
                .get("ops.log");
            check.same(set("ALTER", "ALTER_CONFIGS", "CREATE", "DELETE", "DESCRIBE",
                "DESCRIBE_CONFIGS", "READ", "WRITE"), names(of.authorizedOperations()), "olivia");
            return null;
        });
        works("of the cluster", olivia, admin -> {
            check.same(set("DESCRIBE", "DESCRIBE_CONFIGS"), names(admin.describeCluster(
                new DescribeClusterOptions().includeAuthorizedOperations(true))
                .authorizedOperations().get()), "olivia at the cluster");
            return null;
        });
        works("of the cluster, none", carol, admin -> {
            check.same(set(), names(admin.describeCluster(
                new DescribeClusterOptions().includeAuthorizedOperations(true))
                .authorizedOperations().get()), "carol at the cluster");
            return null;
        });
        works("of a group", alice, admin -> {
            check.same(set("DELETE", "DESCRIBE", "READ"), names(admin.describeConsumerGroups(
                List.of("orders-consumer"), new DescribeConsumerGroupsOptions()
                    .includeAuthorizedOperations(true)).all().get().get("orders-consumer")
                .authorizedOperations()), "alice at a group");
            return null;
        });
    }

    private DelegationToken token(Map<String, Object> who, CreateDelegationTokenOptions options)
        throws Exception {
        return Clients.admin(who, admin -> admin.createDelegationToken(options)
            .delegationToken().get()).call();
    }

    void tokens() {
        check.section("admin: delegation tokens");
        KafkaPrincipal bob = new KafkaPrincipal("User", "bob");
        DelegationToken own = check.works("of oneself: nobody is asked", () ->
            token(alice, new CreateDelegationTokenOptions().renewers(List.of(bob))));
        check.works("of oneself, by certificate", () ->
            token(cluster.asCertificate("tess"), new CreateDelegationTokenOptions()));
        DelegationToken other = check.works("of another, granted", () ->
            token(olivia, new CreateDelegationTokenOptions().owner(bob)));
        check.fails(DelegationTokenAuthorizationException.class, "of another", () ->
            token(carol, new CreateDelegationTokenOptions().owner(bob)));
        if (own == null || other == null) {
            return;
        }
        check.works("with the token, as its owner", () -> Until.value("the token is known", 20,
            () -> Clients.send(withToken(own), "orders.new", "by token")));
        check.works("with another's token, as that one", () -> Until.value("the token is known", 20,
            () -> Clients.readAssigned(withToken(other), "orders.new")));
        check.fails(TopicAuthorizationException.class, "and as nobody else", () ->
            Clients.sendPlain(withToken(other), "orders.new", "x"));
        works("are described", olivia, admin ->
            admin.describeDelegationToken().delegationTokens().get());
        works("those of others are left out", carol, admin -> {
            check.same(0, admin.describeDelegationToken().delegationTokens().get().size(),
                "carol sees");
            return null;
        });
        works("renewed by the owner", alice, admin ->
            admin.renewDelegationToken(own.hmac()).expiryTimestamp().get());
        works("renewed by the one who is named for it", cluster.as("bob"), admin ->
            admin.renewDelegationToken(own.hmac()).expiryTimestamp().get());
        fails(DelegationTokenOwnerMismatchException.class, "renewed by another", carol, admin ->
            admin.renewDelegationToken(own.hmac()).expiryTimestamp().get());
        works("the owner sees it", alice, admin -> {
            check.that(admin.describeDelegationToken().delegationTokens().get().stream()
                .anyMatch(token -> token.tokenInfo().tokenId().equals(own.tokenInfo().tokenId())),
                "alice sees her token");
            return null;
        });
        works("expired by the owner", alice, admin ->
            admin.expireDelegationToken(own.hmac(), new org.apache.kafka.clients.admin
                .ExpireDelegationTokenOptions().expiryTimePeriodMs(-1)).expiryTimestamp().get());
    }

    private Map<String, Object> withToken(DelegationToken token) {
        return cluster.asScram(token.tokenInfo().tokenId(), token.hmacAsBase64String(), true);
    }

    private void acls() {
        check.section("admin: ACLs");
        AclBinding binding = new AclBinding(new ResourcePattern(ResourceType.TOPIC, "x",
            PatternType.LITERAL), new AccessControlEntry("User:x", "*", AclOperation.READ,
                AclPermissionType.ALLOW));
        works("are changed in the policy, and the error says so", cluster.as("admin"), admin -> {
            String said = "";
            try {
                admin.createAcls(List.of(binding)).all().get();
            } catch (java.util.concurrent.ExecutionException e) {
                said = e.getCause().getMessage();
            }
            check.that(said.contains("cluster.writb") && said.contains("package shop version 1"),
                "the bundle and the package are named: " + said);
            return null;
        });
        fails(InvalidRequestException.class, "are not created", cluster.as("admin"), admin ->
            admin.createAcls(List.of(binding)).all().get());
        fails(InvalidRequestException.class, "are not deleted", cluster.as("admin"), admin ->
            admin.deleteAcls(List.of(AclBindingFilter.ANY)).all().get());
        fails(ClusterAuthorizationException.class, "are not created by anybody", carol, admin ->
            admin.createAcls(List.of(binding)).all().get());
        fails(ClusterAuthorizationException.class, "are not described to anybody", carol, admin ->
            admin.describeAcls(AclBindingFilter.ANY).values().get());
    }
}
