// Sinks as the command line names them: `-`, `file:PATH`, `kafka:TOPIC`.
#pragma once

#include "runtime/audit/policy.h"
#include "runtime/audit/sink/feeding.h"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace writ::cli {

struct SinkOptions {
  std::vector<std::string> to;       // the first is the default of the policy's routes
  std::string cursors;               // empty: beside the log
  std::string brokers;               // of Kafka
  std::vector<std::string> kafka;    // NAME=VALUE, a property of the client
  std::uint64_t file_mib = 256;
  std::uint64_t files = 0;           // renamed files that are kept; 0: all
  [[nodiscard]] bool any() const { return !to.empty(); }
};

void add_sink_options(CLI::App& verb, SinkOptions& options);

/// The sinks, not begun yet, in the order given. *errors* Usage: what names no sink, one twice, a
/// topic without brokers.
[[nodiscard]] Result<std::vector<audit::sink::Feeding::One>> make_sinks(
    const SinkOptions& options);

/// What all sinks of the log at `folder` share; the folder of the cursors is made. Callbacks are
/// the caller's to add.
[[nodiscard]] Result<audit::sink::FeedingOptions> feeding_options(const SinkOptions& options,
                                                                  const std::string& folder);

}  // namespace writ::cli
