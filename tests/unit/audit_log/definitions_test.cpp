// Definitions that weigh a lot: blocks that any file can take, rows that belong together, memory
// that comes back.
#include <gtest/gtest.h>

#include "runtime/audit/log/definition_store.h"
#include "runtime/audit/log/verify.h"
#include "tests/unit/audit_log/sample.h"
#include "tests/unit/audit_log/scripted_files.h"

namespace writ::audit::log {
namespace {

using testing::Folder;
using testing::options;
using testing::read_entries;
using testing::ScriptedFiles;
using testing::sequences;
using testing::up_to;

constexpr std::size_t kHeavyBytes = std::size_t{3} << 20;

/// Rows `first` to `last` of ring 1, each of a session of its own that weighs three megabytes.
Batch heavy(std::uint64_t first, std::uint64_t last) {
  Batch batch;
  batch.instance.id = testing::kInstance;
  for (std::uint64_t at = first; at <= last; ++at) {
    SessionDef session;
    session.id = static_cast<std::uint32_t>(at);
    session.facts.principal_name = std::string(kHeavyBytes, 'x');
    batch.sessions.push_back(std::move(session));
    Entry row;
    row.ring = 1;
    row.sequence = row.decisions = at;
    row.session = static_cast<std::uint32_t>(at);
    row.time_us = 1;
    batch.entries.push_back(std::move(row));
  }
  return batch;
}

TEST(LogDefinitions, ABlockIsWrittenAgainHoweverMuchItsRowsNeed) {
  const Folder folder;
  ScriptedFiles files;
  WriterOptions with = options();
  with.files = &files;
  const auto writer = Writer::open(folder.path(), with);
  ASSERT_TRUE(writer) << writer.error().message;
  constexpr std::uint64_t kSessions = 14;
  for (std::uint64_t at = 1; at <= kSessions; ++at) {
    ASSERT_TRUE((*writer)->append(heavy(at, at)));
    ASSERT_TRUE((*writer)->sync());
  }
  // One batch that needs all of them; the file has them already, the next one has none.
  Batch all;
  all.instance.id = testing::kInstance;
  for (std::uint64_t at = 1; at <= kSessions; ++at) {
    Entry row;
    row.ring = 1;
    row.sequence = row.decisions = kSessions + at;
    row.session = static_cast<std::uint32_t>(at);
    row.time_us = 1;
    all.entries.push_back(std::move(row));
  }
  ASSERT_TRUE((*writer)->append(all));
  bool failed = false;
  files.before = [&](std::string_view operation, const std::string&) {
    return operation == "fdatasync" && !std::exchange(failed, true) ? -EIO : 0;
  };
  for (int attempt = 0; attempt < 3 && !(*writer)->sync(); ++attempt) {}
  ASSERT_TRUE(failed);
  ASSERT_TRUE((*writer)->close());
  EXPECT_EQ(sequences(read_entries(folder.path(), Shown::Synced), 1), up_to(2 * kSessions));
}

TEST(LogDefinitions, RowsThatBelongTogetherStandInOneBlock) {
  const Folder folder;
  const auto writer = Writer::open(folder.path(), options());
  ASSERT_TRUE(writer) << writer.error().message;
  const std::uint64_t before = (*writer)->end().block;
  ASSERT_TRUE((*writer)->append(heavy(1, 4)));
  EXPECT_EQ((*writer)->end().block, before + 2) << "twelve megabytes are too much for one";
  Batch joined = heavy(5, 8);
  for (Entry& row : joined.entries) row.joined = true;
  ASSERT_TRUE((*writer)->append(joined));
  EXPECT_EQ((*writer)->end().block, before + 3);
  ASSERT_TRUE((*writer)->close());
  EXPECT_EQ(sequences(read_entries(folder.path(), Shown::Synced), 1), up_to(8));
}

TEST(LogDefinitions, WhatIsForgottenTakesNoMemory) {
  DefinitionStore store;
  const auto session = [](std::uint32_t id) {
    Batch batch;
    batch.instance.id = testing::kInstance;
    batch.sessions.push_back({id, {}});
    return batch;
  };
  ASSERT_TRUE(store.add(session(1)));
  const std::size_t before = store.pages();
  for (std::uint32_t id = 2; id < 100'000; ++id) {
    ASSERT_TRUE(store.add(session(id)));
    store.forget(Defines::Session, id);
  }
  EXPECT_EQ(store.pages(), before);
  EXPECT_TRUE(store.knows(References{.session = 1}));
  EXPECT_FALSE(store.knows(References{.session = 50'000}));
}

TEST(LogDefinitions, RetentionWaitsForSinksFromTheFirstMoment) {
  const Folder folder;
  testing::Rows rows;
  WriterOptions small = options();
  small.segment_bytes_max = 2'000;
  {
    const auto writer = Writer::open(folder.path(), small);
    ASSERT_TRUE(writer) << writer.error().message;
    for (int i = 0; i < 60; ++i) ASSERT_TRUE((*writer)->append(rows.batch(40)));
    ASSERT_TRUE((*writer)->close());
  }
  // The next process is told of a limit, and has not heard yet how far its sinks are.
  small.keep_bytes_max = 8'000;
  small.hold = 0;
  {
    const auto writer = Writer::open(folder.path(), small);
    ASSERT_TRUE(writer) << writer.error().message;
    EXPECT_EQ(list_segments(folder.path())->front(), 1U);
    ASSERT_TRUE((*writer)->close());
  }
  small.hold = UINT64_MAX;
  const auto writer = Writer::open(folder.path(), small);
  ASSERT_TRUE(writer) << writer.error().message;
  EXPECT_GT(list_segments(folder.path())->front(), 1U);
}

}  // namespace
}  // namespace writ::audit::log
