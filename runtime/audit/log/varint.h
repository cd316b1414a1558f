// Numbers of 1 to 10 bytes (LEB128), and texts with their length before them. The reader is for
// foreign bytes: as ByteReader, once something is wrong it stays wrong and gives zeros.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "runtime/base/bytes.h"

namespace writ::audit::log {

inline void put_number(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(static_cast<unsigned char>(value | 0x80));
    value >>= 7;
  }
  out += static_cast<char>(value);
}
inline void put_text(std::string& out, std::string_view text) {
  put_number(out, text.size());
  out += text;
}
/// Small numbers of both signs become small numbers: 0, -1, 1, -2, …
[[nodiscard]] constexpr std::uint64_t zigzag(std::int64_t value) {
  return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}
[[nodiscard]] constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1 ^ (~(value & 1) + 1));
}

/// Fails on a number that has more than 64 bits or is written longer than it need be.
[[nodiscard]] inline std::uint64_t take_number(ByteReader& in) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = in.integer<std::uint8_t>();
    if (in.failed() || (shift == 63 && byte > 1) || (shift > 0 && byte == 0)) break;
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  in.fail();
  return 0;
}
[[nodiscard]] inline std::string_view take_text(ByteReader& in) {
  const std::uint64_t size = take_number(in);
  if (size > in.left()) {
    in.fail();
    return {};
  }
  return in.text(static_cast<std::size_t>(size));
}
/// A number of at most `max`; more is wrong.
[[nodiscard]] inline std::uint64_t take_number(ByteReader& in, std::uint64_t max) {
  const std::uint64_t value = take_number(in);
  if (value <= max) return value;
  in.fail();
  return 0;
}

}  // namespace writ::audit::log
