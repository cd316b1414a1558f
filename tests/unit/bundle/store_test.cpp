#include "runtime/bundle/store.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "runtime/base/file.h"

namespace writ::bundle {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

Mark mark_of(std::uint64_t version, char digit) {
  return {"payments", version, std::string(64, digit)};
}

class Kept : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "writ-store-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern + "/kept";
  }
  void TearDown() override {
    std::filesystem::remove_all(std::filesystem::path(folder_).parent_path());
  }
  [[nodiscard]] std::unique_ptr<Store> store() const {
    auto opened = Store::open(folder_);
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(*opened);
  }
  [[nodiscard]] std::string file(std::string_view name) const {
    const auto read = read_file(folder_ + "/" + std::string(name), 1'000);
    if (!read) return "none";
    return {reinterpret_cast<const char*>(read->data()), read->size()};
  }
  void write(std::string_view name, std::string_view text) const {
    ASSERT_TRUE(write_file(folder_ + "/" + std::string(name), bytes_of(text)));
  }

  std::string folder_;
};

TEST_F(Kept, RemembersTheLastAcrossARestart) {
  EXPECT_FALSE(store()->mark());
  EXPECT_EQ(store()->marked().error().code, ErrorCode::Usage);
  ASSERT_TRUE(store()->keep(mark_of(3, 'a'), bytes_of("three")));
  ASSERT_TRUE(store()->keep(mark_of(5, 'b'), bytes_of("five")));
  const auto again = store();
  ASSERT_TRUE(again->mark());
  EXPECT_EQ(again->mark()->version, 5U);
  EXPECT_EQ(again->mark()->package, "payments");
  const auto bytes = again->marked();
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->size(), 4U);
  EXPECT_EQ(file(std::string(64, 'a') + ".writb"), "none");  // of no use any more
}

TEST_F(Kept, NothingOlderIsTaken) {
  ASSERT_TRUE(store()->keep(mark_of(5, 'b'), bytes_of("five")));
  const auto again = store();
  EXPECT_EQ(again->newer(mark_of(4, 'a')).error().code, ErrorCode::Version);
  EXPECT_EQ(again->keep(mark_of(4, 'a'), bytes_of("four")).error().code, ErrorCode::Version);
  EXPECT_EQ(again->keep(mark_of(5, 'c'), bytes_of("other")).error().code, ErrorCode::Version);
  EXPECT_TRUE(again->keep(mark_of(5, 'b'), bytes_of("five")));
  EXPECT_TRUE(again->newer(mark_of(6, 'a')));
  EXPECT_EQ(file(std::string(64, 'a') + ".writb"), "none");
}

TEST_F(Kept, AMarkThatCannotBeReadIsNotNone) {
  ASSERT_TRUE(store()->keep(mark_of(5, 'b'), bytes_of("five")));
  const std::string whole = file("mark");
  for (std::size_t at = 0; at < whole.size(); ++at) {
    write("mark", whole.substr(0, at));
    EXPECT_EQ(Store::open(folder_).error().code, ErrorCode::Malformed) << at;
  }
  for (const std::string_view bad : {"5x", "-5", "99999999999999999999", ""}) {
    std::string altered = whole;
    altered.replace(altered.find("version 5") + 8, 1, bad);
    write("mark", altered);
    EXPECT_EQ(Store::open(folder_).error().code, ErrorCode::Malformed) << bad;
  }
  write("mark", whole + "more\n");
  EXPECT_EQ(Store::open(folder_).error().code, ErrorCode::Malformed);
  write("mark", whole);
  EXPECT_EQ(store()->mark()->version, 5U);
}

TEST_F(Kept, AFolderHasOneEngine) {
  const auto first = store();
  EXPECT_EQ(Store::open(folder_).error().code, ErrorCode::Usage);
}

TEST_F(Kept, WhatCannotBeWrittenIsNotMarked) {
  const auto kept = store();
  ASSERT_TRUE(kept->keep(mark_of(5, 'b'), bytes_of("five")));
  // A folder in the place of a file: nobody can write there, not even root.
  std::filesystem::create_directory(folder_ + "/" + std::string(64, 'c') + ".writb");
  EXPECT_FALSE(kept->keep(mark_of(6, 'c'), bytes_of("six")));
  EXPECT_EQ(kept->mark()->version, 5U);
  EXPECT_EQ(kept->marked()->size(), 4U);
}

TEST_F(Kept, AMarkHasADigestAndOneLine) {
  const auto kept = store();
  Mark mark = mark_of(1, 'a');
  mark.digest = "../../etc/passwd";
  EXPECT_EQ(kept->keep(mark, bytes_of("x")).error().code, ErrorCode::Usage);
  mark = mark_of(1, 'a');
  mark.package = "a\nversion 9";
  EXPECT_EQ(kept->keep(mark, bytes_of("x")).error().code, ErrorCode::Usage);
}

}  // namespace
}  // namespace writ::bundle
