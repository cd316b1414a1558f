// Reads the log's rows from a position on, and follows while it grows: what sinks, the command and
// replay use. It trusts no byte, but it proves nothing either: verify() does.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "runtime/audit/entry.h"
#include "runtime/audit/log/columns.h"
#include "runtime/audit/log/dictionary.h"
#include "runtime/audit/log/files.h"
#include "runtime/audit/log/frame.h"
#include "runtime/audit/log/segment.h"
#include "runtime/audit/log/writer.h"
#include "runtime/base/error.h"

namespace writ::audit::log {

/// Which rows are given.
enum class Shown : std::uint8_t {
  Synced,   // that the log itself says were on disk: up to a second late, never taken back
  Written,  // all; a crash of the machine may take back the last ones
};

struct ReaderOptions {
  Shown shown = Shown::Synced;
  Files* files = nullptr;  // not owned; null: the system's
};

/// Threads: one.
class Reader {
 public:
  /// From the block on, or from the oldest that is there if that is later. *errors* Unreadable: no
  /// such folder. A folder without a segment is a log that has not begun.
  [[nodiscard]] static Result<std::unique_ptr<Reader>> open(const std::string& folder,
                                                            Position from,
                                                            ReaderOptions options = {});

  /// The next block of rows, with what is defined in it. False: there is none yet; ask again. A row
  /// that was given already (its block was written again) is left out. *errors* Malformed: what,
  /// and where; Unreadable.
  [[nodiscard]] Result<bool> next(Batch& batch);
  /// What the rows of the last batch mean; until the next call of next().
  [[nodiscard]] const Definitions& definitions() const { return *definitions_; }
  /// Where a later reader goes on behind the last batch: what a cursor keeps.
  [[nodiscard]] Position position() const;
  /// Segments that were no longer there when their turn came.
  [[nodiscard]] std::uint64_t skipped_segments() const { return skipped_; }
  /// Why next() said that there is no more, if bytes stand there that are no whole block: somebody
  /// is writing, or a crash left them, or they were altered.
  [[nodiscard]] const std::optional<Error>& unreadable_end() const { return unreadable_end_; }

 private:
  Reader(std::string folder, Position from, ReaderOptions options);
  [[nodiscard]] Result<bool> enter(std::uint64_t at_least);
  [[nodiscard]] Result<bool> leave();
  [[nodiscard]] bool was_withdrawn() const;
  [[nodiscard]] Result<bool> is_synced();
  [[nodiscard]] Status give(const BlockView& block, Batch& batch);

  std::string folder_;
  Position from_;
  ReaderOptions options_;
  Files own_files_;
  Files& files_;
  std::optional<Segment> segment_;
  std::uint64_t number_ = 0;  // of the segment, or of one whose name was taken back
  std::optional<std::uint64_t> blocks_that_count_;  // of the segment, as the next one says
  std::uint64_t synced_blocks_ = 0;
  std::uint64_t skipped_ = 0;
  std::optional<Error> unreadable_end_;
  Dictionary dictionary_;
  const Definitions* definitions_;
  Positions given_;
  Press press_;
  std::vector<std::byte> raw_;
  Columns columns_;
};

}  // namespace writ::audit::log
