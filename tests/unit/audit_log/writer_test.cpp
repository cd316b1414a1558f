#include "runtime/audit/log/writer.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/unit/audit_log/sample.h"
#include "tests/unit/audit_log/scripted_files.h"

namespace writ::audit::log {
namespace {

using testing::Folder;
using testing::options;
using testing::read_all;
using testing::read_entries;
using testing::Rows;
using testing::sequences;
using testing::up_to;
using testing::write_all;

std::unique_ptr<Writer> open(const Folder& folder, WriterOptions with = options()) {
  auto writer = Writer::open(folder.path(), std::move(with));
  EXPECT_TRUE(writer) << writer.error().message << " " << writer.error().where;
  return writer ? std::move(*writer) : nullptr;
}

TEST(LogWriter, WhatIsAppendedIsReadBackWithItsMeaning) {
  const Folder folder;
  Rows rows;
  const auto writer = open(folder);
  ASSERT_TRUE(writer->append(rows.batch(40)));
  ASSERT_TRUE(writer->append(rows.batch(30, 4)));
  ASSERT_TRUE(writer->close());
  const auto reader = Reader::open(folder.path(), {});
  ASSERT_TRUE(reader);
  Batch batch;
  ASSERT_TRUE((*reader)->next(batch).value());
  EXPECT_EQ(batch.instance.id, testing::kInstance);
  EXPECT_EQ(batch.instance.pid, 7U);
  ASSERT_EQ(batch.entries.size(), 40U);
  const Entry& row = batch.entries[6];
  EXPECT_EQ((*reader)->definitions().session(row.session)->facts.principal_name, "user-2");
  EXPECT_EQ((*reader)->definitions().question(row.question)->operations.front(), "Write");
  EXPECT_EQ(batch.sessions.size(), 3U);
  ASSERT_TRUE((*reader)->next(batch).value());
  EXPECT_EQ(batch.entries.size(), 30U);
  EXPECT_TRUE(batch.sessions.empty());
  EXPECT_EQ(batch.instance.boot, "boot");
  EXPECT_NE((*reader)->definitions().resource(1), nullptr);
  EXPECT_FALSE((*reader)->next(batch).value());
  EXPECT_FALSE((*reader)->unreadable_end());
}

TEST(LogWriter, KnowsWhereEachRingIsWhenItIsOpenedAgain) {
  const Folder folder;
  Rows rows;
  const Id128 instance = *id_of(testing::kInstance);
  {
    const auto writer = open(folder);
    ASSERT_TRUE(writer->append(rows.batch(40)));
    ASSERT_TRUE(writer->append(rows.batch(3, 2)));
    ASSERT_TRUE(writer->close());
  }
  for (int again = 0; again < 3; ++again) {
    const auto writer = open(folder);
    EXPECT_EQ(writer->positions().at({instance, 0}).sequence, 40U);
    EXPECT_EQ(writer->positions().at({instance, 2}), (RingPosition{3, 3}));
    ASSERT_TRUE(writer->close());
  }
}

TEST(LogWriter, LeavesOutRowsThatTheLogHas) {
  const Folder folder;
  Rows rows;
  const auto writer = open(folder);
  const Batch first = rows.batch(10);
  Batch again = first;
  ASSERT_TRUE(writer->append(first));
  for (const Entry& row : rows.batch(5).entries) again.entries.push_back(row);
  ASSERT_TRUE(writer->append(again));
  ASSERT_TRUE(writer->append(again));
  ASSERT_TRUE(writer->close());
  EXPECT_EQ(sequences(read_entries(folder.path())), up_to(15));
}

TEST(LogWriter, RefusesRowsThatItCannotExplain) {
  const Folder folder;
  Rows rows;
  const auto writer = open(folder);
  ASSERT_TRUE(writer->append(rows.batch(2)));
  Batch unknown = rows.batch(2);
  unknown.entries[1].session = 99;
  Batch backwards = rows.batch(2);
  std::swap(backwards.entries[0], backwards.entries[1]);
  Batch large = rows.batch(1);
  large.entries[0].text = std::string(kRowBytesMax + 1, 'x');
  Batch nameless = rows.batch(1);
  nameless.instance.id = "x";
  EXPECT_EQ(writer->append(unknown).error().code, ErrorCode::Malformed);
  EXPECT_EQ(writer->append(backwards).error().code, ErrorCode::Malformed);
  EXPECT_EQ(writer->append(large).error().code, ErrorCode::Limit);
  EXPECT_EQ(writer->append(nameless).error().code, ErrorCode::Malformed);
  large.entries[0].text.pop_back();
  large.entries[0].name.clear();
  EXPECT_TRUE(writer->append(large));
}

TEST(LogWriter, SegmentsExplainThemselves) {
  const Folder folder;
  Rows rows;
  WriterOptions small = options();
  small.segment_bytes_max = 2'000;
  const auto writer = open(folder, small);
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(writer->append(rows.batch(40)));
  ASSERT_TRUE(writer->close());
  const auto numbers = list_segments(folder.path());
  ASSERT_TRUE(numbers);
  ASSERT_GT(numbers->size(), 4U);
  EXPECT_EQ(sequences(read_entries(folder.path())), up_to(1'200));
  // Each by itself: begin at it, and everything that a row names is known.
  for (const std::uint64_t number : *numbers) {
    const auto reader = Reader::open(folder.path(), {number, 0});
    Batch batch;
    while ((*reader)->next(batch).value()) {
      for (const Entry& row : batch.entries) {
        ASSERT_NE((*reader)->definitions().session(row.session), nullptr);
        ASSERT_NE((*reader)->definitions().question(row.question), nullptr);
        ASSERT_NE((*reader)->definitions().reason(row.reason), nullptr);
        ASSERT_TRUE(row.resource == 0 || (*reader)->definitions().resource(row.resource));
      }
    }
  }
}

TEST(LogWriter, OnlyOneHasALog) {
  const Folder folder;
  const auto writer = open(folder);
  const auto second = Writer::open(folder.path(), options());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::Usage);
  ASSERT_TRUE(writer->close());
  EXPECT_TRUE(Writer::open(folder.path(), options()));
}

TEST(LogWriter, TheFoldersThatItMakesAreOnDiskBeforeTheFirstSegment) {
  const Folder folder;
  const std::string deep = folder.path() + "/a/b/log";
  testing::ScriptedFiles files;
  std::vector<std::string> synced;
  bool fails = true;
  files.before = [&](std::string_view operation, const std::string& path) {
    if (operation == "rename") synced.emplace_back("named");
    if (operation != "sync_folder") return 0;
    synced.push_back(path);
    return fails && path == folder.path() + "/a" ? -EIO : 0;
  };
  WriterOptions with = options();
  with.files = &files;
  EXPECT_EQ(Writer::open(deep + "/", with).error().code, ErrorCode::Unreadable);
  EXPECT_EQ(std::ranges::count(synced, "named"), 0);
  // What the first attempt made is there now, and still not known to be on disk.
  synced.clear();
  fails = false;
  ASSERT_TRUE(Writer::open(deep, with));
  const auto named = std::ranges::find(synced, "named");
  for (const std::string& parent : {folder.path(), folder.path() + "/a", folder.path() + "/a/b"}) {
    EXPECT_LT(std::ranges::find(synced, parent), named) << parent;
  }
  synced.clear();
  ASSERT_TRUE(Writer::open(deep, with));
  EXPECT_EQ(std::ranges::count(synced, folder.path()), 0);
}

TEST(LogWriter, CutsATornTailAndSaysSo) {
  const Folder folder;
  Rows rows;
  {
    const auto writer = open(folder);
    ASSERT_TRUE(writer->append(rows.batch(10)));
    ASSERT_TRUE(writer->sync());
    ASSERT_TRUE(writer->append(rows.batch(10)));
  }
  const std::string path = segment_path(folder.path(), 1);
  const std::string whole = read_all(path);
  write_all(path, whole.substr(0, whole.size() - 5));
  const auto writer = open(folder);
  EXPECT_EQ(writer->positions().at({*id_of(testing::kInstance), 0}).sequence, 10U);
  const auto entries = read_entries(folder.path());
  EXPECT_EQ(sequences(entries), up_to(10));
  EXPECT_TRUE(entries.back().text.starts_with("log.recovered\n")) << entries.back().text;
}

TEST(LogWriter, RefusesALogWhoseNewestSegmentIsNone) {
  const Folder folder;
  { ASSERT_TRUE(open(folder)->close()); }
  std::string bytes = read_all(segment_path(folder.path(), 1));
  bytes[20] ^= 1;
  write_all(segment_path(folder.path(), 1), bytes);
  EXPECT_EQ(Writer::open(folder.path(), options()).error().code, ErrorCode::Malformed);
}

TEST(LogWriter, RemovesWhatIsTooMuchAndSaysWhat) {
  const Folder folder;
  Rows rows;
  WriterOptions small = options();
  small.segment_bytes_max = 2'000;
  small.keep_bytes_max = 8'000;
  const auto writer = open(folder, small);
  for (int i = 0; i < 60; ++i) ASSERT_TRUE(writer->append(rows.batch(40)));
  ASSERT_TRUE(writer->close());
  const auto numbers = list_segments(folder.path());
  ASSERT_TRUE(numbers);
  EXPECT_GT(numbers->front(), 3U);
  std::string last;
  for (const Entry& row : read_entries(folder.path())) {
    if (row.kind == EntryKind::Gap) last = row.text;
  }
  EXPECT_TRUE(last.starts_with(R"({"cause":"retention","lastSegment":)" +
                               std::to_string(numbers->front() - 1) + ","))
      << last;
}

TEST(LogWriter, HoldsWhatASinkHasNotSent) {
  const Folder folder;
  Rows rows;
  WriterOptions small = options();
  small.segment_bytes_max = 2'000;
  small.keep_bytes_max = 8'000;
  const auto writer = open(folder, small);
  writer->hold(2);
  for (int i = 0; i < 60; ++i) ASSERT_TRUE(writer->append(rows.batch(40)));
  EXPECT_EQ(list_segments(folder.path())->front(), 2U);
}

TEST(LogReader, ShowsOnlyWhatIsOnDiskUnlessAsked) {
  const Folder folder;
  Rows rows;
  const auto writer = open(folder);
  ASSERT_TRUE(writer->append(rows.batch(10)));
  EXPECT_EQ(sequences(read_entries(folder.path(), Shown::Written)), up_to(10));
  EXPECT_TRUE(read_entries(folder.path(), Shown::Synced).empty());
  ASSERT_TRUE(writer->sync());
  ASSERT_TRUE(writer->append(rows.batch(10)));
  EXPECT_EQ(sequences(read_entries(folder.path(), Shown::Synced)), up_to(10));
  ASSERT_TRUE(writer->seal());
  EXPECT_EQ(sequences(read_entries(folder.path(), Shown::Synced)), up_to(20));
}

TEST(LogReader, FollowsAndGoesOnWhereAnotherStopped) {
  const Folder folder;
  Rows rows;
  WriterOptions small = options();
  small.segment_bytes_max = 3'000;
  auto writer = open(folder, small);
  auto reader = Reader::open(folder.path(), {});
  ASSERT_TRUE(reader);
  std::vector<Entry> seen;
  Batch batch;
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(writer->append(rows.batch(25)));
    ASSERT_TRUE(writer->seal());
    if (i % 7 == 6) {
      ASSERT_TRUE(writer->close());
      writer.reset();
      writer = open(folder, small);
      rows.attach_again();
    }
    while ((*reader)->next(batch).value()) {
      seen.insert(seen.end(), batch.entries.begin(), batch.entries.end());
      if (i % 3 == 0) reader = Reader::open(folder.path(), (*reader)->position());
    }
    EXPECT_EQ(sequences(seen), up_to(rows.last())) << i;
  }
}

TEST(LogReader, TellsDamageFromAnEndThatIsBeingWritten) {
  const Folder folder;
  Rows rows;
  const auto writer = open(folder);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(writer->append(rows.batch(20)));
  const std::string path = segment_path(folder.path(), 1);
  const std::string whole = read_all(path);
  const auto read = [&] {
    ReaderOptions how;
    how.shown = Shown::Written;
    const auto reader = Reader::open(folder.path(), {}, how);
    Batch batch;
    Result<bool> more = true;
    while (more && *more) more = (*reader)->next(batch);
    return std::pair(more.has_value(), (*reader)->unreadable_end().has_value());
  };
  write_all(path, whole.substr(0, whole.size() - 9));
  EXPECT_EQ(read(), std::pair(true, true));
  write_all(path, whole);
  EXPECT_EQ(read(), std::pair(true, false));
  testing::flip_bit(path, (whole.size() / 2) * 8);
  EXPECT_EQ(read(), std::pair(false, false));
}

}  // namespace
}  // namespace writ::audit::log
