package io.writ.kafka;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit trail of this process: records in shared memory, a signed log, sinks. Request threads
 * wait for the first two only. Closed after the engine that records here.
 */
final class AuditTrail {
    private static final Logger LOG = LoggerFactory.getLogger(WritAuthorizer.class);

    private final Handle trail;
    private final long[] counts = new long[3];
    private String trouble = "";
    private long denied;

    /** A node that could leave no events does not start. */
    AuditTrail(WritConfig.Audit audit) {
        byte[][] why = new byte[1][];
        byte[][] texts = {utf8(audit.log().toString()), utf8(audit.key()), utf8(audit.rings()),
            utf8(audit.source()), utf8(audit.sender())};
        long address = Native.trail(texts, all(audit.sinks()), all(audit.kafka()),
            new long[] {audit.keepSeconds(), audit.keepBytes(), audit.threads()}, why);
        if (address == 0) {
            throw new KafkaException("the audit trail in " + audit.log() + " cannot be opened: "
                + (why[0] == null ? "no memory" : Utf8.decode(why[0])));
        }
        trail = new Handle(address, Native::freeTrail);
        LOG.info("decisions are recorded in {}{}", audit.log(), audit.sinks().isEmpty() ? ""
            : " and sent to " + String.join(", ", audit.sinks()));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[][] all(java.util.List<String> texts) {
        return texts.stream().map(AuditTrail::utf8).toArray(byte[][]::new);
    }

    long address() {
        return trail.address;
    }

    /** Rows that the log took. */
    synchronized long rows() {
        Native.trailState(trail.address, counts);
        return counts[0];
    }

    /** To be called now and then: says what people should know. */
    synchronized void look() {
        for (byte[] note = Native.trailNote(trail.address); note != null;
            note = Native.trailNote(trail.address)) {
            LOG.warn("audit: {}", Utf8.decode(note));
        }
        byte[] wrong = Native.trailState(trail.address, counts);
        String now = wrong == null ? "" : Utf8.decode(wrong);
        if (!now.equals(trouble)) {
            if (now.isEmpty()) {
                LOG.info("audit: the log takes records again");
            } else {
                LOG.error("audit: nothing reaches the log: {}. Decisions that find no room are "
                    + "denied", now);
            }
            trouble = now;
        }
        if (counts[1] > denied) {
            LOG.error("audit: {} decisions became denials, since they could not be recorded",
                counts[1] - denied);
            denied = counts[1];
        }
    }

    /** After the engine. What sinks have not got is sent by the next trail of this log. */
    synchronized void close() {
        look();
        byte[] wrong = Native.closeTrail(trail.address);
        if (wrong != null) {
            LOG.error("audit: the trail did not end in order: {}", Utf8.decode(wrong));
        }
    }
}
