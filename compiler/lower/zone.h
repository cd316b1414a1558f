// A time zone's offsets from the machine's tzdata at compile time, so that a bundle means the same
// everywhere: all transitions of the file and, from its rule, those up to 2100.
#pragma once

#include <string>

#include "runtime/base/error.h"
#include "runtime/ir/program.h"

namespace writ::lower {

/// SOURCE: RFC 8536 (TZif). Errors: Unreadable for a name that tzdata does not have, Malformed.
/// `name` of the result is left for the caller.
[[nodiscard]] Result<ir::Zone> load_zone(const std::string& name);

}  // namespace writ::lower
