#include "runtime/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <system_error>

namespace writ {
namespace {

// One system call never moves more than 2 GiB on Linux; smaller steps keep the arithmetic plain.
constexpr std::size_t kStepBytesMax = std::size_t{1} << 30;
constexpr std::size_t kFirstReadBytes = std::size_t{64} << 10;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  /// Whether the system had nothing to say: a network file system reports a full disk only here.
  bool close() {
    const int fd = fd_;
    fd_ = -1;
    return fd < 0 || ::close(fd) == 0;
  }

 private:
  int fd_;
};

std::unexpected<Error> system_error(const std::string& what, const std::string& path, int code) {
  return fail(ErrorCode::Unreadable, what + ": " + std::generic_category().message(code), path);
}

Status write_all(int fd, std::span<const std::byte> bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), std::min(bytes.size(), kStepBytesMax));
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return system_error("cannot write", path, written < 0 ? errno : ENOSPC);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

// A device or a pipe has no bytes that a rename could keep, and a rename would take its place.
Status write_directly(const std::string& path, std::span<const std::byte> bytes) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (file.get() < 0) {
    return system_error("cannot open for writing", path, errno);
  }
  WRIT_TRY(write_all(file.get(), bytes, path));
  if (!file.close()) {
    return system_error("cannot write", path, errno);
  }
  return {};
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) {
    return ".";
  }
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status fill(Descriptor& file, std::span<const std::byte> bytes, unsigned mode,
            const std::string& path) {
  if (::fchmod(file.get(), static_cast<mode_t>(mode)) != 0) {
    return system_error("cannot set the mode", path, errno);
  }
  WRIT_TRY(write_all(file.get(), bytes, path));
  if (::fsync(file.get()) != 0) {
    return system_error("cannot write", path, errno);
  }
  if (!file.close()) {
    return system_error("cannot write", path, errno);
  }
  return {};
}

Status sync_folder(const std::string& folder) {
  const Descriptor handle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Some file systems have no fsync of a folder and say EINVAL: there is nothing more to do then.
  if (handle.get() < 0 || (::fsync(handle.get()) != 0 && errno != EINVAL)) {
    return system_error("cannot sync the folder", folder, errno);
  }
  return {};
}

Status write_beside(const std::string& path, std::span<const std::byte> bytes, unsigned mode) {
  const std::string folder = folder_of(path);
  std::string temporary = path + ".XXXXXX";
  Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) {
    return system_error("cannot create a file in `" + folder + "`", path, errno);
  }
  Status status = fill(file, bytes, mode, path);
  if (status && ::rename(temporary.c_str(), path.c_str()) != 0) {
    status = system_error("cannot put the new file in place", path, errno);
  }
  if (!status) {
    ::unlink(temporary.c_str());
    return status;
  }
  return sync_folder(folder);
}

struct Freed {
  void operator()(char* text) const { std::free(text); }
};

}  // namespace

Status write_file(const std::string& path, std::span<const std::byte> bytes, unsigned mode) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) {
    return write_beside(path, bytes, mode);
  }
  if (S_ISDIR(found.st_mode)) {
    return fail(ErrorCode::Unreadable, "cannot write: there is a folder of this name", path);
  }
  if (!S_ISREG(found.st_mode)) {
    return write_directly(path, bytes);
  }
  const std::unique_ptr<char, Freed> real(::realpath(path.c_str(), nullptr));
  return write_beside(real ? std::string(real.get()) : path, bytes, mode);
}

Result<std::vector<std::byte>> read_file(const std::string& path, std::uint64_t bytes_max) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (file.get() < 0) {
    return system_error("cannot open", path, errno);
  }
  struct stat found {};
  if (::fstat(file.get(), &found) != 0) {
    return system_error("cannot read", path, errno);
  }
  std::vector<std::byte> bytes;
  std::size_t filled = 0;
  // The size is a hint: a pipe has none, and a file may grow while it is read.
  bytes.resize(std::max<std::size_t>(
      kFirstReadBytes,
      std::min<std::uint64_t>(static_cast<std::uint64_t>(found.st_size), bytes_max) + 1));
  for (;;) {
    if (filled == bytes.size()) {
      bytes.resize(bytes.size() * 2);
    }
    const ssize_t got = ::read(file.get(), bytes.data() + filled,
                               std::min(bytes.size() - filled, kStepBytesMax));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return system_error("cannot read", path, errno);
    }
    if (got == 0) {
      break;
    }
    filled += static_cast<std::size_t>(got);
    if (filled > bytes_max) {
      return fail(ErrorCode::Limit,
                  "the file is larger than " + std::to_string(bytes_max) + " bytes", path);
    }
  }
  bytes.resize(filled);
  return bytes;
}

}  // namespace writ
