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
[[nodiscard]] inline std::uint64_t hash_protection(std::uint32_t scope, std::uint32_t kind,
                                                   ir::PatternForm form, std::string_view text) {
  return mix(hash_name(kind, form, text) + scope);
}

// What a value of a group's key is known by.
[[nodiscard]] constexpr std::uint32_t row_tag(std::uint64_t number) {
  return static_cast<std::uint32_t>(mix(number));
}
[[nodiscard]] constexpr std::uint32_t row_tag(const Ip& base, std::uint32_t length) {
  return static_cast<std::uint32_t>(mix(mix(base.high + length) ^ base.low));
}
[[nodiscard]] inline std::uint32_t row_tag(std::string_view text) {
  return static_cast<std::uint32_t>(hash_text(0, text));
}
/// How many bits of a network count, and its family.
[[nodiscard]] constexpr std::uint32_t row_length(const Cidr& network) {
  return (network.v4 ? 0x100U : 0U) | network.bits;
}
/// The base of the network of that length that holds the address.
[[nodiscard]] constexpr Ip network_base(const Ip& ip, std::uint32_t length) {
  const auto keep = [](std::uint64_t half, std::uint32_t bits) {
    return bits == 0 ? 0 : bits >= 64 ? half : half & ~(~std::uint64_t{0} >> bits);
  };
  const std::uint32_t bits = length & 0xFF;
  return {keep(ip.high, bits), keep(ip.low, bits > 64 ? bits - 64 : 0)};
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
