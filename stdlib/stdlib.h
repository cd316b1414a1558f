// The models that come with the compiler, by name. Their text is `stdlib/NAME.writ`, embedded at
// build time; compiler/compile.cpp reads it where a policy says `use NAME`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace writ::stdlib {

/// The text of a model, empty for a name that the library does not have.
[[nodiscard]] std::string_view find(std::string_view model);
/// Every name, for "did you mean".
[[nodiscard]] std::vector<std::string> models();

}  // namespace writ::stdlib
