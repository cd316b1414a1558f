// Is a line an event as event.schema.json says? JSON Schema lives in the one file behind this.
#pragma once

#include <string>
#include <string_view>

namespace writ::audit::testing {

/// Empty where the line is one; else what is wrong and where.
[[nodiscard]] std::string against_schema(std::string_view line);

}  // namespace writ::audit::testing
