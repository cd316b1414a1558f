// The result of an authentication as text: Entry::text of EntryKind::Authentication, and what a
// recorder that keeps records hands to its drain. JSON; bytes that are no UTF-8 are kept.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/audit/recorder.h"

namespace writ::audit {

[[nodiscard]] std::string authentication_text(const Authentication& result);
/// None for what authentication_text does not write. Unknown members are passed over.
[[nodiscard]] std::optional<Authentication> read_authentication(std::string_view text);

}  // namespace writ::audit
