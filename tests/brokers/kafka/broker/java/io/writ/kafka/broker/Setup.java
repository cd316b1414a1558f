package io.writ.kafka.broker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where things are: the command {@code writ}, the plug-in's jar, the folder of policies, a folder
 * to work in, and whether the full sizes run.
 */
record Setup(Path writ, Path jar, Path policies, Path folder, boolean full) {
    /** From {@code --writ F --jar F --policies D --folder D [--long true]}. */
    static Setup of(String[] args) {
        Map<String, String> given = new HashMap<>();
        for (int at = 0; at + 1 < args.length; at += 2) {
            given.put(args[at], args[at + 1]);
        }
        return new Setup(Path.of(given.get("--writ")), Path.of(given.get("--jar")),
            Path.of(given.get("--policies")), Path.of(given.get("--folder")),
            Boolean.parseBoolean(given.getOrDefault("--long", "false")));
    }

    /** What a broker runs with: this very class path, with the plug-in before it. */
    String classPath() {
        return jar + ":" + System.getProperty("java.class.path");
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** Runs a program to its end. Returns what it printed; fails with that if it failed. */
    static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " ended with "
                + process.exitValue() + ": " + said);
        }
        return said;
    }

    static String run(String... command) throws IOException, InterruptedException {
        return run(List.of(command));
    }
}
