package io.writ.kafka;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AccessControlEntryFilter;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePatternFilter;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.metadata.authorizer.StandardAcl;

/**
 * Random principals, names and hosts that meet each other often: names grow out of one another, and
 * ACLs and requests draw from the same small pools.
 */
final class World {
    private static final String LETTERS = "abcxyzABZ019._-";
    /** What Kafka stores as a host; the last ones never match. */
    private static final List<String> ACL_HOSTS = List.of("*", "*", "*", "*", "*", "*", "*", "*",
        "10.0.0.1", "10.0.0.2", "10.1.2.3", "192.168.7.9",
        "10.0.0.0/8", "10.0.0.0/30", "10.0.0.2/31", "10.1.2.3/32", "192.168.0.0/16", "0.0.0.0/0",
            "::/0", "2001:db8::/32",
        "2001:db8:0:0:0:0:0:1", "2001:db8:0:0:0:0:0:1/127", "fe80:0:0:0:0:0:0:9",
            "fe80:0:0:0:0:0:0:9%3", "fe80::/10",
        "::1", "localhost", "10.0.0.0/33", "10.0.0.");
    /** How Writ lists those that it does not list as they were written; null: not at all. */
    static final Map<String, String> LISTED = new HashMap<>();

    static {
        LISTED.put("10.1.2.3/32", "10.1.2.3");
        LISTED.put("::/0", "0:0:0:0:0:0:0:0/0");
        LISTED.put("2001:db8::/32", "2001:db8:0:0:0:0:0:0/32");
        LISTED.put("2001:db8:0:0:0:0:0:1/127", "2001:db8:0:0:0:0:0:0/127");
        LISTED.put("fe80::/10", "fe80:0:0:0:0:0:0:0/10");
        for (String never : List.of("::1", "localhost", "10.0.0.0/33", "10.0.0.")) {
            LISTED.put(never, null);
        }
    }

    private static final List<String> CLIENT_HOSTS = List.of("10.0.0.1", "10.0.0.2", "10.0.0.3",
        "10.1.2.3", "10.255.255.255",
        "11.0.0.0", "192.168.7.9", "172.16.0.1", "2001:db8::1", "2001:db8::2", "2001:db9::1",
            "fe80::9", "fe80::9%3", "::1");
    static final List<ResourceType> TYPES = List.of(ResourceType.TOPIC, ResourceType.TOPIC,
        ResourceType.TOPIC, ResourceType.GROUP,
        ResourceType.GROUP, ResourceType.CLUSTER, ResourceType.TRANSACTIONAL_ID,
            ResourceType.DELEGATION_TOKEN, ResourceType.USER);
    static final List<AclOperation> ACL_OPERATIONS = new ArrayList<>();
    static final List<AclOperation> OPERATIONS = new ArrayList<>();

    static {
        for (AclOperation operation : AclOperation.values()) {
            boolean filter = operation == AclOperation.UNKNOWN || operation == AclOperation.ANY;
            if (!filter) {
                ACL_OPERATIONS.add(operation);
            }
            if (!filter && operation != AclOperation.ALL) {
                OPERATIONS.add(operation);
            }
        }
    }

    private final Random random;
    final List<String> principals = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    final List<InetAddress> clients = new ArrayList<>();
    final Set<String> superUsers = new LinkedHashSet<>();
    final boolean allowIfNone;

    /** Without super users and default. */
    World() {
        random = new Random(1);
        allowIfNone = false;
    }

    World(Random random) {
        this.random = random;
        for (int i = 0; i < 2 + random.nextInt(5); i++) {
            principals.add((random.nextInt(5) == 0 ? "Robot:" : "User:") + name());
        }
        principals.add("User:ANONYMOUS");
        for (int i = 0; i < 3 + random.nextInt(10); i++) {
            String begin = !names.isEmpty() && random.nextInt(3) != 0 ? pick(names) : "";
            names.add(begin.length() > 100 ? name() : begin + name());
        }
        for (String host : CLIENT_HOSTS) {
            clients.add(address(host));
        }
        for (int i = 0; i < random.nextInt(3); i++) {
            String user = random.nextBoolean() ? pick(principals) : "User:" + name();
            // A policy's text says principals of the types that the model has; rows take any.
            superUsers.add("User" + user.substring(user.indexOf(':')));
        }
        allowIfNone = random.nextInt(3) == 0;
    }

    private String name() {
        StringBuilder out = new StringBuilder();
        for (int left = 1 + random.nextInt(random.nextInt(6) == 0 ? 40 : 4); left > 0; left--) {
            out.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        // A dot or two alone name nothing in Kafka.
        return out.charAt(0) == '.' ? "t" + out : out.toString();
    }

    <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    InetAddress client() {
        return pick(clients);
    }

    /** A name that is asked for: known, an extension, or a beginning of one. */
    String asked(ResourceType type) {
        if (type == ResourceType.CLUSTER && random.nextInt(10) != 0) {
            return "kafka-cluster";
        }
        String known = pick(names);
        return switch (random.nextInt(6)) {
            case 0 -> known + name();
            case 1 -> known.substring(0, 1 + random.nextInt(known.length()));
            case 2 -> type == ResourceType.USER ? pick(principals) : name();
            default -> known;
        };
    }

    StandardAcl acl() {
        ResourceType type = pick(TYPES);
        PatternType pattern = random.nextInt(5) < 2 ? PatternType.PREFIXED : PatternType.LITERAL;
        String name = random.nextInt(12) == 0 ? "*" : asked(type);
        String principal = random.nextInt(4) == 0 ? "User:*" : pick(principals);
        return new StandardAcl(type, name, pattern, principal, pick(ACL_HOSTS),
            random.nextInt(5) == 0 ? AclOperation.ALL : pick(ACL_OPERATIONS),
            random.nextInt(6) == 0 ? AclPermissionType.DENY : AclPermissionType.ALLOW);
    }

    /** Null: the ACL matches nobody. */
    static AclBinding listed(AclBinding acl) {
        AccessControlEntry entry = acl.entry();
        String host = LISTED.containsKey(entry.host()) ? LISTED.get(entry.host()) : entry.host();
        return host == null ? null : new AclBinding(acl.pattern(),
            new AccessControlEntry(entry.principal(), host, entry.operation(),
                entry.permissionType()));
    }

    /** A filter that some of the ACLs pass. */
    AclBindingFilter filter() {
        StandardAcl like = acl();
        ResourceType type = random.nextBoolean() ? ResourceType.ANY : like.resourceType();
        PatternType pattern = pick(List.of(PatternType.ANY, PatternType.MATCH, PatternType.LITERAL,
            PatternType.PREFIXED));
        return new AclBindingFilter(
            new ResourcePatternFilter(type, random.nextBoolean() ? null : like.resourceName(),
                pattern),
            new AccessControlEntryFilter(random.nextBoolean() ? null : like.principal(), null,
                random.nextBoolean() ? AclOperation.ANY : like.operation(),
                random.nextBoolean() ? AclPermissionType.ANY : like.permissionType()));
    }

    static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(literal, e);
        }
    }
}
