package io.writ.kafka.broker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A node's process: {@code kafka.Kafka} and a thread that listens to whoever started it. When that
 * one ends, in whatever way, standard input ends and the node goes too: nothing is left behind.
 * The line {@code memory} is answered by one line {@code memory HEAP RESIDENT} in bytes.
 */
public final class NodeMain {
    private NodeMain() { }

    public static void main(String[] args) {
        Thread listener = new Thread(NodeMain::listen, "node-parent");
        listener.setDaemon(true);
        listener.start();
        kafka.Kafka.main(args);
    }

    private static void listen() {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in,
            StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.equals("memory")) {
                    System.out.println(memory());
                }
            }
        } catch (IOException e) {
            System.out.println("standard input: " + e);
        }
        Runtime.getRuntime().halt(1);
    }

    /** After two collections, since what a first one finds may free native memory by a cleaner. */
    private static String memory() throws IOException {
        System.gc();
        System.gc();
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        String pages = Files.readString(Path.of("/proc/self/statm")).split(" ")[1];
        return "memory " + heap + " " + Long.parseLong(pages) * 4096;
    }
}
