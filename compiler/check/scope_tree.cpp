#include "compiler/check/scope_tree.h"

#include <fmt/format.h>

namespace writ::check {

std::string scope_path(const ir::Program& program, ir::ScopeId scope) {
  std::string path;
  for (ir::ScopeId at = scope; at.valid(); at = program.scopes[at.index].parent) {
    const std::string_view name = program.text(program.scopes[at.index].name);
    if (!name.empty()) {
      path = path.empty() ? std::string(name) : fmt::format("{}.{}", name, path);
    }
  }
  return path;
}

bool within(const ir::Program& program, ir::ScopeId inner, ir::ScopeId outer) {
  for (ir::ScopeId at = inner; at.valid(); at = program.scopes[at.index].parent) {
    if (at == outer) {
      return true;
    }
  }
  return false;
}

}  // namespace writ::check
