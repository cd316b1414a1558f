// What a session remembers is of the running bundle and of what the session is now, whoever asks
// and however long it lives.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "runtime/engine/epoch.h"
#include "runtime/engine/state.h"
#include "tests/unit/engine/world.h"

namespace writ::testing {
namespace {

void alice_reads(World& w) { w.allow("R", "orders", {.subject = w.alice}); }

std::unique_ptr<Resource> without_id(std::string_view name) {
  auto state = std::make_unique<Resource::State>();
  state->kind = "Topic";
  state->name = name;
  return std::make_unique<Resource>(std::move(state), 0);
}

/// The same from each question by handle.
bool may_read(const Engine& engine, const Session& session, const Resource& resource) {
  const Ask ask{&resource, 0, nullptr, kNoonUs};
  const bool allowed = engine.authorize(session, ask).verdict == Verdict::Allow;
  EXPECT_EQ(engine.permits(session, ask), allowed);
  EXPECT_EQ(engine.allowed(session, ask, 1) == 1, allowed);
  return allowed;
}

TEST(Memory, IdsAndStampsEndAtTheirLimits) {
  const std::uint64_t last_handle = (std::uint64_t{1} << engine::kHandleBits) - 1;
  EXPECT_EQ(engine::handle_id(last_handle), last_handle);
  EXPECT_EQ(engine::handle_id(last_handle + 1), 0U);
  const std::uint64_t last_stamp = (std::uint64_t{1} << engine::kStampBits) - 1;
  EXPECT_NE(engine::stamp_of(last_stamp), 0U);
  EXPECT_EQ(engine::stamp_of(last_stamp + 1), 0U);
  // No two parts of a key share a bit, and a question by kind has one of its own.
  const std::uint64_t full = engine::stamp_of(last_stamp) | last_handle;
  EXPECT_EQ(engine::DecisionCache::key(full, 31), ~std::uint64_t{0} >> 1);
}

TEST(Memory, HandlesWithoutIdAreAnsweredEachForItself) {
  World world;
  alice_reads(world);
  const std::unique_ptr<Engine> engine = plain_engine();
  world.activate(*engine);
  const std::unique_ptr<Session> session = engine->open(session_of("alice"));
  const std::unique_ptr<Resource> orders = without_id("orders");
  const std::unique_ptr<Resource> salaries = without_id("salaries");
  for (int round = 0; round < 3; ++round) {
    EXPECT_TRUE(may_read(*engine, *session, *orders));
    EXPECT_FALSE(may_read(*engine, *session, *salaries));
  }
}

TEST(Memory, HandlesWithoutIdHaveNoPlans) {
  World world;
  world.builder.program().validities.push_back({kNoonUs - 1, kNoonUs + 1});
  world.allow("R", "orders", {.subject = world.alice, .validity = ir::ValidityId(0)});
  const std::unique_ptr<Engine> engine = plain_engine();
  world.activate(*engine);
  const std::unique_ptr<Session> session = engine->open(session_of("alice"));
  const std::unique_ptr<Resource> orders = without_id("orders");
  const std::unique_ptr<Resource> salaries = without_id("salaries");
  for (int round = 0; round < 3; ++round) {
    EXPECT_TRUE(may_read(*engine, *session, *orders));
    EXPECT_FALSE(may_read(*engine, *session, *salaries));
  }
}

TEST(Memory, ARefreshedSessionIsAnsweredAsWhatItIsNow) {
  World world;
  alice_reads(world);
  const std::unique_ptr<Engine> engine = plain_engine();
  world.activate(*engine);
  const std::unique_ptr<Session> session = engine->open(session_of("alice"));
  const std::unique_ptr<Resource> orders = engine->resource("Topic", "orders");
  for (int round = 0; round < 3; ++round) {
    for (const bool is_alice : {true, false}) {
      session->refresh(session_of(is_alice ? "alice" : "bob"));
      for (int again = 0; again < 2; ++again) {
        EXPECT_EQ(may_read(*engine, *session, *orders), is_alice);
        const Decision any = engine->any_resource(*session, "Topic", "Read");
        EXPECT_EQ(any.verdict == Verdict::Allow, is_alice);
      }
    }
  }
}

TEST(Memory, ASessionOutOfStampsRemembersNothingAndAnswersOn) {
  World world;
  alice_reads(world);
  const std::unique_ptr<Engine> engine = plain_engine();
  world.activate(*engine);
  const std::unique_ptr<Session> session = engine->open(session_of("alice"));
  const std::unique_ptr<Resource> orders = engine->resource("Topic", "orders");
  session->state().stamps = (std::uint64_t{1} << engine::kStampBits) - 4;
  for (int round = 0; round < 4; ++round) {
    for (const bool is_alice : {true, false}) {
      session->refresh(session_of(is_alice ? "alice" : "bob"));
      for (int again = 0; again < 2; ++again) {
        EXPECT_EQ(may_read(*engine, *session, *orders), is_alice);
        const Decision any = engine->any_resource(*session, "Topic", "Read");
        EXPECT_EQ(any.verdict == Verdict::Allow, is_alice);
      }
    }
  }
  EXPECT_EQ(session->state().main.load()->remembered.memory, nullptr);
  World none;
  none.activate(*engine);
  session->refresh(session_of("alice"));
  EXPECT_FALSE(may_read(*engine, *session, *orders));
}

TEST(Memory, AViewOfTheBundleBeforeServesItsQuestionAlone) {
  World world;
  alice_reads(world);
  const std::unique_ptr<Engine> engine = plain_engine();
  world.activate(*engine);
  const std::shared_ptr<const engine::Running> before = engine->state().running;
  const std::unique_ptr<Session> session = engine->open(session_of("alice"));
  const std::unique_ptr<Resource> orders = engine->resource("Topic", "orders");
  World none;
  none.activate(*engine);
  EXPECT_FALSE(may_read(*engine, *session, *orders));
  for (const bool refreshed : {false, true}) {
    if (refreshed) session->refresh(session_of("alice"));
    {
      // A thread that was slow to ask.
      const engine::epoch::Guard guard;
      const engine::View& view = session->state().view(*before->snapshot);
      EXPECT_EQ(view.generation, 1U);
      EXPECT_EQ(view.remembered.memory, nullptr);
      EXPECT_NE(session->state().main.load(), &view);
    }
    EXPECT_FALSE(may_read(*engine, *session, *orders));
  }
}

// Bundle k allows by its grant k % kApart.
constexpr std::uint64_t kApart = 5;
constexpr std::uint64_t kBundles = 2'000;
void numbered(World& w, std::uint64_t k) {
  for (std::uint64_t i = 0; i < k % kApart; ++i) w.deny("W", "other", {.subject = w.bob});
  alice_reads(w);
}

TEST(Memory, NobodyAnswersFromABundleThatWasReplacedBeforeTheQuestion) {
  const std::unique_ptr<Engine> engine = plain_engine();
  World first;
  numbered(first, 0);
  first.activate(*engine);
  const std::unique_ptr<Session> session = engine->open(session_of("alice"));
  const std::unique_ptr<Resource> orders = engine->resource("Topic", "orders");
  std::atomic<std::uint64_t> active{0};
  std::atomic<std::uint64_t> wrong{0};
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&] {
      const Ask ask{orders.get(), 0, nullptr, kNoonUs};
      while (active.load() < kBundles) {
        const std::uint64_t before = active.load();
        const Decision decision = engine->authorize(*session, ask);
        // The next bundle may run already, though nobody has said so.
        const std::uint64_t after = active.load() + 1;
        if (after - before >= kApart) continue;
        bool of_a_running_one = false;
        for (std::uint64_t k = before; k <= after; ++k) {
          of_a_running_one = of_a_running_one || decision.grant == k % kApart;
        }
        if (decision.verdict != Verdict::Allow || !of_a_running_one) wrong.fetch_add(1);
      }
    });
  }
  for (std::uint64_t k = 1; k <= kBundles; ++k) {
    World world;
    numbered(world, k);
    world.activate(*engine);
    active.store(k);
    if (k % 7 == 0) session->refresh(session_of("alice"));
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong.load(), 0U);
}

}  // namespace
}  // namespace writ::testing
