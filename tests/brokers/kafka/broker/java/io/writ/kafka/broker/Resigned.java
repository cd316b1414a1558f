package io.writ.kafka.broker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;

/**
 * A bundle with a time in its manifest at which it ends, signed anew with the same key. The command
 * {@code writ build} sets none. The layout is that of docs/internals/bundle.md.
 */
final class Resigned {
    private static final int ALIGNMENT = 64;
    private static final String TYPE = "application/vnd.writ.manifest+json";

    private Resigned() { }

    static byte[] until(byte[] bundle, Path key, Instant end)
        throws IOException, GeneralSecurityException {
        ByteBuffer from = ByteBuffer.wrap(bundle).order(ByteOrder.LITTLE_ENDIAN);
        String envelope = text(from, 16);
        byte[] manifest = text(from, 32).replaceFirst("\"features\":",
            "\"expires_us\":" + end.toEpochMilli() * 1000 + ",\"features\":")
            .getBytes(StandardCharsets.UTF_8);
        int sections = (int) from.getLong(48);
        byte[] signed = envelope.replaceFirst("\"sig\":\"[^\"]*\"",
            "\"sig\":\"" + signature(manifest, key) + "\"").getBytes(StandardCharsets.UTF_8);
        int manifestAt = aligned(ALIGNMENT + signed.length);
        int sectionsAt = aligned(manifestAt + manifest.length);
        ByteBuffer to = ByteBuffer.allocate(sectionsAt + bundle.length - sections)
            .order(ByteOrder.LITTLE_ENDIAN);
        to.put(bundle, 0, 8).putLong(to.capacity());
        to.putLong(ALIGNMENT).putLong(signed.length).putLong(manifestAt).putLong(manifest.length);
        to.putLong(sectionsAt).position(ALIGNMENT).put(signed);
        to.position(manifestAt).put(manifest);
        to.position(sectionsAt).put(bundle, sections, bundle.length - sections);
        return to.array();
    }

    /** The area whose offset and size stand at this place of the header. */
    private static String text(ByteBuffer from, int at) {
        byte[] out = new byte[(int) from.getLong(at + 8)];
        from.get((int) from.getLong(at), out);
        return new String(out, StandardCharsets.UTF_8);
    }

    private static int aligned(int at) {
        return (at + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    private static String signature(byte[] manifest, Path pem)
        throws IOException, GeneralSecurityException {
        byte[] der = Base64.getMimeDecoder().decode(Files.readString(pem)
            .replaceAll("-----[A-Z ]*-----", ""));
        PrivateKey key = KeyFactory.getInstance("Ed25519")
            .generatePrivate(new PKCS8EncodedKeySpec(der));
        Signature signs = Signature.getInstance("Ed25519");
        signs.initSign(key);
        signs.update(("DSSEv1 " + TYPE.length() + " " + TYPE + " " + manifest.length + " ")
            .getBytes(StandardCharsets.UTF_8));
        signs.update(manifest);
        return Base64.getEncoder().encodeToString(signs.sign());
    }
}
