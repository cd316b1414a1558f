// Sinks by the names that people give them: `-`, `file:PATH`, `kafka:TOPIC`.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/audit/sink/feeding.h"

namespace writ::audit::outlet {

struct SinkNames {
  std::vector<std::string> to;  // the first gets what no route of the policy speaks of
  std::string brokers;          // of Kafka: HOST:PORT, comma between
  // Properties of the Kafka client; `bootstrap.servers` in the place of `brokers`, if those are
  // not given.
  std::vector<std::pair<std::string, std::string>> kafka;
  // The principal under which topics are written, `Type:name`, where the embedding guards their
  // cluster: what it asks about a topic is not sent to that topic. Empty: it does not.
  std::string sender;
  std::uint64_t file_bytes_max = std::uint64_t{256} << 20;  // then a new file; 0: never
  std::uint64_t files_max = 0;  // renamed files that are kept; 0: all
  /// What a client says to people. From the sinks' threads.
  std::function<void(std::string_view)> note;
};

/// `NAME=VALUE`. *errors* Usage.
[[nodiscard]] Result<std::pair<std::string, std::string>> property_of(const std::string& text);

/// The sinks, not begun yet, in the order given. *errors* Usage: what names no sink, one twice, a
/// topic without brokers.
[[nodiscard]] Result<std::vector<sink::Feeding::One>> make_sinks(const SinkNames& names);

}  // namespace writ::audit::outlet
