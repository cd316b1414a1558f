#include "runtime/audit/sink/feeding.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>

#include "runtime/audit/log/writer.h"
#include "runtime/audit/sink/file_sink.h"
#include "runtime/crypto/keys.h"
#include "tests/unit/audit_sink/fakes.h"

namespace writ::audit::sink {
namespace {

std::vector<Acknowledged> ring(std::uint64_t sequence) { return {{"i", 4, sequence}}; }

TEST(Watermark, IsTheSlowestSinks) {
  Watermarks marks(2);
  EXPECT_TRUE(marks.acknowledged(0, ring(10)).empty());
  const auto first = marks.acknowledged(1, ring(4));
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].sequence, 4U);
  EXPECT_TRUE(marks.acknowledged(1, ring(4)).empty()) << "nothing new";
  EXPECT_TRUE(marks.acknowledged(0, ring(12)).empty()) << "the other has not";
  EXPECT_EQ(marks.acknowledged(1, ring(50)).at(0).sequence, 12U);
  EXPECT_TRUE(marks.acknowledged(1, ring(3)).empty()) << "a repeat";
}

TEST(Watermark, HoldsTheSegmentOfTheSlowestCursor) {
  Watermarks marks(2);
  EXPECT_EQ(marks.saved(0, {7, 3}), 0U);
  EXPECT_EQ(marks.saved(1, {2, 0}), 2U);
  EXPECT_EQ(marks.saved(1, {9, 0}), 7U);
}

class Several : public ::testing::Test {
 protected:
  Several() {
    folder_ = std::filesystem::temp_directory_path() /
              ("writ_feeding_" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "log");
    testing::FakeLog rows;
    rows.grow(20, 50);
    log::WriterOptions options;
    options.reserve_bytes = 0;
    options.key_pem = crypto::new_key()->private_pem;  // a seal says what is on disk
    auto writer = log::Writer::open((folder_ / "log").string(), options);
    EXPECT_TRUE(writer);
    for (const Batch& batch : rows.batches) EXPECT_TRUE((*writer)->append(batch));
    EXPECT_TRUE((*writer)->close());
  }
  ~Several() override { std::filesystem::remove_all(folder_); }
  std::size_t lines(const std::string& name) const {
    std::ifstream in(folder_ / name);
    std::size_t count = 0;
    for (std::string line; std::getline(in, line);) {
      if (line.find("-4-") != std::string::npos) ++count;
    }
    return count;
  }
  Feeding::One file(const std::string& name, bool by_default) {
    return {.cursor = name + ".cursor",
            .sink = std::make_unique<FileSink>((folder_ / name).string()),
            .destination = {.to = Route::To::File, .name = name, .by_default = by_default}};
  }
  std::filesystem::path folder_;
};

TEST_F(Several, EachGetsItsOwnAndTheSlowestCounts) {
  AuditPolicy policy;
  Route denials;
  denials.of = {true, false, "Topic", {"Read"}, "acme"};
  denials.name = "denials";
  Route nowhere = denials;
  nowhere.to = Route::To::Topic;
  nowhere.of.denials = false;
  nowhere.of.allows = true;
  policy.routes = {denials, nowhere};  // no sink of that name: to the default
  std::mutex mutex;
  std::condition_variable wake;
  std::uint64_t replicated = 0;
  FeedingOptions options;
  options.log = (folder_ / "log").string();
  options.cursors = folder_.string();
  options.feeder.idle_ms = 5;
  options.replicated = [&](const Acknowledged& ring) {
    const std::lock_guard lock(mutex);
    if (ring.ring == 4) replicated = ring.sequence;
    wake.notify_one();
  };
  Feeding feeding(options);
  std::vector<Feeding::One> sinks;
  sinks.push_back(file("denials", false));
  sinks.push_back(file("rest", true));
  feeding.start(std::move(sinks), policy);
  {
    std::unique_lock lock(mutex);
    wake.wait(lock, [&] { return replicated == 1'000; });
  }
  feeding.stop();
  EXPECT_EQ(lines("denials"), 500U);
  EXPECT_EQ(lines("rest"), 500U);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "rest.cursor"));
}

TEST_F(Several, FinishesWhenEverybodyHasEverything) {
  FeedingOptions options;
  options.log = (folder_ / "log").string();
  options.cursors = folder_.string();
  options.feeder.idle_ms = 5;
  Feeding feeding(options);
  std::vector<Feeding::One> sinks;
  sinks.push_back(file("one", true));
  sinks.push_back(file("two", true));
  feeding.start(std::move(sinks), {});
  const std::atomic<bool> never{false};
  feeding.finish(never);
  EXPECT_EQ(lines("one"), 1'000U);
  EXPECT_EQ(lines("two"), 1'000U);
}

TEST_F(Several, FinishesWithoutWhoIsAwayWhenItGivesUp) {
  testing::Outside outside;
  outside.fails_to_begin = true;
  FeedingOptions options;
  options.log = (folder_ / "log").string();
  options.cursors = folder_.string();
  Feeding feeding(options);
  std::vector<Feeding::One> sinks;
  sinks.push_back({.cursor = "away.cursor",
                   .sink = std::make_unique<testing::FakeSink>(outside),
                   .destination = {.by_default = true}});
  feeding.start(std::move(sinks), {});
  const std::atomic<bool> at_once{true};
  feeding.finish(at_once);
  EXPECT_TRUE(outside.ids.empty());
}

TEST_F(Several, OneThatIsAwayHoldsUpNobodyElse) {
  testing::Outside outside;
  outside.fails_to_begin = true;
  FeedingOptions options;
  options.log = (folder_ / "log").string();
  options.cursors = folder_.string();
  options.feeder.idle_ms = 5;
  std::mutex mutex;
  std::condition_variable wake;
  bool saved = false;
  options.hold = [&](std::uint64_t segment) {
    EXPECT_EQ(segment, 0U) << "the other has sent nothing";
    const std::lock_guard lock(mutex);
    saved = true;
    wake.notify_one();
  };
  options.replicated = [](const Acknowledged&) { ADD_FAILURE() << "one of them has it only"; };
  Feeding feeding(options);
  std::vector<Feeding::One> sinks;
  sinks.push_back({.cursor = "away.cursor",
                   .sink = std::make_unique<testing::FakeSink>(outside),
                   .destination = {.by_default = true}});
  sinks.push_back(file("here", true));
  feeding.start(std::move(sinks), {});
  {
    std::unique_lock lock(mutex);
    wake.wait(lock, [&] { return saved; });
  }
  feeding.stop();
  EXPECT_EQ(lines("here"), 1'000U);
  EXPECT_TRUE(outside.ids.empty());
}

}  // namespace
}  // namespace writ::audit::sink
