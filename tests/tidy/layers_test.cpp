// Who may include whom: layers.txt for our folders, walls.txt for third parties.
#include "tests/tidy/tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace writ::tidy {
namespace {

struct Include {
  const File* file = nullptr;
  std::size_t line = 0;
  std::string target;
  bool quoted = false;
};

std::vector<Include> includes() {
  std::vector<Include> found;
  for (const File* file : sources()) {
    for (std::size_t i = 0; i < file->lines.size(); ++i) {
      const std::string& line = file->lines[i];
      if (!line.starts_with("#include ")) {
        continue;
      }
      const std::size_t begin = line.find_first_of("\"<");
      const std::size_t end = line.find_first_of("\">", begin + 1);
      if (begin != std::string::npos && end != std::string::npos) {
        found.push_back({file, i + 1, line.substr(begin + 1, end - begin - 1), line[begin] == '"'});
      }
    }
  }
  return found;
}

using Table = std::map<std::string, std::set<std::string>>;

Table read_sets(const std::string& path) {
  Table table;
  for (const auto& [key, value] : read_table(path)) {
    std::istringstream words(value);
    for (std::string word; words >> word;) {
      table[key].insert(word);
    }
    table.try_emplace(key);
  }
  return table;
}

// The longest key that is the folder or an ancestor of it.
std::string row_of(const Table& table, std::string folder) {
  while (!folder.empty() && !table.contains(folder)) {
    const std::size_t slash = folder.rfind('/');
    folder = slash == std::string::npos ? "" : folder.substr(0, slash);
  }
  return folder;
}

bool ours(const std::string& target) {
  return target.starts_with("runtime/") || target.starts_with("compiler/") ||
         target.starts_with("tests/") || target.starts_with("stdlib/");
}

TEST(Layers, EveryIncludeIsInTheTable) {
  const Table layers = read_sets("tests/tidy/layers.txt");
  for (const Include& include : includes()) {
    const std::string from = row_of(layers, include.file->folder);
    if (from.empty() || from == "tests" || !ours(include.target)) {
      continue;
    }
    const std::string to = row_of(layers, include.target.substr(0, include.target.rfind('/')));
    EXPECT_TRUE(to == from || layers.at(from).contains(to) ||
                layers.at(from).contains(include.target))
        << include.file->path << ":" << include.line << " includes " << include.target << ", but "
        << from << " may not include " << (to.empty() ? "that folder" : to)
        << " (tests/tidy/layers.txt)";
  }
}

TEST(Layers, EverySourceFolderHasARow) {
  const Table layers = read_sets("tests/tidy/layers.txt");
  for (const File* file : sources()) {
    EXPECT_FALSE(row_of(layers, file->folder).empty())
        << file->path << " lies in a folder without a row in tests/tidy/layers.txt";
  }
}

TEST(Layers, RuntimeNeverIncludesTheCompiler) {
  for (const Include& include : includes()) {
    if (include.file->path.starts_with("runtime/")) {
      EXPECT_FALSE(include.target.starts_with("compiler/") || include.target.starts_with("tests/"))
          << include.file->path << ":" << include.line << " includes " << include.target;
    }
  }
}

TEST(Layers, ThirdPartiesStayBehindTheirWall) {
  const Table walls = read_sets("tests/tidy/walls.txt");
  for (const Include& include : includes()) {
    for (const auto& [prefix, folders] : walls) {
      if (!include.target.starts_with(prefix)) {
        continue;
      }
      const bool allowed =
          std::any_of(folders.begin(), folders.end(), [&](const std::string& folder) {
            return include.file->path == folder || include.file->path.starts_with(folder + "/");
          });
      EXPECT_TRUE(allowed) << include.file->path << ":" << include.line << " includes "
                           << include.target
                           << ", which is not for this folder (tests/tidy/walls.txt)";
    }
  }
}

TEST(Layers, IncludesAreWrittenFromTheRoot) {
  for (const Include& include : includes()) {
    EXPECT_FALSE(include.target.find("../") != std::string::npos)
        << include.file->path << ":" << include.line << " includes " << include.target;
  }
}

}  // namespace
}  // namespace writ::tidy
