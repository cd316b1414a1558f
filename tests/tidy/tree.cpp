#include "tests/tidy/tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace writ::tidy {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFolders[] = {"grammar", "compiler", "runtime", "policies",
                                         "stdlib",  "tests",    "docs"};

bool ends_with_any(const std::string& path, const std::vector<std::string_view>& endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return path.ends_with(ending); });
}

std::vector<File> walk() {
  const std::vector<std::string_view> endings = {".h",  ".hpp",   ".cpp", ".c",   ".def",
                                                 ".g4", ".txt",   ".md",  ".py",  ".writ",
                                                 ".sh", ".cmake", ".in",  ".java"};
  std::vector<File> files;
  for (const std::string_view top : kFolders) {
    if (!fs::exists(top)) {
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(top)) {
      const std::string path = entry.path().generic_string();
      if (!entry.is_regular_file() || !ends_with_any(path, endings)) {
        continue;
      }
      File file{path, entry.path().parent_path().generic_string(), {}};
      std::ifstream in(path);
      for (std::string line; std::getline(in, line);) {
        file.lines.push_back(line);
      }
      files.push_back(std::move(file));
    }
  }
  for (const char* top : {"CMakeLists.txt", "README.md", "dev"}) {
    File file{top, "", {}};
    std::ifstream in(top);
    for (std::string line; std::getline(in, line);) {
      file.lines.push_back(line);
    }
    files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return a.path < b.path; });
  return files;
}

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  const std::size_t end = text.find_last_not_of(" \t");
  return begin == std::string_view::npos ? std::string()
                                         : std::string(text.substr(begin, end - begin + 1));
}

}  // namespace

const std::vector<File>& all_files() {
  static const std::vector<File> files = walk();
  return files;
}

std::vector<const File*> files_ending(const std::vector<std::string_view>& endings) {
  std::vector<const File*> found;
  for (const File& file : all_files()) {
    if (ends_with_any(file.path, endings)) {
      found.push_back(&file);
    }
  }
  return found;
}

std::vector<const File*> sources() {
  return files_ending({".h", ".hpp", ".cpp", ".c"});
}

std::string read(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::pair<std::string, std::string>> read_table(const std::string& path) {
  std::vector<std::pair<std::string, std::string>> rows;
  std::istringstream in(read(path));
  for (std::string line; std::getline(in, line);) {
    const std::string text = trimmed(line.substr(0, line.find('#')));
    const std::size_t colon = text.find(':');
    if (colon != std::string::npos) {
      rows.emplace_back(trimmed(text.substr(0, colon)), trimmed(text.substr(colon + 1)));
    }
  }
  return rows;
}

bool exempt(std::string_view rule, std::string_view path, std::string_view detail) {
  static const auto rows = read_table("tests/tidy/exempt.txt");
  std::string key = std::string(rule) + " " + std::string(path);
  if (!detail.empty()) {
    key += " " + std::string(detail);
  }
  return std::any_of(rows.begin(), rows.end(),
                     [&](const auto& row) { return row.first == key && row.second.size() >= 10; });
}

std::string code_of(std::string_view line) {
  std::string code;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote != 0) {
      if (c == '\\') {
        ++i;
      } else if (c == quote) {
        quote = 0;
        code += c;
      }
    } else if (c == '/' && i + 1 < line.size() && line[i + 1] == '/') {
      break;
    } else {
      // A quote between digits or hex digits separates thousands.
      const bool separates =
          c == '\'' && i > 0 && std::isxdigit(static_cast<unsigned char>(line[i - 1])) != 0 &&
          i + 1 < line.size() && std::isxdigit(static_cast<unsigned char>(line[i + 1])) != 0 &&
          (i + 2 >= line.size() || line[i + 2] != '\'');
      if ((c == '"' || c == '\'') && !separates) {
        quote = c;
      }
      code += c;
    }
  }
  return code;
}

}  // namespace writ::tidy
