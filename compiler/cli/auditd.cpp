// writ auditd: drains the rings of other processes into a log of its own, and feeds sinks from it.
#include "compiler/cli/audit_sinks.h"
#include "compiler/cli/command.h"
#include "compiler/cli/files.h"
#include "runtime/api/include/writ/audit.hpp"
#include "runtime/audit/drain/drain.h"
#include "runtime/audit/outlet/outlets.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <atomic>
#include <csignal>
#include <memory>
#include <string>

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
  auto named = outlet_options(options.sinks, options.log);
  if (!named) return report(named.error(), Format::Text);
  audit::outlet::Outlets sinks(std::move(*named));
  drain.load_words = [&sinks](const audit::ring::PolicyEntry& policy) {
    // Without them rows say numbers.
    auto words = kept_bundle_words(policy.path, policy.digest);
    if (words != nullptr) sinks.use_policy(words->audit());
    return words;
  };
  constexpr std::int64_t kDayUs = std::int64_t{86'400} * 1'000'000;
  drain.writer.keep_age_max_us = static_cast<std::int64_t>(options.keep_days) * kDayUs;
  drain.writer.keep_bytes_max = options.keep_gib << 30;
  if (const Status made = sinks.prepare(drain.writer); !made) {
    return report(made.error(), Format::Text);
  }
  if (!options.key.empty()) {
    auto key = read_text(options.key);
    if (!key) return report(key.error(), Format::Text);
    drain.writer.key_pem = std::move(*key);
  }
  const auto opened = audit::drain::Drain::open(std::move(drain));
  if (!opened) return report(opened.error(), Format::Text);
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  // A reader of standard output that went away is an error of the sink.
  std::signal(SIGPIPE, SIG_IGN);
  if (const Status begun = sinks.open(**opened); !begun) return report(begun.error(), Format::Text);
  if (!options.once) (*opened)->run(stopped);
  const Status closed = (*opened)->close();
  if (options.once) {
    sinks.finish(stopped);
  } else {
    sinks.stop();
  }
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
