#include "compiler/source/source_set.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace writ::source {
namespace {

namespace fs = std::filesystem;

/// A folder of its own, removed at the end.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("writ_source_" + std::to_string(::getpid()))) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  fs::path write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
    return path_ / name;
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

TEST(SourceSet, RefusesWhatIsNotUtf8) {
  struct Row {
    const char* name;
    std::string text;
    const char* where;
  };
  const Row rows[] = {
      {"a lone continuation byte", "a\x80", "f:1:2"},
      {"an overlong slash", "ab\n\xC0\xAF", "f:2:1"},
      {"an overlong three byte form", "\xE0\x80\x80", "f:1:1"},
      {"a surrogate", "\xED\xA0\x80", "f:1:1"},
      {"past U+10FFFF", "\xF4\x90\x80\x80", "f:1:1"},
      {"cut short at the end", "é\xE2\x82", "f:1:2"},
      {"Latin-1", "caf\xE9 = x", "f:1:4"},
      {"UTF-16", "\xFF\xFEp", "f:1:1"},
  };
  for (const Row& row : rows) {
    SourceSet sources;
    const auto added = sources.add_text("f", row.text);
    ASSERT_FALSE(added) << row.name;
    EXPECT_EQ(added.error().code, ErrorCode::Malformed) << row.name;
    EXPECT_EQ(added.error().where, row.where) << row.name;
  }
}

TEST(SourceSet, AcceptsWellFormedTextAndDropsTheByteOrderMark) {
  SourceSet sources;
  const auto id = sources.add_text("f", "\xEF\xBB\xBFgrüße 🔒\n\x7F\xF4\x8F\xBF\xBF");
  ASSERT_TRUE(id);
  EXPECT_TRUE(sources.file(*id).text.starts_with("grüße"));
}

TEST(SourceSet, CountsLinesFromOneAndColumnsInCodePoints) {
  SourceSet sources;
  const auto id = sources.add_text("f", "aé🔒b\r\n\nlast");
  ASSERT_TRUE(id);
  EXPECT_EQ(sources.position(*id, 7).column, 4u);
  EXPECT_EQ(sources.position(*id, 10).line, 2u);
  EXPECT_EQ(sources.position(*id, 11).line, 3u);
  EXPECT_EQ(sources.position(*id, 1000).column, 5u);
  EXPECT_EQ(sources.line(*id, 1), "aé🔒b");
  EXPECT_EQ(sources.line(*id, 3), "last");
  EXPECT_EQ(sources.line(*id, 4), "");
  EXPECT_EQ(sources.text({*id, 11, 13}), "la");
}

TEST(SourceSet, HoldsAFileAtTheLimitAndRefusesOneByteMore) {
  SourceSet sources;
  EXPECT_TRUE(sources.add_text("f", std::string(kFileBytesMax, ' ')));
  const auto above = sources.add_text("f", std::string(kFileBytesMax + 1, ' '));
  ASSERT_FALSE(above);
  EXPECT_EQ(above.error().code, ErrorCode::Limit);
}

TEST(SourceSet, RefusesAHundredMegabytesOfOneToken) {
  const Folder folder;
  const fs::path path = folder.write("big.writ", std::string(std::size_t{100} << 20, 'a'));
  SourceSet sources;
  const auto id = sources.add_file(path, "big.writ");
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().code, ErrorCode::Limit);
  EXPECT_EQ(sources.size(), 0u);
}

TEST(SourceSet, SaysWhichFileCannotBeRead) {
  const Folder folder;
  SourceSet sources;
  const auto missing = sources.add_file(folder.path() / "none.writ", "none.writ");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::Unreadable);
  EXPECT_EQ(missing.error().where, "none.writ");
  EXPECT_FALSE(sources.add_file(folder.path(), "folder"));
}

TEST(FindPolicyFiles, SearchesFoldersInOrderAndEachFileOnce) {
  const Folder folder;
  folder.write("b.writ", "");
  folder.write("a/z.writ", "");
  folder.write("a.writ", "");
  folder.write("notes.txt", "");
  folder.write(".git/hidden.writ", "");
  const auto found =
      find_policy_files({folder.path().string(), (folder.path() / "b.writ").string()});
  ASSERT_TRUE(found);
  std::vector<std::string> names;
  for (const Found& one : *found)
    names.push_back(one.display);
  EXPECT_EQ(names, (std::vector<std::string>{"a.writ", "a/z.writ", "b.writ"}));
}

TEST(FindPolicyFiles, RefusesWhatHoldsNoPolicy) {
  const Folder folder;
  folder.write("notes.txt", "");
  EXPECT_FALSE(find_policy_files({folder.path().string()}));
  EXPECT_FALSE(find_policy_files({(folder.path() / "none").string()}));
}

// A guard must not disappear because of how its file is called.
TEST(FindPolicyFiles, RefusesWhatItWouldPassOver) {
  for (const char* name : {".guards.writ", "guards.WRIT"}) {
    const Folder folder;
    folder.write("a.writ", "");
    folder.write(name, "");
    const auto found = find_policy_files({folder.path().string()});
    ASSERT_FALSE(found) << name;
    EXPECT_NE(found.error().message.find("passed over"), std::string::npos) << name;
  }
  const Folder elsewhere;
  elsewhere.write("guards.writ", "");
  const Folder folder;
  folder.write("a.writ", "");
  std::filesystem::create_directory_symlink(elsewhere.path(), folder.path() / "linked");
  const auto found = find_policy_files({folder.path().string()});
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().message.find("is not followed"), std::string::npos);
}

}  // namespace
}  // namespace writ::source
