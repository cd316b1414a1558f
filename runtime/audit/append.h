// Integers and texts appended to a string that the caller keeps, and texts read back: the plain
// form of what the ring carries. Little-endian, a text after its size in four bytes.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/bytes.h"

namespace writ::audit {

template <std::integral T>
void append_integer(std::string& out, T value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}
inline void append_text(std::string& out, std::string_view text) {
  append_integer(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}
[[nodiscard]] inline std::string_view take_text(ByteReader& in) {
  return in.text(in.integer<std::uint32_t>());
}

}  // namespace writ::audit
