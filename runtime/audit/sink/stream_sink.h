// Lines on a descriptor that is open already: standard output, a pipe. Acknowledged when the system
// took them; whoever reads the other end may still lose them.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/audit/sink/sink.h"

namespace writ::audit::sink {

class StreamSink final : public Sink {
 public:
  /// The descriptor is not closed. SIGPIPE must be ignored by the process.
  explicit StreamSink(int fd) : fd_(fd) {}
  [[nodiscard]] Status begin(std::string_view state, std::uint64_t next) override;
  [[nodiscard]] Result<bool> deliver(const Delivery& delivery) override;
  [[nodiscard]] Result<std::uint64_t> poll(std::uint32_t wait_ms) override;
  [[nodiscard]] std::string name() const override { return "standard output"; }

 private:
  int fd_;
  bool within_line_ = false;  // the last write ended there
  std::string waiting_;       // of the delivery at hand, and how much of it is written
  std::size_t written_ = 0;
  std::uint64_t delivered_ = 0;
  std::uint64_t acknowledged_ = 0;
};

}  // namespace writ::audit::sink
