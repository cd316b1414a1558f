// Which statements rest on facts that a broker's plug-in does not supply, or supplies only where it
// is set up for it. Takes a program, gives diagnostics; used by `writ check --for NAME`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/diag/diag.h"
#include "compiler/source/source_set.h"
#include "runtime/ir/program.h"

namespace writ::supply {

/// The plug-ins whose facts are known here.
[[nodiscard]] std::vector<std::string> embeddings();

/// One diagnostic a statement and fact. The program must be sound, the embedding a known one.
void report(std::string_view embedding, const ir::Program& program,
            const source::SourceSet& sources, diag::Sink& sink);

}  // namespace writ::supply
