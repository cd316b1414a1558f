// Many rings, one drain: a busy one starves nobody, the dead are buried under load, and what the
// log does not take is said.
#include <filesystem>
#include <limits>
#include <optional>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/audit_drain/world.h"
#include "tests/unit/audit_log/faulty_files.h"

namespace writ::audit::drain {
namespace {

using ring::Folder;
using ring::plain_record;

ring::RecorderOptions recorder_options(const TrailOptions& options, std::uint64_t slots) {
  ring::RecorderOptions recorder;
  recorder.region = {options.rings, 4, slots, ring::kDictionaryBytesMin};
  recorder.writer = {std::chrono::milliseconds(1), std::chrono::milliseconds(1)};
  return recorder;
}

DrainOptions drain_options(const TrailOptions& options) {
  DrainOptions drain;
  drain.rings = options.rings;
  drain.log = options.log;
  drain.writer = options.writer;
  drain.look_each = std::chrono::nanoseconds(0);
  return drain;
}

TEST(Fairness, ABusyRingStarvesNobody) {
  const Folder folder;
  const TrailOptions options = trail_options(folder);
  const auto recorder = ring::RingRecorder::open(recorder_options(options, 32'768));
  ASSERT_TRUE(recorder) << recorder.error().message;
  const auto fill = [&] {
    // More than a pass takes, so that the ring is never read to its end.
    for (int at = 0; at < 12'000; ++at) {
      if (!(*recorder)->record(plain_record(0))) break;
    }
  };
  fill();
  std::thread([&] { ASSERT_TRUE((*recorder)->record(plain_record(0))); }).join();
  auto drain = Drain::open(drain_options(options));
  ASSERT_TRUE(drain) << drain.error().message;
  const ring::Region& region = *(*recorder)->region();
  for (int turn = 0; turn < 40 && ring::load_mark(region.ring(1)).number == 0; ++turn) {
    fill();
    static_cast<void>((*drain)->turn());
  }
  EXPECT_EQ(ring::load_mark(region.ring(1)).number, 1U);
}

TEST(Fairness, TheDeadAreBuriedUnderLoad) {
  const Folder folder;
  const TrailOptions options = trail_options(folder);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto dead = ring::RingRecorder::open(recorder_options(options, 1'024));
    static_cast<void>(dead && (*dead)->record(plain_record(0)));
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  const auto recorder = ring::RingRecorder::open(recorder_options(options, 1'024));
  ASSERT_TRUE(recorder) << recorder.error().message;
  DrainOptions at_once = drain_options(options);
  at_once.group_commit = std::chrono::nanoseconds(0);
  auto drain = Drain::open(std::move(at_once));
  ASSERT_TRUE(drain) << drain.error().message;
  // A row each turn: the drain is never idle.
  for (int turn = 0; turn < 1'000 && ring::find_regions(options.rings).size() > 1; ++turn) {
    ASSERT_TRUE((*recorder)->record(plain_record(0)));
    ASSERT_NE((*drain)->turn(), 0U);
  }
  EXPECT_EQ(ring::find_regions(options.rings).size(), 1U);
}

TEST(Fairness, ARingThatCouldNotBeOpenedIsTriedAgain) {
  const Folder folder;
  const TrailOptions options = trail_options(folder);
  auto drain = Drain::open(drain_options(options));
  ASSERT_TRUE(drain) << drain.error().message;
  const auto recorder = ring::RingRecorder::open(recorder_options(options, 1'024));
  ASSERT_TRUE(recorder) << recorder.error().message;
  ASSERT_TRUE((*recorder)->record(plain_record(0)));
  const std::string path = (*recorder)->region()->path();
  const std::string aside = path + ".aside";
  // A link that leads nowhere cannot be opened, and is not yet known to be no ring.
  std::filesystem::rename(path, aside);
  std::filesystem::create_symlink(folder.path() + "/nowhere", path);
  static_cast<void>((*drain)->turn());
  std::filesystem::remove(path);
  std::filesystem::rename(aside, path);
  for (int turn = 0; turn < 100 && (*drain)->state().rows == 0; ++turn) {
    static_cast<void>((*drain)->turn());
  }
  EXPECT_NE((*drain)->state().rows, 0U);
}

TEST(Fairness, InfrastructureWithoutARingIsARow) {
  const Folder folder;
  TrailOptions options = trail_options(folder);
  options.sizes.rings = 1;
  const auto trail = open_trail(options);
  ASSERT_TRUE(trail->recorder().record(plain_record(0)));
  std::thread([&] {
    Record infrastructure = plain_record(0);
    infrastructure.infrastructure = true;
    for (int at = 0; at < 5; ++at) EXPECT_TRUE(trail->recorder().record(infrastructure));
    for (int at = 0; at < 3; ++at) EXPECT_FALSE(trail->recorder().record(plain_record(0)));
  }).join();
  ASSERT_TRUE(trail->close());
  const std::vector<Said> rows = read_log(options.log);
  expect_law(rows);
  std::uint64_t passed = 0;
  std::uint64_t denied = 0;
  for (const Said& said : rows) {
    if (said.row.kind == EntryKind::Infrastructure) passed += said.row.count;
    if (said.row.kind == EntryKind::Unavailable) denied += said.row.count;
  }
  EXPECT_EQ(passed, 5U);
  EXPECT_EQ(denied, 3U);
}

TEST(Fairness, CloseSaysThatTheLogDidNotTakeAll) {
  const Folder folder;
  TrailOptions options = trail_options(folder);
  log::testing::FaultyFiles files(log::testing::FaultyFiles::Fault::Eio,
                                  std::numeric_limits<std::uint64_t>::max());
  options.writer.files = &files;
  const auto recorder = ring::RingRecorder::open(recorder_options(options, 1'024));
  ASSERT_TRUE(recorder) << recorder.error().message;
  auto drain = Drain::open(drain_options(options));
  ASSERT_TRUE(drain) << drain.error().message;
  ASSERT_TRUE((*recorder)->record(plain_record(0)));
  files.free_bytes(0);
  EXPECT_FALSE((*drain)->close());
  (*drain).reset();
  files.free_bytes(std::int64_t{1} << 30);
  // The next drain finds what this one could not write.
  auto next = Drain::open(drain_options(options));
  ASSERT_TRUE(next) << next.error().message;
  (*recorder)->close();
  EXPECT_TRUE((*next)->close());
  EXPECT_EQ(count_of(read_log(options.log), EntryKind::Decision), 1U);
}

}  // namespace
}  // namespace writ::audit::drain
