// Names of things as events carry them: CRNs, whose parts are percent-encoded.
#pragma once

#include <string>
#include <string_view>

namespace writ::audit {

/// SOURCE: RFC 3986 section 2.3: what a URI may carry as it is stays, every other byte becomes %XX.
void append_percent(std::string& out, std::string_view text);
[[nodiscard]] std::string percent(std::string_view text);

/// `TransactionalId` → `transactional-id`, as CRNs write kinds; percent-encoded.
[[nodiscard]] std::string crn_element(std::string_view kind);

}  // namespace writ::audit
