#include "runtime/base/file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace writ {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "writ-file-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }
  [[nodiscard]] std::string path(const char* name) const { return (folder_ / name).string(); }
  [[nodiscard]] std::ptrdiff_t entries() const {
    return std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
  }
  static std::string read(const std::string& path) {
    const std::vector<std::byte> bytes = read_file(path, 1'000).value();
    std::string text;
    for (const std::byte byte : bytes) text += static_cast<char>(byte);
    return text;
  }
  static std::span<const std::byte> bytes(std::string_view text) {
    return std::as_bytes(std::span(text));
  }

 private:
  fs::path folder_;
};

TEST_F(Files, AreReplacedWholeWithTheirMode) {
  ASSERT_TRUE(write_file(path("a"), bytes("one"), 0600));
  ASSERT_TRUE(write_file(path("a"), bytes("two")));
  EXPECT_EQ(read(path("a")), "two");
  EXPECT_EQ(fs::status(path("a")).permissions(), fs::perms{0644});
  EXPECT_EQ(entries(), 1);
}

TEST_F(Files, AreWrittenThroughASymbolicLink) {
  ASSERT_TRUE(write_file(path("real"), bytes("one")));
  fs::create_symlink(path("real"), path("link"));
  ASSERT_TRUE(write_file(path("link"), bytes("two")));
  EXPECT_EQ(read(path("real")), "two");
  EXPECT_TRUE(fs::is_symlink(path("link")));
}

TEST_F(Files, NameThePathThatCannotBeWritten) {
  const auto missing = write_file(path("no/such/file"), bytes("x"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::Unreadable);
  EXPECT_EQ(missing.error().where, path("no/such/file"));
  fs::create_directory(path("folder"));
  EXPECT_FALSE(write_file(path("folder"), bytes("x")));
}

TEST_F(Files, AFullDeviceIsSaidAndStaysADevice) {
  const auto full = write_file("/dev/full", bytes("x"));
  ASSERT_FALSE(full);
  EXPECT_NE(full.error().message.find("No space left"), std::string::npos) << full.error().message;
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST_F(Files, AWriteThatFailsHalfWayLeavesTheOldFileAlone) {
  ASSERT_TRUE(write_file(path("a"), bytes("old")));
  // A limit on the size of files fails in the midst of writing, as a full disk does.
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{100, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const Status status = write_file(path("a"), std::vector<std::byte>(1'000));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_FALSE(status);
  EXPECT_EQ(read(path("a")), "old");
  EXPECT_EQ(entries(), 1);
}

TEST_F(Files, AreReadUpToALimit) {
  ASSERT_TRUE(write_file(path("a"), bytes("12345")));
  EXPECT_EQ(read_file(path("a"), 5).value().size(), 5U);
  EXPECT_EQ(read_file(path("a"), 4).error().code, ErrorCode::Limit);
  EXPECT_EQ(read_file(path("missing"), 4).error().code, ErrorCode::Unreadable);
  EXPECT_FALSE(read_file("/", 4));
  EXPECT_EQ(read_file("/dev/zero", 100'000).error().code, ErrorCode::Limit);
}

}  // namespace
}  // namespace writ
