// Equal decisions as one row with a count, where the policy wants that (`coalesce …`). Takes the
// rows of one ring as they were read, gives fewer that stand for the same: the law of counts holds
// over them, and nothing is merged that anybody waits for or may withdraw.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/audit/entry.h"

namespace writ::audit::drain {

/// A row that may stand for more than itself.
struct Candidate {
  std::size_t row = 0;          // of the batch
  std::int64_t window_us = 0;   // how far apart in time the first and the last may be
};

class Coalescer {
 public:
  /// Merges among `candidates` (ascending) of the rows from `begin` on, which are of one ring and
  /// side by side; only within stretches of them, so that every other row keeps its record's number
  /// and so does the last row of a stretch. A merged row stands where its last record stood and has
  /// the time of its first; `text` has the time of the last, in microseconds since 1970.
  void merge(std::vector<Entry>& rows, std::size_t begin, std::span<const Candidate> candidates);

 private:
  [[nodiscard]] std::uint32_t* find(const std::vector<Entry>& rows, const Entry& row);

  // 1 + the place of a row; a power of two. Places before the stretch mean as much as 0.
  std::vector<std::uint32_t> table_;
  std::size_t stretch_ = 0;
  std::vector<std::uint32_t> into_;   // by row from `begin`: 1 + the row that it became part of
  std::vector<std::int64_t> last_us_;
};

}  // namespace writ::audit::drain
