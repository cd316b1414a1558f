#include "runtime/audit/memory_recorder.h"

#include <utility>

namespace writ::audit {

MemoryRecorder::MemoryRecorder(EventOptions options) : options_(std::move(options)) {
  if (options_.instance.empty()) options_.instance = "memory";
}

bool MemoryRecorder::record(const Record& record) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    std::string line;
    if (refused_ || encode(record, options_, sequence_, line) != Encoded::Whole) return false;
    line.pop_back();
    lines_.push_back(std::move(line));
    ++sequence_;
    return true;
  } catch (...) {
    return false;
  }
}

bool MemoryRecorder::authentication(const Authentication& result) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    std::string line;
    if (refused_ ||
        encode(AuthenticationEvent{result, 0}, options_, sequence_, line) != Encoded::Whole) {
      return false;
    }
    line.pop_back();
    lines_.push_back(std::move(line));
    ++sequence_;
    return true;
  } catch (...) {
    return false;
  }
}

void MemoryRecorder::lifecycle(std::string_view type, std::string_view message) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    std::string line;
    if (encode(Lifecycle{type, message, 0}, options_, sequence_, line) != Encoded::Whole) {
      refused_ = true;
      return;
    }
    line.pop_back();
    lines_.push_back(std::move(line));
    ++sequence_;
  } catch (...) {
    refused_ = true;
  }
}

void MemoryRecorder::refuse(bool refused) {
  const std::lock_guard lock(mutex_);
  refused_ = refused;
}

std::vector<std::string> MemoryRecorder::lines() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

}  // namespace writ::audit
