// The inside of compile_regex: text → automaton with empty moves over bytes. Private to
// compiler/lower/regex*.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"

namespace writ::lower {

/// Thompson's construction: a state either moves on a range of bytes, or without one.
struct Nfa {
  struct State {
    enum class Kind : std::uint8_t { Bytes, Split, Accept } kind = Kind::Split;
    std::uint8_t low = 0;
    std::uint8_t high = 0;
    std::uint32_t next = kNone;   // Bytes, Split
    std::uint32_t other = kNone;  // Split
  };
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;
  std::vector<State> states;
  std::uint32_t start = kNone;
};

// Counted repetition copies its part; a few thousand states determinise in milliseconds.
inline constexpr std::size_t kNfaStatesMax = 20'000;

/// Errors: Malformed with the byte offset in `where`, Limit.
[[nodiscard]] Result<Nfa> parse_regex(std::string_view pattern);

}  // namespace writ::lower
