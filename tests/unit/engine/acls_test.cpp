// The listing says what a plain access control list can say, and counts what it cannot.
#include "runtime/engine/acls.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "runtime/engine/state.h"
#include "tests/unit/engine/world.h"

namespace writ::testing {
namespace {

using engine::Unsaid;

std::string text_of(const engine::Acls& acls, const engine::AclRow& row) {
  const ir::Program& p = acls.program();
  const ir::Pattern& pattern = p.patterns[row.pattern];
  std::string out = row.effect == ir::Effect::Allow ? "allow " : "deny ";
  out += row.operation == engine::kNone
             ? "all"
             : std::string(p.text(
                   p.operations[p.kinds[row.kind].operations[row.operation].index].name));
  out += " on " + std::string(p.text(p.kinds[row.kind].name)) + " ";
  out += pattern.form == ir::PatternForm::Any ? "*" : "`" + std::string(p.text(pattern.text)) + "`";
  out += pattern.form == ir::PatternForm::Prefix ? "*" : "";
  out += " to ";
  out += row.subject == engine::kNone ? "all" : std::string(p.text(p.subjects[row.subject].name));
  out += row.network == engine::kNone ? "" : " from " + acls.host(row);
  return out;
}

class Acls : public ::testing::Test {
 protected:
  [[nodiscard]] Result<engine::Acls> list(std::string_view scope = "payments",
                                          std::size_t rows_max = engine::kAclRowsMax) {
    if (!engine_->active()) world.activate(*engine_);
    return engine::Acls::at(engine_->state().running->snapshot, scope, rows_max);
  }
  [[nodiscard]] std::vector<std::string> texts(std::string_view scope = "payments") {
    auto acls = list(scope);
    EXPECT_TRUE(acls.has_value());
    std::vector<std::string> out;
    if (!acls) return out;
    for (const engine::AclRow& row : acls->rows()) out.push_back(text_of(*acls, row));
    std::ranges::sort(out);
    return out;
  }
  /// How many statements are not said for each why, in its order.
  [[nodiscard]] std::vector<std::size_t> unsaid() {
    const auto acls = list();
    EXPECT_TRUE(acls.has_value());
    std::vector<std::size_t> out;
    for (std::size_t why = 0; acls && why < engine::kUnsaidCount; ++why) {
      out.push_back(acls->unsaid(static_cast<Unsaid>(why)));
    }
    return out;
  }
  [[nodiscard]] ir::NetworkId host(ir::NetworkForm form, std::string_view address) {
    ir::Network network;
    network.form = form;
    if (const auto ip = parse_ip(address)) network.cidr = {*ip, 128, ip->is_v4()};
    if (form == ir::NetworkForm::Text) network.text = world.builder.string(address);
    return world.builder.network(network);
  }

  World world;

 private:
  std::unique_ptr<Engine> engine_ = plain_engine();
};

using Texts = std::vector<std::string>;
using Counts = std::vector<std::size_t>;

TEST_F(Acls, SayWhatIsPlain) {
  world.allow("RW", "orders", {.subject = world.alice});
  world.allow("RWDX", "orders.*", {.subject = world.alice, .network = world.network("10.0.0.0/8")});
  world.deny("X", "*", {.subject = world.any});
  world.guard("W", "audit", {.subject = world.any, .scope = world.root});
  EXPECT_EQ(texts(), (Texts{"allow Read on Topic `orders` to alice",
                            "allow Write on Topic `orders` to alice",
                            "allow all on Topic `orders.`* to alice from 10.0.0.0/8",
                            "deny Delete on Topic * to all",
                            "deny Write on Topic `audit` to all"}));
  EXPECT_EQ(unsaid(), (Counts{0, 0, 0, 0, 0}));
}

TEST_F(Acls, SayEqualRowsOnce) {
  world.allow("R", "orders", {.subject = world.bob});
  world.allow("RW", "orders", {.subject = world.sre});
  EXPECT_EQ(texts(), (Texts{"allow Read on Topic `orders` to bob",
                            "allow Write on Topic `orders` to bob"}));
}

TEST_F(Acls, AreOfOneScopeAndWhatIsAbove) {
  world.allow("R", "here", {.subject = world.alice, .scope = world.payments});
  world.allow("R", "above", {.subject = world.alice, .scope = world.root});
  world.allow("R", "elsewhere", {.subject = world.alice, .scope = world.staging});
  EXPECT_EQ(texts(),
            (Texts{"allow Read on Topic `above` to alice", "allow Read on Topic `here` to alice"}));
  EXPECT_EQ(texts("lkc-staging"), (Texts{"allow Read on Topic `above` to alice",
                                         "allow Read on Topic `elsewhere` to alice"}));
  const auto nowhere = list("nowhere");
  ASSERT_FALSE(nowhere.has_value());
  EXPECT_EQ(nowhere.error().code, ErrorCode::Usage);
}

TEST_F(Acls, SayHostsAsJavaPrintsThem) {
  const struct {
    ir::NetworkId network;
    const char* text;
  } hosts[] = {{world.network("10.0.0.1/32"), "10.0.0.1"},
               {host(ir::NetworkForm::Exact, "10.0.0.1"), "10.0.0.1"},
               {host(ir::NetworkForm::Exact, "2001:db8::1"), "2001:db8:0:0:0:0:0:1"},
               {world.network("2001:db8::1/128"), "2001:db8:0:0:0:0:0:1/128"},
               {world.network("2001:db8::/32"), "2001:db8:0:0:0:0:0:0/32"},
               {host(ir::NetworkForm::Text, "fe80:0:0:0:0:0:0:9%3"), "fe80:0:0:0:0:0:0:9%3"}};
  for (const auto& each : hosts) {
    world.allow("R", "orders", {.subject = world.alice, .network = each.network});
  }
  // The first two are one client, so one row.
  EXPECT_EQ(texts(), (Texts{"allow Read on Topic `orders` to alice from 10.0.0.1",
                            "allow Read on Topic `orders` to alice from 2001:db8:0:0:0:0:0:0/32",
                            "allow Read on Topic `orders` to alice from 2001:db8:0:0:0:0:0:1",
                            "allow Read on Topic `orders` to alice from 2001:db8:0:0:0:0:0:1/128",
                            "allow Read on Topic `orders` to alice from fe80:0:0:0:0:0:0:9%3"}));
}

TEST_F(Acls, CountWhatAListCannotSay) {
  ir::Validity soon;
  soon.expires_us = kNoonUs;
  ir::Subject but_bob;
  but_bob.form = ir::SubjectForm::Any;
  but_bob.except = {world.bob};
  world.allow("R", "a", {.subject = world.alice, .condition = world.below(world.tls, 1, 2)});
  world.allow("R", "a", {.subject = world.alice, .validity = world.builder.validity(soon)});
  world.allow("R", "a*", {.subject = world.alice, .except = world.set({"ab"})});
  world.allow("R", "*", {.subject = world.alice, .within = world.set({"*-log"})});
  world.allow("R", "a", {.subject = world.authenticated});
  world.allow("R", "a", {.subject = world.services});
  world.deny("R", "a", {.subject = world.builder.subject(but_bob)});
  world.allow("R", "a", {.subject = world.vendors});
  world.allow("R", "a", {.subject = world.alice, .network = host(ir::NetworkForm::Never, "")});
  world.allow("R", "a", {.subject = world.nobody});
  world.superuser({.subject = world.alice});
  world.infrastructure({.subject = world.bob});
  EXPECT_EQ(texts(), Texts{});
  EXPECT_EQ(unsaid(), (Counts{1, 1, 2, 4, 1}));
}

TEST_F(Acls, CountAStatementOnce) {
  const ir::ConditionId condition = world.below(world.tls, 1, 2);
  for (const char* name : {"a", "b", "c"}) {
    world.allow("R", name, {.subject = world.alice, .condition = condition, .number = 7});
  }
  world.allow("R", "a", {.subject = world.alice, .condition = condition, .number = 8});
  EXPECT_EQ(unsaid(), (Counts{2, 0, 0, 0, 0}));
}

TEST_F(Acls, TheOneNameStarIsNotEveryName) {
  world.allow("R", "orders", {.subject = world.builder.principal("User", "*")});
  world.allow("R", "orders", {.subject = world.alice});
  world.builder.program().grants.back().pattern =
      world.builder.pattern(ir::PatternForm::Literal, "*");
  EXPECT_EQ(texts(), Texts{});
  EXPECT_EQ(unsaid(), (Counts{0, 0, 1, 1, 0}));
}

TEST_F(Acls, HaveALimit) {
  world.allow("R", "a", {.subject = world.alice});
  world.allow("R", "b", {.subject = world.alice});
  EXPECT_TRUE(list("payments", 2).has_value());
  const auto more = list("payments", 1);
  ASSERT_FALSE(more.has_value());
  EXPECT_EQ(more.error().code, ErrorCode::Limit);
}

}  // namespace
}  // namespace writ::testing
