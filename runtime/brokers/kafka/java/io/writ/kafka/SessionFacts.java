package io.writ.kafka;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.security.auth.KafkaPrincipal;

/**
 * What a principal builder saw of a connection. They travel beside the principal, found by the very
 * object, because a class of our own would not be equal to the principals that Kafka itself makes:
 * owners and renewers of delegation tokens.
 *
 * @param listener the client's, also where the request was forwarded
 * @param tlsVersion {@code 1.3}; null without TLS, as is the cipher
 * @param mechanism null without SASL
 * @param names of the client's certificate; null if they cannot be read, none without one
 * @param groups null if nobody vouches for them
 */
record SessionFacts(String listener, String protocol, String tlsVersion, String cipher,
                    String mechanism, List<String> names, List<String> groups) {
    private static final WeakIdentityMap<KafkaPrincipal, SessionFacts> OF = new WeakIdentityMap<>();

    /** Ends what {@link #append} adds. What Kafka writes ends with an empty set of fields: 0. */
    private static final int MAGIC = 0x57524954;
    private static final byte VERSION = 1;
    private static final int FOOTER_BYTES = 8;
    /** Of one text or list that another node sends. */
    private static final int ELEMENTS_MAX = 65_536;

    SessionFacts {
        names = names == null ? null : List.copyOf(names);
        groups = groups == null ? null : List.copyOf(groups);
    }

    /** Null: no builder of ours saw the connection. */
    static SessionFacts of(KafkaPrincipal principal) {
        return OF.get(principal);
    }

    /** The principal must not be one that others share. */
    static void know(KafkaPrincipal principal, SessionFacts facts) {
        OF.put(principal, facts);
    }

    /** The principal's bytes, then these facts: who does not know them reads the principal. */
    byte[] append(byte[] principal) {
        byte[][] texts = {bytes(listener), bytes(protocol), bytes(tlsVersion), bytes(cipher),
            bytes(mechanism)};
        byte[][] of = names == null ? null : names.stream().map(SessionFacts::bytes)
            .toArray(byte[][]::new);
        byte[][] in = groups == null ? null : groups.stream().map(SessionFacts::bytes)
            .toArray(byte[][]::new);
        int size = 1 + room(texts) - 4 + room(of) + room(in);
        ByteBuffer out = ByteBuffer.allocate(principal.length + size + FOOTER_BYTES);
        out.put(principal).put(VERSION);
        for (byte[] text : texts) {
            put(out, text);
        }
        putAll(out, of);
        putAll(out, in);
        return out.putInt(size).putInt(MAGIC).array();
    }

    /** Null: there are none. Those of a later version or that make no sense are none. */
    static SessionFacts read(byte[] bytes) {
        if (bytes.length < FOOTER_BYTES) {
            return null;
        }
        ByteBuffer footer = ByteBuffer.wrap(bytes, bytes.length - FOOTER_BYTES, FOOTER_BYTES);
        int size = footer.getInt();
        if (footer.getInt() != MAGIC || size < 1 || size > bytes.length - FOOTER_BYTES) {
            return null;
        }
        ByteBuffer from = ByteBuffer.wrap(bytes, bytes.length - FOOTER_BYTES - size, size);
        if (from.get() != VERSION) {
            return null;
        }
        try {
            SessionFacts out = new SessionFacts(text(from), text(from), text(from), text(from),
                text(from), texts(from), texts(from));
            return from.hasRemaining() || out.listener == null || out.protocol == null ? null : out;
        } catch (java.nio.BufferUnderflowException | IllegalArgumentException e) {
            return null;
        }
    }

    private static byte[] bytes(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    private static int room(byte[][] texts) {
        return 4 + (texts == null ? 0 : Arrays.stream(texts)
            .mapToInt(text -> 4 + (text == null ? 0 : text.length)).sum());
    }

    private static void put(ByteBuffer out, byte[] text) {
        out.putInt(text == null ? -1 : text.length);
        if (text != null) {
            out.put(text);
        }
    }

    private static void putAll(ByteBuffer out, byte[][] texts) {
        out.putInt(texts == null ? -1 : texts.length);
        if (texts != null) {
            for (byte[] text : texts) {
                put(out, text);
            }
        }
    }

    private static String text(ByteBuffer from) {
        int size = from.getInt();
        if (size < 0) {
            return null;
        }
        if (size > from.remaining()) {
            throw new IllegalArgumentException("a text past the end");
        }
        byte[] out = new byte[size];
        from.get(out);
        return new String(out, StandardCharsets.UTF_8);
    }

    private static List<String> texts(ByteBuffer from) {
        int count = from.getInt();
        if (count < 0) {
            return null;
        }
        if (count > ELEMENTS_MAX) {
            throw new IllegalArgumentException("too many texts");
        }
        List<String> out = new ArrayList<>();
        for (int at = 0; at < count; at++) {
            String text = text(from);
            if (text == null) {
                throw new IllegalArgumentException("a text is missing");
            }
            out.add(text);
        }
        return out;
    }
}
