package io.writ.kafka;

import java.nio.charset.StandardCharsets;

/** Text as standard UTF-8, never the modified form of JNI. */
final class Utf8 {
    private Utf8() { }

    /** Null if the text is ill-formed: half of a surrogate pair means nothing in UTF-8. */
    static byte[] encode(String text) {
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            boolean pair = Character.isHighSurrogate(c) && at + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(at + 1));
            if (!pair) {
                return null;
            }
            at++;
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String decode(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
