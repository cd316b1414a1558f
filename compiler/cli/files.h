// Files that the command reads and writes: read whole, written whole or not at all.
#pragma once

#include "runtime/base/error.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace writ::cli {

inline constexpr unsigned kPrivateMode = 0600;
inline constexpr unsigned kPublicMode = 0644;

/// Errors: Unreadable with the path and what the system said, Limit.
[[nodiscard]] Result<std::string> read_text(const std::string& path);
[[nodiscard]] Result<std::vector<std::byte>> read_bytes(const std::string& path);
/// Errors: Unreadable; nothing partial is left behind.
[[nodiscard]] Status write_output(const std::string& path, std::span<const std::byte> bytes,
                                  unsigned mode);
[[nodiscard]] Status write_output(const std::string& path, std::string_view text, unsigned mode);

}  // namespace writ::cli
