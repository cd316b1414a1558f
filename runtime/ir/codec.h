// Program ⇄ bytes. Little-endian, versioned; same program, same bytes. The reader checks every
// count against the bytes that are left and trusts nothing; ir::verify runs after it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/ir/program.h"

namespace writ::ir {
[[nodiscard]] std::vector<std::byte> encode(const Program& program);
/// Errors: Malformed with the store and offset.
[[nodiscard]] Result<Program> decode(std::span<const std::byte> bytes);
}  // namespace writ::ir
