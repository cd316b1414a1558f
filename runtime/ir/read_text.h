// The text form of a program (print.h) → the program, for tests and for cases saved as text. What
// it gives is checked by ir::verify as bytes are.
#pragma once

#include <string_view>

#include "runtime/base/error.h"
#include "runtime/ir/program.h"

namespace writ::ir {

/// Comments (`//` to the end of the line) are skipped, a field that is left out says nothing.
/// Errors: Malformed with the line.
[[nodiscard]] Result<Program> read_text(std::string_view text);

}  // namespace writ::ir
