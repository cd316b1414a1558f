// Decides again what a log recorded, under the bundle of an engine: takes a log's folder and the
// engine, gives every verdict that would change, grouped by who, what, and the lines that decide.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/api/include/writ/engine.hpp"
#include "runtime/base/error.h"
#include "runtime/value/decision.h"

namespace writ::analyze {

/// The line that decides: a statement with its place, or only the class of the reason.
struct Decider {
  std::string reason;     // class: allow, deny, default; `mask`: the log does not say the line
  std::string statement;  // empty: none decides
  std::string file;
  std::uint32_t line = 0;
};

/// Decisions of one principal and operation whose verdict changes in the same way.
struct Change {
  std::string principal;  // Type:name
  std::string kind;
  std::string operation;
  std::string scope;
  Verdict before = Verdict::Deny;
  Verdict after = Verdict::Deny;
  Decider was;
  Decider would_be;
  std::uint64_t count = 0;
  std::string example;  // a resource's name; empty: any resource of the kind
  std::int64_t first_us = 0;
  std::int64_t last_us = 0;
};

struct Replayed {
  std::uint64_t rows = 0;
  std::uint64_t decisions = 0;     // that were decided again
  std::uint64_t changed = 0;
  std::uint64_t names_cut = 0;     // rows of which the log holds only the front
  std::uint64_t attributes_cut = 0;
  std::uint64_t not_decided = 0;   // decisions that no policy made: not recordable, internal errors
  std::optional<Error> unreadable_end;  // bytes behind the last whole block
  std::vector<Change> changes;     // the most frequent first
};

struct ReplayOptions {
  std::function<void(std::uint64_t done_bytes, std::uint64_t bytes)> progress;  // may be empty
};

/// Each row is asked at its own time, with the attributes that it was asked with. *errors*
/// Unreadable, Malformed: the log cannot be read, and where.
[[nodiscard]] Result<Replayed> replay(const std::string& folder, const Engine& engine,
                                      const ReplayOptions& options);

}  // namespace writ::analyze
