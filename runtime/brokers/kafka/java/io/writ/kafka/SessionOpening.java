package io.writ.kafka;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What of a session crosses to native code, in the words of the model. */
final class SessionOpening {
    private static final int ABSENT = 0;
    private static final int TEXT = 1;
    private static final int BOOL = 3;
    private static final int TEXT_SET = 4;

    private final byte[] type;
    private final byte[] name;
    private final byte[] host;
    private final byte[][] groups;
    private final List<byte[]> names = new ArrayList<>();
    private final List<byte[]> texts = new ArrayList<>();
    private final List<Integer> types = new ArrayList<>();
    private boolean wellFormed = true;

    private SessionOpening(SessionKey key) {
        type = utf8(key.type);
        name = utf8(key.name);
        host = key.address.getHostAddress().getBytes(StandardCharsets.UTF_8);
        if (key.listener != null) {
            say("listener", TEXT, utf8(key.listener));
            say("security.protocol", TEXT, utf8(key.protocol));
        }
        say("auth.token", BOOL, utf8(key.token ? "1" : "0"));
        SessionFacts facts = key.facts;
        groups = facts == null || facts.groups() == null ? null : facts.groups().stream()
            .map(this::utf8).toArray(byte[][]::new);
        if (facts != null) {
            sayIfAny("sasl.mechanism", facts.mechanism());
            sayIfAny("tls.version", facts.tlsVersion());
            sayIfAny("tls.cipher", facts.cipher());
            if (facts.names() != null) {
                say("certificate.names", TEXT_SET, utf8(ended(facts.names())));
            }
        }
    }

    /** Null: a text of it is ill-formed. */
    static SessionOpening of(SessionKey key) {
        SessionOpening out = new SessionOpening(key);
        return out.wellFormed ? out : null;
    }

    long open(long engine, byte[] scope) {
        return Native.session(engine, type, name, host, scope, groups,
            names.toArray(byte[][]::new), texts.toArray(byte[][]::new),
            types.stream().mapToInt(Integer::intValue).toArray(),
            System.currentTimeMillis() * 1000);
    }

    private static String ended(List<String> elements) {
        StringBuilder out = new StringBuilder();
        for (String element : elements) {
            out.append(element).append('\0');
        }
        return out.toString();
    }

    private void sayIfAny(String attribute, String text) {
        say(attribute, text == null ? ABSENT : TEXT, text == null ? null : utf8(text));
    }

    private void say(String attribute, int kind, byte[] text) {
        names.add(attribute.getBytes(StandardCharsets.UTF_8));
        types.add(kind);
        texts.add(text);
    }

    private byte[] utf8(String text) {
        byte[] out = Utf8.encode(text);
        wellFormed &= out != null;
        return out;
    }
}
