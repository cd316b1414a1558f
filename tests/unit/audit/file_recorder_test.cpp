#include "runtime/audit/file_recorder.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "runtime/audit/memory_recorder.h"
#include "tests/unit/audit/sample.h"

namespace writ::audit {
namespace {

namespace fs = std::filesystem;
using testing::Sample;

class FileSink : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "writ-audit-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    path_ = (folder_ / "audit.jsonl").string();
  }
  void TearDown() override { fs::remove_all(folder_); }
  static FileOptions fixed() {
    FileOptions options;
    options.events.instance = "i";
    options.now_us = [] { return std::int64_t{0}; };
    return options;
  }
  /// Every line of the file; each must be one event.
  [[nodiscard]] std::vector<nlohmann::json> events() const {
    std::vector<nlohmann::json> found;
    std::ifstream in(path_);
    for (std::string line; std::getline(in, line);) {
      found.push_back(nlohmann::json::parse(line, nullptr, false));
      EXPECT_TRUE(found.back().is_object()) << line;
    }
    return found;
  }
  /// Files may have no more bytes than this, as if the disk were full then.
  static void limit_file_bytes(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = std::min(bytes, limit.rlim_max);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  }

  fs::path folder_;
  std::string path_;
};

TEST_F(FileSink, AppendsALineADecisionAcrossOpens) {
  const Sample sample;
  for (int opened = 0; opened < 2; ++opened) {
    auto recorder = FileRecorder::open(path_);
    ASSERT_TRUE(recorder) << recorder.error().message;
    EXPECT_TRUE((*recorder)->record(sample.record));
    (*recorder)->lifecycle("engine.stopped", "x");
    EXPECT_EQ((*recorder)->written(), 2U);
  }
  std::set<std::string> ids;
  for (const auto& event : events()) ids.insert(event["id"].get<std::string>());
  EXPECT_EQ(ids.size(), 4U);
}

TEST_F(FileSink, OfThreadsHoldsWholeLinesWithoutAGap) {
  const Sample sample;
  auto recorder = FileRecorder::open(path_, fixed());
  ASSERT_TRUE(recorder);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 100; ++n) EXPECT_TRUE((*recorder)->record(sample.record));
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto found = events();
  ASSERT_EQ(found.size(), 400U);
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i]["id"], "i-" + std::to_string(i));
  }
}

class ShyPolicy final : public PolicyWords {
 public:
  [[nodiscard]] const PolicyFacts& facts() const override { return facts_; }
  [[nodiscard]] Question question(std::uint16_t, std::uint8_t, std::uint32_t) const override {
    return {};
  }
  [[nodiscard]] std::vector<std::string_view> operations(std::uint16_t) const override {
    return {};
  }
  [[nodiscard]] Explained explain(const Decision&, const Question&, const SessionFacts*,
                                  std::string_view) const override {
    return {};
  }
  [[nodiscard]] AuditPolicy audit() const override {
    AuditPolicy out;
    out.source = "mds.corp";
    out.omitted = {"sasl.mechanism"};
    return out;
  }

 private:
  PolicyFacts facts_;
};

TEST_F(FileSink, FollowsThePolicyThatDecides) {
  const Sample sample;
  auto recorder = FileRecorder::open(path_, fixed());
  ASSERT_TRUE(recorder);
  EXPECT_TRUE((*recorder)->record(sample.record));
  EXPECT_EQ((*recorder)->use_policy(std::make_shared<ShyPolicy>(), {}), nullptr);
  EXPECT_TRUE((*recorder)->record(sample.record));
  const auto found = events();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0]["source"], "crn:///kafka=lkc-7");
  EXPECT_EQ(found[1]["source"], "crn://mds.corp/kafka=lkc-7");
  EXPECT_TRUE(found[0]["data"]["authenticationInfo"]["metadata"].contains("mechanism"));
  EXPECT_FALSE(found[1]["data"]["authenticationInfo"]["metadata"].contains("mechanism"));
}

TEST_F(FileSink, KeepsTheLevelThatThePolicyAsksForOrRefuses) {
  Sample sample;
  auto recorder = FileRecorder::open(path_, fixed());
  ASSERT_TRUE(recorder);
  sample.record.level = Level::Durable;
  EXPECT_TRUE((*recorder)->record(sample.record));
  sample.record.level = Level::Replicated;
  EXPECT_FALSE((*recorder)->record(sample.record));
  // Nothing can be on the disk of what has none; and then nothing is believed any more.
  auto sink = FileRecorder::open("/dev/null");
  ASSERT_TRUE(sink);
  sample.record.level = Level::Ring;
  EXPECT_TRUE((*sink)->record(sample.record));
  sample.record.level = Level::Durable;
  EXPECT_FALSE((*sink)->record(sample.record));
  sample.record.level = Level::Ring;
  EXPECT_FALSE((*sink)->record(sample.record));
  EXPECT_EQ(events().size(), 1U);
}

TEST_F(FileSink, RefusesWhenTheDiskIsFull) {
  const Sample sample;
  auto recorder = FileRecorder::open("/dev/full");
  ASSERT_TRUE(recorder);
  EXPECT_FALSE((*recorder)->record(sample.record));
  (*recorder)->lifecycle("bundle.activated", "x");
  EXPECT_FALSE((*recorder)->record(sample.record));
  EXPECT_EQ((*recorder)->written(), 0U);
}

TEST_F(FileSink, TakesBackAPartialLineAndSaysHowManyWereRefused) {
  const Sample sample;
  auto recorder = FileRecorder::open(path_, fixed());
  ASSERT_TRUE(recorder);
  ASSERT_TRUE((*recorder)->record(sample.record));
  const auto size = fs::file_size(path_);
  limit_file_bytes(size + 100);
  EXPECT_FALSE((*recorder)->record(sample.record));
  EXPECT_FALSE((*recorder)->record(sample.record));
  EXPECT_EQ(fs::file_size(path_), size);
  (*recorder)->lifecycle("bundle.refused", "kept until there is room");
  EXPECT_FALSE((*recorder)->record(sample.record));
  limit_file_bytes(RLIM_INFINITY);
  EXPECT_TRUE((*recorder)->record(sample.record));
  const auto found = events();
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[1]["type"], "io.writ.engine/bundle.refused");
  EXPECT_EQ(found[3]["type"], "io.writ.engine/audit.resumed");
  EXPECT_EQ(found[3]["data"]["message"],
            "3 decisions were denied because they could not be recorded");
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i]["id"], "i-" + std::to_string(i));
  }
}

TEST_F(FileSink, EndsALineThatAnEarlierProcessLeftUnfinished) {
  std::ofstream(path_) << "{\"id\":\"cut";
  const Sample sample;
  auto recorder = FileRecorder::open(path_, fixed());
  ASSERT_TRUE(recorder);
  ASSERT_TRUE((*recorder)->record(sample.record));
  std::ifstream in(path_);
  std::string line;
  std::getline(in, line);
  EXPECT_EQ(line, "{\"id\":\"cut");
  std::getline(in, line);
  EXPECT_EQ(nlohmann::json::parse(line)["type"], "io.writ.engine/audit.torn-line");
}

TEST_F(FileSink, IsWrittenByOneRecorderAtATime) {
  auto first = FileRecorder::open(path_);
  ASSERT_TRUE(first);
  const auto second = FileRecorder::open(path_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::Unreadable);
  EXPECT_EQ(second.error().where, path_);
  first->reset();
  EXPECT_TRUE(FileRecorder::open(path_));
}

TEST_F(FileSink, ThatCannotBeOpenedIsAnError) {
  EXPECT_FALSE(FileRecorder::open((folder_ / "no" / "such").string()));
  EXPECT_FALSE(FileRecorder::open(folder_.string()));
}

TEST(MemorySink, KeepsLinesAndRefusesWhenTold) {
  const Sample sample;
  MemoryRecorder recorder;
  EXPECT_TRUE(recorder.record(sample.record));
  recorder.refuse(true);
  EXPECT_FALSE(recorder.record(sample.record));
  recorder.refuse(false);
  EXPECT_TRUE(recorder.record(sample.record));
  EXPECT_EQ(recorder.lines().size(), 2U);
}

}  // namespace
}  // namespace writ::audit
