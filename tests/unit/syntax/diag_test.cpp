#include "compiler/diag/diag.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace writ::diag {
namespace {

source::FileId add(source::SourceSet& sources, const std::string& name, const std::string& text) {
  const auto id = sources.add_text(name, text);
  EXPECT_TRUE(id);
  return *id;
}

TEST(Codes, AreUniqueAndNamedByTheirSeverity) {
  std::set<std::string> seen;
  for (const Code code : all_codes()) {
    const std::string text(code_text(code));
    ASSERT_EQ(text.size(), 5u);
    EXPECT_EQ(text[0], severity(code) == Severity::Error ? 'E' : 'W');
    EXPECT_TRUE(seen.insert(text.substr(1)).second) << text << " stands twice";
    EXPECT_FALSE(title(code).empty());
  }
  EXPECT_EQ(code_text(Code::UnknownName), "E0201");
  EXPECT_EQ(code_text(Code::StarInString), "W0108");
}

TEST(Sink, SortsByPlaceAndSaysEachOnce) {
  source::SourceSet sources;
  const auto file = add(sources, "f", "abc def");
  Sink sink;
  sink.add({Code::UnknownName, "second", {{file, 4, 7}, ""}, {}, ""});
  sink.add({Code::UnknownName, "first", {{file, 0, 3}, ""}, {}, ""});
  sink.add({Code::UnknownName, "first", {{file, 0, 3}, ""}, {}, ""});
  sink.add({Code::StarInString, "a warning", {{file, 0, 3}, ""}, {}, ""});
  EXPECT_EQ(sink.errors(), 2u);
  EXPECT_EQ(sink.warnings(), 1u);
  const auto sorted = sink.sorted();
  ASSERT_EQ(sorted.size(), 3u);
  EXPECT_EQ(sorted[0].message + sorted[1].message + sorted[2].message, "a warningfirstsecond");
}

TEST(RenderText, ShowsLinesLabelsRelatedFilesAndHelp) {
  source::SourceSet sources;
  const auto one = add(sources, "one.writ", "group sre = User:a\n\n\ngroup\tsre = User:b\n");
  const auto two = add(sources, "two.writ", "x sre\n");
  const Diag diag{Code::Duplicate,
                  "`sre` is declared twice",
                  {{one, 27, 30}, "again"},
                  {{{one, 6, 9}, "first"}, {{two, 2, 5}, "used"}},
                  "give it another name"};
  EXPECT_EQ(render_text(diag, sources, Colour::Off),
            "error[E0202]: `sre` is declared twice\n"
            " --> one.writ:4:7\n"
            "  |\n"
            "1 | group sre = User:a\n"
            "  |       --- first\n"
            "...\n"
            "4 | group    sre = User:b\n"
            "  |          ^^^ again\n"
            " ::: two.writ:1:3\n"
            "  |\n"
            "1 | x sre\n"
            "  |   --- used\n"
            "  |\n"
            "  = help: give it another name\n");
}

TEST(RenderText, ColoursOnlyWhenAsked) {
  source::SourceSet sources;
  const auto file = add(sources, "f", "abc");
  const Diag diag{Code::UnknownName, "m", {{file, 0, 1}, ""}, {}, ""};
  EXPECT_EQ(render_text(diag, sources, Colour::Off).find('\x1b'), std::string::npos);
  EXPECT_NE(render_text(diag, sources, Colour::On).find("\x1b[1;31merror[E0201]\x1b[0m"),
            std::string::npos);
}

TEST(RenderText, LetsNoTextMoveTheCursorOrTurnTheLine) {
  source::SourceSet sources;
  const auto file = add(sources, "f", "a\x1b[2Jb\u202Ec");
  const Diag diag{Code::UnknownName, "bad \x1b]0;x\x07", {{file, 0, 1}, "l\r"}, {}, "h\u2066"};
  const std::string text = render_text(diag, sources, Colour::Off);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\r'), std::string::npos);
  EXPECT_EQ(text.find("\u202E"), std::string::npos);
  EXPECT_EQ(text.find("\u2066"), std::string::npos);
}

TEST(RenderText, ShowsAWindowOfALongLine) {
  source::SourceSet sources;
  const auto file =
      add(sources, "f", std::string(100'000, 'x') + "HERE" + std::string(100'000, 'y'));
  const Diag diag{Code::UnknownName, "m", {{file, 100'000, 100'004}, "it"}, {}, ""};
  const std::string text = render_text(diag, sources, Colour::Off);
  EXPECT_LT(text.size(), 1'000u);
  EXPECT_NE(text.find("xHEREy"), std::string::npos);
  EXPECT_NE(text.find("^^^^ it"), std::string::npos);
}

TEST(RenderText, GivesUnreadableFilesTheSameForm) {
  const Error error{ErrorCode::Limit, "the file is too large", "big.writ"};
  EXPECT_EQ(render_text(error, Colour::Off),
            "error[E0106]: the file is too large\n --> big.writ\n");
  EXPECT_EQ(code_of({ErrorCode::Malformed, "", ""}), Code::InvalidUtf8);
  EXPECT_EQ(code_of({ErrorCode::Unreadable, "", ""}), Code::Unreadable);
}

TEST(RenderJson, HasEveryField) {
  source::SourceSet sources;
  const auto file = add(sources, "f.writ", "a\n\"é\" b");
  const Diag diag{
      Code::UnknownName, "say \"x\"", {{file, 2, 6}, "here"}, {{{file, 0, 1}, "r"}}, "do"};
  EXPECT_EQ(
      render_json(diag, sources),
      R"({"code":"E0201","severity":"error","message":"say \"x\"","file":"f.writ",)"
      R"("line":2,"column":1,"end_line":2,"end_column":4,"label":"here",)"
      R"("related":[{"file":"f.writ",)"
      R"("line":1,"column":1,"end_line":1,"end_column":2,"label":"r"}],"help":"do"})");
}

TEST(Nearest, FindsWhatWasMeant) {
  struct Row {
    const char* name;
    const char* meant;
  };
  const Row rows[] = {{"Raed", "Read"},
                      {"read", "Read"},
                      {"Wirte", "Write"},
                      {"DescribeConfig", "DescribeConfigs"},
                      {"xyz", ""},
                      {"q", ""},
                      {"AlterConfg", "AlterConfigs"},
                      {"", ""}};
  const std::vector<std::string> known = {"Read", "Write", "DescribeConfigs", "AlterConfigs",
                                          "All"};
  for (const Row& row : rows)
    EXPECT_EQ(nearest(row.name, known), row.meant) << row.name;
}

}  // namespace
}  // namespace writ::diag
