#include "compiler/lower/data_text.h"

#include <cerrno>
#include <cstring>
#include <memory>

#include <fmt/format.h>
#include <zlib.h>

namespace writ::lower {

Result<std::string> read_data_text(const std::filesystem::path& path) {
  constexpr unsigned kChunk = 1U << 20;
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return fail(ErrorCode::Unreadable, "is a folder, not a file", path.string());
  }
  if (std::filesystem::exists(path, ignored) && !std::filesystem::is_regular_file(path, ignored)) {
    return fail(ErrorCode::Unreadable, "is not a regular file", path.string());
  }
  // gzread passes what is not compressed through as it is.
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
  if (!file) {
    return fail(ErrorCode::Unreadable, fmt::format("cannot be read: {}", std::strerror(errno)),
                path.string());
  }
  std::string text;
  if (const auto size = std::filesystem::file_size(path, ignored); !ignored) {
    text.reserve(static_cast<std::size_t>(size) + kChunk);
  }
  while (true) {
    const std::size_t before = text.size();
    text.resize(before + kChunk);
    const int got = gzread(file.get(), text.data() + before, kChunk);
    if (got < 0) {
      int code = 0;
      const char* reason = gzerror(file.get(), &code);
      return fail(ErrorCode::Malformed, fmt::format("cannot be unpacked: {}", reason),
                  path.string());
    }
    text.resize(before + static_cast<std::size_t>(got));
    if (got == 0) {
      break;
    }
    if (text.size() > kDataBytesMax) {
      return fail(ErrorCode::Limit, fmt::format("has more than {} bytes", kDataBytesMax),
                  path.string());
    }
  }
  // A cut-off .gz ends without an error of gzread; closing tells.
  int code = 0;
  static_cast<void>(gzerror(file.get(), &code));
  if (code == Z_BUF_ERROR) {
    return fail(ErrorCode::Malformed, "ends in the middle of its compressed data", path.string());
  }
  return text;
}

}  // namespace writ::lower
