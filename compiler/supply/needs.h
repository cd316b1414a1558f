// The facts of a session or request on which a grant rests, by name.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/ir/program.h"

namespace writ::supply {

/// Stands for whether the session is in a group that an identity provider vouches for.
inline constexpr std::string_view kGroups = "groups";

struct Need {
  std::string fact;
  bool only_has = false;  // asked for by `has` alone, which never errors
  friend auto operator<=>(const Need&, const Need&) = default;
};

/// Sorted, each once. What the policy itself says of a resource is no need, nor is the clock.
[[nodiscard]] std::vector<Need> needs_of(const ir::Program& program, const ir::Grant& grant);

}  // namespace writ::supply
