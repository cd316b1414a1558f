#include "compiler/cli/audit_sinks.h"

#include <fmt/format.h>

namespace writ::cli {

void add_sink_options(CLI::App& verb, SinkOptions& options) {
  verb.add_option("--to", options.to,
                  "send events to: - (standard output), file:PATH, kafka:TOPIC; several may be "
                  "given, the first gets what no route of the policy speaks of");
  verb.add_option("--cursors", options.cursors,
                  "the folder of the cursors; without: cursors in the log's folder");
  verb.add_option("--brokers", options.brokers, "of Kafka: HOST:PORT, comma between");
  verb.add_option("--kafka", options.kafka, "NAME=VALUE: a property of the Kafka client");
  verb.add_option("--file-mib", options.file_mib, "begin a new file at this size; 0: never");
  verb.add_option("--files", options.files, "renamed files that are kept; 0: all");
}

Result<audit::outlet::OutletOptions> outlet_options(const SinkOptions& options,
                                                    const std::string& folder) {
  audit::outlet::OutletOptions out;
  out.log = folder;
  out.cursors = options.cursors;
  out.names.to = options.to;
  out.names.brokers = options.brokers;
  out.names.file_bytes_max = options.file_mib << 20;
  out.names.files_max = options.files;
  out.names.note = [](std::string_view text) { fmt::print(stderr, "{}\n", text); };
  for (const std::string& property : options.kafka) {
    WRIT_ASSIGN(one, audit::outlet::property_of(property));
    out.names.kafka.push_back(std::move(one));
  }
  return out;
}

}  // namespace writ::cli
