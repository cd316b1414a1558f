#include "compiler/cli/files.h"

#include "runtime/base/file.h"
#include "runtime/base/limits.h"

#include <algorithm>

namespace writ::cli {

Result<std::string> read_text(const std::string& path) {
  WRIT_ASSIGN(bytes, read_bytes(path));
  std::string text(bytes.size(), '\0');
  std::transform(bytes.begin(), bytes.end(), text.begin(),
                 [](std::byte b) { return static_cast<char>(b); });
  return text;
}

Result<std::vector<std::byte>> read_bytes(const std::string& path) {
  return read_file(path, limits::kBundleBytesMax);
}

Status write_output(const std::string& path, std::span<const std::byte> bytes, unsigned mode) {
  return write_file(path, bytes, mode);
}

Status write_output(const std::string& path, std::string_view text, unsigned mode) {
  return write_output(path, std::as_bytes(std::span(text)), mode);
}

}  // namespace writ::cli
