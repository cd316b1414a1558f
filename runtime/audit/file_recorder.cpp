#include "runtime/audit/file_recorder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "runtime/crypto/keys.h"

namespace writ::audit {
namespace {

constexpr mode_t kFileMode = 0640;
// Lifecycle events that wait for a disk to have room again: reloads are rare.
constexpr std::size_t kPendingBytesMax = std::size_t{1} << 20;

std::unexpected<Error> system_error(std::string what, const std::string& path, int code) {
  return fail(ErrorCode::Unreadable, what + ": " + std::generic_category().message(code), path);
}

std::int64_t system_now_us() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

// 96 random bits tell this process from every other that writes events of the same cluster.
Result<std::string> random_instance() {
  std::array<std::byte, 12> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return fail(ErrorCode::Internal, "the system has no random bytes for the ids of events");
  }
  return crypto::hex(bytes);
}

}  // namespace

FileRecorder::FileRecorder(int fd, FileOptions options)
    : fd_(fd), options_(std::move(options)), events_(options_.events) {
  if (!options_.now_us) options_.now_us = system_now_us;
}

FileRecorder::~FileRecorder() { ::close(fd_); }

Result<std::unique_ptr<FileRecorder>> FileRecorder::open(const std::string& path,
                                                         FileOptions options) {
  if (options.events.instance.empty()) {
    WRIT_ASSIGN(instance, random_instance());
    options.events.instance = std::move(instance);
  }
  const int flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY;
  int fd = ::open(path.c_str(), flags, kFileMode);
  // A pipe or terminal that may only be written to is as good.
  if (fd < 0 && (errno == EACCES || errno == ENXIO)) {
    fd = ::open(path.c_str(), (flags & ~O_RDWR) | O_WRONLY, kFileMode);
  }
  if (fd < 0) {
    return system_error("cannot open the audit file", path, errno);
  }
  std::unique_ptr<FileRecorder> recorder(new FileRecorder(fd, std::move(options)));
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    return fail(ErrorCode::Unreadable,
                "another recorder writes to the audit file: give each its own", path);
  }
  WRIT_TRY(recorder->end_torn_line(path));
  return recorder;
}

Status FileRecorder::end_torn_line(const std::string& path) {
  struct stat found {};
  if (::fstat(fd_, &found) != 0) {
    return system_error("cannot read the audit file", path, errno);
  }
  char last = '\n';
  if (!S_ISREG(found.st_mode) || found.st_size == 0 ||
      ::pread(fd_, &last, 1, found.st_size - 1) != 1 || last == '\n') {
    return {};
  }
  // The line stays as evidence; its decision was never released, for record() had not returned.
  if (!append("\n")) {
    return system_error("cannot write to the audit file", path, errno);
  }
  lifecycle("audit.torn-line", "the last line of an earlier process was not finished");
  return {};
}

// Whole lines or nothing: what was written of a line that failed is taken back, at once or before
// the next one.
bool FileRecorder::append(std::string_view lines) {
  if (torn_bytes_ != 0) {
    struct stat found {};
    const auto torn = static_cast<off_t>(torn_bytes_);
    if (::fstat(fd_, &found) != 0 || found.st_size < torn ||
        ::ftruncate(fd_, found.st_size - torn) != 0) {
      return false;
    }
    torn_bytes_ = 0;
  }
  std::string_view left = lines;
  while (!left.empty()) {
    const ssize_t written = ::write(fd_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const int code = errno;
      torn_bytes_ = lines.size() - left.size();
      if (torn_bytes_ != 0) static_cast<void>(append({}));
      errno = code;
      return false;
    }
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// What was appended last is on disk, or is taken back.
bool FileRecorder::sync() {
  if (::fdatasync(fd_) == 0) return true;
  const int code = errno;
  broken_ = true;
  torn_bytes_ = line_.size();
  static_cast<void>(append({}));
  errno = code;
  return false;
}

bool FileRecorder::flush_pending() {
  if (broken_) return false;
  if (pending_.empty()) return true;
  if (!append(pending_)) return false;
  written_ += pending_count_;
  pending_.clear();
  pending_count_ = 0;
  return true;
}

/// `line_` after it was encoded.
bool FileRecorder::record_line(Encoded encoded, Level level) {
  if (encoded != Encoded::Whole || level == Level::Replicated || !flush_pending() ||
      !append(line_) || (level == Level::Durable && !sync())) {
    ++refused_;
    return false;
  }
  ++sequence_;
  ++written_;
  if (refused_ != 0) {
    note("audit.resumed", fmt::format("{} decisions were denied because they could not be "
                                      "recorded",
                                      std::exchange(refused_, 0)));
  }
  return true;
}

bool FileRecorder::authentication(const Authentication& result) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    line_.clear();
    return record_line(
        encode(AuthenticationEvent{result, options_.now_us()}, events_, sequence_, line_),
        Level::Ring);
  } catch (...) {
    return false;
  }
}

bool FileRecorder::record(const Record& record) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    line_.clear();
    return record_line(encode(record, events_, sequence_, line_), record.level);
  } catch (...) {
    // Memory ran out: the decision is not recorded, so it must not be released.
    return false;
  }
}

void FileRecorder::note(std::string_view type, std::string_view message) {
  const Lifecycle event{type, message, options_.now_us()};
  if (pending_.size() > kPendingBytesMax ||
      encode(event, events_, sequence_, pending_) != Encoded::Whole) {
    broken_ = true;
    return;
  }
  ++sequence_;
  ++pending_count_;
  static_cast<void>(flush_pending());
}

void FileRecorder::lifecycle(std::string_view type, std::string_view message) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    note(type, message);
  } catch (...) {
    // An event is lost, and with it the promise that none is: no decision is released any more.
    broken_ = true;
  }
}

std::shared_ptr<const void> FileRecorder::use_policy(std::shared_ptr<const PolicyWords> words,
                                                     std::span<const std::byte>) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    events_ = under(words->audit(), options_.events);
  } catch (...) {
    // What is to be omitted is not known: nothing is shown any more.
    broken_ = true;
  }
  return nullptr;
}

std::uint64_t FileRecorder::written() const {
  const std::lock_guard lock(mutex_);
  return written_;
}

}  // namespace writ::audit
