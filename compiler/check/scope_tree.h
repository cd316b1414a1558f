// Questions to the tree of scopes.
#pragma once

#include "runtime/ir/program.h"

#include <string>

namespace writ::check {

/// `acme.prod.payments`
[[nodiscard]] std::string scope_path(const ir::Program& program, ir::ScopeId scope);
/// Whether `inner` is `outer` or below it.
[[nodiscard]] bool within(const ir::Program& program, ir::ScopeId inner, ir::ScopeId outer);

}  // namespace writ::check
