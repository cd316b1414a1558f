// The golden decisions of a bundle: the claims of the policy's tests as the specification answers
// them, whether the claims hold or not; `writ test` says that.
#pragma once

#include <vector>

#include "compiler/model/tests.h"
#include "runtime/bundle/bundle.h"
#include "runtime/ir/program.h"

namespace writ::pack {

/// The section. The specification walks every grant: the more there are, the fewer claims are
/// taken, evenly over all; at most engine::kGoldenMax.
[[nodiscard]] bundle::Part golden_part(const ir::Program& program,
                                       const std::vector<model::TestBlock>& tests);

}  // namespace writ::pack
