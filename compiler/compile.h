// The line in one screen: policy paths → program and test blocks.
#pragma once

#include <string>
#include <vector>

#include "compiler/diag/diag.h"
#include "compiler/model/tests.h"
#include "compiler/source/source_set.h"
#include "runtime/base/error.h"
#include "runtime/ir/program.h"

namespace writ::compiler {

struct Compiled {
  source::SourceSet sources;             // for rendering diagnostics
  diag::Sink sink;
  ir::Program program;                   // sound only where sink.errors() == 0
  std::vector<model::TestBlock> tests;
};

/// Reads, parses, checks and lowers the policy at `paths`.
/// Errors: Unreadable when a path cannot be read; mistakes in the policy are in `sink`.
[[nodiscard]] Result<Compiled> compile(const std::vector<std::string>& paths);

/// The same for one text that is in memory (tests, editors).
[[nodiscard]] Result<Compiled> compile_text(std::string display, std::string text);

}  // namespace writ::compiler
