// Faults that follow on each other: a file fails and so does the one that takes its place, or the
// process ends before it could do what it owed.
#include <gtest/gtest.h>

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
  EXPECT_EQ(sequences(read_entries(folder.path())), up_to(30));
  expect_proved(folder);
}

}  // namespace
}  // namespace writ::audit::log
