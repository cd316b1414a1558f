package io.writ.kafka;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * What one policy says as ACLs. Later policies do not change it, and it may be walked more than
 * once. Rows of kinds and operations that this Kafka does not have are passed over.
 */
final class AclListing {
    private static final int AT_ONCE = 512;
    /** In the order of the native library's reasons. */
    private static final String[] WHY = {"a condition", "a validity", "an exception, a tag or a "
        + "suffix", "principals that have no name", "a host that no client has"};
    private static final Map<String, ResourceType> KINDS = new HashMap<>();
    private static final Map<String, AclOperation> OPERATIONS = new HashMap<>();

    static {
        for (ResourceType type : ResourceType.values()) {
            if (type != ResourceType.UNKNOWN && type != ResourceType.ANY) {
                KINDS.put(Words.word(type.name()), type);
            }
        }
        for (AclOperation operation : AclOperation.values()) {
            if (operation != AclOperation.UNKNOWN && operation != AclOperation.ANY) {
                OPERATIONS.put(Words.word(operation.name()), operation);
            }
        }
    }

    private final Handle rows;
    /** Of all kinds. */
    final long count;
    private final long[] unsaid = new long[WHY.length];

    /** {@code address} is what {@link Native#acls} gave. */
    AclListing(long address) {
        rows = new Handle(address, Native::freeAcls);
        count = Native.aclCount(address, unsaid);
        Reference.reachabilityFence(rows);
    }

    /** For the log: how much is said, and of what is not said why. */
    String summary() {
        StringBuilder out = new StringBuilder(count + " ACLs");
        long all = 0;
        StringBuilder why = new StringBuilder();
        for (int at = 0; at < WHY.length; at++) {
            all += unsaid[at];
            if (unsaid[at] != 0) {
                why.append(why.length() == 0 ? ": " : ", ").append(unsaid[at]).append(" for ")
                    .append(WHY[at]);
            }
        }
        if (all != 0) {
            out.append("; ").append(all).append(" statements cannot be said, or not wholly")
                .append(why);
        }
        return out.toString();
    }

    Iterable<AclBinding> matching(AclBindingFilter filter) {
        return () -> new Walk(filter);
    }

    private final class Walk implements Iterator<AclBinding> {
        private final AclBindingFilter filter;
        private long asked;
        private ByteBuffer batch = ByteBuffer.allocate(0);
        private AclBinding next;

        Walk(AclBindingFilter filter) {
            this.filter = filter;
        }

        @Override
        public boolean hasNext() {
            while (next == null) {
                if (!batch.hasRemaining()) {
                    if (asked >= count) {
                        return false;
                    }
                    batch = ByteBuffer.wrap(Native.aclRows(rows.address, asked, AT_ONCE));
                    Reference.reachabilityFence(rows);
                    asked += AT_ONCE;
                }
                AclBinding read = read(batch);
                if (read != null && filter.matches(read)) {
                    next = read;
                }
            }
            return true;
        }

        @Override
        public AclBinding next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            AclBinding out = next;
            next = null;
            return out;
        }
    }

    /** Null: this Kafka has no such kind or operation. */
    private static AclBinding read(ByteBuffer from) {
        boolean allow = from.get() != 0;
        boolean prefix = from.get() != 0;
        String type = text(from);
        String principal = text(from);
        String host = text(from);
        String operation = text(from);
        ResourceType kind = KINDS.get(text(from));
        String name = text(from);
        AclOperation asked = operation == null ? AclOperation.ALL : OPERATIONS.get(operation);
        if (kind == null || asked == null) {
            return null;
        }
        return new AclBinding(
            new ResourcePattern(kind, name == null ? ResourcePattern.WILDCARD_RESOURCE : name,
                prefix ? PatternType.PREFIXED : PatternType.LITERAL),
            new AccessControlEntry(type == null ? "User:*" : type + ":" + principal,
                host == null ? "*" : host, asked,
                allow ? AclPermissionType.ALLOW : AclPermissionType.DENY));
    }

    private static String text(ByteBuffer from) {
        int count = from.getInt();
        if (count < 0) {
            return null;
        }
        byte[] bytes = new byte[count];
        from.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
