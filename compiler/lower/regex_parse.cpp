// Recursive descent over the pattern; nesting is bounded. Each part becomes a fragment: where it
// begins, and which moves still lead nowhere.
#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "compiler/lower/regex_classes.h"
#include "compiler/lower/regex_nfa.h"

namespace writ::lower {
namespace {

constexpr std::size_t kNestingMax = 100;
constexpr std::uint32_t kRepeatMax = 1'000;  // RE2's own limit

// A part of the automaton: moves to nowhere are (state, is the other move) pairs.
struct Fragment {
  std::uint32_t start = Nfa::kNone;
  std::vector<std::pair<std::uint32_t, bool>> open;
};

class Parser {
 public:
  explicit Parser(std::string_view pattern) : text_(pattern) {}

  Result<Nfa> run() {
    Fragment all = alternation(0);
    if (!failed_ && at_ < text_.size()) {
      refuse("`)` without its `(`");
    }
    if (failed_) {
      return std::unexpected(std::move(*failed_));
    }
    const std::uint32_t end = add({Nfa::State::Kind::Accept, 0, 0, Nfa::kNone, Nfa::kNone});
    patch(all, end);
    nfa_.start = all.start;
    return std::move(nfa_);
  }

 private:
  void refuse(std::string message, ErrorCode code = ErrorCode::Malformed) {
    if (!failed_) {
      failed_ = Error{code, std::move(message), std::to_string(at_)};
    }
    at_ = text_.size();
  }
  [[nodiscard]] bool more() const { return at_ < text_.size(); }
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool take(std::string_view expected) {
    if (!text_.substr(at_).starts_with(expected)) {
      return false;
    }
    at_ += expected.size();
    return true;
  }

  std::uint32_t add(Nfa::State state) {
    if (nfa_.states.size() >= kNfaStatesMax) {
      refuse("the expression is too large", ErrorCode::Limit);
      return 0;
    }
    nfa_.states.push_back(state);
    return static_cast<std::uint32_t>(nfa_.states.size() - 1);
  }
  void patch(const Fragment& fragment, std::uint32_t to) {
    for (const auto& [state, other] : fragment.open) {
      (other ? nfa_.states[state].other : nfa_.states[state].next) = to;
    }
  }
  Fragment empty() {
    const std::uint32_t split =
        add({Nfa::State::Kind::Split, 0, 0, Nfa::kNone, Nfa::kNone});
    return {split, {{split, false}}};
  }
  Fragment byte(std::uint8_t low, std::uint8_t high) {
    const std::uint32_t state =
        add({Nfa::State::Kind::Bytes, low, high, Nfa::kNone, Nfa::kNone});
    return {state, {{state, false}}};
  }
  Fragment join(Fragment a, Fragment b) {
    patch(a, b.start);
    return {a.start, std::move(b.open)};
  }
  Fragment either(Fragment a, Fragment b) {
    const std::uint32_t split = add({Nfa::State::Kind::Split, 0, 0, a.start, b.start});
    a.start = split;
    a.open.insert(a.open.end(), b.open.begin(), b.open.end());
    return a;
  }
  Fragment optional(Fragment a) {
    const std::uint32_t split = add({Nfa::State::Kind::Split, 0, 0, a.start, Nfa::kNone});
    a.start = split;
    a.open.emplace_back(split, true);
    return a;
  }
  Fragment plus(Fragment a) {
    const std::uint32_t split = add({Nfa::State::Kind::Split, 0, 0, a.start, Nfa::kNone});
    patch(a, split);
    return {a.start, {{split, true}}};
  }
  Fragment star(Fragment a) {
    const std::uint32_t split = add({Nfa::State::Kind::Split, 0, 0, a.start, Nfa::kNone});
    patch(a, split);
    return {split, {{split, true}}};
  }

  Fragment alternation(std::size_t depth) {
    if (depth > kNestingMax) {
      refuse("nested too deeply", ErrorCode::Limit);
      return empty();
    }
    Fragment all = sequence(depth);
    while (take("|")) {
      all = either(std::move(all), sequence(depth));
    }
    return all;
  }

  Fragment sequence(std::size_t depth) {
    Fragment all = empty();
    while (more() && peek() != '|' && peek() != ')') {
      const std::size_t begin = at_;
      if (take("(?i)")) {
        caseless_ = true;
        continue;
      }
      Fragment part = atom(depth);
      part = repeated(std::move(part), begin, depth);
      all = join(std::move(all), std::move(part));
    }
    return all;
  }

  // A repeated part is parsed again for each further copy: fragments cannot be shared.
  Fragment repeated(Fragment part, std::size_t begin, std::size_t depth) {
    const std::size_t end = at_;
    std::uint32_t low = 0, high = 0;
    bool bounded = true;
    if (take("*")) {
      bounded = false;
    } else if (take("+")) {
      low = 1;
      bounded = false;
    } else if (take("?")) {
      high = 1;
    } else if (!counted(low, high, bounded)) {
      return part;
    }
    static_cast<void>(take("?"));  // laziness does not change what a whole match accepts
    if (peek() == '*' || peek() == '+' || peek() == '?' || peek() == '{') {
      refuse("a repetition of a repetition");
    }
    const std::size_t after = at_;
    const auto copy = [&] {
      at_ = begin;
      Fragment again = atom(depth);
      if (!failed_) {
        at_ = end;
      }
      return again;
    };
    const std::uint32_t count = bounded ? high : std::max<std::uint32_t>(low, 1);
    Fragment all = empty();
    for (std::uint32_t i = 0; i < count && !failed_; ++i) {
      // WHY: the part itself is the first copy; to parse it again would double at each nesting.
      Fragment next = i == 0 ? std::move(part) : copy();
      if (!bounded && i + 1 == count) {
        next = low == 0 ? star(std::move(next)) : plus(std::move(next));
      } else if (i >= low) {
        next = optional(std::move(next));
      }
      all = join(std::move(all), std::move(next));
    }
    if (!failed_) {
      at_ = after;
    }
    return all;
  }

  bool counted(std::uint32_t& low, std::uint32_t& high, bool& bounded) {
    const std::size_t begin = at_;
    if (!take("{")) {
      return false;
    }
    const auto number = [this](std::uint32_t& value) {
      bool any = false;
      while (more() && peek() >= '0' && peek() <= '9' && value <= kRepeatMax) {
        value = value * 10 + static_cast<std::uint32_t>(text_[at_++] - '0');
        any = true;
      }
      return any;
    };
    const bool first = number(low);
    high = low;
    if (first && take(",")) {
      high = 0;
      bounded = number(high);
    }
    if (!first || !take("}")) {
      at_ = begin;
      refuse("`{` begins a repetition: `{2}`, `{2,}`, `{2,5}`; for a brace write `\\{`");
      return false;
    }
    if (low > kRepeatMax || high > kRepeatMax || (bounded && high < low)) {
      at_ = begin;
      refuse(fmt::format("a repetition counts up to {}, the smaller number first", kRepeatMax));
    }
    return true;
  }

  Fragment atom(std::size_t depth) {
    switch (peek()) {
      case '(':
        return group(depth);
      case '[':
        return code_points(bracket());
      case '.':
        ++at_;
        return code_points(complement({{'\n', '\n'}}));
      case '^':
        // The whole text is matched, so an anchor at an end says nothing new.
        if (at_ != 0) {
          refuse("`^` can stand at the beginning only");
          return empty();
        }
        ++at_;
        return empty();
      case '$':
        if (at_ + 1 != text_.size()) {
          refuse("`$` can stand at the end only");
          return empty();
        }
        ++at_;
        return empty();
      case '*':
      case '+':
      case '?':
      case '{':
        refuse("nothing to repeat");
        return empty();
      case '\\': {
        const Ranges ranges = escape(false);
        return code_points(ranges);
      }
      default: {
        const std::uint32_t c = code_point();
        return code_points({{c, c}});
      }
    }
  }

  Fragment group(std::size_t depth) {
    ++at_;
    const bool caseless_before = caseless_;
    if (take("?")) {
      if (take("i:")) {
        caseless_ = true;
      } else if (!take(":")) {
        refuse("only `(?:…)`, `(?i)` and `(?i:…)` are known; lookaround is not linear");
        return empty();
      }
    }
    Fragment inner = alternation(depth + 1);
    caseless_ = caseless_before;
    if (!take(")")) {
      refuse("`(` without its `)`");
    }
    return inner;
  }

  std::uint32_t code_point() {
    const auto lead = static_cast<unsigned char>(peek());
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    std::uint32_t value = length == 1 ? lead : lead & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
      value = value << 6 | (static_cast<unsigned char>(peek(i)) & 0x3FU);
    }
    at_ = std::min(text_.size(), at_ + length);
    return value;
  }

  Ranges escape(bool in_class) {
    ++at_;
    const char c = peek();
    ++at_;
    switch (c) {
      case 'd':
        return *named_class("digit");
      case 'D':
        return complement(*named_class("digit"));
      case 'w':
        return *named_class("word");
      case 'W':
        return complement(*named_class("word"));
      // RE2: \s has no vertical tab.
      case 's':
        return {{'\t', '\n'}, {'\f', '\r'}, {' ', ' '}};
      case 'S':
        return complement({{'\t', '\n'}, {'\f', '\r'}, {' ', ' '}});
      case 'n':
        return {{'\n', '\n'}};
      case 't':
        return {{'\t', '\t'}};
      case 'r':
        return {{'\r', '\r'}};
      case 'f':
        return {{'\f', '\f'}};
      case 'v':
        return {{'\v', '\v'}};
      case 'a':
        return {{'\a', '\a'}};
      case 'x':
        return hexadecimal();
      default:
        break;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (at_ > text_.size() || byte >= 0x80 || std::isalnum(byte) != 0) {
      --at_;
      refuse(in_class ? "an escape that is not known in a class"
                      : "an escape that is not known; word boundaries and back references are not "
                        "linear or not whole");
      return {};
    }
    return {{byte, byte}};
  }

  Ranges hexadecimal() {
    const bool braces = take("{");
    std::uint32_t value = 0;
    std::size_t digits = 0;
    while (more() && std::isxdigit(static_cast<unsigned char>(peek())) != 0 &&
           digits < (braces ? 6U : 2U)) {
      const char c = text_[at_++];
      value = value * 16 + static_cast<std::uint32_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
      ++digits;
    }
    if (digits < (braces ? 1U : 2U) || (braces && !take("}")) || value > kLastCodePoint) {
      refuse("`\\x` takes two digits, or a code point in braces: `\\x{1F600}`");
    }
    return {{value, value}};
  }

  Ranges bracket() {
    ++at_;
    const bool negated = take("^");
    Ranges ranges;
    bool first = true;
    while (more() && (first || peek() != ']')) {
      first = false;
      if (take("[:")) {
        const std::size_t end = text_.find(":]", at_);
        const bool not_in = take("^");
        const auto named = end == std::string_view::npos
                               ? std::nullopt
                               : named_class(text_.substr(at_, end - at_));
        if (!named) {
          refuse("a class of characters that is not known");
          return {};
        }
        at_ = end + 2;
        const Ranges wanted = not_in ? complement(*named) : *named;
        ranges.insert(ranges.end(), wanted.begin(), wanted.end());
        continue;
      }
      const Ranges low = peek() == '\\' ? escape(true) : single();
      if (low.size() == 1 && low[0].low == low[0].high && peek() == '-' && peek(1) != ']' &&
          at_ + 1 < text_.size()) {
        ++at_;
        const Ranges high = peek() == '\\' ? escape(true) : single();
        if (high.size() != 1 || high[0].low != high[0].high || high[0].low < low[0].low) {
          refuse("a range goes from the smaller to the larger character");
          return {};
        }
        ranges.push_back({low[0].low, high[0].low});
        continue;
      }
      ranges.insert(ranges.end(), low.begin(), low.end());
    }
    if (!take("]")) {
      refuse("`[` without its `]`");
    }
    if (caseless_) {
      ranges = caseless(ranges);
    }
    return negated ? complement(ranges) : normal(std::move(ranges));
  }
  Ranges single() {
    const std::uint32_t c = code_point();
    return {{c, c}};
  }

  // The code points as sequences of UTF-8 bytes.
  Fragment code_points(Ranges ranges) {
    if (caseless_) {
      ranges = caseless(ranges);
    }
    std::optional<Fragment> all;
    const auto offer = [&](Fragment part) {
      all = all ? either(std::move(*all), std::move(part)) : std::move(part);
    };
    constexpr std::array<std::uint32_t, 5> kEnds = {0, 0x80, 0x800, 0x10000, 0x110000};
    for (const Range& r : normal(std::move(ranges))) {
      for (std::size_t length = 1; length <= 4; ++length) {
        const std::uint32_t low = std::max(r.low, kEnds[length - 1]);
        const std::uint32_t high = std::min(r.high, kEnds[length] - 1);
        if (low <= high) {
          bytes_of(low, high, length, offer);
        }
      }
    }
    if (!all) {
      // An empty class matches nothing: a move that is never patched to an end.
      return {add({Nfa::State::Kind::Split, 0, 0, Nfa::kNone, Nfa::kNone}), {}};
    }
    return std::move(*all);
  }

  // Splits a range so that each piece is a product of byte ranges.
  template <class Offer>
  void bytes_of(std::uint32_t low, std::uint32_t high, std::size_t length, const Offer& offer) {
    for (std::size_t i = 1; i < length; ++i) {
      const std::uint32_t mask = (1U << (6 * i)) - 1;
      if ((low & ~mask) != (high & ~mask)) {
        if ((low & mask) != 0) {
          bytes_of(low, low | mask, length, offer);
          bytes_of((low | mask) + 1, high, length, offer);
          return;
        }
        if ((high & mask) != mask) {
          bytes_of(low, (high & ~mask) - 1, length, offer);
          bytes_of(high & ~mask, high, length, offer);
          return;
        }
      }
    }
    const auto encoded = [length](std::uint32_t c, std::size_t i) {
      constexpr std::array<std::uint8_t, 5> kLead = {0, 0, 0xC0, 0xE0, 0xF0};
      const auto bits = static_cast<std::uint8_t>(c >> (6 * (length - 1 - i)));
      return static_cast<std::uint8_t>(i == 0 ? (length == 1 ? bits : kLead[length] | bits)
                                              : 0x80 | (bits & 0x3F));
    };
    Fragment all = byte(encoded(low, 0), encoded(high, 0));
    for (std::size_t i = 1; i < length; ++i) {
      all = join(std::move(all), byte(encoded(low, i), encoded(high, i)));
    }
    offer(std::move(all));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool caseless_ = false;
  std::optional<Error> failed_;
  Nfa nfa_;
};

}  // namespace

Result<Nfa> parse_regex(std::string_view pattern) { return Parser(pattern).run(); }

}  // namespace writ::lower
