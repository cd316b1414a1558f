// The hashes by which tables are laid out and found: builder and reader must agree, so they are
// here once. Slots are chosen by multiplication, so an array may have any size; probing is
// linear and every array keeps an empty slot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "runtime/ir/program.h"

namespace writ::tables {

/// XXH3 of the text, seeded with kind and form.
[[nodiscard]] std::uint64_t hash_name(std::uint32_t kind, ir::PatternForm form,
                                      std::string_view text);
[[nodiscard]] std::uint64_t hash_text(std::uint64_t seed, std::string_view text);
[[nodiscard]] std::uint64_t hash_principal(std::string_view type, std::string_view name);
[[nodiscard]] std::uint64_t hash_network(const ir::Network& network, std::string_view text);

[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t value) {
  value ^= value >> 32;
  value *= 0x9E37'79B9'7F4A'7C15ULL;
  value ^= value >> 29;
  value *= 0xD6E8'FEB8'6659'FD93ULL;
  return value ^ value >> 32;
}
[[nodiscard]] constexpr std::uint64_t hash_pair(std::uint32_t a, std::uint32_t b) {
  return mix(std::uint64_t{a} << 32 | b);
}
[[nodiscard]] constexpr std::uint64_t hash_class(std::uint32_t layer, std::uint32_t subject,
                                                 std::uint32_t network, std::uint32_t scope) {
  return mix(hash_pair(layer << 28 ^ subject, network) + scope);
}
/// The home slot of a hash in an array of `size` slots.
[[nodiscard]] constexpr std::size_t slot_of(std::uint64_t hash, std::size_t size) {
  return static_cast<std::size_t>((hash >> 32) * size >> 32);
}
[[nodiscard]] constexpr std::size_t next_slot(std::size_t slot, std::size_t size) {
  return slot + 1 == size ? 0 : slot + 1;
}
/// Slots for `count` things: two thirds full at most, one empty at least.
[[nodiscard]] constexpr std::size_t slots_for(std::size_t count) { return count + count / 2 + 1; }

}  // namespace writ::tables
