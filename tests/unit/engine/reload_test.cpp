// Bundles replace one another under deciding threads; a failed activation changes nothing.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "compiler/index/index.h"
#include "runtime/engine/activate.h"
#include "tests/unit/engine/world.h"

namespace writ::testing {
namespace {

constexpr int kReloads = 200;
constexpr int kReaders = 3;

/// Two policies that differ in every answer.
void odd(World& w) { w.allow("R", "orders", {.subject = w.alice}); }
void even(World& w) { w.allow("W", "ord*", {.subject = w.alice}); }

TEST(Reload, ThreadsDecideMeanwhile) {
  const std::unique_ptr<Engine> engine = plain_engine();
  World first;
  odd(first);
  first.activate(*engine);
  const std::unique_ptr<Session> session = engine->open(session_of("alice"));
  const std::unique_ptr<Resource> resource = engine->resource("Topic", "orders");
  std::atomic<bool> done{false};
  std::atomic<std::uint64_t> wrong{0};
  std::vector<std::thread> readers;
  for (int reader = 0; reader < kReaders; ++reader) {
    readers.emplace_back([&] {
      while (!done.load(std::memory_order_relaxed)) {
        // One mask is of one bundle: Read or Write, never both, never neither.
        const Ask ask{resource.get(), 0, nullptr, kNoonUs};
        const std::uint32_t mask = engine->allowed(*session, ask, 0b11);
        if (mask != 0b01 && mask != 0b10) wrong.fetch_add(1);
        const Decision decision = engine->authorize(*session, ask);
        if (decision.verdict == Verdict::Allow && decision.grant != 0) wrong.fetch_add(1);
        RequestFacts request = request_of("Describe", "orders");
        request.scope = "payments";
        if (engine->authorize(*session, request).verdict != Verdict::Allow) wrong.fetch_add(1);
      }
    });
  }
  for (int reload = 0; reload < kReloads; ++reload) {
    World world;
    reload % 2 == 0 ? even(world) : odd(world);
    world.activate(*engine);
    if (reload % 16 == 0) session->refresh(session_of("alice"));
  }
  done.store(true);
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong.load(), 0U);
  EXPECT_EQ(engine->active()->generation, kReloads + 1U);
}

TEST(Reload, ASessionFollowsTheBundle) {
  const std::unique_ptr<Engine> engine = plain_engine();
  const std::unique_ptr<Session> session = engine->open(session_of("alice"));
  const std::unique_ptr<Resource> resource = engine->resource("Topic", "orders");
  const Ask ask{resource.get(), 0, nullptr, kNoonUs};
  EXPECT_EQ(engine->authorize(*session, ask).reason, ReasonClass::NoBundle);
  World first;
  odd(first);
  first.activate(*engine);
  EXPECT_EQ(engine->authorize(*session, ask).verdict, Verdict::Allow);
  World second;
  even(second);
  second.activate(*engine);
  EXPECT_EQ(engine->authorize(*session, ask).verdict, Verdict::Deny);
}

TEST(Reload, AnOlderVersionIsRefused) {
  const std::unique_ptr<Engine> engine = plain_engine();
  World world;
  odd(world);
  world.activate(*engine);
  World second;
  odd(second);
  second.activate(*engine);
  const ir::Program& program = second.program();
  const auto attempt = [&](std::uint64_t version, const char* digest) {
    BundleInfo info;
    info.version = version;
    info.digest = digest;
    return engine::activate(*engine, program, *index::build(program), info);
  };
  EXPECT_EQ(attempt(1, "0123").error().code, ErrorCode::Version);
  EXPECT_EQ(attempt(2, "other").error().code, ErrorCode::Version);
  EXPECT_TRUE(attempt(2, "0123").has_value());
  EXPECT_TRUE(attempt(3, "other").has_value());
  EXPECT_EQ(engine->active()->version, 3U);
}

TEST(Reload, TablesOfAnotherProgramAreRefused) {
  const std::unique_ptr<Engine> engine = plain_engine();
  World world;
  odd(world);
  world.activate(*engine);
  World other;
  even(other);
  const std::unique_ptr<Engine> elsewhere = plain_engine();
  other.activate(*elsewhere);
  BundleInfo info;
  info.version = 7;
  const Status status =
      engine::activate(*engine, world.program(), *index::build(other.program()), info);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::Malformed);
  EXPECT_EQ(engine->active()->version, 1U);
}

TEST(Reload, UnreadableBytesLeaveTheRunningBundle) {
  const std::unique_ptr<Engine> engine = plain_engine();
  World world;
  odd(world);
  world.activate(*engine);
  const std::vector<std::byte> noise(100);
  EXPECT_FALSE(engine->load(noise, {{}, 1}).has_value());
  EXPECT_EQ(engine->active()->version, 1U);
}

}  // namespace
}  // namespace writ::testing
