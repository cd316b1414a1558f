// Files that ask the test before each operation that changes something, and a power failure.
#pragma once

#include <cerrno>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "runtime/audit/log/files.h"

namespace writ::audit::log::testing {

/// `before` gives 0, or the negative errno with which the operation fails. It is asked with the
/// operation (pwrite, fdatasync, sync_folder, rename, unlink) and the path it is about.
class ScriptedFiles final : public Files {
 public:
  std::function<int(std::string_view operation, const std::string& path)> before;

  int open(const std::string& path, int flags) override {
    const int fd = Files::open(path, flags);
    if (fd >= 0) paths_[fd] = path;
    return fd;
  }
  ssize_t pwrite(int fd, std::span<const std::byte> bytes, std::uint64_t offset) override {
    const int code = ask("pwrite", paths_[fd]);
    return code != 0 ? code : Files::pwrite(fd, bytes, offset);
  }
  int fdatasync(int fd) override {
    const int code = ask("fdatasync", paths_[fd]);
    return code != 0 ? code : Files::fdatasync(fd);
  }
  int sync_folder(int fd) override {
    const int code = ask("sync_folder", paths_[fd]);
    return code != 0 ? code : Files::sync_folder(fd);
  }
  int rename(const std::string& from, const std::string& to) override {
    const int code = ask("rename", to);
    const int done = code != 0 ? code : Files::rename(from, to);
    if (done != 0) return done;
    for (auto& [fd, path] : paths_) {
      if (path == from) path = to;
    }
    return 0;
  }
  int unlink(const std::string& path) override {
    const int code = ask("unlink", path);
    return code != 0 ? code : Files::unlink(path);
  }

 private:
  int ask(std::string_view operation, const std::string& path) {
    return before ? before(operation, path) : 0;
  }
  std::map<int, std::string> paths_;
};

}  // namespace writ::audit::log::testing
