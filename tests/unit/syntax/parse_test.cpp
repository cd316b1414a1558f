#include "compiler/syntax/parse.h"

#include <gtest/gtest.h>

#include <string>

namespace writ::syntax {
namespace {

struct Parsed {
  source::SourceSet sources;
  diag::Sink sink;
  ast::File file;
};

Parsed read(const std::string& text) {
  Parsed out;
  const auto id = out.sources.add_text("t.writ", text);
  EXPECT_TRUE(id);
  if (id)
    out.file = parse(out.sources, *id, out.sink);
  return out;
}

std::string repeat(const std::string& text, std::size_t count) {
  std::string out;
  for (; count > 0; --count)
    out += text;
  return out;
}

std::string grant_when(const std::string& condition) {
  return "acl at p {\n  allow Read on Topic * to any when " + condition + "\n}\n";
}

TEST(Parse, GivesAnEmptyFileForNothing) {
  for (const char* text : {"", " \n\t\r\n", "// only a comment", "/// documents nothing\n"}) {
    const Parsed got = read(text);
    EXPECT_EQ(got.sink.errors(), 0u) << text;
    EXPECT_TRUE(got.file.decls.empty()) << text;
  }
}

TEST(Parse, ChecksLimitsAtTheirEdge) {
  struct Row {
    const char* name;
    std::string text;
    std::size_t errors;
    diag::Code code;
  };
  const Row rows[] = {
      {"brackets at the limit", grant_when(repeat("(", 255) + "a" + repeat(")", 255)), 0, {}},
      {"brackets above it", grant_when(repeat("(", 256) + "a" + repeat(")", 256)), 1,
       diag::Code::NestedTooDeep},
      {"ten thousand brackets", grant_when(repeat("(", 10'000) + "a" + repeat(")", 10'000)), 1,
       diag::Code::NestedTooDeep},
      {"ten thousand sets", grant_when("a in " + repeat("{", 10'000) + repeat("}", 10'000)), 1,
       diag::Code::NestedTooDeep},
      {"negations at the limit", grant_when(repeat("not ", 256) + "a"), 0, {}},
      {"negations above it", grant_when(repeat("not ", 257) + "a"), 1, diag::Code::NestedTooDeep},
      {"a hundred thousand negations", grant_when(repeat("not ", 100'000) + "a"), 1,
       diag::Code::NestedTooDeep},
      {"choices above the limit", grant_when(repeat("if a then b else ", 257) + "c"), 1,
       diag::Code::NestedTooDeep},
      {"quantifiers above the limit", grant_when(repeat("any x in s: ", 257) + "c"), 1,
       diag::Code::NestedTooDeep},
      {"a chain at the limit", grant_when(repeat("a and ", 4'096) + "a"), 0, {}},
      {"a chain above it", grant_when(repeat("a and ", 4'097) + "a"), 1, diag::Code::NestedTooDeep},
      {"a token at the limit",
       "group g = \"" + std::string(source::kTokenBytesMax - 2, 'a') + "\"",
       0,
       {}},
      {"a token above it", "group g = \"" + std::string(source::kTokenBytesMax - 1, 'a') + "\"", 1,
       diag::Code::TokenTooLong},
      {"a token of 16 MB", "group g = " + std::string(16'000'000, 'a'), 1,
       diag::Code::TokenTooLong},
      {"a number of 64 KiB", "edition " + std::string(source::kTokenBytesMax, '1'), 1,
       diag::Code::SyntaxError},
  };
  for (const Row& row : rows) {
    const Parsed got = read(row.text);
    EXPECT_EQ(got.sink.errors(), row.errors) << row.name;
    if (row.errors > 0) {
      EXPECT_EQ(got.sink.sorted().front().code, row.code) << row.name;
    }
  }
}

TEST(Parse, SurvivesWhatIsNoPolicyAtAll) {
  const std::string texts[] = {
      std::string(1'000, '\0'),
      std::string("group a\0 = User:x", 17),
      repeat("{", 100'000),
      repeat("}", 1'000),
      repeat("({[", 10'000),
      repeat("acl at p {", 300),
      "\"",
      "\"\\",
      "acl",
      "allow",
      "group",
      "acl at p { allow",
      "key k { purpose",
      "test \"t\" { User:a may",
      "acl at p { allow Read on Topic \"x\" to User:",
      "at at at at",
      "= = = =",
      "\u202Egroup a = User:x",
      "model",
      "role R(",
      "x",
      "...,,,:::",
  };
  for (const std::string& text : texts) {
    const Parsed got = read(text);
    EXPECT_GT(got.sink.errors(), 0u) << text.substr(0, 40);
    for (const diag::Diag& one : got.sink.sorted()) {
      EXPECT_FALSE(diag::render_text(one, got.sources, diag::Colour::Off).empty());
    }
  }
}

TEST(Parse, GivesTwoMistakesTwoDiagnostics) {
  const std::string good = "group g = User:a\nacl at p { allow Read on Topic \"x\" to g }\n";
  const std::string mistakes[] = {
      "group h = User:b User:c\n",
      "group = User:b\n",
      "acl at p { allow Read Topic \"x\" to g }\n",
      "gruop h = User:b\n",
      "bind R too g\n",
      "role R(x) { allow Read on Topic x }\n",
      "tag t Topic \"x\"\n",
      "guard g2 at { deny any on any }\n",
      "network n = listener ==\n",
      "test \"t\" { User:a may Read Topic \"x\" }\n",
      "key k at p { purpose }\n",
      "protect Topic with\n",
      "attribute a String observed session\n",
      "kind Topic Read\n",
      "group h = User:b;\n",
      "group h = 'b'\n",
  };
  for (const std::string& one : mistakes) {
    EXPECT_EQ(read(good + one + good).sink.errors(), 1u) << one;
    for (const std::string& two : mistakes) {
      const Parsed got = read(good + one + good + two + good);
      EXPECT_EQ(got.sink.errors(), 2u) << one << two;
      // What stands between and around the mistakes is read: three times a group and an acl.
      EXPECT_GE(got.file.decls.size(), 6u) << one << two;
    }
  }
}

TEST(Parse, RemembersWhatAMistakeWouldHaveDeclared) {
  const Parsed got = read("group sre = User:a User:b\n");
  ASSERT_EQ(got.file.unread.size(), 1u);
  EXPECT_EQ(got.file.unread[0].text, "sre");
}

TEST(Parse, KeepsPlaces) {
  const Parsed got = read("package é\nacl at prod {\n  allow Read on Topic \"a\"* to User:x\n}\n");
  ASSERT_EQ(got.sink.errors(), 0u);
  const auto& acl = std::get<ast::AclDecl>(got.file.decls.at(0));
  const ast::Statement& grant = acl.statements.at(0);
  EXPECT_EQ(got.sources.text(grant.span), "allow Read on Topic \"a\"* to User:x");
  EXPECT_EQ(got.sources.text(grant.resources[0].pattern.span), "\"a\"*");
  EXPECT_EQ(got.sources.text(grant.subjects[0].name.span), "x");
  EXPECT_EQ(got.sources.position(grant.span.file, grant.span.begin).line, 3u);
  EXPECT_EQ(got.sources.text(acl.span).substr(0, 11), "acl at prod");
  EXPECT_TRUE(got.sources.text(acl.span).ends_with("}"));
}

TEST(Parse, PutsChildrenBeforeParents) {
  const Parsed got = read(grant_when("a and not (b == 1) or x in { c, d..e }"));
  ASSERT_EQ(got.sink.errors(), 0u);
  for (std::size_t at = 0; at < got.file.exprs.size(); ++at) {
    const ast::Expr& expr = got.file.exprs[at];
    for (const ast::ExprId child : {expr.a, expr.b, expr.c}) {
      if (child.valid()) {
        EXPECT_LT(child.index, at);
      }
    }
    for (const ast::ExprId child : expr.list)
      EXPECT_LT(child.index, at);
  }
}

TEST(Parse, KeepsHostBitsForTheChecker) {
  const Parsed got = read("acl at p { allow Read on Topic * to any from 10.1.2.3/8 }");
  ASSERT_EQ(got.sink.errors(), 0u);
  const Value& network =
      std::get<ast::AclDecl>(got.file.decls.at(0)).statements.at(0).from->networks.at(0);
  EXPECT_EQ(network.cidr.bits, 8 + 96);
  EXPECT_EQ(to_text(network.cidr.base), "10.1.2.3");
}

TEST(Print, IsReadBackToTheSame) {
  const std::string texts[] = {
      grant_when("(a or b) and not (c and d) or -1 - -2 * (3 + x) in 1..<2"),
      grant_when("(if a then b else c) == d or (any x in s: x) and (not a) == b"),
      grant_when("(time in \"UTC\").hour == 1 and (time in \"UTC\") == x"),
      "group \"at\" = \"of\", User:\"a b\", any Human except User:x, y\n",
      "acl \"\\\"\\\\\\n\\t\\u{1}\" at \"x y\".z { }\n",
  };
  for (const std::string& text : texts) {
    const Parsed first = read(text);
    ASSERT_EQ(first.sink.errors(), 0u) << text;
    const std::string printed = ast::print(first.file);
    const Parsed second = read(printed);
    EXPECT_EQ(second.sink.errors(), 0u) << printed;
    EXPECT_EQ(ast::print(second.file), printed);
  }
}

}  // namespace
}  // namespace writ::syntax
