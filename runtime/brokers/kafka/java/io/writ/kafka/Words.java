package io.writ.kafka;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;

/** Kafka's enumerations in the words of the model: TRANSACTIONAL_ID is TransactionalId. By
 * ordinal. */
final class Words {
    static final byte[][] KINDS = new byte[ResourceType.values().length][];
    static final byte[][] OPERATIONS = new byte[AclOperation.values().length][];

    static {
        for (ResourceType type : ResourceType.values()) {
            KINDS[type.ordinal()] = word(type.name()).getBytes(StandardCharsets.UTF_8);
        }
        for (AclOperation operation : AclOperation.values()) {
            OPERATIONS[operation.ordinal()] =
                word(operation.name()).getBytes(StandardCharsets.UTF_8);
        }
    }

    private Words() { }

    static String word(String constant) {
        StringBuilder out = new StringBuilder();
        for (String part : constant.split("_")) {
            out.append(part.charAt(0)).append(part.substring(1).toLowerCase(Locale.ROOT));
        }
        return out.toString();
    }
}
