#include "runtime/audit/sink/stream_sink.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "runtime/audit/log/files.h"

namespace writ::audit::sink {
namespace {

// A pipe that is said to have room has room for so much (PIPE_BUF): a write of no more does not
// wait, whatever the descriptor's mode.
constexpr std::size_t kWriteBytesMax = 4'096;

}  // namespace

Status StreamSink::begin(std::string_view, std::uint64_t next) {
  // A line that was begun is ended, so that the next one stands by itself; it comes again whole.
  waiting_.clear();
  if (within_line_) waiting_ += '\n';
  written_ = 0;
  delivered_ = acknowledged_ = next - 1;
  return {};
}

Result<bool> StreamSink::deliver(const Delivery& delivery) {
  if (delivered_ != acknowledged_) return false;
  waiting_.erase(0, written_);
  written_ = 0;
  for (const Event& event : delivery.events) waiting_ += event.line;
  delivered_ = delivery.number;
  return true;
}

Result<std::uint64_t> StreamSink::poll(std::uint32_t wait_ms) {
  while (written_ < waiting_.size()) {
    pollfd room{.fd = fd_, .events = POLLOUT, .revents = 0};
    const int ready = ::poll(&room, 1, static_cast<int>(wait_ms));
    if (ready == 0 || (ready < 0 && errno == EINTR)) return acknowledged_;
    if (ready < 0) return log::file_error("cannot wait", name(), -errno);
    const std::size_t size = std::min(kWriteBytesMax, waiting_.size() - written_);
    const ssize_t wrote = ::write(fd_, waiting_.data() + written_, size);
    if (wrote < 0 && (errno == EINTR || errno == EAGAIN)) return acknowledged_;
    if (wrote < 0) return log::file_error("cannot write", name(), -errno);
    written_ += static_cast<std::size_t>(wrote);
    within_line_ = written_ != 0 && waiting_[written_ - 1] != '\n';
  }
  acknowledged_ = delivered_;
  return acknowledged_;
}

}  // namespace writ::audit::sink
