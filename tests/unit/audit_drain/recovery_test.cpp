// What one process leaves, the next one finds: rings of the dead, logs half written, rings that
// are gone.
#include <csignal>
#include <filesystem>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/audit/ring/points.h"
#include "tests/unit/audit_drain/world.h"

namespace writ::audit::drain {
namespace {

using ring::Folder;
using ring::plain_record;

ring::RecorderOptions recorder_options(const TrailOptions& options) {
  ring::RecorderOptions recorder;
  recorder.region = options.sizes;
  recorder.region.directory = options.rings;
  recorder.writer.wait = std::chrono::milliseconds(1);
  return recorder;
}

// A child records so many decisions without a drain, and is killed.
void leave_ring(const TrailOptions& options, std::uint64_t records, bool by_kind = false) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto recorder = ring::RingRecorder::open(recorder_options(options));
    Record record = plain_record(0);
    record.name = "orders";
    record.by_kind = by_kind;
    for (std::uint64_t at = 0; recorder && at < records; ++at) {
      static_cast<void>((*recorder)->record(record));
    }
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
}

DrainOptions drain_options(const TrailOptions& options) {
  DrainOptions drain;
  drain.rings = options.rings;
  drain.log = options.log;
  drain.writer = options.writer;
  return drain;
}

const char* wanted_point = nullptr;
int wanted_time = 0;

// A child drains, and is killed when it comes to the point for the n-th time.
void drain_and_die(const TrailOptions& options, const char* point, int time) {
  const pid_t child = ::fork();
  if (child == 0) {
    wanted_point = point;
    wanted_time = time;
    ring::on_point.store([](const char* name) {
      if (std::string_view(name) == wanted_point && --wanted_time == 0) {
        ::kill(::getpid(), SIGKILL);
      }
    });
    auto drain = Drain::open(drain_options(options));
    if (drain) static_cast<void>((*drain)->close());
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
}

void drain_whole(const TrailOptions& options) {
  auto drain = Drain::open(drain_options(options));
  ASSERT_TRUE(drain) << drain.error().message;
  ASSERT_TRUE((*drain)->close());
}

TEST(Recovery, TheNextProcessDrainsTheRingOfADeadOne) {
  const Folder folder;
  const TrailOptions options = trail_options(folder);
  leave_ring(options, 100);
  drain_whole(options);
  const std::vector<Said> rows = read_log(options.log);
  expect_law(rows);
  EXPECT_EQ(count_of(rows, EntryKind::Decision), 100U);
  EXPECT_EQ(rows.back().row.text, "audit.drained\nthe process ended without closing it");
  EXPECT_TRUE(ring::find_regions(options.rings).empty());
  EXPECT_EQ(count_of(rows, EntryKind::Gap), 0U);
}

TEST(Recovery, CountsThatNeverBecameRecordsAreNotLost) {
  const Folder folder;
  const TrailOptions options = trail_options(folder);
  leave_ring(options, 5'000);
  drain_whole(options);
  const std::vector<Said> rows = read_log(options.log);
  expect_law(rows);
  std::uint64_t denied = 0;
  for (const Said& said : rows) {
    if (said.row.kind == EntryKind::Unavailable) denied += said.row.count;
  }
  EXPECT_GT(denied, 0U);
  EXPECT_EQ(count_of(rows, EntryKind::Decision) + denied, 5'000U);
}

TEST(Recovery, ADrainThatDiesAtAnyPointLosesAndRepeatsNothing) {
  for (const char* point : {"drain.pass-begun", "drain.before-append", "drain.appended",
                            "drain.synced", "drain.marked", "drain.unlinked"}) {
    for (int time = 1; time <= 4; ++time) {
      const Folder folder;
      const TrailOptions options = trail_options(folder);
      leave_ring(options, 300);
      drain_and_die(options, point, time);
      leave_ring(options, 200);
      drain_and_die(options, point, time);
      drain_whole(options);
      const std::vector<Said> rows = read_log(options.log);
      expect_law(rows);
      EXPECT_EQ(count_of(rows, EntryKind::Decision), 500U) << point << " " << time;
      EXPECT_EQ(count_of(rows, EntryKind::Gap), 0U) << point << " " << time;
      EXPECT_TRUE(ring::find_regions(options.rings).empty());
    }
  }
}

TEST(Recovery, ARingThatIsGoneLeavesAGapWithItsBounds) {
  const Folder folder;
  const TrailOptions options = trail_options(folder);
  leave_ring(options, 100);
  // Dies with everything appended, before the instance's last row.
  drain_and_die(options, "drain.marked", 1);
  for (const std::string& path : ring::find_regions(options.rings)) {
    std::filesystem::remove(path);
  }
  drain_whole(options);
  drain_whole(options);
  const std::vector<Said> rows = read_log(options.log);
  expect_law(rows);
  ASSERT_EQ(count_of(rows, EntryKind::Gap), 1U);
  for (const Said& said : rows) {
    if (said.row.kind != EntryKind::Gap) continue;
    EXPECT_NE(said.row.text.find("\"sequence\":100"), std::string::npos) << said.row.text;
  }
}

TEST(Recovery, ALogThatIsGoneLeavesAGapToo) {
  const Folder folder;
  const TrailOptions options = trail_options(folder);
  leave_ring(options, 100);
  drain_and_die(options, "drain.marked", 1);
  std::filesystem::remove_all(options.log);
  drain_whole(options);
  EXPECT_EQ(count_of(read_log(options.log), EntryKind::Gap), 1U);
}

TEST(Recovery, ARingThatBreaksItsRulesIsNotReadOn) {
  const Folder folder;
  const TrailOptions options = trail_options(folder);
  leave_ring(options, 100);
  {
    const auto region = ring::Region::attach(ring::find_regions(options.rings).front());
    ASSERT_TRUE(region);
    // Three slots a record: the first and two of payload would be one name; here it is one.
    const std::uint64_t slots = (*region)->slots(0)[0].slots;
    (*region)->slots(0)[40 * slots].decisions += 1;
  }
  drain_whole(options);
  const std::vector<Said> rows = read_log(options.log);
  expect_law(rows);
  EXPECT_EQ(count_of(rows, EntryKind::Decision), 40U);
  EXPECT_EQ(count_of(rows, EntryKind::Gap), 1U);
}

TEST(Recovery, ARecordLikeManyBeforeItIsCheckedAsTheyWere) {
  const std::pair<const char*, void (*)(ring::Slot&)> spoils[] = {
      {"total", [](ring::Slot& slot) { slot.decisions += 1; }},
      {"session", [](ring::Slot& slot) { slot.session = 99; }},
      {"resource", [](ring::Slot& slot) { slot.resource = 99; }},
      {"generation", [](ring::Slot& slot) { slot.generation = 99; }},
      {"mask", [](ring::Slot& slot) { slot.type = 2, slot.grant = 0; }},
      {"verdict", [](ring::Slot& slot) { slot.verdict = 2; }},
      {"flags", [](ring::Slot& slot) { slot.flags |= 0x80; }},
      {"reserved", [](ring::Slot& slot) { slot.reserved = 1; }},
  };
  for (const auto& [name, spoil] : spoils) {
    const Folder folder;
    const TrailOptions options = trail_options(folder);
    leave_ring(options, 100, true);
    {
      const auto region = ring::Region::attach(ring::find_regions(options.rings).front());
      ASSERT_TRUE(region);
      ASSERT_EQ((*region)->slots(0)[0].slots, 1);
      spoil((*region)->slots(0)[40]);
    }
    drain_whole(options);
    const std::vector<Said> rows = read_log(options.log);
    expect_law(rows);
    EXPECT_EQ(count_of(rows, EntryKind::ByKind), 40U) << name;
    EXPECT_EQ(count_of(rows, EntryKind::Gap), 1U) << name;
  }
}

TEST(Recovery, AFileThatIsNoRingIsLeftAlone) {
  const Folder folder;
  const TrailOptions options = trail_options(folder);
  leave_ring(options, 1);
  std::filesystem::copy_file("README.md", options.rings + "/other.ring");
  drain_whole(options);
  EXPECT_EQ(count_of(read_log(options.log), EntryKind::Decision), 1U);
  EXPECT_TRUE(std::filesystem::exists(options.rings + "/other.ring"));
}

}  // namespace
}  // namespace writ::audit::drain
