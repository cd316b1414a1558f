// The check of a dictionary's entry: finds what a bug or a foreign hand left, no forgery.
#pragma once

#include <cstdint>
#include <string_view>

namespace writ::audit::ring {

/// SOURCE: FNV-1a, 32 bits.
[[nodiscard]] constexpr std::uint32_t entry_check(std::string_view payload) {
  std::uint32_t hash = 0x811C'9DC5U;
  for (const char c : payload) hash = (hash ^ static_cast<unsigned char>(c)) * 0x0100'0193U;
  return hash;
}

}  // namespace writ::audit::ring
