// The text of `matches` → a table. Syntax: RE2's, without captures, lookaround, backreferences and
// empty-width assertions but ^ and $; the whole text must match.
#pragma once

#include <string_view>

#include "runtime/base/error.h"
#include "runtime/ir/program.h"

namespace writ::lower {

/// Errors: Malformed (message says what and `where` the byte offset), Limit (over 1,024 states).
/// `pattern` of the result is left for the caller.
[[nodiscard]] Result<ir::Dfa> compile_regex(std::string_view pattern);

}  // namespace writ::lower
