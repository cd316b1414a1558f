// Files of at most 500 lines, functions of at most 70, lines of at most 100 columns; one over it
// needs a line with a reason in exempt.txt.
#include "tests/tidy/tree.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace writ::tidy {
namespace {

constexpr std::size_t kFileLinesMax = 500;
constexpr std::size_t kFunctionLinesMax = 70;
constexpr std::size_t kColumnsMax = 100;

std::size_t columns(const std::string& line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;  // code points, not bytes
  }));
}

TEST(Sizes, FilesAreShort) {
  for (const File* file : files_ending({".h", ".hpp", ".cpp", ".c", ".def", ".g4", ".py"})) {
    EXPECT_TRUE(file->lines.size() <= kFileLinesMax || exempt("file", file->path))
        << file->path << " has " << file->lines.size() << " lines";
  }
}

TEST(Sizes, LinesAreNarrow) {
  for (const File* file : sources()) {
    for (std::size_t i = 0; i < file->lines.size(); ++i) {
      EXPECT_TRUE(columns(file->lines[i]) <= kColumnsMax || exempt("columns", file->path))
          << file->path << ":" << i + 1 << " has " << columns(file->lines[i]) << " columns";
    }
  }
}

// A function's body opens at the end of a line that has a `)` and does not begin with a word of a
// nested construct, outside of any other body; a raw string ends the scan of its own lines.
struct Body {
  std::size_t begin = 0;
  std::size_t lines = 0;
};

std::vector<Body> bodies(const File& file) {
  std::vector<Body> found;
  int depth = 0;
  int body_depth = -1;
  std::size_t begin = 0;
  std::string raw_end;
  std::string head;  // code since the last `;`, `{` or `}` at this depth
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    const std::string& line = file.lines[i];
    if (!raw_end.empty()) {
      raw_end = line.find(raw_end) == std::string::npos ? raw_end : "";
      continue;
    }
    const std::size_t raw = line.find("R\"");
    if (raw != std::string::npos && line.find('(', raw) != std::string::npos) {
      const std::string end = ")" + line.substr(raw + 2, line.find('(', raw) - raw - 2) + "\"";
      if (line.find(end, raw) == std::string::npos) {
        raw_end = end;
      }
      continue;
    }
    if (line.starts_with("#")) {
      continue;
    }
    for (const char c : code_of(line)) {
      if (c == '{') {
        const bool names_a_type =
            head.find("namespace") != std::string::npos ||
            head.find("struct ") != std::string::npos || head.find("class ") != std::string::npos ||
            head.find("enum ") != std::string::npos || head.find("extern \"") != std::string::npos;
        if (body_depth < 0 && head.find(')') != std::string::npos && !names_a_type) {
          body_depth = depth;
          begin = i + 1;
        }
        ++depth;
        head.clear();
      } else if (c == '}') {
        --depth;
        if (depth == body_depth) {
          found.push_back({begin, i + 1 - begin + 1});
          body_depth = -1;
        }
        head.clear();
      } else if (c == ';') {
        head.clear();
      } else {
        head += c;
      }
    }
  }
  return found;
}

TEST(Sizes, FunctionsAreShort) {
  for (const File* file : sources()) {
    for (const Body& body : bodies(*file)) {
      EXPECT_TRUE(body.lines <= kFunctionLinesMax || exempt("function", file->path))
          << file->path << ":" << body.begin << " is a function of " << body.lines << " lines";
    }
  }
}

TEST(Sizes, TheScanSeesALongFunction) {
  File file{"x.cpp", "", {"namespace a {", "int f(int b) {", "  if (b) {", "  }", "}", "}"}};
  const std::vector<Body> found = bodies(file);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].begin, 2U);
  EXPECT_EQ(found[0].lines, 4U);
}

TEST(Sizes, EveryExemptionIsNeeded) {
  for (const auto& [key, reason] : read_table("tests/tidy/exempt.txt")) {
    const std::size_t space = key.find(' ');
    const std::string path = key.substr(space + 1, key.find(' ', space + 1) - space - 1);
    EXPECT_FALSE(read(path).empty()) << "exempt.txt names " << path << ", which is not there";
    EXPECT_GE(reason.size(), 10U) << "exempt.txt gives no reason for " << key;
  }
}

}  // namespace
}  // namespace writ::tidy
