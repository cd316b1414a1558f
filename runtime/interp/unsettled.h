// What can still decide once session, resource and name have spoken: the conditions that read the
// request or the clock, and validities. Takes a verified program, gives for each kind its unsettled
// grants in the order in which a decision asks them. Engine and JIT both go by it, so that a
// position means the same grant to both.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/ir/program.h"

namespace writ::interp {

/// What a shape reads that differs from question to question.
struct Reads {
  bool request = false;
  bool clock = false;
  bool covered = false;  // asks the engine whether patterns cover the name
  [[nodiscard]] bool settles() const { return !request && !clock; }
};
/// By ShapeId.
[[nodiscard]] std::vector<Reads> reads_of(const ir::Program& program);

/// A kind with more unsettled grants than this has no decision function: one that large compiles
/// slowly, and a set of its grants no longer fits a word.
inline constexpr std::size_t kUnsettledMax = 64;

/// Where a grant stands in a decision: guards, then denies, then allows; by number within each.
enum class Stage : std::uint8_t { Guard = 0, Deny = 1, Allow = 2 };

struct Unsettled {
  std::uint32_t grant = 0;
  Stage stage = Stage::Guard;
};
/// By KindId; empty where a kind has none, or more than kUnsettledMax.
[[nodiscard]] std::vector<std::vector<Unsettled>> unsettled_grants(
    const ir::Program& program, const std::vector<Reads>& reads);

}  // namespace writ::interp
