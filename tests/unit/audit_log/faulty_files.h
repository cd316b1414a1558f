// Files of which the n-th operation fails, and a disk that can be full.
#pragma once

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "runtime/audit/log/files.h"

namespace writ::audit::log::testing {

/// Counts operations; the one with number `fail_at` fails as `fault` says, once. A file whose sync
/// failed must not be synced again: that fails the test.
class FaultyFiles final : public Files {
 public:
  enum class Fault { Eio, Enospc, Eintr, Short };
  FaultyFiles() = default;
  FaultyFiles(Fault fault, std::uint64_t fail_at) : fault_(fault), fail_at_(fail_at) {}
  [[nodiscard]] bool has_failed() const { return done_ > fail_at_; }
  /// From now on so many bytes can still be written; a reserve counts.
  void free_bytes(std::int64_t bytes) { free_ = bytes; }
  [[nodiscard]] std::int64_t free_bytes() const { return *free_; }

  int open(const std::string& path, int flags) override {
    const int code = fault();
    return code != 0 ? code : Files::open(path, flags);
  }
  ssize_t pwrite(int fd, std::span<const std::byte> bytes, std::uint64_t offset) override {
    const bool now = done_ == fail_at_;
    const int code = fault();
    if (now && fault_ == Fault::Short) bytes = bytes.first(bytes.size() / 2 + 1);
    if (now && fault_ == Fault::Enospc) {
      // A full disk takes a part before it says so.
      static_cast<void>(Files::pwrite(fd, bytes.first(bytes.size() / 3), offset));
    }
    if (code != 0) return code;
    if (free_) {
      if (*free_ <= 0) return -ENOSPC;
      bytes = bytes.first(std::min(bytes.size(), static_cast<std::size_t>(*free_)));
      *free_ -= static_cast<std::int64_t>(bytes.size());
    }
    return Files::pwrite(fd, bytes, offset);
  }
  ssize_t pread(int fd, std::span<std::byte> bytes, std::uint64_t offset) override {
    const bool now = done_ == fail_at_;
    const int code = fault();
    if (now && fault_ == Fault::Short) bytes = bytes.first(bytes.size() / 2 + 1);
    return code != 0 ? code : Files::pread(fd, bytes, offset);
  }
  int fdatasync(int fd) override {
    EXPECT_FALSE(failed_.contains(fd)) << "a file is synced after its sync failed";
    const int code = fault();
    if (code != 0) failed_.insert(fd);
    return code != 0 ? code : Files::fdatasync(fd);
  }
  int sync_folder(int fd) override {
    const int code = fault();
    return code != 0 ? code : Files::sync_folder(fd);
  }
  int allocate(int fd, std::uint64_t bytes) override {
    const int code = fault();
    if (code != 0) return code;
    if (free_) {
      if (*free_ < static_cast<std::int64_t>(bytes)) return -ENOSPC;
      *free_ -= static_cast<std::int64_t>(bytes);
      reserved_ = static_cast<std::int64_t>(bytes);
    }
    return Files::allocate(fd, bytes);
  }
  int rename(const std::string& from, const std::string& to) override {
    const int code = fault();
    return code != 0 ? code : Files::rename(from, to);
  }
  int unlink(const std::string& path) override {
    const int code = fault();
    if (code != 0) return code;
    const int result = Files::unlink(path);
    if (result == 0 && free_ && path.ends_with("/reserve")) {
      *free_ += std::exchange(reserved_, 0);
    }
    return result;
  }
  int lock(int fd) override {
    const int code = fault();
    return code != 0 ? code : Files::lock(fd);
  }
  void close(int fd) override {
    failed_.erase(fd);
    Files::close(fd);
  }

 private:
  int fault() {
    if (done_++ != fail_at_) return 0;
    switch (fault_) {
      case Fault::Eio: return -EIO;
      case Fault::Enospc: return -ENOSPC;
      case Fault::Eintr: return -EINTR;
      case Fault::Short: return 0;
    }
    return 0;
  }
  Fault fault_ = Fault::Eio;
  std::uint64_t fail_at_ = UINT64_MAX;
  std::uint64_t done_ = 0;
  std::set<int> failed_;
  std::optional<std::int64_t> free_;
  std::int64_t reserved_ = 0;
};

}  // namespace writ::audit::log::testing
