// Resolved policy → program: statements and data files are put into the order of LANGUAGE.md
// section 3.4, numbered, and multiplied out into grants. Takes what compiler/check made.
#pragma once

#include "compiler/diag/diag.h"
#include "compiler/model/model.h"
#include "runtime/ir/program.h"

namespace writ::lower {

/// Reads the data files too; mistakes in them go to `sink`.
[[nodiscard]] ir::Program lower(model::Unit unit, diag::Sink& sink);

}  // namespace writ::lower
