// Decision words: two bits for each operation, none < allow < conditional < deny.
#pragma once

#include <cstdint>

namespace writ::tables {

inline constexpr std::uint64_t kLowBits = 0x5555'5555'5555'5555ULL;

/// The greater state of each operation.
[[nodiscard]] constexpr std::uint64_t merge(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t high = (a | b) & ~kLowBits;
  const std::uint64_t deny = ((a & a >> 1) | (b & b >> 1)) & kLowBits;
  const std::uint64_t allow = (a | b) & kLowBits & ~(high >> 1);
  return high | deny | allow;
}
/// Bit i of the mask to bit 2 i.
[[nodiscard]] constexpr std::uint64_t spread(std::uint32_t mask) {
  std::uint64_t v = mask;
  v = (v | v << 16) & 0x0000'FFFF'0000'FFFFULL;
  v = (v | v << 8) & 0x00FF'00FF'00FF'00FFULL;
  v = (v | v << 4) & 0x0F0F'0F0F'0F0F'0F0FULL;
  v = (v | v << 2) & 0x3333'3333'3333'3333ULL;
  return (v | v << 1) & kLowBits;
}
/// Bit 2 i to bit i.
[[nodiscard]] constexpr std::uint32_t gather(std::uint64_t v) {
  v &= kLowBits;
  v = (v | v >> 1) & 0x3333'3333'3333'3333ULL;
  v = (v | v >> 2) & 0x0F0F'0F0F'0F0F'0F0FULL;
  v = (v | v >> 4) & 0x00FF'00FF'00FF'00FFULL;
  v = (v | v >> 8) & 0x0000'FFFF'0000'FFFFULL;
  return static_cast<std::uint32_t>(v | v >> 16);
}
[[nodiscard]] constexpr std::uint32_t state_of(std::uint64_t word, std::uint32_t operation) {
  return static_cast<std::uint32_t>(word >> (2 * operation)) & 3;
}

static_assert(merge(0b01'10'11'00, 0b10'01'00'00) == 0b10'10'11'00);
static_assert(gather(spread(0xDEAD'BEEF)) == 0xDEAD'BEEF);

}  // namespace writ::tables
