// Where each ring of a block is while its rows go by; shared by those who write rows and who read
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>

#include "runtime/audit/log/format.h"

namespace writ::audit::log {

struct Running {
  std::uint64_t next = 0;       // sequence
  std::uint64_t decisions = 0;  // so far
  std::uint32_t entries = 0;
};

/// Calls `each(begin, end)` for every stretch of rows of one ring, in order.
template <class Each>
void each_run(std::span<const std::uint16_t> rings, const Each& each) {
  for (std::size_t begin = 0; begin < rings.size();) {
    std::size_t end = begin + 1;
    while (end < rings.size() && rings[end] == rings[begin]) ++end;
    each(begin, end);
    begin = end;
  }
}

class RunningRings {
 public:
  /// `rings` and `counts` are of the block's rows: each ring's total before its first row is its
  /// total behind the last, which the header says, less what its rows count.
  RunningRings(const BlockHeader& header, std::span<const std::uint16_t> rings,
               std::span<const std::uint64_t> counts) {
    for (const RingSpan& ring : header.rings) of_[ring.ring] = {ring.first, ring.decisions, 0};
    each_run(rings, [&](std::size_t begin, std::size_t end) {
      Running* running = find(rings[begin]);
      if (running == nullptr) return;
      for (std::size_t row = begin; row < end; ++row) running->decisions -= counts[row];
    });
  }
  /// Null: the header does not name it.
  [[nodiscard]] Running* find(std::uint16_t ring) {
    const auto found = of_.find(ring);
    return found == of_.end() ? nullptr : &found->second;
  }

 private:
  std::unordered_map<std::uint16_t, Running> of_;
};

}  // namespace writ::audit::log
