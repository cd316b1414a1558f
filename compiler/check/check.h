// AST → program: names, types, cycles, conflicts, purposes (compiler/check), then grants
// (compiler/lower). One ordered list of checks; a mistake is reported once and gets an error type.
#pragma once

#include "compiler/ast/ast.h"
#include "compiler/diag/diag.h"
#include "compiler/model/model.h"
#include "compiler/source/source_set.h"

#include <filesystem>
#include <vector>

namespace writ::check {

/// Resolves the files of a policy with the models that they use.
[[nodiscard]] model::Unit check(const std::vector<ast::File>& files,
                                const source::SourceSet& sources, diag::Sink& sink);

}  // namespace writ::check
