// What `audit { … }` means for decisions: levels by scope, kind, operation and verdict.
#include <gtest/gtest.h>

#include "runtime/audit/memory_recorder.h"
#include "runtime/engine/audit_rules.h"
#include "tests/unit/engine/world.h"

namespace writ::engine {
namespace {

using audit::Level;

constexpr std::uint32_t kRead = 0;
constexpr std::uint32_t kWrite = 1;

class AuditRules : public ::testing::Test {
 protected:
  ir::AuditRule& rule(ir::AuditForm form, std::uint8_t verdicts, std::uint32_t operations) {
    ir::AuditRule& added = world_.builder.program().audit_rules.emplace_back();
    added.form = form;
    added.verdicts = verdicts;
    added.kind = world_.topic;
    added.operations = operations;
    added.scope = world_.prod;
    return added;
  }
  Level of(ir::ScopeId scope, ir::KindId kind, std::uint32_t operation, Verdict verdict) {
    return AuditLevels(world_.builder.program())
        .of(scope.index, kind.index, operation, verdict);
  }
  testing::World world_;
};

TEST_F(AuditRules, NothingSaidIsTheRing) {
  rule(ir::AuditForm::Level, 3, 3).level = 0;
  EXPECT_EQ(of(world_.payments, world_.topic, kRead, Verdict::Deny), Level::Ring);
  EXPECT_EQ(of({}, {}, 99, Verdict::Deny), Level::Ring);
}

TEST_F(AuditRules, ABundleWithOtherLevelsSaysSo) {
  audit::MemoryRecorder recorder;
  const auto engine = testing::plain_engine(&recorder);
  const auto events = [&recorder] {
    std::size_t count = 0;
    for (const std::string& line : recorder.lines()) {
      if (line.find("audit.levels-changed") != std::string::npos) ++count;
    }
    return count;
  };
  testing::World plain;
  plain.activate(*engine);
  EXPECT_EQ(events(), 0U);
  rule(ir::AuditForm::Level, 1, 1U << kRead).level = 1;
  world_.activate(*engine);
  EXPECT_EQ(events(), 1U);
  testing::World again;
  again.activate(*engine);
  EXPECT_EQ(events(), 2U);
}

TEST_F(AuditRules, HoldForTheirScopeKindOperationAndVerdict) {
  rule(ir::AuditForm::Level, 1, 1U << kRead).level = 1;
  EXPECT_EQ(of(world_.payments, world_.topic, kRead, Verdict::Deny), Level::Durable);
  EXPECT_EQ(of(world_.prod, world_.topic, kRead, Verdict::Deny), Level::Durable);
  EXPECT_EQ(of(world_.root, world_.topic, kRead, Verdict::Deny), Level::Ring);
  EXPECT_EQ(of(world_.staging, world_.topic, kRead, Verdict::Deny), Level::Ring);
  EXPECT_EQ(of(world_.payments, world_.cluster, kRead, Verdict::Deny), Level::Ring);
  EXPECT_EQ(of(world_.payments, world_.topic, kWrite, Verdict::Deny), Level::Ring);
  EXPECT_EQ(of(world_.payments, world_.topic, kRead, Verdict::Allow), Level::Ring);
}

TEST_F(AuditRules, OfSeveralLevelsTheStrictestHolds) {
  rule(ir::AuditForm::Level, 3, 1U << kRead).level = 2;
  rule(ir::AuditForm::Level, 3, 3).level = 1;
  EXPECT_EQ(of(world_.payments, world_.topic, kRead, Verdict::Allow), Level::Replicated);
  EXPECT_EQ(of(world_.payments, world_.topic, kWrite, Verdict::Allow), Level::Durable);
}

TEST_F(AuditRules, WhatIsUnknownIsToldAsCarefullyAsAnyDenial) {
  rule(ir::AuditForm::Level, 2, 3).level = 2;
  EXPECT_EQ(of({}, world_.topic, kRead, Verdict::Deny), Level::Ring);
  rule(ir::AuditForm::Level, 1, 1U << kRead).level = 1;
  EXPECT_EQ(of({}, world_.topic, kRead, Verdict::Deny), Level::Durable);
  EXPECT_EQ(of(world_.payments, {}, kRead, Verdict::Deny), Level::Durable);
  EXPECT_EQ(of(world_.payments, world_.topic, 32, Verdict::Deny), Level::Durable);
}

TEST_F(AuditRules, RoutesAndWindowsAreToldInWords) {
  ir::AuditRule& route = rule(ir::AuditForm::RouteToTopic, 1, 3);
  route.destination = world_.builder.string("denied");
  rule(ir::AuditForm::Coalesce, 2, 1).window_us = 5;
  world_.builder.program().audit_source = {world_.builder.string("confluent.cloud")};
  world_.builder.program().audit_omitted = {world_.tls};
  const std::vector<std::string> paths = {"acme", "acme.prod", "acme.prod.payments",
                                          "acme.staging"};
  const audit::AuditPolicy policy = audit_policy(world_.builder.program(), paths);
  EXPECT_EQ(policy.source, "confluent.cloud");
  EXPECT_EQ(policy.omitted, std::vector<std::string>{"tls.version"});
  ASSERT_EQ(policy.routes.size(), 1U);
  EXPECT_EQ(policy.routes[0].name, "denied");
  const audit::Selection& denied = policy.routes[0].of;
  EXPECT_TRUE(denied.holds(Verdict::Deny, "Topic", "Read", "acme.prod.payments"));
  EXPECT_TRUE(denied.holds(Verdict::Deny, "Topic", "Write", "acme.prod"));
  EXPECT_FALSE(denied.holds(Verdict::Allow, "Topic", "Read", "acme.prod"));
  EXPECT_FALSE(denied.holds(Verdict::Deny, "Cluster", "Read", "acme.prod"));
  EXPECT_FALSE(denied.holds(Verdict::Deny, "Topic", "Delete", "acme.prod"));
  EXPECT_FALSE(denied.holds(Verdict::Deny, "Topic", "Read", "acme.production"));
  EXPECT_FALSE(denied.holds(Verdict::Deny, "Topic", "Read", "acme"));
  ASSERT_EQ(policy.coalescing.size(), 1U);
  EXPECT_EQ(policy.coalescing[0].window_us, 5);
}

}  // namespace
}  // namespace writ::engine
