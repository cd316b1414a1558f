package io.writ.kafka;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.ClusterResource;
import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.internals.PluginMetricsImpl;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.metadata.authorizer.StandardAcl;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.server.authorizer.AuthorizationResult;
import org.apache.kafka.server.authorizer.Authorizer;
import org.apache.kafka.server.authorizer.AuthorizerServerInfo;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What a broker asks, of one authorizer in one JVM: `who` is Kafka's own or Writ's. Every question
 * goes through {@link Authorizer}, so Writ's answer has the crossing into native code in it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Questions {
    static final String CLUSTER = "bench";
    private static final int TOPICS = 500;
    /** Who asks comes back: as many as a broker has connections. `cold` has more than are kept. */
    private static final int CONNECTIONS = 4_000;

    @Param("")
    public String dir;
    @Param({"kafka", "writ"})
    public String who;
    @Param("single")
    public String question;

    private Authorizer authorizer;
    private List<Asked.Call> calls;
    private List<List<Asked.Call>> answers;
    private int next;

    /** Brings the authorizer up as a broker does it. */
    @Setup
    public void setup() throws IOException {
        Path folder = Path.of(dir);
        authorizer = who.equals("writ") ? writ(folder) : kafka(folder);
        calls = Asked.calls(folder);
        if (question.startsWith("metadata")) {
            answers = Asked.metadata(folder, TOPICS, question.equals("metadata-all"));
        }
        if (question.equals("first")) {
            calls = calls.subList(0, 1);
        } else if (!question.equals("cold")) {
            calls = calls.subList(0, Math.min(calls.size(), CONNECTIONS));
        }
    }

    static Authorizer writ(Path folder) {
        WritAuthorizer of = new WritAuthorizer();
        Map<String, String> keys = new HashMap<>(Map.of("writ.bundle",
            folder.resolve("policy.writb").toString(), "writ.trust",
            folder.resolve("bench.pub.pem").toString()));
        String more = System.getProperty("writ.bench.keys", "");
        for (String pair : more.isEmpty() ? new String[0] : more.split(";")) {
            keys.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
        }
        of.configure(keys);
        of.start(new Info());
        return of;
    }

    static Authorizer kafka(Path folder) throws IOException {
        StandardAuthorizer of = new StandardAuthorizer();
        of.configure(Map.of("node.id", "1"));
        of.withPluginMetrics(new PluginMetricsImpl(new Metrics(), Map.of()));
        of.start(new Info());
        Map<Uuid, StandardAcl> acls = new HashMap<>();
        Set<StandardAcl> known = new HashSet<>();
        Asked.acls(folder, acl -> {
            if (known.add(acl)) {
                acls.put(new Uuid(1, acls.size()), acl);
            }
        });
        of.loadSnapshot(acls);
        of.completeInitialLoad();
        return of;
    }

    @TearDown
    public void close() throws IOException {
        authorizer.close();
    }

    private Asked.Call call() {
        next = next + 1 == calls.size() ? 0 : next + 1;
        return calls.get(next);
    }

    /** One action of one request. */
    @Benchmark
    public List<AuthorizationResult> one() {
        Asked.Call call = call();
        return authorizer.authorize(call.context(), call.actions());
    }

    /** May the session write, or read, any topic at all? */
    @Benchmark
    public AuthorizationResult byType() {
        return authorizer.authorizeByResourceType(call().context(),
            question.equals("by-type-read") ? AclOperation.READ : AclOperation.WRITE,
            ResourceType.TOPIC);
    }

    /** A Metadata answer of 500 topics. */
    @Benchmark
    public List<List<AuthorizationResult>> metadata() {
        next = next + 1 == answers.size() ? 0 : next + 1;
        List<Asked.Call> answer = answers.get(next);
        List<List<AuthorizationResult>> out = new ArrayList<>(answer.size());
        for (Asked.Call call : answer) {
            out.add(authorizer.authorize(call.context(), call.actions()));
        }
        return out;
    }

    /** The price of the boundary: a native function that gets and gives a number. */
    @Benchmark
    public int crossing() {
        return Native.abi();
    }

    static String method(String question) {
        return question.startsWith("metadata") ? "metadata"
            : question.startsWith("by-type") ? "byType"
            : question.equals("crossing") ? "crossing" : "one";
    }

    private record Info() implements AuthorizerServerInfo {
        private static final Endpoint HERE = new Endpoint("SASL_SSL", SecurityProtocol.SASL_SSL,
            "127.0.0.1", 9092);
        @Override
        public ClusterResource clusterResource() { return new ClusterResource(CLUSTER); }
        @Override
        public int brokerId() { return 1; }
        @Override
        public Collection<Endpoint> endpoints() { return List.of(HERE); }
        @Override
        public Endpoint interBrokerEndpoint() { return HERE; }
        @Override
        public Collection<String> earlyStartListeners() { return List.of(); }
    }
}
