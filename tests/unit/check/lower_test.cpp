// What statements become: how many grants, of which number, subject and pattern. Mistakes are in
// tests/golden/check.
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "compiler/compile.h"
#include "runtime/ir/print.h"
#include "runtime/ir/verify.h"

namespace writ {
namespace {

constexpr const char* kHead =
    "package shop\n"
    "use kafka\n"
    "use confluent\n"
    "organization acme {\n"
    "  environment prod { cluster main = \"lkc-1\" cluster other = \"lkc-2\" }\n"
    "}\n"
    "group oncall = User:lena\n"
    "group sre = User:ann, oncall\n"
    "tag pci at prod on Topic \"cards.\"*, Topic \"vault\", Topic *\"-pan\"\n";

ir::Program compiled(const std::string& text) {
  auto made = compiler::compile_text("shop.writ", kHead + text);
  EXPECT_TRUE(made.has_value());
  if (!made) {
    return {};
  }
  for (const diag::Diag& diag : made->sink.sorted()) {
    EXPECT_EQ(diag::severity(diag.code), diag::Severity::Warning) << diag.message;
  }
  const Status sound = ir::verify(made->program);
  EXPECT_TRUE(sound.has_value()) << sound.error().message;
  return std::move(made->program);
}

struct Case {
  const char* name;
  const char* text;
  std::vector<std::string> grants;  // as policy text, in order
  std::size_t numbers;              // statements that they come from
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

class Lowering : public testing::TestWithParam<Case> {};

TEST_P(Lowering, MultipliesStatementsOut) {
  const ir::Program program = compiled(GetParam().text);
  std::vector<std::string> grants;
  std::set<std::uint32_t> numbers;
  for (const ir::Grant& grant : program.grants) {
    grants.push_back(ir::grant_text(program, grant));
    numbers.insert(grant.number);
  }
  EXPECT_EQ(grants, GetParam().grants);
  EXPECT_EQ(numbers.size(), GetParam().numbers);
}

INSTANTIATE_TEST_SUITE_P(
    Statements, Lowering,
    testing::Values(
        Case{"subjects_and_networks",
             "acl at prod.main { allow Read on Topic \"a\" to User:x, sre"
             " from 10.0.0.0/8, 192.0.2.1 }",
             {"allow Read on Topic \"a\" to User:x from 10.0.0.0/8",
              "allow Read on Topic \"a\" to User:x from 192.0.2.1/32",
              "allow Read on Topic \"a\" to sre from 10.0.0.0/8",
              "allow Read on Topic \"a\" to sre from 192.0.2.1/32"},
             1},
        Case{"resources",
             "acl at prod.main { allow Read on Topic \"a\"*, Group \"b\" to User:x }",
             {"allow Read on Topic \"a\"* to User:x", "allow Read on Group \"b\" to User:x"},
             1},
        Case{"a_number_each",
             "acl at prod.main { allow Read on Topic \"b\" to User:x\n"
             " deny Read on Topic \"a\" to any }",
             {"allow Read on Topic \"b\" to User:x", "deny Read on Topic \"a\" to any"},
             2},
        Case{"a_binding_is_one_statement",
             "role R { allow Read on Topic *\n allow Read on Group * }\n"
             "bind R to User:x, User:y at prod.main",
             {"allow Read on Topic * to User:x", "allow Read on Topic * to User:y",
              "allow Read on Group * to User:x", "allow Read on Group * to User:y"},
             1},
        Case{"parameters_are_replaced",
             "role Named(ns: String) { allow Read on Topic ns + \".\"* }\n"
             "bind Named(\"ledger\") to User:x at prod.main",
             {"allow Read on Topic \"ledger.\"* to User:x"},
             1},
        Case{"either_network_or_class",
             "network inside = listener \"A\"\n"
             "guard g at acme { deny Read on Topic \"a\" from 10.0.0.0/8, inside }",
             {"deny Read on Topic \"a\" to any from 10.0.0.0/8",
              "deny Read on Topic \"a\" to any when (network == inside)"},
             1},
        Case{"a_role_keeps_its_own_networks",
             "role R { allow Read on Topic * from 10.0.0.0/8 }\n"
             "bind R to User:x at prod.main from 10.1.0.0/16",
             {"allow Read on Topic * to User:x from 10.1.0.0/16"},
             1},
        Case{"any_of_a_type_needs_credentials",
             "acl at prod.main { allow Read on Topic \"a\" to any User }",
             {"allow Read on Topic \"a\" to any User except User:ANONYMOUS"},
             1},
        Case{"on_narrows_to_the_smaller_pattern",
             "role R { allow Read on Topic \"a.\"*\n allow Read on Group * }\n"
             "bind R to User:x at prod.main on Topic \"a.b.\"*",
             {"allow Read on Topic \"a.b.\"* to User:x"},
             1}),
    [](const testing::TestParamInfo<Case>& each) { return each.param.name; });

TEST(LoweringTags, MakesOneGrantForEachPatternAndOneForTheRest) {
  const ir::Program program =
      compiled("acl at prod.main { deny Read on Topic tagged pci to any }");
  ASSERT_EQ(program.grants.size(), 3U);
  std::size_t limited = 0;
  for (const ir::Grant& grant : program.grants) {
    const bool open = program.patterns[grant.pattern.index].form == ir::PatternForm::Any;
    EXPECT_EQ(open, grant.within.valid());
    limited += grant.within.valid() ? 1 : 0;
  }
  EXPECT_EQ(limited, 1U);
}

TEST(LoweringTags, OfTwoKindsGiveEachItsOwnPatterns) {
  const ir::Program program = compiled(
      "tag both on Topic \"cards.\"*, Group \"cards-\"*\n"
      "acl at prod.main {\n"
      "  allow Read on Topic tagged both, Group tagged both to User:x\n"
      "  deny Delete on Topic * as t, Group * to any when t tagged both\n"
      "}");
  ASSERT_EQ(program.grants.size(), 4U);
  EXPECT_EQ(ir::grant_text(program, program.grants[0]),
            "allow Read on Topic \"cards.\"* to User:x");
  EXPECT_EQ(ir::grant_text(program, program.grants[1]),
            "allow Read on Group \"cards-\"* to User:x");
  // A set of patterns speaks of its own kind alone, so the condition asks both.
  EXPECT_EQ(ir::grant_text(program, program.grants[3]),
            "deny Delete on Group * to any when (resource tagged both) or (resource tagged both)");
}

TEST(LoweringTags, TakesTheSmallerScope) {
  const ir::Program program = compiled("acl at acme { deny Read on Topic tagged pci to any }");
  for (const ir::Grant& grant : program.grants) {
    EXPECT_EQ(program.text(program.scopes[grant.scope.index].name), "prod");
  }
}

TEST(LoweringRoles, PutsPartsAtTheirLevel) {
  const ir::Program program = compiled(
      "role R { at cluster { allow Read on Topic * }\n"
      " at organization { allow Read on Group * } }\n"
      "bind R to User:x at prod.main");
  ASSERT_EQ(program.grants.size(), 2U);
  EXPECT_EQ(program.text(program.scopes[program.grants[0].scope.index].name), "main");
  EXPECT_EQ(program.text(program.scopes[program.grants[1].scope.index].name), "acme");
}

TEST(LoweringRoles, KeepsTheirOwnValidity) {
  const ir::Program program = compiled(
      "role R { allow Read on Topic * until 2027-01-01 }\nbind R to User:x at prod.main");
  ASSERT_EQ(program.grants.size(), 1U);
  EXPECT_TRUE(program.grants[0].validity.valid());
}

TEST(LoweringRoles, TakesAwayWhatRoleAndBindingTakeAway) {
  const ir::Program program = compiled(
      "role R { allow Read on Topic * except \"secret\" }\n"
      "bind R to User:x at prod.main on Topic * except \"private\"");
  ASSERT_EQ(program.grants.size(), 1U);
  EXPECT_EQ(program.pattern_sets[program.grants[0].except.index].patterns.size(), 2U);
}

TEST(LoweringGroups, CountsNestedMembersInEveryGroup) {
  const ir::Program program = compiled("");
  std::set<std::string> pairs;
  for (const auto& [principal, group] : program.members) {
    pairs.insert(ir::subject_text(program, principal) + " " +
                 std::string(program.text(program.groups[group.index].name)));
  }
  EXPECT_EQ(pairs, (std::set<std::string>{"User:ann sre", "User:lena oncall", "User:lena sre"}));
}

TEST(LoweringScopes, GivesAPolicyWithoutATreeOneLeaf) {
  const auto made = compiler::compile_text(
      "one.writ", "package one\nuse kafka\nacl { allow Read on Topic \"a\" to User:x }\n");
  ASSERT_TRUE(made.has_value());
  ASSERT_EQ(made->sink.errors(), 0U);
  ASSERT_EQ(made->program.scopes.size(), 1U);
  EXPECT_TRUE(made->program.scopes[0].leaf);
}

TEST(LoweringSubjects, AnyInAnAllowNeedsCredentials) {
  const ir::Program program = compiled(
      "acl at prod.main { allow Read on Topic \"a\" to any\n"
      " allow Read on Topic \"b\" to any, anonymous\n deny Read on Topic \"c\" to any }");
  ASSERT_EQ(program.grants.size(), 3U);
  const auto form = [&](std::size_t at) {
    return program.subjects[program.grants[at].subject.index].form;
  };
  EXPECT_EQ(form(0), ir::SubjectForm::Authenticated);
  EXPECT_EQ(form(1), ir::SubjectForm::Any);
  EXPECT_EQ(form(2), ir::SubjectForm::Any);
}

}  // namespace
}  // namespace writ
