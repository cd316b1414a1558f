// Threads that come and go, processes that fork, processes that are killed.
#include <csignal>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/audit_ring/world.h"

namespace writ::audit::ring {
namespace {

TEST(RingLease, ThousandsOfThreadsTakeOverFromOneAnother) {
  const Folder folder;
  const auto recorder = open(small(folder, 4));
  std::uint64_t records = 0;
  for (int round = 0; round < 1'000; ++round) {
    std::vector<std::thread> threads;
    for (std::uint32_t at = 0; at < 4; ++at) {
      threads.emplace_back([&, at] { EXPECT_TRUE(recorder->record(plain_record(at + 1))); });
    }
    for (std::thread& thread : threads) thread.join();
    if (round % 50 != 49) continue;
    for (std::size_t ring = 0; ring < 4; ++ring) {
      const std::uint64_t before = load_mark(recorder->region()->ring(ring)).number;
      const std::vector<Slot> slots = drain(*recorder->region(), ring);
      EXPECT_TRUE(slots.empty() || slots.front().number == before + 1);
      records += slots.size();
    }
  }
  EXPECT_EQ(records, 4'000U);
  EXPECT_EQ(recorder->pool().free_rings(), 4U);
}

TEST(RingLease, WithoutAFreeRingDecisionsAreDeniedAndCounted) {
  const Folder folder;
  const auto recorder = open(small(folder, 1));
  ASSERT_TRUE(recorder->record(plain_record(1)));
  std::thread([&] { EXPECT_FALSE(recorder->record(plain_record(1))); }).join();
  EXPECT_EQ(recorder->region()->header().unleased.load(), 1U);
}

TEST(RingLease, InfrastructureGoesOnWithoutARingAndIsCounted) {
  const Folder folder;
  const auto recorder = open(small(folder, 1));
  ASSERT_TRUE(recorder->record(plain_record(1)));
  Record infrastructure = plain_record(1);
  infrastructure.infrastructure = true;
  std::thread([&] { EXPECT_TRUE(recorder->record(infrastructure)); }).join();
  EXPECT_EQ(recorder->region()->header().unleased.load(), 0U);
  EXPECT_EQ(recorder->region()->header().unleased_infrastructure.load(), 1U);
}

TEST(RingLease, AThreadMayRecordInTwoEngines) {
  const Folder folder;
  const auto one = open(small(folder, 1));
  const auto two = open(small(folder, 1));
  for (int at = 0; at < 10; ++at) {
    EXPECT_TRUE(one->record(plain_record(1)));
    EXPECT_TRUE(two->record(plain_record(1)));
  }
  EXPECT_EQ(drain(*one->region(), 0).size(), 10U);
  EXPECT_EQ(drain(*two->region(), 0).size(), 10U);
}

TEST(RingLease, AThreadMayOutliveTheRecorder) {
  const Folder folder;
  auto one = open(small(folder, 1));
  ASSERT_TRUE(one->record(plain_record(1)));
  one.reset();
  const auto two = open(small(folder, 1));
  EXPECT_TRUE(two->record(plain_record(1)));
}

TEST(RingLease, NobodyRecordsAfterItWasClosed) {
  const Folder folder;
  const auto recorder = open(small(folder, 2));
  ASSERT_TRUE(recorder->record(plain_record(1)));
  Record named = plain_record(0);
  named.name = "orders";
  recorder->close();
  EXPECT_FALSE(recorder->record(plain_record(1)));
  EXPECT_FALSE(recorder->record(named));
  EXPECT_FALSE(recorder->authentication({}));
  Record infrastructure = plain_record(1);
  infrastructure.infrastructure = true;
  EXPECT_FALSE(recorder->record(infrastructure));
  std::thread([&] { EXPECT_FALSE(recorder->record(plain_record(1))); }).join();
  EXPECT_EQ(drain(*recorder->region(), 0).size(), 1U);
}

TEST(RingLease, WhoeverClosesMeetsThreadsThatMakeRoom) {
  const Folder folder;
  for (int round = 0; round < 50; ++round) {
    const auto recorder = open(small(folder, 2));
    std::atomic<std::uint64_t> recorded{0};
    std::thread late([&] {
      while (recorder->record(plain_record(1))) recorded.fetch_add(1);
      // Once denied, always.
      for (int at = 0; at < 100; ++at) EXPECT_FALSE(recorder->record(plain_record(1)));
    });
    while (recorded.load() < 50) std::this_thread::yield();
    recorder->close();
    late.join();
    recorder->region()->unlink();
  }
}

// Runs in a forked child; the exit code says whether all went well.
template <class Work>
int in_child(Work work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work() ? 0 : 1);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

TEST(RingFork, AChildHasNoRingUntilItOpensItsOwn) {
  const Folder folder;
  const auto recorder = open(small(folder, 2));
  ASSERT_TRUE(recorder->record(plain_record(1)));
  const int status = in_child([&] {
    bool denied = !recorder->record(plain_record(1));
    denied = denied && recorder->open_session({}).id == 0;
    recorder->lifecycle("engine.start", "");
    std::thread([&] { denied = denied && !recorder->record(plain_record(1)); }).join();
    const auto own = RingRecorder::open(small(folder, 1));
    return denied && own && (*own)->record(plain_record(1));
  });
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(recorder->record(plain_record(2)));
  const std::vector<Slot> slots = drain(*recorder->region(), 0);
  ASSERT_EQ(slots.size(), 2U);
  EXPECT_EQ(slots[1].resource, 2U);
  EXPECT_EQ(recorder->region()->header().unleased.load(), 2U);
  EXPECT_EQ(recorder->region()->header().state.load(),
            static_cast<std::uint32_t>(RegionState::Open));
}

TEST(RingKill, WhatWasAcknowledgedSurvivesSigkill) {
  const Folder folder;
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto recorder = RingRecorder::open(small(folder, 1));
    for (std::uint32_t at = 1; recorder; ++at) {
      if (!(*recorder)->record(plain_record(at))) continue;
      if (::write(pipe_ends[1], &at, sizeof at) != sizeof at) ::_exit(1);
    }
    ::_exit(1);
  }
  ::close(pipe_ends[1]);
  std::uint32_t acknowledged = 0;
  while (acknowledged < 100) {
    ASSERT_EQ(::read(pipe_ends[0], &acknowledged, sizeof acknowledged),
              static_cast<ssize_t>(sizeof acknowledged));
  }
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  while (::read(pipe_ends[0], &acknowledged, sizeof acknowledged) > 0) {
  }
  ::close(pipe_ends[0]);
  const std::vector<std::string> found = find_regions(folder.path());
  ASSERT_EQ(found.size(), 1U);
  const auto region = Region::attach(found.front());
  ASSERT_TRUE(region);
  EXPECT_TRUE((*region)->is_orphan());
  const std::vector<Slot> slots = drain(**region, 0);
  ASSERT_GE(slots.size(), acknowledged);
  EXPECT_LE(slots.size(), acknowledged + 1);
  for (std::uint32_t at = 0; at < slots.size(); ++at) EXPECT_EQ(slots[at].resource, at + 1);
}

TEST(RingRegion, AProcessIsKnownByItsStartTimeToo) {
  ProcessId self = this_process();
  EXPECT_TRUE(may_live(self));
  ++self.start;
  EXPECT_FALSE(may_live(self));
  ++self.pid_space;
  EXPECT_TRUE(may_live(self));
}

TEST(RingRegion, AProcessThatCannotBeLookedAtMayLive) {
  const ProcessId self = this_process();
  const auto without_files = [](const ProcessId& process) {
    rlimit before{};
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit none{0, before.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    const bool lives = may_live(process);
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    return lives;
  };
  EXPECT_TRUE(without_files(self));
  ProcessId gone = self;
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  gone.pid = static_cast<std::uint32_t>(child);
  EXPECT_FALSE(without_files(gone));
}

}  // namespace
}  // namespace writ::audit::ring
