// Proves a log: takes its folder, whom to believe, and perhaps a head that was kept elsewhere;
// gives what is wrong and where, what is unusual but explained, and how far the log is known to be
// whole.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/audit/log/files.h"
#include "runtime/audit/log/seal.h"
#include "runtime/base/error.h"

namespace writ::audit::log {

/// What is wrong. Names are stable: scripts read them.
enum class Wrong : std::uint8_t {
  Damaged,         // bytes that are no block, or do not follow on those before
  Missing,         // segments, or rows of a ring
  Law,             // the counts of a ring's rows are not the decisions it made
  Inconsistent,    // what a segment says of another, or a row of a definition, is not so
  Seal,            // of another log or place, of a key that is not trusted, or not of that key
  Unsealed,        // nothing is signed
  Head,            // the log does not hold what its head says
  UnfinishedEnd,   // bytes behind the last whole block, and nobody is writing
};
[[nodiscard]] std::string_view name_of(Wrong wrong);  // kebab-case

struct Finding {
  Wrong wrong = Wrong::Damaged;
  std::string message;
  std::string where;  // `segment 3, block 7, offset 4096`
};
/// Unusual and explained: a recovery, a gap that a row speaks of.
struct Note {
  std::string message;
  std::string where;
};

struct Report {
  std::vector<Finding> findings;  // at most kFindingsMax
  std::uint64_t findings_count = 0;
  std::vector<Note> notes;
  std::string log_id;
  std::uint64_t first_segment = 0, segments = 0, blocks = 0, bytes = 0;
  std::uint64_t rows = 0, decisions = 0, seals = 0, rings = 0;
  std::optional<Seal> last_seal;       // the last good one
  std::uint64_t rows_after_seal = 0;   // not signed yet
  std::int64_t last_row_us = 0;        // the latest time of a row
  bool signatures_checked = false;
  bool head_found = false;
  bool being_written = false;
};

// Of a log that is damaged all over, more would say nothing more.
inline constexpr std::size_t kFindingsMax = 1'000;

struct VerifyOptions {
  std::vector<std::string> public_keys_pem;  // empty: signatures are not checked
  std::optional<Seal> head;
  std::function<void(std::uint64_t done, std::uint64_t bytes)> progress;  // may be empty
  Files* files = nullptr;  // not owned; null: the system's
};

/// *errors* Unreadable: the folder or a file of it; Malformed: a key that is none. Whatever is
/// wrong with the log is in the report.
[[nodiscard]] Result<Report> verify(const std::string& folder, const VerifyOptions& options);

}  // namespace writ::audit::log
