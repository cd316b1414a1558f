// Walks the blocks of rows of a whole log: shared by search and counting.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "runtime/audit/log/columns.h"
#include "runtime/audit/log/dictionary.h"
#include "runtime/audit/log/frame.h"
#include "runtime/audit/log/segment.h"
#include "runtime/base/error.h"

namespace writ::audit::query {

/// A segment, and how much of it counts; none: it is the newest.
struct Part {
  log::Segment segment;
  std::optional<std::uint64_t> bytes;
  log::Hash end{};
};

/// Calls `each` for every segment in order until it says false. *errors* as the callee's,
/// Unreadable, Malformed.
[[nodiscard]] Status each_segment(const std::string& folder,
                                  const std::function<Result<bool>(Part&)>& each);
/// The part's next block. The newest segment may end in the midst of one: `end` says so. *errors*
/// as Segment::next.
[[nodiscard]] Result<std::optional<log::BlockView>> next_block(Part& part,
                                                               std::optional<Error>& end);
/// Bytes of all segments.
[[nodiscard]] std::uint64_t log_bytes(const std::string& folder);

/// What is needed to read blocks; kept from block to block.
struct Unpacker {
  log::Press press;
  std::vector<std::byte> raw;
  log::Columns columns;
  /// The block's definitions are in `batch`, its rows in `columns`. *errors* Malformed, with
  /// `where`.
  [[nodiscard]] Status definitions(const log::BlockView& block, const std::string& where,
                                   Batch& batch);
  [[nodiscard]] Status rows(const log::BlockView& block, const std::string& where);
};

}  // namespace writ::audit::query
