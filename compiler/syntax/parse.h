// Text → AST. ANTLR and its tree live and die in this folder; memory does not grow with the file,
// since each top-level declaration is parsed on its own.
#pragma once

#include "compiler/ast/ast.h"
#include "compiler/diag/diag.h"
#include "compiler/source/source_set.h"

namespace writ::syntax {

/// Parses one file. Mistakes go to `sink` (E01xx), each declaration on its own, and the rest of
/// the file is still parsed. Never throws.
[[nodiscard]] ast::File parse(const source::SourceSet& sources, source::FileId file,
                              diag::Sink& sink);

}  // namespace writ::syntax
