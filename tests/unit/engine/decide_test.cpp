// Named cases of LANGUAGE.md section 3, each decided by cells, by handle and by the specification.
#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "runtime/reference/reference.h"
#include "tests/unit/engine/world.h"

namespace writ::testing {
namespace {

struct Case {
  const char* name;
  std::function<void(World&)> policy;
  SessionFacts session;
  RequestFacts request;
  Verdict verdict;
  ReasonClass reason;
  std::uint32_t line = 0;  // of the deciding grant; 0: none
  EvalError error = EvalError::None;
};

SessionFacts with_groups(SessionFacts facts, std::optional<std::vector<std::string>> groups) {
  facts.groups = std::move(groups);
  return facts;
}
SessionFacts with_host(SessionFacts facts, std::optional<std::string> host) {
  facts.host = std::move(host);
  return facts;
}
SessionFacts with(SessionFacts facts, std::string name, std::string text) {
  facts.attributes.emplace_back(std::move(name), Value::of_text(std::move(text)));
  return facts;
}
RequestFacts with(RequestFacts facts, std::string name, std::string text) {
  facts.attributes.emplace_back(std::move(name), Value::of_text(std::move(text)));
  return facts;
}
RequestFacts at(RequestFacts facts, std::optional<std::int64_t> time_us) {
  facts.time_us = time_us;
  return facts;
}
RequestFacts in_scope(RequestFacts facts, std::string scope) {
  facts.scope = std::move(scope);
  return facts;
}

void nothing(World&) {}
void read_orders(World& w) { w.allow("R", "orders", {.subject = w.alice}); }

std::vector<Case> plain_cases() {
  const SessionFacts alice = session_of("alice");
  const RequestFacts read = request_of("Read", "orders");
  return {
      {"nothing allows it", nothing, alice, read, Verdict::Deny, ReasonClass::Default},
      {"a literal", read_orders, alice, read, Verdict::Allow, ReasonClass::Allow, 1},
      {"another name", read_orders, alice, request_of("Read", "order"), Verdict::Deny,
       ReasonClass::Default},
      {"another principal", read_orders, session_of("carol"), read, Verdict::Deny,
       ReasonClass::Default},
      {"an allow implies", read_orders, alice, request_of("Describe", "orders"), Verdict::Allow,
       ReasonClass::Allow, 1},
      {"a deny implies nothing",
       [](World& w) {
         w.allow("D", "orders", {.subject = w.alice});
         w.deny("R", "orders", {.subject = w.alice});
       },
       alice, request_of("Describe", "orders"), Verdict::Allow, ReasonClass::Allow, 1},
      {"a deny above wins over a literal below",
       [](World& w) {
         w.allow("R", "orders", {.subject = w.alice});
         w.deny("R", "ord*", {.subject = w.any});
       },
       alice, read, Verdict::Deny, ReasonClass::Deny, 2},
      {"the lowest number is named",
       [](World& w) {
         w.allow("R", "*", {.subject = w.any});
         w.allow("R", "orders", {.subject = w.alice});
       },
       alice, read, Verdict::Allow, ReasonClass::Allow, 1},
      {"a group of the policy", [](World& w) { w.allow("R", "*", {.subject = w.sre}); },
       session_of("bob"), read, Verdict::Allow, ReasonClass::Allow, 1},
      {"a closed group that the session names changes nothing",
       [](World& w) { w.allow("R", "*", {.subject = w.sre}); },
       with_groups(alice, std::vector<std::string>{"sre"}), read, Verdict::Deny,
       ReasonClass::Default},
      {"a subtype by its test", [](World& w) { w.allow("R", "*", {.subject = w.services}); },
       session_of("sa-7"), read, Verdict::Allow, ReasonClass::Allow, 1},
      {"an exception takes the name away",
       [](World& w) {
         w.allow("R", "*", {.subject = w.any, .except = w.set({"orders", "pci.*"})});
       },
       alice, read, Verdict::Deny, ReasonClass::Default},
      {"a suffix limits",
       [](World& w) { w.allow("R", "*", {.subject = w.any, .within = w.set({"*ders"})}); }, alice,
       read, Verdict::Allow, ReasonClass::Allow, 1},
      {"a scope above holds below",
       [](World& w) { w.allow("R", "*", {.subject = w.any, .scope = w.root}); }, alice, read,
       Verdict::Allow, ReasonClass::Allow, 1},
      {"a scope beside does not",
       [](World& w) { w.allow("R", "*", {.subject = w.any, .scope = w.staging}); }, alice, read,
       Verdict::Deny, ReasonClass::Default},
      {"a request's scope overrides",
       [](World& w) { w.allow("R", "*", {.subject = w.any, .scope = w.staging}); }, alice,
       in_scope(read, "acme.staging"), Verdict::Allow, ReasonClass::Allow, 1},
      {"a scope by id",
       [](World& w) { w.allow("R", "*", {.subject = w.any, .scope = w.staging}); }, alice,
       in_scope(read, "lkc-staging"), Verdict::Allow, ReasonClass::Allow, 1},
      {"an unknown scope", read_orders, alice, in_scope(read, "nowhere"), Verdict::Deny,
       ReasonClass::UnknownScope},
      {"no scope and two leaves", read_orders, session_of("alice", ""), read, Verdict::Deny,
       ReasonClass::ScopeMissing},
      {"an unknown kind", read_orders, alice, request_of("Read", "orders", "Queue"), Verdict::Deny,
       ReasonClass::UnknownKind},
      {"an unknown operation", read_orders, alice, request_of("Fly", "orders"), Verdict::Deny,
       ReasonClass::UnknownOperation},
      {"the longest name", [](World& w) { w.allow("R", "*", {.subject = w.any}); }, alice,
       request_of("Read", std::string(65'535, 'x')), Verdict::Allow, ReasonClass::Allow, 1},
      {"a name that is too long", [](World& w) { w.allow("R", "*", {.subject = w.any}); }, alice,
       request_of("Read", std::string(65'536, 'x')), Verdict::Deny, ReasonClass::NameTooLong},
      {"literally everybody", [](World& w) { w.allow("R", "*", {.subject = w.any}); },
       session_of("*"), read, Verdict::Deny, ReasonClass::BadPrincipal},
  };
}

std::vector<Case> layer_cases() {
  const SessionFacts alice = session_of("alice");
  const RequestFacts read = request_of("Read", "orders");
  return {
      {"a superuser is not told of denials",
       [](World& w) {
         w.superuser({.subject = w.alice, .scope = w.root});
         w.deny("R", "*", {.subject = w.any});
       },
       alice, read, Verdict::Allow, ReasonClass::Superuser, 1},
      {"a guard stands before a superuser",
       [](World& w) {
         w.superuser({.subject = w.alice, .scope = w.root});
         w.guard("R", "*", {.subject = w.any});
       },
       alice, read, Verdict::Deny, ReasonClass::Guard, 2},
      {"a plain denial is named before a guard with a condition",
       [](World& w) {
         w.guard("R", "*", {.subject = w.any, .condition = w.below(w.tls, 1, 3)});
         w.deny("R", "orders", {.subject = w.alice});
       },
       with(alice, "tls.version", "1.2"), read, Verdict::Deny, ReasonClass::Deny, 2},
      {"a guard with a condition on the session",
       [](World& w) {
         w.guard("R", "*", {.subject = w.any, .condition = w.below(w.tls, 1, 3)});
         w.allow("R", "orders", {.subject = w.alice});
       },
       with(alice, "tls.version", "1.2"), read, Verdict::Deny, ReasonClass::Guard, 1},
      {"a guard that does not apply",
       [](World& w) {
         w.guard("R", "*", {.subject = w.any, .condition = w.below(w.tls, 1, 3)});
         w.allow("R", "orders", {.subject = w.alice});
       },
       with(alice, "tls.version", "1.3"), read, Verdict::Allow, ReasonClass::Allow, 2},
      {"a guard applies through an error",
       [](World& w) {
         w.guard("R", "*", {.subject = w.any, .condition = w.below(w.tls, 1, 3)});
         w.allow("R", "orders", {.subject = w.alice});
       },
       alice, read, Verdict::Deny, ReasonClass::Guard, 1, EvalError::MissingAttribute},
      {"infrastructure comes before guards",
       [](World& w) {
         w.infrastructure({.subject = w.alice});
         w.guard("R", "*", {.subject = w.any});
       },
       alice, request_of("ClusterAction", "kafka", "Cluster"), Verdict::Allow,
       ReasonClass::Infrastructure, 1},
      {"infrastructure is for its operations only",
       [](World& w) { w.infrastructure({.subject = w.alice}); }, alice,
       request_of("Alter", "kafka", "Cluster"), Verdict::Deny, ReasonClass::Default},
      {"an unlisted name", [](World& w) {
         w.allow("R", "pay*", {.subject = w.alice});
         w.builder.program().unlisted_defaults.push_back({w.root, ir::OriginId(0)});
       },
       alice, read, Verdict::Allow, ReasonClass::Unlisted},
      {"a listed name", [](World& w) {
         w.allow("W", "ord*", {.subject = w.bob});
         w.builder.program().unlisted_defaults.push_back({w.root, ir::OriginId(0)});
       },
       alice, read, Verdict::Deny, ReasonClass::Default},
      {"an exception unlists", [](World& w) {
         w.allow("W", "ord*", {.subject = w.bob, .except = w.set({"orders"})});
         w.builder.program().unlisted_defaults.push_back({w.root, ir::OriginId(0)});
       },
       alice, read, Verdict::Allow, ReasonClass::Unlisted},
  };
}

std::vector<Case> error_cases() {
  const SessionFacts alice = session_of("alice");
  const RequestFacts read = request_of("Read", "orders");
  const auto from_ten = [](World& w) {
    w.allow("R", "*", {.subject = w.alice, .network = w.network("10.0.0.0/8")});
  };
  const auto vendors_denied = [](World& w) {
    w.allow("R", "*", {.subject = w.alice});
    w.deny("R", "*", {.subject = w.vendors});
  };
  const auto purposeful = [](World& w) {
    w.allow("R", "*", {.subject = w.alice, .condition = w.equals(w.purpose, "audit")});
  };
  const auto expiring = [](World& w) {
    w.allow("R", "*", {.subject = w.alice, .validity = w.builder.validity({0, kNoonUs})});
  };
  return {
      {"a network that holds the host", from_ten, alice, read, Verdict::Allow, ReasonClass::Allow,
       1},
      {"a mapped address is the same", from_ten, with_host(alice, "::ffff:10.1.2.3"), read,
       Verdict::Allow, ReasonClass::Allow, 1},
      {"a network elsewhere", from_ten, with_host(alice, "11.0.0.1"), read, Verdict::Deny,
       ReasonClass::Default},
      {"an unknown host keeps an allow from applying", from_ten, with_host(alice, std::nullopt),
       read, Verdict::Deny, ReasonClass::Default, 0, EvalError::UnknownHost},
      {"text that is no address is an unknown host", from_ten, with_host(alice, "localhost"), read,
       Verdict::Deny, ReasonClass::Default, 0, EvalError::UnknownHost},
      {"a named vendor", vendors_denied, with_groups(alice, std::vector<std::string>{"vendors"}),
       read, Verdict::Deny, ReasonClass::Deny, 2},
      {"groups known and empty", vendors_denied, alice, read, Verdict::Allow, ReasonClass::Allow,
       1},
      {"unknown groups deny", vendors_denied, with_groups(alice, std::nullopt), read,
       Verdict::Deny, ReasonClass::Deny, 2, EvalError::UnknownGroups},
      {"a condition on the request", purposeful, alice, with(read, "client.purpose", "audit"),
       Verdict::Allow, ReasonClass::Allow, 1},
      {"a condition that fails", purposeful, alice, with(read, "client.purpose", "fun"),
       Verdict::Deny, ReasonClass::Default},
      {"an attribute that is missing", purposeful, alice, read, Verdict::Deny,
       ReasonClass::Default, 0, EvalError::MissingAttribute},
      {"the last moment", expiring, alice, at(read, kNoonUs - 1), Verdict::Allow,
       ReasonClass::Allow, 1},
      {"expired", expiring, alice, read, Verdict::Deny, ReasonClass::Default},
      {"an unknown time", expiring, alice, at(read, std::nullopt), Verdict::Deny,
       ReasonClass::Default, 0, EvalError::UnknownTime},
      {"a session that has expired", read_orders,
       with(alice, "auth.expires", "2026-01-01T12:00:00Z"), read, Verdict::Deny,
       ReasonClass::AuthExpired},
      {"a session that has not", read_orders, with(alice, "auth.expires", "2026-01-01T12:00:01Z"),
       read, Verdict::Allow, ReasonClass::Allow, 1},
  };
}

void run(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    World world;
    c.policy(world);
    const std::unique_ptr<Engine> engine = plain_engine();
    ASSERT_NO_FATAL_FAILURE(world.activate(*engine));
    const std::unique_ptr<Session> session = engine->open(c.session);
    const Decision decision = engine->authorize(*session, c.request);
    EXPECT_EQ(decision.verdict, c.verdict);
    EXPECT_EQ(name_of(decision.reason), name_of(c.reason));
    EXPECT_EQ(decision.grant, c.line == 0 ? kNoGrant : c.line - 1);
    EXPECT_EQ(name_of(error_code(decision.error)), name_of(c.error));
    EXPECT_EQ(decision, reference::decide(world.program(), c.session, c.request));
    const auto bit = engine->operation(c.request.kind, c.request.operation);
    if (!c.request.scope.empty() || !c.request.time_us || !bit) continue;
    // By handle: twice, so that the second answer is what the view remembers.
    const std::unique_ptr<Resource> resource = engine->resource(c.request.kind, c.request.name);
    const Ask ask{resource.get(), *bit, &c.request.attributes, c.request.time_us};
    EXPECT_EQ(engine->authorize(*session, ask), decision);
    EXPECT_EQ(engine->authorize(*session, ask), decision);
    const bool allowed = decision.verdict == Verdict::Allow;
    EXPECT_EQ(engine->permits(*session, ask), allowed);
    EXPECT_EQ(engine->allowed(*session, ask, 1U << *bit), allowed ? 1U << *bit : 0U);
    EXPECT_EQ(engine->permits(*session, ask), allowed);
  }
}

TEST(Engine, DecidesPlainGrants) { run(plain_cases()); }
TEST(Engine, PutsLayersInOrder) { run(layer_cases()); }
TEST(Engine, CarriesErrors) { run(error_cases()); }

TEST(Engine, DeniesWithoutABundle) {
  const std::unique_ptr<Engine> engine = plain_engine();
  const std::unique_ptr<Session> session = engine->open(session_of("alice"));
  EXPECT_EQ(engine->authorize(*session, request_of("Read", "orders")).reason,
            ReasonClass::NoBundle);
  const std::unique_ptr<Resource> resource = engine->resource("Topic", "orders");
  EXPECT_EQ(engine->authorize(*session, Ask{resource.get(), 0, nullptr, {}}).reason,
            ReasonClass::NoBundle);
  EXPECT_FALSE(engine->permits(*session, Ask{resource.get(), 0, nullptr, {}}));
  EXPECT_FALSE(engine->active().has_value());
}

}  // namespace
}  // namespace writ::testing
