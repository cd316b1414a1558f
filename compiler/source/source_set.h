// The policy's text: files read whole, checked to be UTF-8 and within limits, with line tables.
// Takes paths (files or folders, searched for *.writ, sorted), gives ids that spans refer to.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/source/span.h"
#include "runtime/base/error.h"

namespace writ::source {

// LANGUAGE.md section 2: refused before parsing.
inline constexpr std::size_t kFileBytesMax = std::size_t{16} << 20;
inline constexpr std::size_t kTokenBytesMax = std::size_t{64} << 10;
inline constexpr std::size_t kNestingMax = 256;

struct Position {
  std::uint32_t line = 0;    // from 1
  std::uint32_t column = 0;  // from 1, in code points
};

struct File {
  std::string path;     // as given, for opening
  std::string display;  // relative to the package root, `/` as separator: what bundles carry
  std::string text;
  std::vector<std::uint32_t> line_starts;
  bool stdlib = false;  // from the embedded library
};

class SourceSet {
 public:
  /// Reads one file from disk. Errors: Unreadable, Malformed (invalid UTF-8, its place), Limit.
  [[nodiscard]] Result<FileId> add_file(const std::filesystem::path& path, std::string display);
  /// Adds text that is already here (embedded library, tests, what is imported).
  [[nodiscard]] Result<FileId> add_text(std::string display, std::string text,
                                        std::size_t bytes_max = kFileBytesMax);
  [[nodiscard]] const File& file(FileId id) const;
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] Position position(FileId file, std::uint32_t offset) const;
  [[nodiscard]] std::string_view text(Span span) const;
  [[nodiscard]] std::string_view line(FileId file, std::uint32_t line) const;

 private:
  std::vector<File> files_;
};

/// Finds the policy files of PATH… : a file as it is, a folder recursively for *.writ, sorted by
/// path; `display` is relative to the folder (or to the file's folder).
struct Found {
  std::filesystem::path path;
  std::string display;
};
[[nodiscard]] Result<std::vector<Found>> find_policy_files(const std::vector<std::string>& paths);

}  // namespace writ::source
