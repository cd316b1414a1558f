#include "runtime/audit/sink/cursor.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace writ::audit::sink {
namespace {

class CursorOnDisk : public ::testing::Test {
 protected:
  CursorOnDisk() {
    path_ = std::filesystem::temp_directory_path() /
            ("writ_cursor_" + std::to_string(::getpid()));
  }
  ~CursorOnDisk() override { std::filesystem::remove(path_); }
  std::filesystem::path path_;
};

TEST_F(CursorOnDisk, IsNoneThenWhatWasSaved) {
  CursorFile file(path_.string());
  const auto none = file.load();
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
  const Cursor cursor = {{7, UINT64_MAX}, "9 \" \n\u202E", "ab12"};
  ASSERT_TRUE(file.save(cursor));
  ASSERT_TRUE(file.save(cursor));
  const auto loaded = file.load();
  ASSERT_TRUE(loaded && *loaded);
  EXPECT_EQ(**loaded, cursor);
}

TEST_F(CursorOnDisk, ThatCannotBeReadIsAnErrorNotTheStart) {
  const char* rows[] = {"", "{", "[]", "{}",
                        R"({"version":1,"segment":1,"block":1,"state":"","log":""})",
                        R"({"version":2,"segment":-1,"block":1,"state":"","log":""})",
                        R"({"version":2,"segment":1,"block":"1","state":"","log":""})",
                        R"({"version":2,"segment":1,"block":1,"state":""})",
                        R"({"version":2,"segment":1,"block":1,"log":""})"};
  for (const char* text : rows) {
    std::ofstream(path_) << text;
    EXPECT_FALSE(CursorFile(path_.string()).load()) << text;
  }
}

}  // namespace
}  // namespace writ::audit::sink
