// Every diagnostic of kinds.def is raised somewhere, has a golden that shows it and a docs page.
#include "compiler/diag/diag.h"
#include "tests/tidy/tree.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace writ::tidy {
namespace {

struct Row {
  diag::Code code;
  std::string name;
};

std::vector<Row> rows() {
  return {
#define WRIT_DIAG(code, name, severity, title) {diag::Code::name, #name},
#include "compiler/diag/kinds.def"
#undef WRIT_DIAG
  };
}

TEST(Diagnostics, EachIsRaised) {
  std::string text;
  for (const File* file : sources()) {
    if (file->path.starts_with("compiler/")) {
      for (const std::string& line : file->lines) {
        text += line + "\n";
      }
    }
  }
  for (const Row& row : rows()) {
    EXPECT_NE(text.find("Code::" + row.name), std::string::npos)
        << diag::code_text(row.code) << " " << row.name << " is raised nowhere";
  }
}

TEST(Diagnostics, EachHasAPage) {
  for (const Row& row : rows()) {
    const std::string path = "docs/diagnostics/" + std::string(diag::code_text(row.code)) + ".md";
    const std::string page = read(path);
    EXPECT_TRUE(page.starts_with("# " + std::string(diag::code_text(row.code)) + ": "))
        << path << " is missing or has another title";
  }
}

// Whether the code stands in some .golden; unreadable files and limits are shown by tests of
// their own, named in exempt.txt.
TEST(Diagnostics, EachHasAGolden) {
  std::string text;
  if (std::filesystem::exists("tests/golden")) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator("tests/golden")) {
      if (entry.is_regular_file() && entry.path().extension() == ".golden") {
        std::ifstream in(entry.path());
        text += std::string(std::istreambuf_iterator<char>(in), {});
      }
    }
  }
  for (const Row& row : rows()) {
    const std::string code(diag::code_text(row.code));
    EXPECT_TRUE(text.find(code) != std::string::npos ||
                exempt("golden", "compiler/diag/kinds.def", code))
        << code << " " << row.name << " is in no golden under tests/golden";
  }
}

}  // namespace
}  // namespace writ::tidy
