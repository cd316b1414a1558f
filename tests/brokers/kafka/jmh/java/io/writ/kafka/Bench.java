package io.writ.kafka;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.server.authorizer.AuthorizationResult;
import org.apache.kafka.server.authorizer.Authorizer;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Kafka's authorizer and Writ's, question by question: {@code Bench --writ F --workload F --folder
 * D [--long true] [--only TEXT] [--keys K=V;K=V]}. First both answer every ask of the workload, and
 * one difference ends the run; then JMH times them, a JVM each. A row where Writ is the slower one
 * is a failure. The last line is {@code N passed, N failed}.
 */
public final class Bench {
    /** A workload and what is asked of it. */
    private record Shape(String name, String workload, long rows, int asks,
        List<String> questions) { }

    private static final int ASKS = 20_000;
    private static final int ROUNDS = 5;

    private final Map<String, String> options = new HashMap<>();
    private int passed;
    private int failed;

    private Bench(String[] args) {
        for (int at = 0; at + 1 < args.length; at += 2) {
            options.put(args[at], args[at + 1]);
        }
    }

    public static void main(String[] args) throws Exception {
        Bench bench = new Bench(args);
        System.out.println("| shape | ACLs | question | Kafka, ns | Writ, ns | ratio |");
        System.out.println("| --- | ---: | --- | ---: | ---: | ---: |");
        String only = bench.options.getOrDefault("--only", "");
        for (Shape shape : shapes(Boolean.parseBoolean(bench.options.get("--long")))) {
            if (shape.name.contains(only)) {
                bench.run(shape);
            }
        }
        System.out.printf("%d passed, %d failed%n", bench.passed, bench.failed);
        System.exit(bench.failed == 0 && bench.passed > 0 ? 0 : 1);
    }

    private static List<Shape> shapes(boolean full) {
        return List.of(
            new Shape("metadata-storm", "metadata-storm", 7_000, ASKS,
                List.of("metadata", "metadata-all", "single")),
            new Shape("typical-10k", "typical", 10_000, ASKS,
                List.of("single", "cold", "by-type", "crossing")),
            new Shape("typical-100k", "typical", 100_000, ASKS, List.of("single", "by-type")),
            new Shape("cidr-hosts", "cidr-hosts", 10_000, ASKS, List.of("single")),
            new Shape("one-name", "one-name", full ? 100_000 : 20_000, ASKS,
                List.of("single", "by-type")),
            new Shape("kafka-jmh", "kafka-jmh", full ? 2_000_000 : 100_000, ASKS,
                List.of("first", "single", "by-type-read")));
    }

    private void run(Shape shape) throws Exception {
        Path folder = Path.of(options.get("--folder"), shape.name);
        prepare(shape, folder);
        // At the size of millions Kafka needs minutes for what the smaller sizes have compared.
        compare(shape, folder, shape.rows > 200_000 ? 200 : ASKS);
        for (String question : shape.questions) {
            double kafka = question.equals("crossing") ? 0 : time(shape, folder, question, "kafka");
            double writ = time(shape, folder, question, "writ");
            String ratio = kafka == 0 ? "" : String.format(Locale.ROOT, "%,.1f", kafka / writ);
            System.out.printf(Locale.ROOT, "| %s | %,d | %s | %s | %,.0f | %s |%n", shape.name,
                shape.rows, question, kafka == 0 ? "" : String.format(Locale.ROOT, "%,.0f", kafka),
                writ, ratio);
            count(kafka == 0 || writ <= kafka, shape.name + " " + question + ": slower");
        }
    }

    private void count(boolean holds, String what) {
        if (holds) {
            passed++;
        } else {
            failed++;
            System.out.println("FAILED: " + what);
        }
    }

    private void prepare(Shape shape, Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder.resolve("policy"));
        command(options.get("--workload"), shape.workload, Long.toString(shape.rows),
            Integer.toString(shape.asks), folder.toString());
        Files.copy(folder.resolve("rows.jsonl"), folder.resolve("policy/rows.jsonl"));
        Files.writeString(folder.resolve("policy/policy.writ"), "package bench \"A workload\"\n\n"
            + "use kafka\n\ncluster main = \"" + Questions.CLUSTER + "\"\n"
            + "acl at main load \"rows.jsonl\" as kafka\n");
        command(options.get("--writ"), "keys", "new", "bench", "--out", folder.toString());
        command(options.get("--writ"), "build", folder.resolve("policy").toString(), "-o",
            folder.resolve("policy.writb").toString(), "--key",
            folder.resolve("bench.pem").toString(), "--version", "1");
    }

    private static void command(String... words) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", words) + ": " + said);
        }
    }

    private void compare(Shape shape, Path folder, int asks) throws IOException {
        int allowed = 0;
        int different = 0;
        try (Authorizer kafka = Questions.kafka(folder); Authorizer writ = Questions.writ(folder)) {
            for (Asked.Call call : Asked.calls(folder).subList(0, asks)) {
                List<AuthorizationResult> one = kafka.authorize(call.context(), call.actions());
                different += one.equals(writ.authorize(call.context(), call.actions())) ? 0 : 1;
                allowed += one.get(0) == AuthorizationResult.ALLOWED ? 1 : 0;
            }
        }
        count(different == 0, shape.name + ": " + different + " answers differ");
        if (different != 0 || allowed == 0) {
            throw new IllegalStateException(shape.name + ": " + different + " differ, " + allowed
                + " allowed");
        }
    }

    /** The least of the rounds, in nanoseconds of the processor a call. */
    private double time(Shape shape, Path folder, String question, String who)
        throws RunnerException {
        List<String> jvm = new ArrayList<>(List.of("-XX:+UseG1GC", shape.rows > 200_000
            ? "-Xmx4g" : "-Xmx1g"));
        if (options.containsKey("--keys")) {
            jvm.add("-Dwrit.bench.keys=" + options.get("--keys"));
        }
        TimeValue round = TimeValue.milliseconds(shape.rows > 200_000 ? 1_500 : 700);
        double least = Double.MAX_VALUE;
        for (RunResult run : new Runner(new OptionsBuilder()
            .include(Questions.class.getName() + "\\." + Questions.method(question) + "$")
            .param("dir", folder.toString()).param("who", who).param("question", question)
            .forks(1).warmupIterations(ROUNDS).warmupTime(round).measurementIterations(ROUNDS)
            .measurementTime(round).jvmArgs(jvm.toArray(new String[0]))
            .addProfiler(CpuPerCall.class).verbosity(VerboseMode.SILENT).build()).run()) {
            least = Math.min(least, run.getSecondaryResults().get("cpu").getStatistics()
                .getMin());
        }
        return least;
    }
}
