// Keeps events as lines in memory, or refuses them: for tests and for showing what would be
// recorded.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/audit/event.h"
#include "runtime/audit/recorder.h"

namespace writ::audit {

class MemoryRecorder final : public Recorder {
 public:
  explicit MemoryRecorder(EventOptions options = {});
  [[nodiscard]] bool record(const Record& record) noexcept override;
  [[nodiscard]] bool authentication(const Authentication& result) noexcept override;
  void lifecycle(std::string_view type, std::string_view message) noexcept override;
  /// From now on nothing can be recorded, or can again.
  void refuse(bool refused);
  /// A copy of the lines so far, each without its newline.
  [[nodiscard]] std::vector<std::string> lines() const;

 private:
  mutable std::mutex mutex_;
  EventOptions options_;
  std::uint64_t sequence_ = 0;
  std::vector<std::string> lines_;
  std::atomic<bool> refused_ = false;
};

}  // namespace writ::audit
