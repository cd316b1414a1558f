// compile_regex against RE2: what its table accepts is what RE2::FullMatch accepts, and what is
// refused names its place.
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <re2/re2.h>

#include "compiler/lower/regex.h"
#include "runtime/base/limits.h"

namespace writ::lower {
namespace {

bool accepts(const ir::Dfa& dfa, std::string_view text) {
  std::size_t state = dfa.start;
  for (const char c : text) {
    const std::size_t byte_class = dfa.byte_class[static_cast<unsigned char>(c)];
    state = dfa.transitions[state * dfa.classes + byte_class];
  }
  return dfa.accepting[state] != 0;
}

const std::vector<std::string> kPatterns = {
    "", "a", "abc", "a|b", "ab|cd|", "|a", "a||b", "()", "(a)(b)", "(?:ab)+", "a*", "a+", "a?",
    "a*?", "a+?b", "a??", "(a|b)*abb", "(a*)*", "(a*b*)*", "(a?)+", "((((((((a*)*)*)*)*)*)*)*)*",
    "(((((a+)+)+)+)+)+", "a{3}", "a{0}", "a{0}b", "a{2,}", "a{0,}", "a{1,3}", "(ab|c){2,3}",
    "(a{2}){3}", "(a{0,2}b){1,2}", "a{2}?", "a{1000}|b", ".", ".*", "a.c", ".{2}", "[abc]",
    "[^abc]", "[a-c]+", "[^a-c]*", "[]a]", "[^]a]", "[a-]", "[-a]+", "[a\\-c]", "[\\]]",
    "[\\d-z]+", "[a^]+", "[.*+?]", "[[:alpha:]]+", "[[:^alpha:]]+", "[^[:digit:]a]+",
    "[[:punct:][:space:]]+", "[[:word:]]+", "[[:xdigit:]]+", "\\d+", "\\D+", "\\w+", "\\W+",
    "\\s+", "\\S+", "[\\s\\d]+", "[^\\w]+", "[\\D]", "\\.", "\\*\\+\\?", "\\\\", "\\(a\\)",
    "\\{a\\}",
    "a\\{2\\}", "\\x41", "\\x{e9}", "\\x{1F600}", "[\\x{100}-\\x{1F600}]+", "\\n", "\\t|\\r|\\f",
    "\\v", "\\a", "(?i)abc", "(?i)[a-c]+", "(?i)[^a-c]+", "a(?i)b", "a(?i)b|c", "(?i:a)b",
    "((?i)a)b", "(?i:a|b){2}c", "(?i)a{2}", "(?i)\\w+-\\d", "(?i)[Z-a]+", "é", "é+", "[é-ü]+",
    "[^é]", "日本|x", "[日本]+", "😀?", "[ß-😀]+", "(é|e){2}", "^abc$", "^a|b$", "^", "$", "^$",
    "^a*$", "orders\\.[a-z]+\\.v\\d+", "(eu|us)-(west|east)-[12]", "[\\w.-]+@[\\w-]+\\.com",
    "x}", "a]b", "-", "\\_", "a,b", "/", "\\/"};

const std::vector<std::string> kTexts = {
    "", "a", "b", "c", "A", "B", "C", "ab", "aB", "Ab", "AB", "abc", "ABC", "aBc", "abb", "aabb",
    "babb", "cd", "aa", "AA", "aaa", "aaaa", "aaaaaa", "aab", "abab", "ababc", "cc", "cab", "bb",
    "bbb", "abC", "BAc", "BAC", "a c", "a\nc", "axc", "a-c", "-", "--", "a-", "]", "]a", "[", "^",
    "a^", ".", "*", "*+?", "\\", "(a)", "{a}", "a{2}", "5", "42", "x5", "a1_", "_", " ", "\t",
    "\n", "\r", "\f", "\v", "\a", " \t5", "!", "~,", "A-7", "z-1", "é", "éé", "ée", "ü", "ß", "Ā",
    "日", "本", "日本", "本日日", "😀", "😀é", "x", "x}", "a]b", "a,b", "/", "Z", "z", "ZaA", "F00d",
    "orders.eu.v12", "orders.eu.v", "eu-west-1", "us-east-3", "a.b@c-d.com", "\xff", "\xc3",
    "a\xff",
    std::string(1, '\0'), "K", "k", "@", "`"};

TEST(Regex, AcceptsWhatRe2Accepts) {
  for (const std::string& pattern : kPatterns) {
    const RE2 oracle(pattern, RE2::Quiet);
    ASSERT_TRUE(oracle.ok()) << pattern << ": " << oracle.error();
    const auto dfa = compile_regex(pattern);
    ASSERT_TRUE(dfa.has_value()) << pattern << ": " << dfa.error().message;
    for (const std::string& text : kTexts) {
      EXPECT_EQ(accepts(*dfa, text), RE2::FullMatch(text, oracle))
          << "pattern `" << pattern << "` text `" << text << "`";
    }
  }
}

// Patterns by their own grammar, so that most are well formed.
class Random {
 public:
  explicit Random(std::uint32_t seed) : bits_(seed) {}

  std::string pattern(int depth) {
    std::string out = sequence(depth);
    while (below(4) == 0) {
      out += "|" + sequence(depth);
    }
    return out;
  }
  std::string text() {
    std::string out;
    for (std::uint32_t i = below(9); i > 0; --i) {
      out += pick({"a", "b", "c", "A", "B", "é", "1", "\n", "-"});
    }
    return out;
  }

 private:
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(bits_()) % bound; }
  std::string pick(const std::vector<std::string>& from) {
    return from[below(static_cast<std::uint32_t>(from.size()))];
  }
  std::string sequence(int depth) {
    std::string out;
    for (std::uint32_t i = below(4); i > 0; --i) {
      out += atom(depth);
      out += pick({"", "", "", "*", "+", "?", "{2}", "{0,2}", "{1,}", "*?"});
    }
    return out;
  }
  std::string atom(int depth) {
    if (depth > 0 && below(3) == 0) {
      return pick({"(", "(?:", "(?i:", "((?i)"}) + pattern(depth - 1) + ")";
    }
    return pick({"a", "b", "c", "A", "é", "1", ".", "\\d", "\\w", "\\W", "\\s", "[ab]", "[^a]",
                 "[a-c1]", "[^\\d]", "[é-ü]", "[A-b]", "\\-"});
  }
  std::mt19937 bits_;
};

TEST(Regex, AcceptsWhatRe2AcceptsOfRandomPatterns) {
  constexpr std::uint32_t kSeed = 20'261;
  Random random(kSeed);
  int compared = 0;
  for (int i = 0; i < 2'000; ++i) {
    const std::string pattern = random.pattern(3);
    const RE2 oracle(pattern, RE2::Quiet);
    ASSERT_TRUE(oracle.ok()) << pattern << ": " << oracle.error();
    const auto dfa = compile_regex(pattern);
    if (!dfa) {
      EXPECT_EQ(dfa.error().code, ErrorCode::Limit) << pattern << ": " << dfa.error().message;
      continue;
    }
    ++compared;
    for (int j = 0; j < 20; ++j) {
      const std::string text = random.text();
      EXPECT_EQ(accepts(*dfa, text), RE2::FullMatch(text, oracle))
          << "seed " << kSeed << " pattern `" << pattern << "` text `" << text << "`";
    }
  }
  EXPECT_GT(compared, 1'900);
}

struct Refused {
  const char* name;
  std::string pattern;
  const char* where;  // byte offset
};
void PrintTo(const Refused& one, std::ostream* out) { *out << one.name; }

class RegexRefuses : public testing::TestWithParam<Refused> {};

TEST_P(RegexRefuses, WithTheOffset) {
  const auto dfa = compile_regex(GetParam().pattern);
  ASSERT_FALSE(dfa.has_value());
  EXPECT_EQ(dfa.error().code, ErrorCode::Malformed);
  EXPECT_EQ(dfa.error().where, GetParam().where) << dfa.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Patterns, RegexRefuses,
    testing::Values(Refused{"group_not_closed", "a(b", "3"},
                    Refused{"group_not_opened", "a)b", "1"},
                    Refused{"class_not_closed", "a[bc", "4"}, Refused{"empty_class", "[]", "2"},
                    Refused{"star_star", "a**", "2"}, Refused{"star_plus", "ab*+", "3"},
                    Refused{"lazy_twice", "a*??", "3"}, Refused{"count_twice", "a{2}{3}", "4"},
                    Refused{"star_count", "a*{3}", "2"}, Refused{"nothing_before", "*a", "0"},
                    Refused{"nothing_counted", "{2}", "0"},
                    Refused{"nothing_in_group", "a(+)", "2"},
                    Refused{"nothing_counted_behind_bar", "a|{2}", "2"},
                    Refused{"lookahead", "a(?=b)", "3"}, Refused{"lookbehind", "(?<=b)a", "2"},
                    Refused{"named_group", "(?P<x>a)", "2"}, Refused{"flag", "(?s)a", "2"},
                    Refused{"back_reference", "(a)\\1", "4"}, Refused{"boundary", "a\\b", "2"},
                    Refused{"property", "\\pL", "1"}, Refused{"lone_backslash", "a\\", "2"},
                    Refused{"escape_in_class", "[\\b]", "2"}, Refused{"backwards", "[c-a]", "4"},
                    Refused{"range_to_class", "[a-\\d]", "5"},
                    Refused{"class_name", "[[:x:]]", "3"},
                    Refused{"too_often", "a{1001}", "1"},
                    Refused{"too_often_open", "a{1001,}", "1"},
                    Refused{"counts_backwards", "a{3,2}", "1"}, Refused{"no_count", "a{x}", "1"},
                    Refused{"count_not_closed", "a{2", "1"}, Refused{"hex", "\\x4", "3"},
                    Refused{"hex_too_large", "\\x{110000}", "10"},
                    Refused{"caret_inside", "a^b", "1"}, Refused{"dollar_inside", "a$b", "1"}),
    [](const auto& one) { return one.param.name; });

TEST(Regex, BoundsItsStates) {
  // A text of n bytes takes n + 1 states and the dead one.
  const std::string largest(limits::kDfaStatesMax - 2, 'a');
  const auto fits = compile_regex(largest);
  ASSERT_TRUE(fits.has_value()) << fits.error().message;
  EXPECT_EQ(fits->accepting.size(), limits::kDfaStatesMax);
  const auto over = compile_regex(largest + "a");
  ASSERT_FALSE(over.has_value());
  EXPECT_EQ(over.error().code, ErrorCode::Limit);
}

TEST(Regex, RefusesWhatGrowsExponentially) {
  for (const char* pattern : {"(a|b)*a(a|b){20}", ".*a.{20}", "((a{100}){100}){100}", ".{1000}"}) {
    const auto dfa = compile_regex(pattern);
    ASSERT_FALSE(dfa.has_value()) << pattern;
    EXPECT_EQ(dfa.error().code, ErrorCode::Limit) << pattern;
  }
}

TEST(Regex, DoesNotDoubleAtEachNestedRepetition) {
  for (const char* repetition : {"*", "+", "?", "{1,}"}) {
    std::string pattern = "a";
    for (int i = 0; i < 50; ++i) {
      pattern = "(" + pattern + ")" + repetition;
    }
    const auto dfa = compile_regex(pattern);
    ASSERT_TRUE(dfa.has_value()) << repetition << ": " << dfa.error().message;
    EXPECT_TRUE(accepts(*dfa, "a"));
  }
}

TEST(Regex, BoundsItsNesting) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '(') + "a" + std::string(depth, ')');
  };
  EXPECT_TRUE(compile_regex(nested(100)).has_value());
  ASSERT_FALSE(compile_regex(nested(101)).has_value());
  EXPECT_EQ(compile_regex(nested(101)).error().code, ErrorCode::Limit);
}

}  // namespace
}  // namespace writ::lower
