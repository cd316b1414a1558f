#include "runtime/audit/sink/file_sink.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <nlohmann/json.hpp>

#include "tests/unit/audit_sink/fakes.h"

namespace writ::audit::sink {
namespace {

using testing::FakeLog;
using testing::FakeSource;
using testing::MemoryCursor;
using testing::MemoryCursors;

/// The n-th call of all fails once, as told.
class FaultyFiles final : public Files {
 public:
  std::uint64_t fails_at = ~0ULL;
  int with = -EIO;
  std::uint64_t calls = 0;

  int open(const std::string& path, int flags) override {
    return fails() ? with : Files::open(path, flags);
  }
  ssize_t pwrite(int fd, std::span<const std::byte> bytes, std::uint64_t offset) override {
    if (!fails()) return Files::pwrite(fd, bytes, offset);
    // A short write, then the failure.
    if (bytes.size() < 2) return with;
    fails_at = calls;
    return Files::pwrite(fd, bytes.first(bytes.size() / 2), offset);
  }
  ssize_t pread(int fd, std::span<std::byte> bytes, std::uint64_t offset) override {
    return fails() ? with : Files::pread(fd, bytes, offset);
  }
  // What a sync does to the disk is not what is tested.
  int fdatasync(int) override { return fails() ? with : 0; }
  int sync_folder(int) override { return fails() ? with : 0; }
  int rename(const std::string& from, const std::string& to) override {
    return fails() ? with : Files::rename(from, to);
  }
  int lock(int fd) override { return fails() ? with : Files::lock(fd); }
  int truncate(int fd, std::uint64_t bytes) override {
    return fails() ? with : Files::truncate(fd, bytes);
  }
  int facts(int fd, FileFacts& out) override { return fails() ? with : Files::facts(fd, out); }
  using Files::facts;

 private:
  bool fails() { return calls++ == fails_at; }
};

class FileLines : public ::testing::Test {
 protected:
  FileLines() {
    folder_ = std::filesystem::temp_directory_path() /
              ("writ_file_sink_" + std::to_string(::getpid()));
    clear();
  }
  ~FileLines() override { std::filesystem::remove_all(folder_); }

  void clear() {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  std::string path() const { return (folder_ / "audit.jsonl").string(); }

  std::unique_ptr<Feeder> feeder(FileSinkOptions sink = {}) {
    FeederOptions options;
    options.now_ms = [this] { return now_ms_; };
    options.delivery_bytes = 4'000;
    options.save_ms = 0;
    sink.files = &files_;
    sink.now_us = [this] { return 1'000 * now_ms_; };
    return std::make_unique<Feeder>(
        std::make_unique<FakeSource>(log_), std::make_unique<FileSink>(path(), sink),
        std::make_unique<MemoryCursors>(cursor_), options);
  }
  void drain(Feeder& feeder) {
    now_ms_ += 1 + feeder.step();
    for (int i = 0; i < 10'000 && !feeder.is_drained(); ++i) now_ms_ += 1 + feeder.step();
    static_cast<void>(feeder.step());
    ASSERT_TRUE(feeder.is_drained());
  }

  std::vector<std::string> files() const {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("audit")) out.push_back(name);
    }
    std::ranges::sort(out);
    return out;
  }
  /// How often each sequence stands in files that count; every line must be whole.
  std::map<std::uint64_t, int> sequences(bool unsynced_too = false) const {
    std::map<std::uint64_t, int> out;
    for (const std::string& name : files()) {
      if (!unsynced_too && name.find("unsynced") != std::string::npos) continue;
      std::ifstream in(folder_ / name);
      for (std::string line; std::getline(in, line);) {
        EXPECT_FALSE(in.eof()) << "a line without its end in " << name;
        const auto event = nlohmann::json::parse(line, nullptr, false);
        EXPECT_TRUE(event.is_object()) << name << ": " << line;
        if (!event.is_object()) continue;
        const std::string id = event["id"];
        ++out[std::stoull(id.substr(id.rfind('-') + 1))];
      }
    }
    return out;
  }
  void expect_each_once(std::uint64_t count) const {
    const auto found = sequences();
    EXPECT_EQ(found.size(), count);
    for (const auto& [sequence, times] : found) EXPECT_EQ(times, 1) << sequence;
  }
  void append(std::string_view text) const {
    std::ofstream(path(), std::ios::app | std::ios::binary) << text;
  }

  std::filesystem::path folder_;
  FakeLog log_;
  MemoryCursor cursor_;
  FaultyFiles files_;
  std::int64_t now_ms_ = 1'767'268'800'000;
};

TEST_F(FileLines, HoldsEachEventOnce) {
  log_.grow(10, 20);
  drain(*feeder());
  expect_each_once(200);
  log_.grow(1, 20);
  drain(*feeder());
  expect_each_once(220);
}

TEST_F(FileLines, BeginsANewFileWhenOneIsLargeEnough) {
  log_.grow(40, 5);
  drain(*feeder({.bytes_max = 20'000}));
  EXPECT_GT(files().size(), 3U);
  expect_each_once(200);
  for (const std::string& name : files()) {
    EXPECT_LT(std::filesystem::file_size(folder_ / name), 20'000U + 80'000U);
  }
}

TEST_F(FileLines, BeginsANewFileWhenOneIsOldEnough) {
  const auto feeding = feeder({.age_max_us = 60'000'000});
  log_.grow(1, 5);
  drain(*feeding);
  now_ms_ += 59'000;
  log_.grow(1, 5);
  drain(*feeding);
  EXPECT_EQ(files().size(), 1U);
  now_ms_ += 2'000;
  log_.grow(1, 5);
  drain(*feeding);
  EXPECT_EQ(files().size(), 2U);
  EXPECT_TRUE(files().front().starts_with("audit-20260101T1201")) << files().front();
  expect_each_once(15);
}

TEST_F(FileLines, KeepsAsManyRenamedFilesAsToldTo) {
  log_.grow(100, 5);
  drain(*feeder({.bytes_max = 20'000, .files_max = 2}));
  EXPECT_EQ(files().size(), 3U);
}

// A crash between the write and the cursor: the cursor is old, the lines are there.
TEST_F(FileLines, ALineThatStandsThereIsNotWrittenAgain) {
  log_.grow(4, 20);
  drain(*feeder());
  const MemoryCursor before = cursor_;
  log_.grow(3, 20);
  drain(*feeder());
  cursor_ = before;
  drain(*feeder());
  expect_each_once(140);
  cursor_ = MemoryCursor();
  drain(*feeder());
  expect_each_once(140);
}

TEST_F(FileLines, FindsLinesInFilesThatWereRenamedSinceTheCursor) {
  log_.grow(4, 20);
  drain(*feeder());
  const MemoryCursor before = cursor_;
  log_.grow(20, 20);
  drain(*feeder({.bytes_max = 30'000}));
  EXPECT_GT(files().size(), 3U);
  cursor_ = before;
  drain(*feeder({.bytes_max = 30'000}));
  expect_each_once(480);
}

TEST_F(FileLines, ALineThatWasBegunIsTakenBackAndComesWhole) {
  log_.grow(2, 20);
  drain(*feeder());
  append(R"({"id":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-4-41","sour)");
  log_.grow(1, 20);
  drain(*feeder());
  expect_each_once(60);
}

TEST_F(FileLines, AFileThatSomebodyRenamedIsLeft) {
  log_.grow(1, 5);
  const auto feeding = feeder();
  drain(*feeding);
  std::filesystem::rename(path(), folder_ / "audit-by-hand.jsonl");
  log_.grow(1, 5);
  drain(*feeding);
  EXPECT_EQ(files().size(), 2U);
  expect_each_once(10);
}

TEST_F(FileLines, AFileThatSomebodyEmptiedHasNoHole) {
  log_.grow(1, 5);
  const auto feeding = feeder();
  drain(*feeding);
  std::filesystem::resize_file(path(), 0);
  log_.grow(1, 5);
  drain(*feeding);
  const auto found = sequences();
  EXPECT_EQ(found.size(), 5U);
  EXPECT_EQ(found.begin()->first, 6U);
}

TEST_F(FileLines, TwoProcessesDoNotShareAFile) {
  FileSink first(path());
  ASSERT_TRUE(first.begin("", 1));
  FileSink second(path());
  EXPECT_FALSE(second.begin("", 1));
}

TEST_F(FileLines, AFileWhoseSyncFailedIsSetAside) {
  log_.grow(1, 5);
  const auto feeding = feeder();
  drain(*feeding);
  log_.grow(1, 5);
  // The write, then the sync.
  files_.fails_at = files_.calls + 1;
  files_.with = -EIO;
  static_cast<void>(feeding->step());
  drain(*feeding);
  const auto names = files();
  EXPECT_TRUE(std::ranges::any_of(
      names, [](const std::string& name) { return name.find("unsynced") != std::string::npos; }));
  const auto all = sequences(true);
  EXPECT_EQ(all.size(), 10U);
  const auto synced = sequences();
  for (std::uint64_t sequence = 6; sequence <= 10; ++sequence) {
    EXPECT_EQ(synced.at(sequence), 1) << "written again to a file that is trusted";
  }
}

// Every operation fails once in every way: everything arrives, whole, and once in files that count
// unless a sync failed, after which lines of the set-aside file may stand again.
TEST_F(FileLines, LosesNothingWhicheverOperationFailsOnce) {
  for (const int with : {-EIO, -ENOSPC, -EINTR}) {
    std::uint64_t at = 0;
    for (bool reached = true; reached; ++at) {
      SCOPED_TRACE("error " + std::to_string(-with) + " at call " + std::to_string(at));
      clear();
      log_ = FakeLog();
      cursor_ = MemoryCursor();
      files_ = FaultyFiles();
      files_.fails_at = at;
      files_.with = with;
      for (int part = 0; part < 3; ++part) {
        log_.grow(5, 8);
        drain(*feeder({.bytes_max = 30'000}));
      }
      reached = files_.calls > at;
      const auto all = sequences(true);
      ASSERT_EQ(all.size(), 120U);
      const bool set_aside = std::ranges::any_of(files(), [](const std::string& name) {
        return name.find("unsynced") != std::string::npos;
      });
      if (!set_aside) expect_each_once(120);
    }
    EXPECT_GT(at, 60U);
  }
}

}  // namespace
}  // namespace writ::audit::sink
