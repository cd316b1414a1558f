package io.writ.kafka.broker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A policy's text on its way into a signed bundle, version after version. */
final class Policy {
    private final Setup setup;
    private final Path folder;
    private long version;

    Policy(Setup setup, Path folder) throws IOException, InterruptedException {
        this.setup = setup;
        this.folder = Files.createDirectories(folder);
        Setup.run(setup.writ().toString(), "keys", "new", "release", "--out", folder.toString());
    }

    /** What brokers are told to run. */
    Path bundle() {
        return folder.resolve("cluster.writb");
    }

    Path trust() {
        return folder.resolve("release.pub.pem");
    }

    Path key() {
        return folder.resolve("release.pem");
    }

    long version() {
        return version;
    }

    /** The text of a file of the tests' policies. */
    String text(String name) throws IOException {
        return Files.readString(setup.policies().resolve(name));
    }

    /** Compiles and signs the next version; the brokers do not see it yet. */
    byte[] build(String text) throws IOException, InterruptedException {
        return build(Files.writeString(folder.resolve("policy.writ"), text,
            StandardCharsets.UTF_8));
    }

    /** Of a file or a folder of files. */
    byte[] build(Path source) throws IOException, InterruptedException {
        version++;
        Path built = folder.resolve("built.writb");
        Setup.run(setup.writ().toString(), "build", source.toString(), "-o", built.toString(),
            "--key", key().toString(), "--version", Long.toString(version));
        return Files.readAllBytes(built);
    }

    /** Puts a bundle where brokers look, in one step. */
    void place(byte[] bundle) throws IOException {
        Path beside = folder.resolve("next");
        Files.write(beside, bundle);
        Files.move(beside, bundle(), StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
    }

    byte[] publish(String text) throws IOException, InterruptedException {
        byte[] bundle = build(text);
        place(bundle);
        return bundle;
    }
}
