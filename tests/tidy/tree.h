// The repository as the tidy tests see it: every source file that is not built, with its lines.
// Takes the working directory (the root), gives files and the small text tables beside these tests.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace writ::tidy {

struct File {
  std::string path;  // from the root, `/` as separator
  std::string folder;
  std::vector<std::string> lines;
};

/// Every file under the source folders whose name ends in one of `endings`, sorted by path.
[[nodiscard]] const std::vector<File>& all_files();
[[nodiscard]] std::vector<const File*> files_ending(const std::vector<std::string_view>& endings);
/// C and C++ sources and headers.
[[nodiscard]] std::vector<const File*> sources();
[[nodiscard]] std::string read(const std::string& path);

/// Lines `key: value` of a table; `#` begins a comment.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> read_table(const std::string& path);
/// exempt.txt: `rule path [detail]: reason`. True if the file (and detail) is exempt from the rule.
[[nodiscard]] bool exempt(std::string_view rule, std::string_view path,
                          std::string_view detail = {});

/// The code of a line: without string and character literals and without its `//` comment.
[[nodiscard]] std::string code_of(std::string_view line);

}  // namespace writ::tidy
