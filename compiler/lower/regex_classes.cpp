#include "compiler/lower/regex_classes.h"

#include <algorithm>
#include <utility>

namespace writ::lower {

Ranges normal(Ranges ranges) {
  std::ranges::sort(ranges, {}, &Range::low);
  Ranges out;
  for (const Range& r : ranges) {
    if (!out.empty() && r.low <= out.back().high + 1) {
      out.back().high = std::max(out.back().high, r.high);
    } else {
      out.push_back(r);
    }
  }
  return out;
}

Ranges complement(const Ranges& ranges) {
  Ranges out;
  std::uint32_t next = 0;
  for (const Range& r : normal(ranges)) {
    if (r.low > next) {
      out.push_back({next, r.low - 1});
    }
    next = r.high + 1;
  }
  if (next <= kLastCodePoint) {
    out.push_back({next, kLastCodePoint});
  }
  return out;
}

Ranges caseless(const Ranges& ranges) {
  Ranges out = ranges;
  for (const Range& r : ranges) {
    for (std::uint32_t c = std::max<std::uint32_t>(r.low, 'A');
         c <= std::min<std::uint32_t>(r.high, 'z'); ++c) {
      if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) {
        out.push_back({c ^ 0x20, c ^ 0x20});
      }
    }
  }
  return normal(std::move(out));
}

std::optional<Ranges> named_class(std::string_view name) {
  struct Named {
    std::string_view name;
    Ranges ranges;
  };
  static const std::vector<Named> kClasses = {
      {"alnum", {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}}},
      {"alpha", {{'A', 'Z'}, {'a', 'z'}}},
      {"ascii", {{0, 0x7F}}},
      {"blank", {{'\t', '\t'}, {' ', ' '}}},
      {"cntrl", {{0, 0x1F}, {0x7F, 0x7F}}},
      {"digit", {{'0', '9'}}},
      {"graph", {{'!', '~'}}},
      {"lower", {{'a', 'z'}}},
      {"print", {{' ', '~'}}},
      {"punct", {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}},
      {"space", {{'\t', '\r'}, {' ', ' '}}},
      {"upper", {{'A', 'Z'}}},
      {"word", {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}},
      {"xdigit", {{'0', '9'}, {'A', 'F'}, {'a', 'f'}}},
  };
  const auto found = std::ranges::find(kClasses, name, &Named::name);
  return found == kClasses.end() ? std::nullopt : std::optional(found->ranges);
}

}  // namespace writ::lower
