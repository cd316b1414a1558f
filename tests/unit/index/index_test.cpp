// Names resolve to the longest covering pattern; cells hold what lies above; tables survive their
// encoding and altered ones are refused.
#include "compiler/index/index.h"

#include <gtest/gtest.h>

#include "runtime/ir/builder.h"
#include "runtime/tables/word.h"

namespace writ::index {
namespace {

using tables::kNone;
using tables::Tables;

struct Row {
  ir::Effect effect;
  const char* pattern;
  std::uint32_t operations;
};

/// A program of one subject, kind and scope.
ir::Program program_of(const std::vector<Row>& rows) {
  ir::Builder b;
  ir::Program& p = b.program();
  ir::Scope scope;
  scope.name = b.string("here");
  scope.leaf = true;
  p.scopes.push_back(scope);
  p.models.push_back({b.string("test"), 1});
  ir::Kind kind;
  kind.name = b.string("Topic");
  kind.model = ir::ModelId(0);
  for (const char* name : {"Read", "Write"}) {
    kind.operations.emplace_back(p.operations.size());
    kind.implied_by.push_back(1U << p.operations.size());
    p.operations.push_back({b.string(name), ir::ModelId(0), 0});
  }
  p.kinds.push_back(kind);
  for (const Row& row : rows) {
    ir::Grant grant;
    grant.effect = row.effect;
    grant.kind = ir::KindId(0);
    grant.operations = row.operations;
    grant.subject = b.principal("User", "alice");
    const std::string_view text = row.pattern;
    grant.pattern = text == "*" ? b.pattern(ir::PatternForm::Any, {})
                    : text.ends_with("*")
                        ? b.pattern(ir::PatternForm::Prefix, text.substr(0, text.size() - 1))
                        : b.pattern(ir::PatternForm::Literal, text);
    grant.scope = ir::ScopeId(0);
    grant.number = static_cast<std::uint32_t>(p.grants.size());
    p.grants.push_back(grant);
  }
  return b.take();
}

const std::vector<Row> kRows = {{ir::Effect::Allow, "*", 1},      {ir::Effect::Deny, "or*", 1},
                                {ir::Effect::Allow, "orders*", 2}, {ir::Effect::Allow, "orders", 1},
                                {ir::Effect::Allow, "pay", 2},     {ir::Effect::Allow, "or*", 2}};

std::string chain_of(const Tables& t, std::string_view name) {
  std::string chain;
  for (std::uint32_t node = t.resolve(0, name); node != kNone; node = t.nodes[node].parent) {
    chain += std::string(t.node_text(t.nodes[node])) + "/";
  }
  return chain;
}

TEST(Index, APatternThatStandsTwiceIsRefused) {
  for (const std::size_t grant : {1U, 3U}) {  // a prefix, which would cover itself; a literal
    ir::Program program = program_of(kRows);
    program.patterns.push_back(program.patterns[program.grants[grant].pattern.index]);
    ir::Grant again = program.grants[grant];
    again.pattern = ir::PatternId(static_cast<std::uint32_t>(program.patterns.size() - 1));
    again.number = static_cast<std::uint32_t>(program.grants.size());
    program.grants.push_back(again);
    const auto built = build(program);
    ASSERT_FALSE(built.has_value());
    EXPECT_EQ(built.error().code, ErrorCode::Malformed);
  }
}

TEST(Index, NamesResolveToTheirChain) {
  const ir::Program program = program_of(kRows);
  const Tables t = *build(program);
  const struct {
    const char* name;
    const char* chain;
  } cases[] = {
      {"orders", "orders/orders/or//"}, {"orders.eu", "orders/or//"}, {"order", "or//"},
      {"or", "or//"},                   {"o", "/"},                   {"", "/"},
      {"pay", "pay//"},                 {"payx", "/"},
  };
  for (const auto& c : cases) EXPECT_EQ(chain_of(t, c.name), c.chain) << c.name;
}

TEST(Index, ACellHoldsWhatLiesAbove) {
  const ir::Program program = program_of(kRows);
  const Tables t = *build(program);
  const std::uint32_t cls = t.find_class(tables::ClassLayer::Grant, 0, kNone, 0);
  ASSERT_NE(cls, kNone);
  const std::uint32_t cell = t.find_cell(cls, t.resolve(0, "orders"));
  ASSERT_NE(cell, kNone);
  EXPECT_EQ(t.cells[cell].word, 0b01'11U);
  EXPECT_EQ(t.find_cell(cls + 1, 0), kNone);
}

TEST(Index, APatternOfNoOtherIsAlone) {
  const ir::Program program = program_of({{ir::Effect::Allow, "a", 1}});
  const Tables t = *build(program);
  EXPECT_EQ(chain_of(t, "a"), "a/");
  EXPECT_EQ(chain_of(t, "b"), "");
}

TEST(Index, TablesSurviveTheirEncoding) {
  const ir::Program program = program_of(kRows);
  const Tables t = *build(program);
  const std::vector<std::byte> bytes = tables::encode(t);
  const Result<Tables> read = tables::decode(bytes);
  ASSERT_TRUE(read.has_value());
  EXPECT_TRUE(tables::verify(*read, program).has_value());
  EXPECT_EQ(tables::encode(*read), bytes);
  EXPECT_EQ(tables::encode(*build(program)), bytes);
}

TEST(Index, EveryTruncationIsRefused) {
  const ir::Program program = program_of(kRows);
  const std::vector<std::byte> bytes = tables::encode(*build(program));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(tables::decode(std::span(bytes).first(size)).has_value()) << size;
  }
}

TEST(Index, EveryAlteredByteIsRefusedOrSafe) {
  const ir::Program program = program_of(kRows);
  const std::vector<std::byte> bytes = tables::encode(*build(program));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const std::byte flip : {std::byte{1}, std::byte{0x80}, std::byte{0xFF}}) {
      std::vector<std::byte> altered = bytes;
      altered[at] ^= flip;
      const Result<Tables> read = tables::decode(altered);
      if (!read || !tables::verify(*read, program)) continue;
      // Whatever verifies can be walked: no look-up leaves an array or runs for ever.
      for (const char* name : {"orders", "o", "zzz", ""}) static_cast<void>(chain_of(*read, name));
      for (std::uint32_t node = 0; node < 4; ++node) static_cast<void>(read->find_cell(0, node));
    }
  }
}

TEST(Index, EveryCellIsFound) {
  std::vector<std::string> names;
  for (int i = 0; i < 300; ++i) names.push_back("topic-" + std::to_string(i));
  std::vector<Row> rows;
  for (const std::string& name : names) {
    rows.push_back({ir::Effect::Allow, name.c_str(), 1});
    const Tables t = *build(program_of(rows));
    for (std::uint32_t at = 0; at < t.cells.size(); ++at) {
      EXPECT_EQ(t.find_cell(t.cells[at].cls, t.cells[at].node), at) << rows.size();
    }
  }
}

TEST(Index, NoSlotOfACellLooksEmpty) {
  for (std::size_t cells = 1; cells < 70'000; ++cells) {
    const auto last = static_cast<std::uint32_t>(cells - 1);
    EXPECT_NE(tables::cell_slot(~std::uint64_t{0}, last, cells), kNone) << cells;
  }
}

TEST(Index, CellsThatTheirClassDoesNotHoldAreRefused) {
  const ir::Program program = program_of(kRows);
  Tables t = *build(program);
  ASSERT_TRUE(tables::verify(t, program).has_value());
  --t.classes[0].cells_count;
  EXPECT_FALSE(tables::verify(t, program).has_value());
}

TEST(Words, TheGreaterStateWins) {
  for (std::uint64_t a = 0; a < 4; ++a) {
    for (std::uint64_t b = 0; b < 4; ++b) EXPECT_EQ(tables::merge(a, b), std::max(a, b));
  }
}

}  // namespace
}  // namespace writ::index
