package io.writ.kafka.broker;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** One Kafka process of its own: its properties, its log, its start and its end. */
final class Node implements AutoCloseable {
    private static final int STOP_SECONDS = 30;

    private final Setup setup;
    private final Path folder;
    private final Map<String, String> properties = new TreeMap<>();
    private List<String> jvm = List.of("-XX:TieredStopAtLevel=1");
    private Process process;

    Node(Setup setup, Path folder) throws IOException {
        this.setup = setup;
        this.folder = folder;
        Files.createDirectories(folder);
        properties.put("log.dirs", folder.resolve("data").toString());
    }

    /** Counts from the next start. */
    void set(String key, String value) {
        properties.put(key, value);
    }

    void remove(String key) {
        properties.remove(key);
    }

    Path folder() {
        return folder;
    }

    /** By default a node starts soon; a measured one wants the whole compiler. */
    void jvm(List<String> options) {
        jvm = List.copyOf(options);
    }

    private Path file(String name, Map<String, String> of) throws IOException {
        StringBuilder text = new StringBuilder();
        of.forEach((key, value) -> text.append(key).append('=')
            .append(value.replace("\\", "\\\\")).append('\n'));
        return Files.writeString(folder.resolve(name), text);
    }

    void format(String cluster, List<String> scram) throws IOException {
        // Formatting happens in this process, which is without the plug-in.
        Map<String, String> plain = new TreeMap<>(properties);
        plain.values().removeIf(value -> value.startsWith("io.writ.kafka."));
        List<String> args = new ArrayList<>(List.of("format", "--cluster-id", cluster, "--config",
            file("format.properties", plain).toString()));
        for (String user : scram) {
            args.add("--add-scram");
            args.add(user);
        }
        PrintStream out = new PrintStream(Files.newOutputStream(folder.resolve("format.log")), true,
            StandardCharsets.UTF_8);
        int code = kafka.tools.StorageTool.execute(args.toArray(new String[0]), out);
        if (code != 0) {
            throw new IOException("format: " + Files.readString(folder.resolve("format.log")));
        }
    }

    /** Starts the process; does not wait until it is ready. */
    void start() throws IOException {
        if (running()) {
            throw new IllegalStateException(folder + " runs already");
        }
        Path log = folder.resolve("node.log");
        if (Files.exists(log)) {
            Files.move(log, folder.resolve("node." + System.nanoTime() + ".log"));
        }
        List<String> command = new ArrayList<>(List.of(Setup.java(), "-Xmx512m"));
        command.addAll(jvm);
        command.addAll(List.of(
            "-Dlog4j2.configurationFile=" + setup.policies().resolve("../log4j2.yaml").normalize(),
            "-cp", setup.classPath(), NodeMain.class.getName(),
            file("server.properties", properties).toString()));
        process = new ProcessBuilder(command)
            .redirectErrorStream(true).redirectOutput(log.toFile()).start();
    }

    boolean running() {
        return process != null && process.isAlive();
    }

    /** As an operator does it: SIGTERM, and patience. */
    void stop() throws InterruptedException {
        if (!running()) {
            return;
        }
        process.destroy();
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }

    String log() throws IOException {
        Path log = folder.resolve("node.log");
        return Files.exists(log) ? new String(Files.readAllBytes(log), StandardCharsets.UTF_8) : "";
    }

    /** Heap and resident set in bytes, after a collection. */
    long[] memory() throws IOException {
        int before = log().length();
        process.getOutputStream().write("memory\n".getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
        return Until.value("the node's memory", 60, () -> {
            String said = log().substring(before);
            int at = said.indexOf("memory ");
            int end = at < 0 ? -1 : said.indexOf('\n', at);
            if (end < 0) {
                return null;
            }
            String[] parts = said.substring(at, end).trim().split(" ");
            return new long[] {Long.parseLong(parts[1]), Long.parseLong(parts[2])};
        });
    }

    @Override
    public void close() {
        if (running()) {
            process.destroyForcibly();
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
