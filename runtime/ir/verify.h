// Proves a program sound before anything runs it: every id in bounds, parents before children,
// types of every instruction, tree shape of conditions, numbers ascending, limits kept. Run in
// the compiler (a failure is our bug) and in the loader (a failure refuses the bundle).
#pragma once

#include "runtime/base/error.h"
#include "runtime/ir/program.h"

namespace writ::ir {

/// Quantifiers within quantifiers multiply the work: three sets of 256 would be 16 million steps.
inline constexpr std::uint32_t kQuantifierDepthMax = 2;

/// Errors: Malformed with what is wrong and in which store and index; Limit above a limit.
[[nodiscard]] Status verify(const Program& program);

/// The worst that one decision can cost (DESIGN.md section 4), part of the manifest.
struct Cost {
  std::uint32_t condition_instructions = 0;  // of the largest condition
  std::uint64_t conditional_grants = 0;      // grants that are not plain
  std::uint32_t chain_length = 0;            // most patterns of one kind that cover one name
  std::uint64_t cell_rows = 0;  // most rows of one subject and pattern; tables::most_rows says it
};
[[nodiscard]] Cost cost(const Program& program);

}  // namespace writ::ir
