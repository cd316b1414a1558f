// The blocking sink: one line of JSON a decision, appended to a file before the decision is
// released. What cannot be written is not released. Threads share it; processes do not.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "runtime/audit/event.h"
#include "runtime/audit/recorder.h"
#include "runtime/base/error.h"

namespace writ::audit {

struct FileOptions {
  EventOptions events;  // an empty instance becomes a random one
  std::function<std::int64_t()> now_us;  // for lifecycle events; empty: the system's clock
};

class FileRecorder final : public Recorder {
 public:
  /// Opens for appending, makes the file with mode 0640 if it is not there, and locks it. A line
  /// that an earlier process left unfinished is ended, and an event says so.
  /// *errors* Unreadable: cannot be opened, or another recorder writes to it.
  [[nodiscard]] static Result<std::unique_ptr<FileRecorder>> open(const std::string& path,
                                                                  FileOptions options = {});
  ~FileRecorder() override;
  FileRecorder(const FileRecorder&) = delete;
  FileRecorder& operator=(const FileRecorder&) = delete;

  /// At level durable the line is on disk when this returns; at replicated it is refused, since one
  /// file is no sink that acknowledges. After refusals the first recorded decision is followed by
  /// an event that counts them.
  [[nodiscard]] bool record(const Record& record) noexcept override;
  /// An event that cannot be written is kept and written before the next decision, which is refused
  /// while that fails.
  [[nodiscard]] bool authentication(const Authentication& result) noexcept override;
  void lifecycle(std::string_view type, std::string_view message) noexcept override;
  /// From now on events have the policy's source and leave out what it omits. Routes are not looked
  /// at: there is one file.
  [[nodiscard]] std::shared_ptr<const void> use_policy(
      std::shared_ptr<const PolicyWords> words,
      std::span<const std::byte> bundle) noexcept override;
  /// Events in the file that are of this recorder.
  [[nodiscard]] std::uint64_t written() const;

 private:
  FileRecorder(int fd, FileOptions options);
  [[nodiscard]] Status end_torn_line(const std::string& path);
  [[nodiscard]] bool append(std::string_view lines);
  [[nodiscard]] bool sync();
  [[nodiscard]] bool record_line(Encoded encoded, Level level);
  [[nodiscard]] bool flush_pending();
  void note(std::string_view type, std::string_view message);

  mutable std::mutex mutex_;
  int fd_;
  FileOptions options_;
  EventOptions events_;          // those of options_ under the running policy
  std::uint64_t sequence_ = 0;   // of the next event; ids in the file have no gap
  std::uint64_t written_ = 0;
  std::string line_;             // kept, so that a warm recorder does not allocate for it
  std::string pending_;          // lifecycle events that could not be written
  std::uint64_t pending_count_ = 0;
  std::uint64_t torn_bytes_ = 0;  // of a partial line that could not be taken back yet
  std::uint64_t refused_ = 0;     // decisions that could not be recorded, since the last that was
  // An event was lost, or a sync failed, after which no other one proves anything: nothing is
  // recorded any more.
  std::atomic<bool> broken_ = false;
};

}  // namespace writ::audit
