// The two suites of writ-conformance. Each prints its differences, with the case's id, and counts.
#pragma once

#include "runtime/base/error.h"

#include <cstddef>
#include <string>

namespace writ::conformance {

struct Counts {
  std::size_t passed = 0;
  std::size_t failed = 0;
};

/// Cases that Apache Kafka's authorizer answered: one JSON object a line.
/// Errors: Unreadable, Malformed with file and line.
[[nodiscard]] Status run_kafka(const std::string& file, Counts& counts);
/// A folder with requests.jsonl and expected.jsonl (or .gz), decided by policies/twenty-rules.
[[nodiscard]] Status run_conditional(const std::string& folder, Counts& counts);

}  // namespace writ::conformance
