// A real log: decided by an engine, recorded in a ring, drained to disk; then decided again.
#include "compiler/analyze/replay.h"

#include <gtest/gtest.h>

#include <fstream>

#include "runtime/audit/log/files.h"
#include "tests/unit/audit_drain/world.h"
#include "tests/unit/engine/world.h"

namespace writ::analyze {
namespace {

using testing::plain_engine;
using testing::request_of;
using testing::session_of;
using testing::World;

/// alice may Read (R) orders.*, and Write (W) orders.eu where her client says why.
void add_policy(World& world) {
  world.allow("R", "orders.*", {.subject = world.alice, .scope = world.payments});
  world.allow("W", "orders.eu",
              {.subject = world.alice, .scope = world.payments,
               .condition = world.equals(world.purpose, "billing")});
}

class Replay : public ::testing::Test {
 protected:
  void SetUp() override {
    audit::drain::TrailOptions options = audit::drain::trail_options(folder_);
    log_ = options.log;
    const auto trail = audit::drain::open_trail(options);
    const auto engine = plain_engine(&trail->recorder());
    World world;
    add_policy(world);
    world.activate(*engine);
    decide(*engine);
    ASSERT_TRUE(trail->close());
  }

  static void decide(const Engine& engine) {
    const auto alice = engine.open(session_of("alice"));
    const auto orders = engine.resource("Topic", "orders.us");
    Ask ask;
    ask.resource = orders.get();
    ask.operation = *engine.operation("Topic", "Read");
    ask.time_us = testing::kNoonUs;
    for (int i = 0; i < 10; ++i) {
      EXPECT_EQ(engine.authorize(*alice, ask).verdict, Verdict::Allow);
    }
    EXPECT_EQ(engine.allowed(*alice, ask, 0b0011), 0b0001U);
    RequestFacts write = request_of("Write", "orders.eu");
    EXPECT_EQ(engine.authorize(*alice, write).verdict, Verdict::Deny);
    write.attributes = {{"client.purpose", Value::of_text("billing")}};
    EXPECT_EQ(engine.authorize(*alice, write).verdict, Verdict::Allow);
    EXPECT_EQ(engine.any_resource(*alice, "Topic", "Read").verdict, Verdict::Allow);
    const auto bob = engine.open(session_of("bob"));
    EXPECT_EQ(engine.authorize(*bob, request_of("Read", "orders.eu")).verdict, Verdict::Deny);
    EXPECT_EQ(engine.authorize(*bob, request_of("Read", std::string(2'000, 'n'))).verdict,
              Verdict::Deny);
  }

  [[nodiscard]] Replayed under(World& world) const {
    const auto engine = plain_engine();
    world.activate(*engine);
    auto replayed = replay(log_, *engine, {});
    EXPECT_TRUE(replayed) << replayed.error().message << " " << replayed.error().where;
    return replayed ? std::move(*replayed) : Replayed{};
  }

  audit::ring::Folder folder_;
  std::string log_;
};

TEST_F(Replay, UnderTheSamePolicyNothingChanges) {
  World world;
  add_policy(world);
  const Replayed same = under(world);
  // Ten by handle, two of the mask, two writes, one by kind, one of bob.
  EXPECT_EQ(same.decisions, 16U);
  EXPECT_EQ(same.changed, 0U);
  EXPECT_TRUE(same.changes.empty());
  EXPECT_EQ(same.names_cut, 1U);
}

TEST_F(Replay, NamesEachVerdictThatChangesAndTheLinesThatDecide) {
  World world;
  add_policy(world);
  world.deny("R", "orders.us", {.subject = world.any, .scope = world.payments});
  world.allow("R", "orders.eu", {.subject = world.bob, .scope = world.payments});
  const Replayed other = under(world);
  EXPECT_EQ(other.changed, 12U);
  ASSERT_EQ(other.changes.size(), 3U);
  const Change& alice = other.changes[0];
  EXPECT_EQ(alice.principal, "User:alice");
  EXPECT_EQ(alice.operation, "Read");
  EXPECT_EQ(alice.kind, "Topic");
  EXPECT_EQ(alice.count, 10U);
  EXPECT_EQ(alice.before, Verdict::Allow);
  EXPECT_EQ(alice.after, Verdict::Deny);
  EXPECT_EQ(alice.was.reason, "allow");
  EXPECT_EQ(alice.would_be.reason, "deny");
  EXPECT_FALSE(alice.would_be.statement.empty());
  EXPECT_EQ(alice.example, "orders.us");
  const bool second = other.changes[1].principal == "User:bob";
  const Change& bob = other.changes[second ? 1 : 2];
  EXPECT_EQ(other.changes[second ? 2 : 1].was.reason, "mask");
  EXPECT_EQ(bob.principal, "User:bob");
  EXPECT_EQ(bob.before, Verdict::Deny);
  EXPECT_EQ(bob.after, Verdict::Allow);
  EXPECT_EQ(bob.was.reason, "default");
}

TEST_F(Replay, AsksWithTheAttributesThatWereAskedWith) {
  World world;
  world.allow("R", "orders.*", {.subject = world.alice, .scope = world.payments});
  world.allow("W", "orders.eu",
              {.subject = world.alice, .scope = world.payments,
               .condition = world.equals(world.purpose, "support")});
  const Replayed other = under(world);
  EXPECT_EQ(other.changed, 1U);
  ASSERT_EQ(other.changes.size(), 1U);
  EXPECT_EQ(other.changes[0].operation, "Write");
}

TEST_F(Replay, ALogThatIsDamagedIsAnError) {
  const std::string path = audit::log::segment_path(log_, 1);
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(0);
  file.put('x');
  file.close();
  const auto engine = plain_engine();
  World world;
  add_policy(world);
  world.activate(*engine);
  EXPECT_EQ(replay(log_, *engine, {}).error().code, ErrorCode::Malformed);
  EXPECT_EQ(replay(log_ + "/no", *engine, {}).error().code, ErrorCode::Unreadable);
}

}  // namespace
}  // namespace writ::analyze
