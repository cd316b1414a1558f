// Every operation of the writer on files fails once, in every way; the disk fills and empties. No
// row that a sync acknowledged is lost, none is there twice, and the log can be proved.
#include <gtest/gtest.h>

#include "runtime/audit/log/verify.h"
#include "runtime/audit/log/writer.h"
#include "tests/unit/audit_log/faulty_files.h"
#include "tests/unit/audit_log/sample.h"

namespace writ::audit::log {
namespace {

using testing::FaultyFiles;
using testing::Folder;
using testing::options;
using testing::read_entries;
using testing::Rows;
using testing::sequences;
using testing::up_to;

enum class Ending { Closed, Died };

// What a drain does: the same again until it succeeds.
template <class Call>
void until_done(Call call) {
  for (int attempt = 0; attempt < 4; ++attempt) {
    if (call()) return;
  }
  ADD_FAILURE() << "one fault must not be felt four times";
}

/// Writes some segments, reopening once; gives the last sequence that was acknowledged.
std::uint64_t write_log(const std::string& folder, FaultyFiles& files, Ending ending) {
  Rows rows;
  std::uint64_t acknowledged = 0;
  WriterOptions with = options();
  with.segment_bytes_max = 1'500;
  with.reserve_bytes = 4'096;
  with.files = &files;
  for (int start = 0; start < 2; ++start) {
    std::unique_ptr<Writer> writer;
    until_done([&] {
      auto opened = Writer::open(folder, with);
      if (opened) writer = std::move(*opened);
      return opened.has_value();
    });
    if (!writer) return acknowledged;
    rows.attach_again();
    for (int i = 0; i < 4; ++i) {
      const Batch batch = rows.batch(8);
      until_done([&] { return writer->append(batch).has_value(); });
      if (i == 1) continue;
      until_done([&] { return writer->sync().has_value(); });
      acknowledged = rows.last();
      if (i == 2) until_done([&] { return writer->seal().has_value(); });
    }
    if (ending == Ending::Closed) until_done([&] { return writer->close().has_value(); });
  }
  return acknowledged;
}

void expect_whole(const std::string& folder, std::uint64_t acknowledged, const std::string& what) {
  // Whoever comes next recovers with files that work.
  auto writer = Writer::open(folder, options(1'800'000'000'000'000));
  ASSERT_TRUE(writer) << what << ": " << writer.error().message;
  ASSERT_TRUE((*writer)->close()) << what;
  const auto entries = read_entries(folder);
  const auto found = sequences(entries);
  EXPECT_GE(found.size(), acknowledged) << what;
  EXPECT_EQ(found, up_to(found.size())) << what;
  VerifyOptions how;
  how.public_keys_pem = {crypto::public_part(testing::kPrivateKey).value()};
  const auto report = verify(folder, how);
  ASSERT_TRUE(report) << what;
  for (const Finding& finding : report->findings) {
    ADD_FAILURE() << what << ": " << finding.message << " at " << finding.where;
  }
}

void fail_each_operation(FaultyFiles::Fault fault, const std::string& name) {
  for (const Ending ending : {Ending::Closed, Ending::Died}) {
    for (std::uint64_t at = 0;; ++at) {
      const Folder folder;
      FaultyFiles files(fault, at);
      const std::uint64_t acknowledged = write_log(folder.path(), files, ending);
      const std::string what = name + " at operation " + std::to_string(at);
      expect_whole(folder.path(), acknowledged, what);
      if (!files.has_failed()) break;
      if (::testing::Test::HasFailure()) return;
    }
  }
}

TEST(LogFaults, Eio) { fail_each_operation(FaultyFiles::Fault::Eio, "EIO"); }
TEST(LogFaults, FullDisk) { fail_each_operation(FaultyFiles::Fault::Enospc, "ENOSPC"); }
TEST(LogFaults, Signal) { fail_each_operation(FaultyFiles::Fault::Eintr, "EINTR"); }
TEST(LogFaults, ShortWrite) { fail_each_operation(FaultyFiles::Fault::Short, "a short write"); }

TEST(LogFaults, AFullDiskIsSaidAndRowsAreTakenAgainWhenThereIsRoom) {
  const Folder folder;
  Rows rows;
  FaultyFiles files;
  files.free_bytes(20'000);
  WriterOptions with = options();
  with.reserve_bytes = 8'192;
  with.files = &files;
  auto writer = Writer::open(folder.path(), with);
  ASSERT_TRUE(writer);
  std::uint64_t accepted = 0;
  Result<Position> appended;
  Batch batch;
  for (int i = 0; i < 1'000; ++i) {
    batch = rows.batch(100);
    appended = (*writer)->append(batch);
    if (!appended) break;
    accepted = rows.last();
  }
  ASSERT_FALSE(appended);
  EXPECT_EQ(appended.error().code, ErrorCode::Limit) << appended.error().message;
  EXPECT_TRUE((*writer)->is_full());
  EXPECT_GT(files.free_bytes(), 0) << "the reserve was not given back";
  ASSERT_TRUE((*writer)->sync());
  EXPECT_FALSE((*writer)->append(batch));

  files.free_bytes(100'000);
  ASSERT_TRUE((*writer)->append(batch));
  EXPECT_FALSE((*writer)->is_full());
  ASSERT_TRUE((*writer)->close());
  EXPECT_GT(rows.last(), accepted);
  std::vector<std::string> said;
  for (const Entry& row : read_entries(folder.path())) {
    if (row.kind == EntryKind::Lifecycle) said.push_back(row.text.substr(0, row.text.find('\n')));
  }
  EXPECT_EQ(said, (std::vector<std::string>{"log.disk-full", "log.disk-room"}));
  expect_whole(folder.path(), rows.last(), "a disk that was full");
}

}  // namespace
}  // namespace writ::audit::log
