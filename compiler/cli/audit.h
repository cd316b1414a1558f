// What the verbs of `writ audit` share: how a row of the log reads for people, and how waiting is
// shown. One file a verb; audit.cpp puts them together.
#pragma once

#include "compiler/cli/command.h"
#include "runtime/audit/definitions.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace writ::cli {

void add_audit(CLI::App& app, Action& action);
void add_audit_cat(CLI::App& audit, Action& action);
void add_audit_tail(CLI::App& audit, Action& action);
void add_audit_verify(CLI::App& audit, Action& action);
void add_audit_query(CLI::App& audit, Action& action);
void add_audit_stats(CLI::App& audit, Action& action);
void add_audit_replay(CLI::App& audit, Action& action);

/// A row as one aligned line with its newline. Nothing that a client chose can break it or colour
/// it.
[[nodiscard]] std::string row_line(const audit::Definitions& definitions, const audit::Entry& row,
                                   bool colour);
/// As it stands in JSON, without the quotes: no control character, no change of direction; the
/// front of what is long.
[[nodiscard]] std::string printable(std::string_view text);
/// Is standard output a terminal that wants colour (NO_COLOR is respected)?
[[nodiscard]] bool colour_on_stdout();

/// A line on standard error that is written over, from the second second on, and only on a
/// terminal.
class Progress {
 public:
  explicit Progress(std::string what) : what_(std::move(what)) {}
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void show(std::uint64_t done, std::uint64_t all);

 private:
  std::string what_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point shown_ = started_;
  bool visible_ = false;
};

}  // namespace writ::cli
