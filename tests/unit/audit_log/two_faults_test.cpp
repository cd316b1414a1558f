// Faults that follow on each other: a file fails and so does the one that takes its place, or the
// process ends before it could do what it owed.
#include <gtest/gtest.h>

#include "runtime/audit/log/reader.h"
#include "runtime/audit/log/verify.h"
#include "runtime/audit/log/writer.h"
#include "tests/unit/audit_log/sample.h"
#include "tests/unit/audit_log/scripted_files.h"

namespace writ::audit::log {
namespace {

using testing::Folder;
using testing::options;
using testing::read_entries;
using testing::Rows;
using testing::ScriptedFiles;
using testing::sequences;
using testing::up_to;

std::unique_ptr<Writer> open(const Folder& folder, ScriptedFiles& files,
                             WriterOptions with = options()) {
  with.files = &files;
  auto writer = Writer::open(folder.path(), std::move(with));
  EXPECT_TRUE(writer) << writer.error().message << " " << writer.error().where;
  return writer ? std::move(*writer) : nullptr;
}

void expect_proved(const Folder& folder) {
  VerifyOptions how;
  how.public_keys_pem = {crypto::public_part(testing::kPrivateKey).value()};
  const auto report = verify(folder.path(), how);
  ASSERT_TRUE(report);
  for (const Finding& finding : report->findings) {
    ADD_FAILURE() << finding.message << " at " << finding.where;
  }
}

TEST(LogTwoFaults, RowsThatAreWrittenAgainTwiceStayInOrder) {
  const Folder folder;
  ScriptedFiles files;
  Rows rows;
  const auto writer = open(folder, files);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(writer->append(rows.batch(10)));
  // The sync fails, and so does the second block in the file that takes this one's place.
  int syncs = 0;
  int blocks = 0;
  files.before = [&](std::string_view operation, const std::string&) {
    if (operation == "fdatasync" && ++syncs == 1) return -EIO;
    // The header and the first block are one write.
    if (operation == "pwrite" && syncs > 0 && ++blocks == 3) return -EIO;
    return 0;
  };
  for (int attempt = 0; attempt < 3 && !writer->sync(); ++attempt) {}
  ASSERT_GE(blocks, 3);
  ASSERT_TRUE(writer->close());
  EXPECT_EQ(sequences(read_entries(folder.path(), Shown::Synced)), up_to(30));
  expect_proved(folder);
}

// After a sync that failed, another one of the same file says nothing, in whatever process.
TEST(LogTwoFaults, WhatASyncRefusedIsWrittenAgainByTheNextProcess) {
  const Folder folder;
  ScriptedFiles files;
  Rows rows;
  const std::string path = segment_path(folder.path(), 1);
  auto writer = open(folder, files);
  ASSERT_TRUE(writer->append(rows.batch(10)));
  ASSERT_TRUE(writer->sync());
  const auto on_disk = std::filesystem::file_size(path);
  ASSERT_TRUE(writer->append(rows.batch(10)));
  files.before = [](std::string_view operation, const std::string&) {
    return operation == "fdatasync" ? -EIO : 0;
  };
  ASSERT_FALSE(writer->sync());
  writer.reset();
  files.before = nullptr;
  ASSERT_TRUE(open(folder, files)->close());
  // The power fails: what the first sync refused never reached the disk.
  std::string bytes = testing::read_all(path);
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(on_disk), bytes.end(), '\0');
  testing::write_all(path, bytes);
  EXPECT_EQ(sequences(read_entries(folder.path(), Shown::Synced)), up_to(20));
  expect_proved(folder);
}

TEST(LogTwoFaults, ASealThatASyncRefusedIsWrittenAgain) {
  const Folder folder;
  ScriptedFiles files;
  Rows rows;
  const std::string path = segment_path(folder.path(), 1);
  auto writer = open(folder, files);
  ASSERT_TRUE(writer->append(rows.batch(10)));
  ASSERT_TRUE(writer->sync());
  const auto on_disk = std::filesystem::file_size(path);
  files.before = [](std::string_view operation, const std::string&) {
    return operation == "fdatasync" ? -EIO : 0;
  };
  ASSERT_FALSE(writer->seal());
  writer.reset();
  ASSERT_GT(std::filesystem::file_size(path), on_disk);
  bool written = false;
  files.before = [&](std::string_view operation, const std::string& at) {
    written = written || (operation == "pwrite" && at == path);
    EXPECT_TRUE(written || operation != "fdatasync" || at != path);
    return 0;
  };
  ASSERT_TRUE(open(folder, files)->close());
  EXPECT_TRUE(written);
  EXPECT_EQ(sequences(read_entries(folder.path(), Shown::Synced)), up_to(10));
  expect_proved(folder);
}

TEST(LogTwoFaults, ASegmentGetsItsNameWhenWhatWasOwedIsInIt) {
  const Folder folder;
  const Folder killed;
  ScriptedFiles files;
  Rows rows;
  auto writer = open(folder, files);
  ASSERT_TRUE(writer->append(rows.batch(10)));
  ASSERT_TRUE(writer->sync());
  writer.reset();
  bool named = false;
  files.before = [&](std::string_view operation, const std::string& path) {
    if (operation == "fdatasync" && path == segment_path(folder.path(), 1)) return -EIO;
    if (operation == "sync_folder" && !named) {
      // What a process that is killed here leaves.
      named = true;
      std::filesystem::copy(folder.path(), killed.path());
    }
    return 0;
  };
  ASSERT_TRUE(open(folder, files)->close());
  ASSERT_TRUE(named);
  files.before = nullptr;
  ASSERT_TRUE(open(killed, files)->close());
  EXPECT_EQ(sequences(read_entries(folder.path(), Shown::Synced)), up_to(10));
  EXPECT_EQ(sequences(read_entries(killed.path(), Shown::Synced)), up_to(10));
  expect_proved(folder);
  expect_proved(killed);
}

// The name of the next segment is there, and cannot be taken back.
TEST(LogTwoFaults, ARotationThatFailedHalfwayEndsTheSegmentBefore) {
  const Folder folder;
  ScriptedFiles files;
  Rows rows;
  WriterOptions small = options();
  small.segment_bytes_max = 1'500;
  auto writer = open(folder, files, small);
  bool failed = false;
  files.before = [&](std::string_view operation, const std::string& path) {
    const bool now = operation == "sync_folder" ||
                     (operation == "unlink" && path == segment_path(folder.path(), 2));
    failed = failed || now;
    return now ? -EIO : 0;
  };
  Batch batch;
  while (!failed) {
    batch = rows.batch(10);
    static_cast<void>(writer->append(batch));
  }
  files.before = nullptr;
  ASSERT_TRUE(writer->append(batch));
  ASSERT_TRUE(writer->sync());
  writer.reset();
  ASSERT_TRUE(open(folder, files)->close());
  const auto found = sequences(read_entries(folder.path(), Shown::Synced));
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found.back(), rows.last());
  expect_proved(folder);
}

TEST(LogTwoFaults, AReaderLeavesASegmentWhoseNameWasTakenBack) {
  // With and without rows that are owed: those stand in the segment before it has its name.
  for (const bool owed : {false, true}) {
    const Folder folder;
    ScriptedFiles files;
    Rows rows;
    WriterOptions small = options();
    small.segment_bytes_max = 1'000;
    const auto writer = open(folder, files, small);
    ASSERT_TRUE(writer->append(rows.batch(10)));
    ASSERT_TRUE(writer->sync());
    ASSERT_TRUE(writer->append(rows.batch(30)));
    const auto reader = Reader::open(folder.path(), {}, {Shown::Written});
    ASSERT_TRUE(reader);
    std::vector<Entry> seen;
    const auto read_on = [&] {
      Batch batch;
      for (;;) {
        const auto more = (*reader)->next(batch);
        ASSERT_TRUE(more) << more.error().message << " at " << more.error().where;
        if (!*more) return;
        seen.insert(seen.end(), batch.entries.begin(), batch.entries.end());
      }
    };
    bool withdrawn = false;
    bool failed = !owed;
    files.before = [&](std::string_view operation, const std::string& path) {
      if (operation == "fdatasync" && !failed) {
        failed = true;
        return -EIO;
      }
      if (operation != "sync_folder" || withdrawn) return 0;
      // It has its name now, for the reader too, and loses it with this failure.
      EXPECT_EQ(path, folder.path());
      withdrawn = true;
      read_on();
      return -EIO;
    };
    const Batch last = rows.batch(10);
    for (int attempt = 0; attempt < 5 && !writer->append(last); ++attempt) {}
    for (int attempt = 0; attempt < 5 && !writer->sync(); ++attempt) {}
    ASSERT_TRUE(withdrawn);
    read_on();
    ASSERT_TRUE(writer->append(rows.batch(10)));
    ASSERT_TRUE(writer->sync());
    read_on();
    ASSERT_TRUE(writer->close());
    read_on();
    EXPECT_EQ(sequences(seen), up_to(60)) << owed;
    EXPECT_EQ((*reader)->skipped_segments(), 0U);
    expect_proved(folder);
  }
}

}  // namespace
}  // namespace writ::audit::log
