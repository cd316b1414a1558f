// The operations on files that a log is written with, one virtual call each, so that a test can let
// the n-th of them fail. Each gives what the system call gives, or the negative errno.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace writ::audit::log {

class Files {
 public:
  virtual ~Files() = default;
  /// Flags as open(2); always close-on-exec. Gives the descriptor.
  [[nodiscard]] virtual int open(const std::string& path, int flags);
  /// May write less than asked.
  [[nodiscard]] virtual ssize_t pwrite(int fd, std::span<const std::byte> bytes,
                                       std::uint64_t offset);
  [[nodiscard]] virtual ssize_t pread(int fd, std::span<std::byte> bytes, std::uint64_t offset);
  [[nodiscard]] virtual int fdatasync(int fd);
  /// fsync of a folder: after it, names in it survive a crash.
  [[nodiscard]] virtual int sync_folder(int fd);
  /// Takes room for the first `bytes` of the file, as part of its size.
  [[nodiscard]] virtual int allocate(int fd, std::uint64_t bytes);
  [[nodiscard]] virtual int rename(const std::string& from, const std::string& to);
  [[nodiscard]] virtual int unlink(const std::string& path);
  /// An exclusive lock that ends with the descriptor; at once, or -EWOULDBLOCK.
  [[nodiscard]] virtual int lock(int fd);
  virtual void close(int fd);
};

/// `what: the system's words` with the path; Limit for a full disk, else Unreadable.
[[nodiscard]] std::unexpected<Error> file_error(const std::string& what, const std::string& path,
                                                int negative_errno);

/// An open file, closed at its end.
class OpenFile {
 public:
  OpenFile() = default;
  OpenFile(Files& files, int fd) : files_(&files), fd_(fd) {}
  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&& other) noexcept;
  ~OpenFile() { close(); }
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  void close();
  /// It is closed already.
  void forget() { fd_ = -1; }

 private:
  Files* files_ = nullptr;
  int fd_ = -1;
};

/// Both try again after a signal. 0, or the negative errno; nothing is synced.
[[nodiscard]] int write_whole(Files& files, int fd, std::span<const std::byte> bytes,
                              std::uint64_t offset);
[[nodiscard]] int open_again(Files& files, const std::string& path, int flags);

/// Numbers of the segments in the folder, in order. *errors* Unreadable.
[[nodiscard]] Result<std::vector<std::uint64_t>> list_segments(const std::string& folder);
[[nodiscard]] std::string segment_path(const std::string& folder, std::uint64_t number);
/// Of a file that belongs to the segment: the index of a query.
[[nodiscard]] std::string index_path(const std::string& folder, std::uint64_t number);

}  // namespace writ::audit::log
