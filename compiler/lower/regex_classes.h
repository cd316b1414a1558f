// Sets of code points: what `[…]`, `\d` and `.` stand for, before they become bytes. Private to
// compiler/lower/regex*.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace writ::lower {

inline constexpr std::uint32_t kLastCodePoint = 0x10FFFF;

struct Range {
  std::uint32_t low, high;  // inclusive
};
using Ranges = std::vector<Range>;

/// Sorted, neither overlapping nor touching.
[[nodiscard]] Ranges normal(Ranges ranges);
[[nodiscard]] Ranges complement(const Ranges& ranges);
/// Letters without case: ASCII, as `(?i)` of the language defines it.
[[nodiscard]] Ranges caseless(const Ranges& ranges);
/// `alpha` of `[[:alpha:]]`.
[[nodiscard]] std::optional<Ranges> named_class(std::string_view name);

}  // namespace writ::lower
