// The log's file operations and what a file of lines needs beside them, so that a test can let any
// of them fail.
#pragma once

#include "runtime/audit/log/files.h"

namespace writ::audit::sink {

struct FileFacts {
  std::uint64_t inode = 0;
  std::uint64_t bytes = 0;
};

class Files : public log::Files {
 public:
  /// 0, or the negative errno.
  [[nodiscard]] virtual int truncate(int fd, std::uint64_t bytes);
  [[nodiscard]] virtual int facts(int fd, FileFacts& out);
  [[nodiscard]] virtual int facts(const std::string& path, FileFacts& out);
};

}  // namespace writ::audit::sink
