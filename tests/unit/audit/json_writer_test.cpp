#include "runtime/audit/json_writer.h"

#include <gtest/gtest.h>

namespace writ::audit {
namespace {

TEST(JsonWriter, SeparatesMembersOfNestedObjects) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.begin_object("a");
  json.end_object();
  json.begin_list("b");
  json.text("x{");
  json.text("y[");
  json.begin_object();
  json.end_object();
  json.end_list();
  json.number("c", UINT64_MAX);
  json.boolean("d", false);
  json.end_object();
  EXPECT_EQ(out, R"({"a":{},"b":["x{","y[",{}],"c":18446744073709551615,"d":false})");
}

TEST(JsonWriter, SaysWhetherAByteWasReplaced) {
  const struct {
    const char* name;
    std::string text;
    Fidelity fidelity;
  } rows[] = {
      {"plain", "abc", Fidelity::Exact},
      {"four bytes", "\U0010FFFF", Fidelity::Exact},
      {"a stray continuation", "\x80", Fidelity::Replaced},
      {"an overlong slash", "\xC0\xAF", Fidelity::Replaced},
      {"an overlong of three", "\xE0\x80\xAF", Fidelity::Replaced},
      {"a surrogate", "\xED\xA0\x80", Fidelity::Replaced},
      {"above the last character", "\xF4\x90\x80\x80", Fidelity::Replaced},
      {"cut", "\xE6\x97", Fidelity::Replaced},
  };
  for (const auto& row : rows) {
    std::string out;
    EXPECT_EQ(append_json(out, row.text), row.fidelity) << row.name;
  }
}

TEST(Front, IsNotCutWithinACharacter) {
  EXPECT_EQ(front("abc", 3), "abc");
  EXPECT_EQ(front("abcd", 3), "abc");
  EXPECT_EQ(front("ab\u65E5", 4), "ab");
  EXPECT_EQ(front("a\u65E5z", 4), "a\u65E5");
  EXPECT_EQ(front("\x80\x80\x80\x80\x80\x80", 5), "\x80\x80\x80\x80\x80");
}

}  // namespace
}  // namespace writ::audit
