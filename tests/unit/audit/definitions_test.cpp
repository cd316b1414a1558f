#include "runtime/audit/definitions.h"

#include <gtest/gtest.h>

namespace writ::audit {
namespace {

Batch batch_of(std::string instance, std::uint32_t session, std::string principal) {
  Batch out;
  out.instance.id = std::move(instance);
  SessionDef def;
  def.id = session;
  def.facts.principal_name = std::move(principal);
  out.sessions.push_back(def);
  ReasonDef why;
  why.id = session;
  why.reason = ReasonClass::Deny;
  out.reasons.push_back(why);
  return out;
}

TEST(DefinitionTable, KeepsWhatEarlierBatchesDefined) {
  DefinitionTable table;
  table.add(batch_of("a", 1, "ada"));
  const std::uint64_t epoch = table.epoch();
  table.add(batch_of("a", 2, "bob"));
  ASSERT_NE(table.session(1), nullptr);
  EXPECT_EQ(table.session(1)->facts.principal_name, "ada");
  ASSERT_NE(table.session(2), nullptr);
  ASSERT_NE(table.reason(2), nullptr);
  EXPECT_EQ(table.reason(2)->reason, ReasonClass::Deny);
  EXPECT_EQ(table.session(3), nullptr);
  EXPECT_EQ(table.resource(1), nullptr);
  EXPECT_EQ(table.question(1), nullptr);
  EXPECT_EQ(table.epoch(), epoch);
}

TEST(DefinitionTable, AnIdGivenAnewBeginsAnEpoch) {
  DefinitionTable table;
  table.add(batch_of("a", 1, "ada"));
  const std::uint64_t epoch = table.epoch();
  table.add(batch_of("a", 1, "eve"));
  EXPECT_EQ(table.session(1)->facts.principal_name, "eve");
  EXPECT_NE(table.epoch(), epoch);
}

TEST(DefinitionTable, AnotherInstanceForgetsTheFirst) {
  DefinitionTable table;
  table.add(batch_of("a", 1, "ada"));
  const std::uint64_t epoch = table.epoch();
  table.add(batch_of("b", 2, "bob"));
  EXPECT_EQ(table.session(1), nullptr);
  EXPECT_EQ(table.instance().id, "b");
  EXPECT_NE(table.epoch(), epoch);
}

}  // namespace
}  // namespace writ::audit
