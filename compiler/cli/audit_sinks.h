// The options that name sinks: `--to -`, `--to file:PATH`, `--to kafka:TOPIC`.
#pragma once

#include "runtime/audit/outlet/outlets.h"

#include <CLI/CLI.hpp>

#include <cstdint>
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
};

void add_sink_options(CLI::App& verb, SinkOptions& options);

/// For the log at `folder`. *errors* Usage: a property that is none.
[[nodiscard]] Result<audit::outlet::OutletOptions> outlet_options(const SinkOptions& options,
                                                                  const std::string& folder);

}  // namespace writ::cli
