package io.writ.kafka;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;

/** A policy's text, built and signed into the place from which an authorizer reads it. */
final class Policy {
    private final Path writ;
    final Path folder;
    private long version;

    Policy(Path writ, Path folder) throws IOException, InterruptedException {
        this.writ = writ;
        this.folder = folder;
        Files.createDirectories(folder.resolve("policy"));
        run(writ.toString(), "keys", "new", "test", "--out", folder.toString());
    }

    Path bundle() {
        return folder.resolve("policy.writb");
    }

    /** What an authorizer needs, and more. */
    Map<String, String> keys(Map<String, String> more) {
        Map<String, String> keys = new HashMap<>(Map.of(WritConfig.BUNDLE, bundle().toString(),
            WritConfig.TRUST, folder.resolve("test.pub.pem").toString(),
            // Changes come when the test says so, not when the watch looks.
            WritConfig.POLL, "3600000"));
        keys.putAll(more);
        return keys;
    }

    /** A new version in the place of the one before. */
    void publish(String text) throws IOException, InterruptedException {
        Files.writeString(folder.resolve("policy/policy.writ"), text);
        version++;
        Path next = folder.resolve("next.writb");
        run(writ.toString(), "build", folder.resolve("policy").toString(), "-o", next.toString(),
            "--key", folder.resolve("test.pem").toString(), "--version", Long.toString(version));
        Files.move(next, bundle(), StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
    }

    static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(String.join(" ", command) + ": " + said);
        }
    }
}
