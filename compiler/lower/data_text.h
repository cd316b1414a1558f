// The text of a data file, read whole; a `.gz` is unpacked.
#pragma once

#include <filesystem>
#include <string>

#include "runtime/base/error.h"

namespace writ::lower {

// Ten million rows of 200 bytes: more is not one cluster's ACLs.
inline constexpr std::size_t kDataBytesMax = std::size_t{4} << 30;

/// Errors: Unreadable, Malformed for a broken `.gz`, Limit.
[[nodiscard]] Result<std::string> read_data_text(const std::filesystem::path& path);

}  // namespace writ::lower
