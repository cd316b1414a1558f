package io.writ.kafka.broker;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Tests against real nodes, by name: {@code BrokerTest NAME --writ F --jar F --policies D --folder
 * D [--long true]}. The last line is {@code N passed, N failed}.
 */
public final class BrokerTest {
    /** A suite brings up its own cluster and ends it. */
    interface Suite {
        void run(Setup setup, Check check) throws Exception;
    }

    private static final Map<String, Suite> SUITES = new LinkedHashMap<>();

    static {
        SUITES.put("clients", ClientsTest::run);
        SUITES.put("bundles", BundlesTest::run);
        SUITES.put("apart", ApartTest::run);
        SUITES.put("errors", ErrorsTest::run);
        SUITES.put("migration", MigrationTest::run);
        SUITES.put("audit", AuditTest::run);
        SUITES.put("load", LoadTest::run);
        SUITES.put("connections", ConnectionsTest::run);
    }

    private BrokerTest() { }

    public static void main(String[] args) throws Exception {
        Suite suite = args.length == 0 ? null : SUITES.get(args[0]);
        if (suite == null) {
            System.err.println("a suite: " + String.join(", ", SUITES.keySet()));
            System.exit(2);
        }
        String[] rest = java.util.Arrays.copyOfRange(args, 1, args.length);
        Check check = new Check();
        try {
            suite.run(Setup.of(rest), check);
        } catch (Exception | Error e) {
            e.printStackTrace(System.out);
            check.that(false, "the suite ended early: " + e);
        }
        System.out.println(check.sum());
        System.exit(check.good() ? 0 : 1);
    }
}
