// Conditions, read aloud: walks the tree from its root, on values that own what they hold.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/reference/world.h"

namespace writ::reference {

/// Evaluates a condition in a world; none is true.
// INVARIANT: the depth of recursion is that of the tree, at most 4,096 instructions.
[[nodiscard]] Truth3 evaluate(const World& world, ir::ConditionId condition);

/// The texts that a condition which speaks of the resource's name compares it with, as far as
/// they are known without the name: for names worth trying.
[[nodiscard]] std::vector<std::string> texts_beside_name(const World& world,
                                                         ir::ConditionId condition);

}  // namespace writ::reference
