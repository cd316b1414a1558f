#include <gtest/gtest.h>

#include "runtime/ir/builder.h"

namespace writ::ir {
namespace {

TEST(Builder, GivesEqualThingsOneId) {
  Builder builder;
  EXPECT_EQ(builder.string("a"), builder.string("a"));
  EXPECT_NE(builder.string("a"), builder.string("b"));
  EXPECT_EQ(builder.principal("User", "x"), builder.principal("User", "x"));
  EXPECT_NE(builder.principal("User", "x"), builder.principal("x", "User"));
  EXPECT_EQ(builder.pattern(PatternForm::Prefix, "p"), builder.pattern(PatternForm::Prefix, "p"));
  EXPECT_NE(builder.pattern(PatternForm::Prefix, "p"), builder.pattern(PatternForm::Literal, "p"));
  EXPECT_EQ(builder.pattern(PatternForm::Any, "p"), builder.pattern(PatternForm::Any, ""));
  EXPECT_EQ(builder.validity({1, 2}), builder.validity({1, 2}));
  EXPECT_NE(builder.validity({1, 2}), builder.validity({1, 3}));
}

TEST(Builder, SortsTheExceptionsOfASubject) {
  Builder builder;
  const SubjectId a = builder.principal("User", "a");
  const SubjectId b = builder.principal("User", "b");
  Subject any;
  any.form = SubjectForm::Any;
  any.except = {b, a, b};
  const SubjectId id = builder.subject(any);
  EXPECT_EQ(builder.program().subjects[id.index].except, (std::vector{a, b}));
  any.except = {a, b};
  EXPECT_EQ(builder.subject(any), id);
}

TEST(Builder, SharesShapesButNotConstants) {
  Builder builder;
  const auto starts_with = [&builder](const char* text) {
    return builder.condition({{InstKind::PrincipalName, kString, 0, 0, 0},
                              {InstKind::Const, kString, 0, 0, 0},
                              {InstKind::StartsWith, kBool, 0, 1, 0}},
                             {Value::of_text(text)});
  };
  const ConditionId a = starts_with("a");
  const ConditionId b = starts_with("b");
  EXPECT_NE(a, b);
  EXPECT_EQ(starts_with("a"), a);
  EXPECT_EQ(builder.program().shapes.size(), 1U);
  EXPECT_TRUE(builder.program().shapes[0].session_only);
  EXPECT_EQ(builder.program().constants.size(), 2U);
}

TEST(Builder, OrdersGrantsByNumberAndKeepsTheOrderOfEqualOnes) {
  Builder builder;
  for (const std::uint32_t number : {3U, 1U, 3U, 2U}) {
    Grant grant;
    grant.number = number;
    grant.line = static_cast<std::uint32_t>(builder.program().grants.size());
    builder.program().grants.push_back(grant);
  }
  const Program program = builder.take();
  std::vector<std::uint32_t> lines;
  for (const Grant& grant : program.grants) lines.push_back(grant.line);
  EXPECT_EQ(lines, (std::vector<std::uint32_t>{1, 3, 0, 2}));
}

TEST(Builder, HoldsAMillionDistinctNames) {
  Builder builder;
  constexpr std::uint32_t kCount = 1'000'000;
  std::string name;
  for (std::uint32_t i = 0; i < kCount; ++i) {
    name = "orders.topic-" + std::to_string(i);
    ASSERT_EQ(builder.pattern(PatternForm::Literal, name).index, i);
  }
  EXPECT_EQ(builder.pattern(PatternForm::Literal, "orders.topic-7").index, 7U);
  EXPECT_EQ(builder.program().strings.size(), kCount);
}

}  // namespace
}  // namespace writ::ir
