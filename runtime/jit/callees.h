// What native code may call: the operations of the interpreter and one of its own. This table is
// the whole of the outside world that generated code can name.
#pragma once

#include <cstdint>
#include <span>

#include "runtime/value/value.h"

namespace writ::jit {

/// How native code passes to and gets from a callee, one letter each, the answer first:
/// `w` 32 bits, `d` 64 bits, `p` pointer. All callees only read, and return.
struct Callee {
  const char* name;
  const char* signature;
  const void* address;
};
[[nodiscard]] std::span<const Callee> callees();

}  // namespace writ::jit

extern "C" {

/// Compares joined texts, piece by piece. `form`: 0 equal, 1 a begins with b, 2 a ends with b.
[[nodiscard]] std::uint32_t writ_joined_compare(const writ::Slot* a, std::uint64_t a_count,
                                                const writ::Slot* b, std::uint64_t b_count,
                                                std::uint32_t form) noexcept;

}  // extern "C"
