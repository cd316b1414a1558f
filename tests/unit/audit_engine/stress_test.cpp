// Thirty-two threads that decide, sessions that come and go, bundles that replace one another: each
// decision is in the log once, and the law of counts holds. With WRIT_LONG it goes on for a minute.
#include <atomic>
#include <cstdlib>
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/audit_drain/world.h"
#include "tests/unit/engine/world.h"

namespace writ::testing {
namespace {

constexpr int kThreads = 32;
constexpr int kRounds = 40;          // of each thread, at least
constexpr int kDecisionsOfRound = 20;

struct Sum {
  std::atomic<std::uint64_t> decisions{0};
  std::atomic<std::uint64_t> unavailable{0};
  std::atomic<std::uint64_t> wrong{0};
};

Ask ask_of(const Resource& resource) { return {&resource, 0, nullptr, {}}; }

void decide(const Engine& engine, int thread, const std::atomic<bool>& more, Sum& sum) {
  const auto resource = engine.resource("Topic", "orders");
  for (int round = 0; round < kRounds || more.load(); ++round) {
    const auto session = engine.open(session_of(thread % 2 == 0 ? "alice" : "bob"));
    for (int at = 0; at < kDecisionsOfRound; ++at) {
      const Ask ask{resource.get(), static_cast<std::uint32_t>(at % 2), nullptr, {}};
      const Decision decision = at % 5 == 4
                                    ? engine.authorize(*session, request_of("Read", "invoices"))
                                    : engine.authorize(*session, ask);
      sum.decisions.fetch_add(1);
      if (decision.reason == ReasonClass::AuditUnavailable) sum.unavailable.fetch_add(1);
      if (decision.verdict == Verdict::Allow && thread % 2 != 0) sum.wrong.fetch_add(1);
    }
    const std::uint32_t mask = engine.allowed(*session, ask_of(*resource), 0b11);
    sum.decisions.fetch_add(2);
    if (thread % 2 == 0 && mask == 0b11) sum.wrong.fetch_add(1);
  }
}

TEST(EngineTrailStress, ThirtyTwoThreadsAndReloadsLoseNothing) {
  const audit::ring::Folder folder;
  audit::drain::TrailOptions options = audit::drain::trail_options(folder);
  options.sizes.rings = kThreads + 2;
  const auto trail = open_trail(options);
  const auto engine = plain_engine(&trail->recorder());
  const auto activate = [&engine](bool read) {
    World world;
    world.allow(read ? "R" : "W", "orders", {.subject = world.alice});
    world.activate(*engine);
  };
  activate(true);
  Sum sum;
  std::atomic<bool> more{std::getenv("WRIT_LONG") != nullptr};
  std::atomic<int> running{kThreads};
  std::vector<std::thread> threads;
  for (int at = 0; at < kThreads; ++at) {
    threads.emplace_back([&, at] {
      decide(*engine, at, more, sum);
      running.fetch_sub(1);
    });
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  for (int reload = 0; running.load() != 0; ++reload) {
    activate(reload % 2 == 0);
    if (std::chrono::steady_clock::now() >= end) more.store(false);
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(trail->close());
  EXPECT_EQ(sum.wrong.load(), 0U);
  audit::drain::Law law;
  std::uint64_t logged = 0;
  audit::drain::each_row(options.log, [&](const audit::drain::Said& said) {
    law.see(said);
    logged += said.row.count;
    const bool asked = said.row.question != 0;
    if (asked && said.principal != "alice" && said.principal != "bob") sum.wrong.fetch_add(1);
  });
  EXPECT_EQ(sum.wrong.load(), 0U);
  EXPECT_EQ(logged, sum.decisions.load());
}

}  // namespace
}  // namespace writ::testing
