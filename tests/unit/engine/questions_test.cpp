// Masks, batches, filters, by kind and keys mean what asking one by one means.
#include <gtest/gtest.h>

#include <vector>

#include "runtime/audit/recorder.h"
#include "runtime/reference/reference.h"
#include "tests/unit/engine/world.h"

namespace writ::testing {
namespace {

/// A policy in which each operation of `orders` is decided by another rule.
void mixed(World& w) {
  w.allow("R", "orders", {.subject = w.alice});
  w.allow("W", "ord*", {.subject = w.alice, .condition = w.equals(w.purpose, "audit")});
  w.deny("X", "*", {.subject = w.any});
}

class Questions : public ::testing::Test {
 protected:
  void SetUp() override {
    mixed(world_);
    world_.activate(*engine_);
    session_ = engine_->open(session_of("alice"));
  }

  World world_;
  std::unique_ptr<Engine> engine_ = plain_engine();
  std::unique_ptr<Session> session_;
};

TEST_F(Questions, AMaskIsTheLoop) {
  const std::unique_ptr<Resource> resource = engine_->resource("Topic", "orders");
  const std::vector<NamedValue> audit = {{"client.purpose", Value::of_text("audit")}};
  const std::vector<NamedValue>* const none = nullptr;
  for (const std::vector<NamedValue>* attributes : {&audit, none}) {
    const Ask ask{resource.get(), 0, attributes, kNoonUs};
    std::uint32_t loop = 0;
    for (std::uint32_t bit = 0; bit < 32; ++bit) {
      Ask one = ask;
      one.operation = bit;
      if (engine_->authorize(*session_, one).verdict == Verdict::Allow) loop |= 1U << bit;
    }
    EXPECT_EQ(engine_->allowed(*session_, ask, 0xFFFF'FFFF), loop);
    EXPECT_EQ(engine_->allowed(*session_, ask, 0xFFFF'FFFF), loop);
    EXPECT_EQ(engine_->allowed(*session_, ask, 0b1), loop & 1);
    EXPECT_EQ(loop, attributes != nullptr ? 0b0111U : 0b0101U);
  }
}

TEST_F(Questions, ABatchIsTheLoop) {
  const std::unique_ptr<Resource> orders = engine_->resource("Topic", "orders");
  const std::unique_ptr<Resource> other = engine_->resource("Topic", "other");
  const std::unique_ptr<Resource> queue = engine_->resource("Queue", "orders");
  const std::vector<Ask> asks = {{orders.get(), 0, nullptr, kNoonUs},
                                 {other.get(), 0, nullptr, kNoonUs},
                                 {queue.get(), 0, nullptr, kNoonUs},
                                 {nullptr, 0, nullptr, kNoonUs},
                                 {orders.get(), 31, nullptr, kNoonUs},
                                 {orders.get(), 99, nullptr, kNoonUs}};
  std::vector<Decision> answers(asks.size());
  engine_->authorize_batch(*session_, asks, answers);
  for (std::size_t at = 0; at < asks.size(); ++at) {
    EXPECT_EQ(answers[at], engine_->authorize(*session_, asks[at])) << at;
  }
  EXPECT_EQ(answers[0].verdict, Verdict::Allow);
  EXPECT_EQ(answers[2].reason, ReasonClass::UnknownKind);
  EXPECT_EQ(answers[4].reason, ReasonClass::UnknownOperation);
  EXPECT_EQ(answers[5].reason, ReasonClass::UnknownOperation);
}

TEST_F(Questions, AFilterIsTheLoop) {
  const std::vector<std::string_view> names = {"orders", "order", "orders.eu", "orders"};
  EXPECT_EQ(engine_->filter(*session_, "Topic", "Read", names), (std::vector<std::uint32_t>{0, 3}));
  EXPECT_TRUE(engine_->filter(*session_, "Topic", "Fly", names).empty());
  EXPECT_TRUE(engine_->filter(*session_, "Queue", "Read", names).empty());
}

TEST_F(Questions, ByKindIsTheSpecifications) {
  for (const std::string_view operation : {"Read", "Write", "Describe", "Delete", "Fly"}) {
    RequestFacts request = request_of(operation, "");
    EXPECT_EQ(engine_->any_resource(*session_, "Topic", operation),
              reference::any_resource(world_.program(), session_of("alice"), request))
        << operation;
  }
}

TEST_F(Questions, ExplainsTheStatement) {
  const RequestFacts request = request_of("Read", "orders");
  const Because because =
      engine_->explain(*session_, request, engine_->authorize(*session_, request));
  EXPECT_EQ(because.statement, "line 1");
  EXPECT_EQ(because.file, "test.writ");
  EXPECT_EQ(because.line, 1U);
  const RequestFacts other = request_of("Write", "orders");
  EXPECT_EQ(engine_->explain(*session_, other, engine_->authorize(*session_, other)).error,
            "attribute client.purpose was not supplied");
}

TEST_F(Questions, ARefreshedSessionAnswersAnew) {
  const RequestFacts request = request_of("Read", "orders");
  session_->refresh(session_of("carol"));
  EXPECT_EQ(engine_->authorize(*session_, request).verdict, Verdict::Deny);
  session_->refresh(session_of("alice"));
  EXPECT_EQ(engine_->authorize(*session_, request).verdict, Verdict::Allow);
}

/// Keeps what it is told and answers as it is set.
class Keeper final : public audit::Recorder {
 public:
  bool record(const audit::Record& record) noexcept override {
    const audit::Question asked = record.words->question();
    operations.emplace_back(asked.operation);
    statements.push_back(record.words->explain().statement);
    scope = asked.scope;
    return works;
  }
  void lifecycle(std::string_view type, std::string_view message) noexcept override {
    if (type == "group.closed") closed.emplace_back(message);
  }
  bool authentication(const audit::Authentication&) noexcept override { return works; }

  std::vector<std::string> closed;
  std::vector<std::string> operations;
  std::vector<std::string> statements;
  std::string scope;
  bool works = true;
};

TEST(Recording, AClosedGroupThatIsVouchedForIsToldOnce) {
  Keeper keeper;
  World world;
  world.allow("Read", "orders", {.subject = world.sre});
  const std::unique_ptr<Engine> engine = plain_engine(&keeper);
  world.activate(*engine);
  for (const std::string_view user : {"alice", "mallory"}) {
    SessionFacts facts = session_of(user);
    facts.groups = std::vector<std::string>{"vendors", "sre", "nowhere"};
    const std::unique_ptr<Session> session = engine->open(facts);
    EXPECT_EQ(engine->authorize(*session, request_of("Read", "orders")).verdict, Verdict::Deny);
  }
  ASSERT_EQ(keeper.closed.size(), 1U);
  EXPECT_NE(keeper.closed[0].find("the group sre of User:alice"), std::string::npos);
  World next;
  next.activate(*engine);
  SessionFacts facts = session_of("carol");
  facts.groups = std::vector<std::string>{"sre"};
  const std::unique_ptr<Session> session = engine->open(facts);
  EXPECT_EQ(engine->authorize(*session, request_of("Read", "orders")).verdict, Verdict::Deny);
  EXPECT_EQ(keeper.closed.size(), 2U);
}

TEST(Recording, EveryDecisionIsOffered) {
  Keeper keeper;
  World world;
  mixed(world);
  const std::unique_ptr<Engine> engine = plain_engine(&keeper);
  world.activate(*engine);
  const std::unique_ptr<Session> session = engine->open(session_of("alice"));
  const std::unique_ptr<Resource> resource = engine->resource("Topic", "orders");
  const Ask ask{resource.get(), 0, nullptr, kNoonUs};
  EXPECT_EQ(engine->authorize(*session, ask).verdict, Verdict::Allow);
  EXPECT_EQ(engine->allowed(*session, ask, 0b101), 0b101U);
  EXPECT_TRUE(engine->permits(*session, ask));
  EXPECT_EQ(keeper.operations, (std::vector<std::string>{"Read", "Read", "Describe", "Read"}));
  EXPECT_EQ(keeper.statements.front(), "line 1");
  EXPECT_EQ(keeper.scope, "acme.prod.payments");
}

TEST(Recording, WhatCannotBeRecordedIsDenied) {
  Keeper keeper;
  keeper.works = false;
  World world;
  mixed(world);
  const std::unique_ptr<Engine> engine = plain_engine(&keeper);
  world.activate(*engine);
  const std::unique_ptr<Session> session = engine->open(session_of("alice"));
  const std::unique_ptr<Resource> resource = engine->resource("Topic", "orders");
  const Ask ask{resource.get(), 0, nullptr, kNoonUs};
  EXPECT_EQ(engine->authorize(*session, ask).reason, ReasonClass::AuditUnavailable);
  EXPECT_EQ(engine->authorize(*session, request_of("Read", "orders")).verdict, Verdict::Deny);
  EXPECT_FALSE(engine->permits(*session, ask));
  EXPECT_EQ(engine->allowed(*session, ask, 0xF), 0U);
  EXPECT_TRUE(engine->filter(*session, "Topic", "Read", {}).empty());
  EXPECT_EQ(engine->any_resource(*session, "Topic", "Read").verdict, Verdict::Deny);
}

/// Who asked about what, as the records say.
class Hearer final : public audit::Recorder {
 public:
  [[nodiscard]] bool record(const audit::Record& record) noexcept override {
    heard.push_back((record.session == nullptr ? "nobody" : record.session->principal_name) + " " +
                    std::string(record.name));
    return true;
  }
  void lifecycle(std::string_view, std::string_view) noexcept override {}
  [[nodiscard]] bool authentication(const audit::Authentication&) noexcept override {
    return true;
  }
  std::vector<std::string> heard;
};

/// Has room for infrastructure alone, as a full ring has.
class Full final : public audit::Recorder {
 public:
  [[nodiscard]] bool record(const audit::Record& record) noexcept override {
    return record.infrastructure;
  }
  void lifecycle(std::string_view, std::string_view) noexcept override {}
  [[nodiscard]] bool authentication(const audit::Authentication&) noexcept override {
    return false;
  }
  [[nodiscard]] Form form() const noexcept override { return Form::Numbers; }
  [[nodiscard]] audit::Opened open_session(const SessionFacts&) noexcept override {
    return {1, nullptr};
  }
  [[nodiscard]] std::shared_ptr<const void> use_policy(
      std::shared_ptr<const audit::PolicyWords> words,
      std::span<const std::byte>) noexcept override {
    return words;
  }
};

TEST(Records, AMaskKeepsWhatInfrastructureMayThoughTheRingIsFull) {
  Full full;
  World world;
  world.infrastructure({.subject = world.alice, .scope = world.root});
  world.allow("R", "orders", {.subject = world.alice});
  const std::unique_ptr<Engine> engine = plain_engine(&full);
  world.activate(*engine);
  const std::unique_ptr<Session> session = engine->open(session_of("alice"));
  const std::unique_ptr<Resource> cluster = engine->resource("Cluster", "kafka-cluster");
  const std::unique_ptr<Resource> orders = engine->resource("Topic", "orders");
  EXPECT_EQ(engine->allowed(*session, {cluster.get(), 0, nullptr, kNoonUs}, 0b11), 0b01U);
  EXPECT_EQ(engine->allowed(*session, {orders.get(), 0, nullptr, kNoonUs}, 0b01), 0U);
}

TEST(Records, WithoutABundleSayWhoAskedAboutEachName) {
  Hearer hearer;
  const std::unique_ptr<Engine> engine = plain_engine(&hearer);
  const std::unique_ptr<Session> session = engine->open(session_of("alice"));
  const std::vector<std::string_view> names = {"orders", "billing"};
  EXPECT_TRUE(engine->filter(*session, "Topic", "Read", names).empty());
  EXPECT_EQ(engine->any_resource(*session, "Topic", "Read").reason, ReasonClass::NoBundle);
  EXPECT_EQ(hearer.heard, (std::vector<std::string>{"alice orders", "alice billing", "alice "}));
}

}  // namespace
}  // namespace writ::testing
