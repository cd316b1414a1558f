package io.writ.kafka;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after an engine now and then. Brings bundles into an engine: the file, or each {@code *.writb} of the folder, when it is new or
 * another than at the last look. What the engine refuses changes nothing and is said once.
 */
final class BundleWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WritAuthorizer.class);

    private static final Duration REMIND_BEFORE = Duration.ofDays(14);

    private record Stamp(long size, long modified, Object key) { }

    private final PolicyEngine engine;
    private final WritConfig config;
    private final AuditTrail trail;
    private final Map<Path, Stamp> seen = new HashMap<>();
    private String lastTrouble = "";
    private String reminded = "";
    private Instant remindAgain = Instant.MIN;
    private Thread thread;
    private volatile boolean closed;

    /** {@code trail} null: there is none to look after. */
    BundleWatch(PolicyEngine engine, WritConfig config, AuditTrail trail) {
        this.engine = engine;
        this.config = config;
        this.trail = trail;
    }

    /** What decided before the restart decides until the first look. */
    void restore() {
        if (config.store().isEmpty()) {
            return;
        }
        String refused = engine.keepIn(config.store(), config.trust(), config.threshold());
        PolicyEngine.Running running = engine.running();
        if (refused == null) {
            LOG.info("{}: package {} version {} ({}) decided last, and does", config.store(),
                running.packageName(), running.version(), running.digest());
        } else if (!refused.isEmpty()) {
            LOG.error("{}: what decided last cannot: {}", config.store(), refused);
        }
    }

    void start() {
        thread = new Thread(this::run, "writ-bundle-watch");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        while (!closed) {
            try {
                Thread.sleep(config.pollMillis());
                look();
                remind(Instant.now());
                engine.expire();
                if (trail != null) {
                    trail.look();
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.error("the bundle could not be looked at; the policy that runs stays", e);
            }
        }
    }

    /** Looks now. Returns how many bundles became active. */
    synchronized int look() {
        TreeMap<Path, Stamp> now = new TreeMap<>();
        try {
            for (Path file : files()) {
                BasicFileAttributes of = Files.readAttributes(file, BasicFileAttributes.class);
                now.put(file, new Stamp(of.size(),
                    of.lastModifiedTime().to(java.util.concurrent.TimeUnit.NANOSECONDS),
                    of.fileKey()));
            }
            trouble(now.isEmpty() ? "there is no bundle in " + config.bundle() : "");
        } catch (IOException e) {
            trouble("the bundle cannot be read: " + e);
            return 0;
        }
        int loaded = 0;
        for (Map.Entry<Path, Stamp> one : now.entrySet()) {
            if (!one.getValue().equals(seen.get(one.getKey())) && load(one.getKey())) {
                loaded++;
            }
        }
        seen.clear();
        seen.putAll(now);
        return loaded;
    }

    /** A bundle that runs goes on when it expires; that a new one is due is said once a day. */
    private void remind(Instant now) {
        PolicyEngine.Running running = engine.running();
        if (!engine.active() || running.expires() == Long.MAX_VALUE) {
            return;
        }
        Instant end = Instant.EPOCH.plus(running.expires(), ChronoUnit.MICROS);
        boolean over = !now.isBefore(end);
        String what = running.digest() + over;
        if (now.isBefore(end.minus(REMIND_BEFORE))
            || what.equals(reminded) && now.isBefore(remindAgain)) {
            return;
        }
        LOG.warn("package {} version {} {} at {}: it goes on; put a new bundle in its place",
            running.packageName(), running.version(), over ? "has expired" : "expires", end);
        reminded = what;
        remindAgain = now.plus(1, ChronoUnit.DAYS);
    }

    private List<Path> files() throws IOException {
        if (!Files.isDirectory(config.bundle())) {
            return List.of(config.bundle());
        }
        try (Stream<Path> all = Files.list(config.bundle())) {
            return all.filter(file -> file.toString().endsWith(".writb")).toList();
        }
    }

    private boolean load(Path file) {
        String refused;
        try {
            refused = engine.load(Files.readAllBytes(file), config.trust(), config.threshold());
        } catch (IOException e) {
            refused = e.toString();
        }
        PolicyEngine.Running running = engine.running();
        if (refused == null) {
            LOG.info("{}: package {} version {} ({}) decides from now on", file,
                running.packageName(), running.version(),
                running.digest());
            return true;
        }
        LOG.error("{} is refused: {}. {}", file, refused, engine.active()
            ? "Package " + running.packageName() + " version " + running.version() + " stays"
            : "No policy is active: only the configured super users get in");
        return false;
    }

    private void trouble(String what) {
        if (!what.isEmpty() && !what.equals(lastTrouble)) {
            LOG.error("{}. {}", what, engine.active() ? "The policy that runs stays"
                : "No policy is active: only the configured super users get in");
        }
        lastTrouble = what;
    }

    @Override
    public void close() {
        closed = true;
        if (thread != null) {
            thread.interrupt();
        }
    }
}
