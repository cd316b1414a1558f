#include "runtime/audit/log/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <memory>
#include <string_view>
#include <system_error>

namespace writ::audit::log {
namespace {

constexpr mode_t kMode = 0640;
constexpr std::string_view kSegmentEnd = ".seg";
constexpr std::string_view kIndexEnd = ".index";
constexpr std::size_t kNumberDigits = 20;
// One system call never moves more than 2 GiB on Linux.
constexpr std::size_t kStepBytesMax = std::size_t{1} << 30;

template <class T>
T or_errno(T result) {
  return result < 0 ? static_cast<T>(-errno) : result;
}

struct Closed {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

std::string numbered(const std::string& folder, std::uint64_t number, std::string_view end) {
  std::string digits = std::to_string(number);
  digits.insert(0, kNumberDigits - std::min(digits.size(), kNumberDigits), '0');
  return folder + "/" + digits + std::string(end);
}

}  // namespace

int Files::open(const std::string& path, int flags) {
  return or_errno(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, kMode));
}
ssize_t Files::pwrite(int fd, std::span<const std::byte> bytes, std::uint64_t offset) {
  return or_errno(::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset)));
}
ssize_t Files::pread(int fd, std::span<std::byte> bytes, std::uint64_t offset) {
  return or_errno(::pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset)));
}
int Files::fdatasync(int fd) { return or_errno(::fdatasync(fd)); }
int Files::sync_folder(int fd) {
  const int result = or_errno(::fsync(fd));
  // Some file systems have no fsync of a folder: there is nothing more to do then.
  return result == -EINVAL ? 0 : result;
}
int Files::allocate(int fd, std::uint64_t bytes) {
  // Unlike posix_fallocate this never writes zeros itself where the file system cannot do it.
  return or_errno(::fallocate(fd, 0, 0, static_cast<off_t>(bytes)));
}
int Files::rename(const std::string& from, const std::string& to) {
  return or_errno(std::rename(from.c_str(), to.c_str()));
}
int Files::unlink(const std::string& path) { return or_errno(::unlink(path.c_str())); }
int Files::lock(int fd) { return or_errno(::flock(fd, LOCK_EX | LOCK_NB)); }
void Files::close(int fd) { ::close(fd); }

std::unexpected<Error> file_error(const std::string& what, const std::string& path,
                                  int negative_errno) {
  const bool full = negative_errno == -ENOSPC || negative_errno == -EDQUOT;
  return fail(full ? ErrorCode::Limit : ErrorCode::Unreadable,
              what + ": " + std::generic_category().message(-negative_errno), path);
}

OpenFile::OpenFile(OpenFile&& other) noexcept
    : files_(other.files_), fd_(std::exchange(other.fd_, -1)) {}
OpenFile& OpenFile::operator=(OpenFile&& other) noexcept {
  if (this != &other) {
    close();
    files_ = other.files_;
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}
void OpenFile::close() {
  if (fd_ >= 0) files_->close(std::exchange(fd_, -1));
}

int write_whole(Files& files, int fd, std::span<const std::byte> bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written =
        files.pwrite(fd, bytes.first(std::min(bytes.size(), kStepBytesMax)), offset);
    if (written == -EINTR) continue;
    if (written <= 0) return written < 0 ? static_cast<int>(written) : -ENOSPC;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return 0;
}

int open_again(Files& files, const std::string& path, int flags) {
  int fd = -EINTR;
  while (fd == -EINTR) fd = files.open(path, flags);
  return fd;
}

Result<std::vector<std::uint64_t>> list_segments(const std::string& folder) {
  const std::unique_ptr<DIR, Closed> names(::opendir(folder.c_str()));
  if (!names) return file_error("cannot read the log's folder", folder, -errno);
  std::vector<std::uint64_t> numbers;
  errno = 0;
  while (const dirent* entry = ::readdir(names.get())) {
    const std::string_view name(entry->d_name);
    if (name.size() != kNumberDigits + kSegmentEnd.size() || !name.ends_with(kSegmentEnd)) continue;
    std::uint64_t number = 0;
    const char* end = name.data() + kNumberDigits;
    const auto [stopped, code] = std::from_chars(name.data(), end, number);
    if (code == std::errc() && stopped == end) numbers.push_back(number);
  }
  if (errno != 0) return file_error("cannot read the log's folder", folder, -errno);
  std::ranges::sort(numbers);
  return numbers;
}

std::string segment_path(const std::string& folder, std::uint64_t number) {
  return numbered(folder, number, kSegmentEnd);
}
std::string index_path(const std::string& folder, std::uint64_t number) {
  return numbered(folder, number, kIndexEnd);
}

}  // namespace writ::audit::log
