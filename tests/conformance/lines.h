// Lines of a file, gzip or plain. Takes a path, gives text.
#pragma once

#include "runtime/base/error.h"

#include <string>
#include <vector>

namespace writ::conformance {

/// Errors: Unreadable with the path.
[[nodiscard]] Result<std::vector<std::string>> read_lines(const std::string& path);
/// The path, or with `.gz` where only that is there.
[[nodiscard]] std::string plain_or_gz(const std::string& path);

}  // namespace writ::conformance
