#include "tests/conformance/lines.h"

#include <zlib.h>

#include <array>
#include <filesystem>

namespace writ::conformance {

std::string plain_or_gz(const std::string& path) {
  return std::filesystem::exists(path) ? path : path + ".gz";
}

Result<std::vector<std::string>> read_lines(const std::string& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) {
    return fail(ErrorCode::Unreadable, "the file cannot be read", path);
  }
  std::string text;
  std::array<char, 1 << 16> buffer{};
  int bytes = 0;
  while ((bytes = gzread(file, buffer.data(), buffer.size())) > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(bytes));
  }
  const bool sound = bytes == 0 && gzclose(file) == Z_OK;
  if (!sound) {
    return fail(ErrorCode::Unreadable, "the file is truncated or no gzip file", path);
  }
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end > begin) {
      lines.push_back(text.substr(begin, end - begin));
    }
    begin = end + 1;
  }
  return lines;
}

}  // namespace writ::conformance
