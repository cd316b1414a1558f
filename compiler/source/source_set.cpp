#include "compiler/source/source_set.h"

#include "runtime/base/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

namespace writ::source {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};
using OpenFile = std::unique_ptr<std::FILE, CloseFile>;

std::uint32_t code_points(std::string_view text) {
  // Every byte but the continuation bytes begins a code point.
  return static_cast<std::uint32_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// Length of the well-formed UTF-8 sequence at the start of `text`, 0 when there is none.
/// SOURCE: Unicode 15, table 3-7 (no overlong forms, no surrogates, nothing past U+10FFFF).
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t at) {
    return at < text.size() ? static_cast<unsigned>(static_cast<unsigned char>(text[at])) : 0U;
  };
  const auto tail = [&](std::size_t at) { return (byte(at) & 0xC0U) == 0x80U; };
  const unsigned lead = byte(0);
  if (lead < 0x80)
    return 1;
  if (lead >= 0xC2 && lead <= 0xDF)
    return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool narrow = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F);
    return !narrow && tail(1) && tail(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool narrow = (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F);
    return !narrow && tail(1) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

std::optional<std::size_t> first_invalid(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = sequence_length(text.substr(at));
    if (length == 0)
      return at;
    at += length;
  }
  return std::nullopt;
}

std::string place(std::string_view text, std::size_t offset, const std::string& display) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_end = before.rfind('\n');
  const std::string_view same_line =
      line_end == std::string_view::npos ? before : before.substr(line_end + 1);
  return fmt::format("{}:{}:{}", display, std::ranges::count(before, '\n') + 1,
                     code_points(same_line) + 1);
}

std::unexpected<Error> too_large(const std::string& display) {
  return fail(
      ErrorCode::Limit,
      fmt::format("the file is larger than {} MiB; split the policy into several files, and "
                  "`load` lists of ACLs from data files",
                  kFileBytesMax >> 20),
      display);
}

Status check_text(const std::string& display, std::string& text) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    return fail(ErrorCode::Malformed, "the text is UTF-16; save the file as UTF-8",
                display + ":1:1");
  }
  if (text.starts_with("\xEF\xBB\xBF"))
    text.erase(0, 3);
  if (const auto at = first_invalid(text)) {
    return fail(ErrorCode::Malformed,
                fmt::format("the byte 0x{:02X} is not UTF-8 here; save the file as UTF-8",
                            static_cast<unsigned char>(text[*at])),
                place(text, *at, display));
  }
  return {};
}

}  // namespace

Result<FileId> SourceSet::add_file(const std::filesystem::path& path, std::string display) {
  std::error_code status_error;
  if (std::filesystem::is_directory(path, status_error)) {
    return fail(ErrorCode::Unreadable, fmt::format("`{}` is a folder, not a file", path.string()),
                display);
  }
  const OpenFile file(std::fopen(path.c_str(), "rb"));
  if (!file) {
    return fail(ErrorCode::Unreadable,
                fmt::format("cannot read `{}`: {}", path.string(), std::strerror(errno)), display);
  }
  std::string text;
  std::array<char, 1 << 16> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
    text.append(buffer.data(), got);
    // The size is tested while reading: what stat says of a pipe or a growing file is no bound.
    if (text.size() > kFileBytesMax)
      return too_large(display);
  }
  if (std::ferror(file.get()) != 0) {
    return fail(ErrorCode::Unreadable,
                fmt::format("cannot read `{}`: {}", path.string(), std::strerror(errno)), display);
  }
  auto id = add_text(std::move(display), std::move(text));
  if (id)
    files_[id->index].path = path.string();
  return id;
}

Result<FileId> SourceSet::add_text(std::string display, std::string text, std::size_t bytes_max) {
  // INVARIANT: offsets are 32-bit numbers.
  WRIT_CHECK(bytes_max <= UINT32_MAX);
  if (text.size() > bytes_max)
    return too_large(display);
  WRIT_TRY(check_text(display, text));
  File file;
  file.path = display;
  file.display = std::move(display);
  file.text = std::move(text);
  file.line_starts.push_back(0);
  for (std::size_t at = 0; at < file.text.size(); ++at) {
    if (file.text[at] == '\n')
      file.line_starts.push_back(static_cast<std::uint32_t>(at + 1));
  }
  files_.push_back(std::move(file));
  return FileId(files_.size() - 1);
}

const File& SourceSet::file(FileId id) const {
  WRIT_CHECK(id.index < files_.size());
  return files_[id.index];
}

std::size_t SourceSet::size() const {
  return files_.size();
}

Position SourceSet::position(FileId id, std::uint32_t offset) const {
  const File& of = file(id);
  const auto at = std::min<std::size_t>(offset, of.text.size());
  const auto next = std::ranges::upper_bound(of.line_starts, static_cast<std::uint32_t>(at));
  const auto line = static_cast<std::uint32_t>(next - of.line_starts.begin());
  const std::size_t start = of.line_starts[line - 1];
  return {line, code_points(std::string_view(of.text).substr(start, at - start)) + 1};
}

std::string_view SourceSet::text(Span span) const {
  const std::string_view all = file(span.file).text;
  const std::size_t begin = std::min<std::size_t>(span.begin, all.size());
  const std::size_t end = std::clamp<std::size_t>(span.end, begin, all.size());
  return all.substr(begin, end - begin);
}

std::string_view SourceSet::line(FileId id, std::uint32_t line) const {
  const File& of = file(id);
  if (line == 0 || line > of.line_starts.size())
    return {};
  const std::size_t begin = of.line_starts[line - 1];
  std::size_t end = line < of.line_starts.size() ? of.line_starts[line] - 1 : of.text.size();
  if (end > begin && of.text[end - 1] == '\r')
    --end;
  return std::string_view(of.text).substr(begin, end - begin);
}

}  // namespace writ::source
