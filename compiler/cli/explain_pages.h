// The pages of docs/diagnostics, embedded: what `writ check --explain CODE` prints.
#pragma once

#include <string_view>

namespace writ::cli {

/// The page of a code such as `E0201`, or empty.
[[nodiscard]] std::string_view explain_page(std::string_view code);

}  // namespace writ::cli
