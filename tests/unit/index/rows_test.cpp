// Many rows of one cell are grouped by what they test; few are not; the automaton finds what asking
// pattern by pattern finds.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "compiler/index/index.h"
#include "runtime/ir/builder.h"
#include "tests/support/random.h"

namespace writ::index {
namespace {

using tables::Tables;

/// One subject, one kind, one pattern; a text attribute.
class RowsProgram {
 public:
  RowsProgram() {
    ir::Program& p = b_.program();
    ir::Scope scope;
    scope.name = b_.string("here");
    scope.leaf = true;
    p.scopes.push_back(scope);
    p.models.push_back({b_.string("test"), 1});
    p.operations.push_back({b_.string("Read"), ir::ModelId(0), 0});
    ir::Kind kind;
    kind.name = b_.string("Topic");
    kind.model = ir::ModelId(0);
    kind.operations = {ir::OperationId(0)};
    kind.implied_by = {1};
    p.kinds.push_back(kind);
    ir::Attribute attribute;
    attribute.name = b_.string("tenant");
    attribute.type = kString;
    p.attributes.push_back(attribute);
  }

  ir::ConditionId tenant(ir::InstKind test, const std::string& text) {
    return b_.condition({{ir::InstKind::LoadAttr, kString, 0, 0, 0},
                         {ir::InstKind::Const, kString, 0, 0, 0},
                         {test, kBool, 0, 1, 0}},
                        {Value::of_text(text)});
  }
  ir::Grant& add(ir::ConditionId condition) {
    ir::Grant grant;
    grant.effect = ir::Effect::Allow;
    grant.kind = ir::KindId(0);
    grant.operations = 1;
    grant.subject = b_.principal("User", "alice");
    grant.pattern = b_.pattern(ir::PatternForm::Any, {});
    grant.scope = ir::ScopeId(0);
    grant.condition = condition;
    grant.number = static_cast<std::uint32_t>(b_.program().grants.size());
    b_.program().grants.push_back(grant);
    return b_.program().grants.back();
  }
  ir::PatternSetId set(std::initializer_list<std::pair<ir::PatternForm, std::string>> patterns) {
    ir::PatternSet set;
    set.kind = ir::KindId(0);
    for (const auto& [form, text] : patterns) set.patterns.push_back(b_.pattern(form, text));
    return b_.pattern_set(set);
  }
  Tables tables() {
    program = b_.take();
    Tables t = *build(program);
    const Status sound = tables::verify(t, program);
    EXPECT_TRUE(sound.has_value()) << (sound ? "" : sound.error().message);
    return t;
  }

  ir::Program program;

 private:
  ir::Builder b_;
};

TEST(Rows, ManyAreFoundByTheirConstant) {
  for (const ir::InstKind test : {ir::InstKind::Eq, ir::InstKind::StartsWith}) {
    RowsProgram p;
    for (int i = 0; i < 1'000; ++i) p.add(p.tenant(test, fmt::format("tenant-{:04}", i)));
    const Tables t = p.tables();
    ASSERT_EQ(t.cells.size(), 1U);
    EXPECT_TRUE(t.cells[0].grouped());
    EXPECT_EQ(t.rows.size(), 1'000U);
    EXPECT_EQ(tables::most_rows(t), 1U);
  }
}

TEST(Rows, FewAreWalked) {
  RowsProgram p;
  for (int i = 0; i < 8; ++i) p.add(p.tenant(ir::InstKind::Eq, std::to_string(i)));
  const Tables t = p.tables();
  EXPECT_FALSE(t.cells[0].grouped());
  EXPECT_TRUE(t.row_groups.empty());
  EXPECT_EQ(tables::most_rows(t), 8U);
}

TEST(Rows, WhatNoTestTellsApartIsWalkedAndCounted) {
  RowsProgram p;
  for (int i = 0; i < 50; ++i) p.add(p.tenant(ir::InstKind::Ne, std::to_string(i)));
  const Tables t = p.tables();
  EXPECT_TRUE(t.cells[0].grouped());
  EXPECT_EQ(tables::most_rows(t), 50U);
}

TEST(Rows, ARepeatIsDropped) {
  RowsProgram p;
  for (int i = 0; i < 20; ++i) p.add(p.tenant(ir::InstKind::Eq, std::to_string(i % 2)));
  const Tables t = p.tables();
  ASSERT_EQ(t.rows.size(), 2U);
  EXPECT_EQ(t.rows[0].grant(), 0U);
  EXPECT_EQ(t.rows[1].grant(), 1U);
}

TEST(Rows, TagsAreFoundByTheSetsOfTheName) {
  RowsProgram p;
  for (int i = 0; i < 100; ++i) {
    const auto set = p.set({{ir::PatternForm::Suffix, fmt::format("-{}", i)}});
    p.add({}).within = set;
  }
  const Tables t = p.tables();
  ASSERT_TRUE(t.cells[0].grouped());
  EXPECT_EQ(t.row_groups[t.cells[0].rows_begin].form, tables::RowForm::Within);
}

TEST(Rows, TheSameProgramGivesTheSameBytes) {
  const auto bytes = [] {
    RowsProgram p;
    for (int i = 0; i < 100; ++i) p.add(p.tenant(ir::InstKind::Eq, std::to_string(i % 60)));
    return tables::encode(p.tables());
  };
  EXPECT_EQ(bytes(), bytes());
}

TEST(Automaton, FindsWhatAskingOneByOneFinds) {
  tests::Random random(7);
  const auto text = [&random](std::size_t most) {
    std::string out;
    for (std::size_t n = random.below(most + 1); n > 0; --n) {
      out.push_back(random.percent(60) ? 'a' : 'b');
    }
    return out;
  };
  for (int round = 0; round < 200; ++round) {
    RowsProgram p;
    for (std::size_t sets = random.between(1, 12); sets > 0; --sets) {
      const auto form = [&] {
        return random.percent(50) ? ir::PatternForm::Suffix : ir::PatternForm::Contains;
      };
      static_cast<void>(p.set({{form(), text(4)}, {form(), text(6)}}));
    }
    const Tables t = p.tables();
    tables::LooseSets found;
    for (int asks = 0; asks < 50; ++asks) {
      const std::string name = text(20);
      t.find_loose(name, found);
      std::vector<std::uint32_t> wanted;
      for (std::uint32_t id = 0; id < p.program.pattern_sets.size(); ++id) {
        for (const ir::PatternId pattern_id : p.program.pattern_sets[id].patterns) {
          const ir::Pattern& pattern = p.program.patterns[pattern_id.index];
          const std::string_view of = p.program.text(pattern.text);
          const bool covers = pattern.form == ir::PatternForm::Suffix
                                  ? name.ends_with(of)
                                  : name.find(of) != std::string::npos;
          if (!covers) continue;
          wanted.push_back(id);
          break;
        }
      }
      EXPECT_EQ(found.ids, wanted) << name;
    }
  }
}

}  // namespace
}  // namespace writ::index
