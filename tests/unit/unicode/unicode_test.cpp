#include "compiler/unicode/unicode.h"

#include <gtest/gtest.h>

namespace writ::unicode {
namespace {

TEST(Nfc, JoinsALetterAndItsMark) {
  EXPECT_EQ(to_nfc("caf\x65\xCC\x81"), "caf\xC3\xA9");
  EXPECT_FALSE(is_nfc("caf\x65\xCC\x81"));
  EXPECT_TRUE(is_nfc("caf\xC3\xA9"));
}

TEST(Nfc, LeavesCompatibilityFormsAlone) {
  EXPECT_EQ(to_nfc("\xEF\xBC\xA1"), "\xEF\xBC\xA1");  // fullwidth A
}

TEST(Skeleton, IsOneForNamesThatLookAlike) {
  EXPECT_EQ(skeleton("p\xD0\xB0yments"), skeleton("payments"));  // Cyrillic а
  EXPECT_EQ(skeleton("\xEF\xBD\x81lice"), skeleton("alice"));    // fullwidth a
  EXPECT_NE(skeleton("payments"), skeleton("payment"));
  EXPECT_EQ(skeleton(""), "");
}

TEST(Scripts, LatinWithCyrillicIsAMixture) {
  EXPECT_TRUE(mixes_scripts("p\xD0\xB0yments"));
  EXPECT_FALSE(mixes_scripts("\xD0\xBE\xD1\x82\xD1\x87\xD1\x91\xD1\x82"));
  EXPECT_FALSE(mixes_scripts("ledger-writers_2"));
}

TEST(Scripts, JapaneseWithLatinIsNone) {
  EXPECT_FALSE(mixes_scripts("kafka\xE3\x81\xAE\xE9\x8D\xB5"));
}

TEST(Scripts, AreAskedWordByWord) {
  EXPECT_EQ(mixed_word("CN=\xD0\x98\xD0\xB2\xD0\xB0\xD0\xBD,O=acme"), "");
  EXPECT_EQ(mixed_word("team.p\xD0\xB0y.x"), "p\xD0\xB0y");
  EXPECT_EQ(mixed_word("x p\xD0\xB0y"), "p\xD0\xB0y");
  EXPECT_EQ(mixed_word(""), "");
}

TEST(Invisible, FindsWhatNobodySees) {
  struct Row {
    const char* what;
    const char* text;
    std::uint32_t point;
  };
  constexpr Row kRows[] = {
      {"null", "a\x01", 0x01},
      {"next line", "a\xC2\x85", 0x85},
      {"soft hyphen", "a\xC2\xAD", 0xAD},
      {"combining grapheme joiner", "a\xCD\x8F", 0x34F},
      {"Hangul filler", "a\xE3\x85\xA4", 0x3164},
      {"zero-width space", "a\xE2\x80\x8B", 0x200B},
      {"override", "a\xE2\x80\xAE", 0x202E},
      {"byte-order mark", "a\xEF\xBB\xBF", 0xFEFF},
      {"variation selector", "a\xEF\xB8\x8F", 0xFE0F},
      {"tag letter", "a\xF3\xA0\x81\xA1", 0xE0061},
  };
  for (const Row& row : kRows) {
    const auto found = first_invisible(row.text);
    ASSERT_TRUE(found) << row.what;
    EXPECT_EQ(found->point, row.point) << row.what;
    EXPECT_EQ(found->begin, 1U) << row.what;
  }
  EXPECT_FALSE(first_invisible("ledger \xD0\xB6 \xC3\xA9 \xE9\x8D\xB5"));
}

TEST(Misleading, IsWhatMovesTheRest) {
  EXPECT_EQ(first_misleading("// a \xE2\x80\xAE b", 0)->point, 0x202EU);
  EXPECT_EQ(first_misleading("// a \xE2\x81\xA6 b", 0)->point, 0x2066U);
  EXPECT_EQ(first_misleading("// a \xD8\x9C b", 0)->point, 0x061CU);
  EXPECT_EQ(first_misleading("// a \xE2\x80\xA8 b", 0)->point, 0x2028U);
  EXPECT_EQ(first_misleading("// a \xE2\x80\xA9 b", 0)->point, 0x2029U);
  EXPECT_EQ(first_misleading("// a \x1B[2K b", 0)->point, 0x1BU);
  EXPECT_EQ(first_misleading("// a\rb", 0)->point, 0x0DU);
  EXPECT_FALSE(first_misleading("// a \tb\r\nc\n", 0));
  // Joiners are written in prose and in emoji.
  EXPECT_FALSE(first_misleading("\xE2\x80\x8D \xF0\x9F\x94\x92", 0));
}

TEST(Misleading, SearchesFromAPlace) {
  EXPECT_FALSE(first_misleading("\x01 a", 1));
  EXPECT_EQ(first_misleading("\x01 a\x02", 1)->begin, 3U);
}

TEST(Name, SaysCodePointAndName) {
  EXPECT_EQ(name_of(0x202E), "U+202E RIGHT-TO-LEFT OVERRIDE");
  EXPECT_EQ(name_of(0x1B), "U+001B");
}

}  // namespace
}  // namespace writ::unicode
