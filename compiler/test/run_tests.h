// Runs the test blocks of a policy through every evaluator. Takes resolved claims, gives a result a
// claim; a claim holds only if all evaluators give the same answer and it is the claimed one.
#pragma once

#include "compiler/model/tests.h"
#include "runtime/api/include/writ/engine.hpp"
#include "runtime/ir/program.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace writ::test {

struct ClaimResult {
  const model::TestBlock* block = nullptr;  // not owned
  const model::TestClaim* claim = nullptr;
  bool passed = false;
  std::string message;  // why it failed; empty: it passed
  Decision decision;
};

/// The evaluators beside the specification; each has the same policy loaded.
struct Engines {
  const Engine* interpreter = nullptr;
  const Engine* native = nullptr;  // null: this build has none
};

/// Runs every claim whose title or text contains `filter`. Cost: linear in grants a claim, by the
/// specification.
[[nodiscard]] std::vector<ClaimResult> run(const ir::Program& program, const Engines& engines,
                                           const std::vector<model::TestBlock>& blocks,
                                           std::string_view filter);

}  // namespace writ::test
