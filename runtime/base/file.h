// Whole files, in and out. A file is written whole or not at all: whoever reads it sees the old
// bytes or the new ones, also after a crash or on a full disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace writ {

inline constexpr unsigned kFileModeDefault = 0644;

/// Writes beside `path`, syncs, renames over it, syncs the folder. A symbolic link is followed; a
/// device or pipe is written to directly. *errors* Unreadable: what could not be done, the path in
/// `where`; nothing partial is left behind.
[[nodiscard]] Status write_file(const std::string& path, std::span<const std::byte> bytes,
                                unsigned mode = kFileModeDefault);

/// *errors* Unreadable (also for a folder), Limit when it is larger than `bytes_max`.
[[nodiscard]] Result<std::vector<std::byte>> read_file(const std::string& path,
                                                       std::uint64_t bytes_max);

}  // namespace writ
