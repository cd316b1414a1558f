// writ auditd: drains the rings of other processes into a log of its own, and feeds sinks from it.
#include "compiler/cli/audit_sinks.h"
#include "compiler/cli/command.h"
#include "compiler/cli/files.h"
#include "runtime/api/include/writ/audit.hpp"
#include "runtime/audit/drain/drain.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <atomic>
#include <csignal>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace writ::cli {
namespace {

struct AuditdOptions {
  std::string rings;
  std::string log;
  std::string key;
  std::uint64_t keep_days = 0;
  std::uint64_t keep_gib = 0;
  bool once = false;
  SinkOptions sinks;
};

std::atomic<bool> stopped{false};

void on_signal(int /*signal*/) { stopped.store(true); }

/// The words of a bundle that its process kept for us. Without them rows say numbers.
std::shared_ptr<const audit::PolicyWords> load_words(const audit::ring::PolicyEntry& policy) {
  if (policy.path.empty()) return nullptr;
  const auto bytes = read_bytes(policy.path);
  if (!bytes) return nullptr;
  const auto words = bundle_words(*bytes, policy.digest);
  return words ? *words : nullptr;
}

/// The sinks, fed as the policy says that was seen last. Where there are several they wait for one:
/// without it nobody knows what goes where.
class Sinks {
 public:
  [[nodiscard]] Status open(const AuditdOptions& options, audit::drain::Drain& drain) {
    WRIT_ASSIGN(made, make_sinks(options.sinks));
    WRIT_ASSIGN(feeding, feeding_options(options.sinks, options.log));
    // Decisions may wait for the sinks: they read what is written, not what was sealed.
    feeding.shown = audit::log::Shown::Written;
    feeding.replicated = [&drain](const audit::sink::Acknowledged& ring) {
      drain.replicated(ring.instance, ring.ring, ring.sequence);
    };
    feeding.hold = [&drain](std::uint64_t segment) { drain.hold(segment); };
    const std::lock_guard lock(mutex_);
    waiting_ = std::move(made);
    feeding_ = std::make_unique<audit::sink::Feeding>(std::move(feeding));
    if (policy_ || waiting_.size() == 1) start();
    return {};
  }
  void use_policy(audit::AuditPolicy policy) {
    const std::lock_guard lock(mutex_);
    policy_ = std::move(policy);
    if (feeding_ == nullptr) return;
    if (started_) return feeding_->use_policy(*policy_);
    start();
  }
  /// With `everything` after the log's last row is sent, or after a signal.
  void close(bool everything) {
    const std::lock_guard lock(mutex_);
    if (feeding_ == nullptr) return;
    if (!everything) return feeding_->stop();
    if (!started_) start();
    feeding_->finish(stopped);
  }

 private:
  void start() {
    started_ = true;
    feeding_->start(std::move(waiting_), policy_.value_or(audit::AuditPolicy()));
  }

  std::mutex mutex_;
  std::optional<audit::AuditPolicy> policy_;
  std::vector<audit::sink::Feeding::One> waiting_;
  std::unique_ptr<audit::sink::Feeding> feeding_;
  bool started_ = false;
};

void say_state(const audit::drain::DrainState& state) {
  print(fmt::format("{} rows, {} syncs, {} rings left\n", state.rows, state.syncs, state.regions));
  if (state.broken_rings != 0) {
    print(fmt::format("{} rings break their own rules and are not read\n", state.broken_rings));
  }
  if (state.refused_regions != 0) {
    print(fmt::format("{} files in the folder are no rings\n", state.refused_regions));
  }
}

Exit drain(const AuditdOptions& options) {
  audit::drain::DrainOptions drain;
  drain.rings = options.rings;
  drain.log = options.log;
  Sinks sinks;
  drain.load_words = [&sinks](const audit::ring::PolicyEntry& policy) {
    auto words = load_words(policy);
    if (words != nullptr) sinks.use_policy(words->audit());
    return words;
  };
  constexpr std::int64_t kDayUs = std::int64_t{86'400} * 1'000'000;
  drain.writer.keep_age_max_us = static_cast<std::int64_t>(options.keep_days) * kDayUs;
  drain.writer.keep_bytes_max = options.keep_gib << 30;
  // Sinks say how far they are once their cursors move; until then nothing is removed.
  if (options.sinks.any()) drain.writer.hold = 0;
  if (!options.key.empty()) {
    auto key = read_text(options.key);
    if (!key) return report(key.error(), Format::Text);
    drain.writer.key_pem = std::move(*key);
  }
  const auto opened = audit::drain::Drain::open(std::move(drain));
  if (!opened) return report(opened.error(), Format::Text);
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  if (options.sinks.any()) {
    if (const Status begun = sinks.open(options, **opened); !begun) {
      return report(begun.error(), Format::Text);
    }
  }
  if (!options.once) (*opened)->run(stopped);
  const Status closed = (*opened)->close();
  sinks.close(options.once);
  say_state((*opened)->state());
  return closed ? Exit::Ok : report(closed.error(), Format::Text);
}

}  // namespace

void add_auditd(CLI::App& app, Action& action) {
  const auto options = std::make_shared<AuditdOptions>();
  CLI::App* verb = app.add_subcommand(
      "auditd", "drain the audit rings of other processes into a log, until SIGTERM");
  verb->add_option("--rings", options->rings, "the folder of the rings, in memory: /dev/shm/…")
      ->required();
  verb->add_option("--log", options->log, "the folder of the log")->required();
  verb->add_option("--key", options->key, "signs the log: an Ed25519 private key (writ keys new)");
  verb->add_option("--keep-days", options->keep_days, "remove older segments; 0: none");
  verb->add_option("--keep-gib", options->keep_gib, "remove the oldest segments beyond; 0: none");
  verb->add_flag("--once", options->once, "drain and send what is there, then end");
  add_sink_options(*verb, options->sinks);
  verb->footer("Example:\n  writ auditd --rings /dev/shm/writ/payments --log /var/lib/writ/audit "
               "--key keys/audit.pem \\\n    --to file:/var/log/writ/audit.jsonl "
               "--to kafka:audit --brokers audit-1:9092");
  verb->callback([options, &action] { action = [options] { return drain(*options); }; });
}

}  // namespace writ::cli
