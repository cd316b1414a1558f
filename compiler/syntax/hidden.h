// Characters that make a reader see another text than the compiler reads: bidirectional controls,
// separators of lines that are none, controls. Refused wherever they stand, comments included.
#pragma once

#include "compiler/diag/diag.h"
#include "compiler/source/source_set.h"

namespace writ::syntax {

/// Reports the first such character of each line (E0109).
void report_hidden(const source::SourceSet& sources, source::FileId file, diag::Sink& sink);

}  // namespace writ::syntax
