#include <gtest/gtest.h>

#include <functional>

#include "runtime/reference/reference.h"
#include "tests/unit/reference/policy.h"

namespace writ::reference {
namespace {

struct Row {
  const char* name;
  std::function<void(Policy&)> policy;
  Verdict verdict;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class AnyResource : public testing::TestWithParam<Row> {};

TEST_P(AnyResource, IsThereOne) {
  Policy policy;
  GetParam().policy(policy);
  const ir::Program program = policy.program();
  EXPECT_EQ(any_resource(program, alice(), read_a()).verdict, GetParam().verdict);
}

ir::PatternSetId set_of(Policy& p, const char* pattern) {
  return p.builder.pattern_set({{}, p.kind("Topic"), {}, {p.pattern(pattern)}});
}

INSTANTIATE_TEST_SUITE_P(
    Rows, AnyResource,
    testing::Values(
        Row{"Nothing", [](Policy&) {}, Verdict::Deny},
        Row{"Literal", [](Policy& p) { p.allow({.pattern = "x"}); }, Verdict::Allow},
        Row{"AnyName", [](Policy& p) { p.allow({}); }, Verdict::Allow},
        Row{"DeniedLiteral", [](Policy& p) { p.allow({.pattern = "x"}); p.deny({.pattern = "x"}); },
            Verdict::Deny},
        Row{"DeniedLiteralOfAPrefix", [](Policy& p) {
              p.allow({.pattern = "x*"});
              p.deny({.pattern = "x"});
            }, Verdict::Allow},
        Row{"DeniedExtensions", [](Policy& p) {
              p.allow({.pattern = "x*"});
              p.deny({.pattern = "x*", .except_set = set_of(p, "x")});
            }, Verdict::Allow},
        Row{"DominatedPrefix", [](Policy& p) {
              p.allow({.pattern = "orders.*"});
              p.deny({.pattern = "ord*"});
            }, Verdict::Deny},
        Row{"AllButOne", [](Policy& p) { p.allow({}); p.deny({.pattern = "~*"}); },
            Verdict::Allow},
        Row{"SuffixOfAPrefix", [](Policy& p) {
              p.allow({.pattern = "x*", .within = set_of(p, "*-dlq")});
            }, Verdict::Allow},
        Row{"NameInACondition", [](Policy& p) { p.allow({.when = "name starts ab"}); },
            Verdict::Allow},
        Row{"NameInAConditionBehindAPrefix", [](Policy& p) {
              p.allow({.pattern = "x*", .when = "name starts xyz"});
            }, Verdict::Allow},
        Row{"NameInAConditionBesideThePrefix", [](Policy& p) {
              p.allow({.pattern = "x*", .when = "name starts abc"});
            }, Verdict::Deny},
        Row{"Unlisted", [](Policy& p) {
              p.builder.program().unlisted_defaults.push_back({p.scope("payments"), {}});
              p.deny({.pattern = "a*"});
            }, Verdict::Allow}),
    [](const auto& row) { return row.param.name; });

TEST(Facts, OfTheNearestScopeSpeak) {
  Policy policy;
  policy.allow({.operations = "Use", .kind = "Key", .when = "purpose signing"});
  ir::Program& p = policy.builder.program();
  const auto fact = [&](const char* scope, const char* purpose) {
    p.facts.push_back({policy.kind("Key"), policy.scope(scope), policy.builder.string("cmk"),
                       {{ir::AttributeId(2), Value::of_text(purpose)}}});
  };
  fact("acme", "encrypting");
  fact("prod", "signing");
  const ir::Program program = policy.program();
  RequestFacts request = read_a();
  request.kind = "Key";
  request.operation = "Use";
  request.name = "cmk";
  EXPECT_EQ(said(program, decide(program, alice(), request)), "allow allow#1");
  request.scope = "test.orders";
  EXPECT_EQ(said(program, decide(program, alice(), request)), "deny default");
  request.name = "other";
  EXPECT_EQ(said(program, decide(program, alice(), request)),
            "deny default unlisted-fact@1");
}

TEST(KeyFor, IsTheFirstThatProtects) {
  Policy policy;
  ir::Program& p = policy.builder.program();
  p.protections.push_back({policy.kind("Topic"), policy.pattern("cards.*"), {},
                           policy.scope("prod"), policy.builder.string("cards-cmk"), {}});
  const ir::Program program = policy.program();
  EXPECT_EQ(key_for(program, "Topic", "cards.eu", "payments"), "cards-cmk");
  EXPECT_EQ(key_for(program, "Topic", "orders", "payments"), "");
  EXPECT_EQ(key_for(program, "Key", "cards.eu", "payments"), "");
  EXPECT_EQ(key_for(program, "Topic", "cards.eu", "test.orders"), "");
  EXPECT_EQ(key_for(program, "Topic", "cards.eu", "nowhere"), "");
}

TEST(NetworkClass, IsForcedByTheSessionsAttribute) {
  Policy policy;
  ir::Builder& b = policy.builder;
  const ir::ConditionId inside =
      b.condition({{ir::InstKind::Host, kIp, 0, 0, 0}, {ir::InstKind::Const, kCidr, 0, 0, 0},
                   {ir::InstKind::InCidr, kBool, 0, 1, 0}},
                  {Value::of_cidr(*parse_cidr("10.0.0.0/8", HostBits::Refuse))});
  b.program().network_classes.push_back({b.string("peering"), policy.scope("prod"), inside});
  b.program().network_classes.push_back({b.string("public"), policy.scope("prod"), {}});
  policy.allow({});
  b.program().grants[0].condition = b.condition({{ir::InstKind::InNetwork, kBool, 1, 0, 0}}, {});
  const ir::Program program = policy.program();
  SessionFacts session = alice();
  EXPECT_EQ(said(program, decide(program, session, read_a())), "deny default");
  session.host = "11.0.0.1";
  EXPECT_EQ(said(program, decide(program, session, read_a())), "allow allow#1");
  session.host.reset();
  EXPECT_EQ(said(program, decide(program, session, read_a())), "deny default unknown-host@1");
  session.attributes = {{"network", Value::of_text("public")}};
  EXPECT_EQ(said(program, decide(program, session, read_a())), "allow allow#1");
  session.attributes = {{"network", Value::of_text("peering")}};
  EXPECT_EQ(said(program, decide(program, session, read_a())), "deny default");
  session.attributes = {{"network", Value::of_text("nowhere")}};
  EXPECT_EQ(said(program, decide(program, session, read_a())), "deny default bad-value@1");
}

TEST(NetworkClass, HoldsInItsScopeAlone) {
  Policy policy;
  ir::Builder& b = policy.builder;
  const ir::ConditionId always =
      b.condition({{ir::InstKind::Const, kBool, 0, 0, 0}}, {Value::boolean(true)});
  b.program().network_classes.push_back({b.string("inside"), policy.scope("prod"), always});
  b.program().network_classes.push_back({b.string("public"), ir::ScopeId(0), {}});
  policy.allow({});
  b.program().grants[0].condition = b.condition({{ir::InstKind::InNetwork, kBool, 1, 0, 0}}, {});
  const ir::Program program = policy.program();
  SessionFacts session = alice();
  EXPECT_EQ(said(program, decide(program, session, read_a())), "deny default");
  session.scope = "test.orders";
  EXPECT_EQ(said(program, decide(program, session, read_a())), "allow allow#1");
}

}  // namespace
}  // namespace writ::reference
