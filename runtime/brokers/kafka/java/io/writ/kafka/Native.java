package io.writ.kafka;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.config.ConfigException;

/**
 * The functions of the native library. Text crosses as UTF-8 bytes; a handle is a number, 0 is
 * none. A decision is a number too: bit 0 says that it is allowed, bit 1 that it rests on what could
 * not be known, bits 8 to 15 are its reason.
 */
final class Native {
    /** The library inside the jar, at its root, and the compiler of conditions that it looks for
     * beside itself. */
    private static final String LIBRARY = "libwrit_kafka.so";
    private static final String COMPILER = "libwrit_jit.so";
    private static final int ABI = 1;
    static final int ALLOWED = 1;
    static final int ERROR = 2;
    /** By Java: kept away from the audit trail's own topic. */
    static final int KEPT_AWAY = 4;
    private static boolean loaded;

    private Native() { }

    /** Loads the library once a process: the one at {@code path}, or if that is empty the jar's
     * own. */
    static synchronized void open(String path) {
        if (loaded) {
            return;
        }
        try {
            if (path.isEmpty()) {
                openOwn();
            } else {
                System.load(Path.of(path).toAbsolutePath().toString());
            }
        } catch (IOException | UnsatisfiedLinkError | SecurityException e) {
            throw new ConfigException(WritConfig.LIBRARY, path,
                "the native library cannot be loaded: " + e.getMessage());
        }
        if (abi() != ABI) {
            throw new ConfigException(WritConfig.LIBRARY, path,
                "the native library is of another version than the jar");
        }
        loaded = true;
    }

    private static void openOwn() throws IOException {
        Path folder = Files.createTempDirectory("writ-kafka");
        folder.toFile().deleteOnExit();
        // A build without LLVM has no compiler, and conditions are interpreted.
        copy(COMPILER, folder);
        if (!copy(LIBRARY, folder)) {
            throw new IOException("this jar has no " + LIBRARY + ": name one with "
                + WritConfig.LIBRARY);
        }
        System.load(folder.resolve(LIBRARY).toString());
    }

    private static boolean copy(String name, Path folder) throws IOException {
        try (InputStream from = Native.class.getResourceAsStream("/" + name)) {
            if (from == null) {
                return false;
            }
            Path file = folder.resolve(name);
            Files.copy(from, file);
            file.toFile().deleteOnExit();
            return true;
        }
    }

    static native int abi();

    /** {@code trail} 0: decisions leave no events. */
    static native long engine(byte[] cluster, boolean nativeCode, long trail);

    static native void freeEngine(long engine);

    /** Null if the bundle is active now, otherwise why it is not. */
    static native byte[] load(long engine, byte[] bundle, byte[][] keys, int threshold);

    /** Null if bundles are kept in the folder from now on, otherwise why not. */
    static native byte[] keepIn(long engine, byte[] folder);

    /** Null if what was kept is active, empty if nothing was, otherwise why it is not. */
    static native byte[] restore(long engine, byte[][] keys, int threshold);

    /** {@code numbers} takes version, generation and when it expires; the answer is the package, a
     * line end, the digest. */
    static native byte[] info(long engine, long[] numbers);

    static native int operation(long engine, byte[] kind, byte[] operation);

    static native String reason(int reason);

    /** Text is null where it is unknown, of an attribute where it is absent; {@code types} are of
     * {@code writ_value_type}. A set's elements end with a zero byte each. */
    static native long session(long engine, byte[] type, byte[] name, byte[] host, byte[] scope,
        byte[][] groups, byte[][] names, byte[][] texts, int[] types, long openedUs);

    static native void freeSession(long session);

    static native long resource(long engine, byte[] kind, byte[] name);

    static native void freeResource(long resource);

    static native long values(long engine);

    static native void freeValues(long values);

    static native int position(long engine, byte[] name);

    static native void setText(long values, int position, byte[] text);

    static native int decide(long engine, long session, long resource, int operation, int purpose,
        long values);

    static native void decideAll(long engine, long[] sessions, long[] resources, int[] operations,
        int[] purposes, int count, long values, int[] answers);

    static native int decideText(long engine, long session, byte[] kind, byte[] name,
        byte[] operation, int purpose, byte[] client, byte[] api);

    static native int decideByKind(long engine, long session, byte[] kind, byte[] operation);

    /** What the policy says at a scope as a plain list can; 0 if it has no such scope or too many
     * rows. */
    static native long acls(long engine, byte[] scope);

    static native void freeAcls(long acls);

    /** {@code unsaid} takes how many statements are left out for each reason. */
    static native long aclCount(long acls, long[] unsaid);

    /** Up to {@code most} rows from a position on, as {@link AclListing} reads them. */
    static native byte[] aclRows(long acls, long from, int most);

    /** 0 if it cannot be opened, and {@code why[0]} says why. {@code texts}: log, key, rings, source,
     * sender; {@code numbers}: seconds and bytes that are kept, threads. */
    static native long trail(byte[][] texts, byte[][] sinks, byte[][] kafka, long[] numbers,
        byte[][] why);

    /** Null, or what is wrong. After the engine. */
    static native byte[] closeTrail(long trail);

    static native void freeTrail(long trail);

    /** {@code counts} takes rows, denied, uncounted; null, or why nothing reaches the log. */
    static native byte[] trailState(long trail, long[] counts);

    /** The next thing to tell people, or null. */
    static native byte[] trailNote(long trail);

    /** 0 ring, 1 durable, 2 replicated: the strictest that the policy asks for. */
    static native int level(long engine);

    /** {@code texts}: principal, mechanism, message, host, scope id; null: unknown. */
    static native boolean authentication(long engine, boolean success, byte[][] texts);

    static native void event(long engine, byte[] type, byte[] message);
}
