// From a real log to a file of lines, over restarts of both sides.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "runtime/audit/log/writer.h"
#include "runtime/audit/sink/file_sink.h"
#include "runtime/crypto/keys.h"
#include "tests/unit/audit_sink/fakes.h"

namespace writ::audit::sink {
namespace {

class FromTheLog : public ::testing::Test {
 protected:
  FromTheLog() {
    folder_ = std::filesystem::temp_directory_path() /
              ("writ_log_source_" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "log");
    key_ = crypto::new_key()->private_pem;
  }
  ~FromTheLog() override { std::filesystem::remove_all(folder_); }

  /// Appends what the fake log has grown by and closes the writer.
  void write(std::size_t batches) {
    rows_.grow(batches, 40);
    log::WriterOptions options;
    options.key_pem = key_;
    options.segment_bytes_max = 4'096;
    options.reserve_bytes = 0;
    auto writer = log::Writer::open((folder_ / "log").string(), options);
    ASSERT_TRUE(writer) << writer.error().message;
    while (written_ < rows_.batches.size()) {
      const auto appended = (*writer)->append(rows_.batches[written_++]);
      ASSERT_TRUE(appended) << appended.error().message;
      ASSERT_TRUE((*writer)->sync());
    }
    ASSERT_TRUE((*writer)->close());
  }
  void feed() {
    FeederOptions options;
    options.idle_ms = 0;
    options.note = [](std::string_view text) { ADD_FAILURE() << text; };
    Feeder feeder(std::make_unique<LogSource>((folder_ / "log").string()),
                  std::make_unique<FileSink>((folder_ / "audit.jsonl").string()),
                  std::make_unique<CursorFile>((folder_ / "cursor").string()), options);
    static_cast<void>(feeder.step());
    for (int i = 0; i < 10'000 && !feeder.is_drained(); ++i) static_cast<void>(feeder.step());
    ASSERT_TRUE(feeder.is_drained());
    ASSERT_TRUE(feeder.save());
  }
  /// Sequences of the lines of ring 4, in order; the log's own rows are of another ring.
  std::vector<std::uint64_t> sequences() const {
    std::vector<std::uint64_t> out;
    std::ifstream in(folder_ / "audit.jsonl");
    for (std::string line; std::getline(in, line);) {
      const std::string id = nlohmann::json::parse(line)["id"];
      if (id.starts_with(std::string(32, 'a') + "-4-")) {
        out.push_back(std::stoull(id.substr(id.rfind('-') + 1)));
      }
    }
    return out;
  }

  std::filesystem::path folder_;
  std::string key_;
  testing::FakeLog rows_;
  std::size_t written_ = 0;
};

TEST_F(FromTheLog, EachRowIsALineOnceOverRestarts) {
  for (int round = 0; round < 4; ++round) {
    write(25);
    feed();
    feed();
  }
  const auto found = sequences();
  ASSERT_EQ(found.size(), 4'000U);
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i], i + 1);
}

TEST_F(FromTheLog, ALogThatHasNotBegunIsEmpty) {
  feed();
  EXPECT_TRUE(sequences().empty());
  write(1);
  feed();
  EXPECT_EQ(sequences().size(), 40U);
}

}  // namespace
}  // namespace writ::audit::sink
