// The loop from rings to log: passes over the regions of a directory, group commits, a seal each
// second. A thread of the deciding process (trail.h) or the whole of another (`writ auditd`).
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "runtime/audit/drain/region_drain.h"

namespace writ::audit::drain {

/// The words of a bundle that another process ran, by what its dictionary says. Null: not there.
using WordsLoader =
    std::function<std::shared_ptr<const PolicyWords>(const ring::PolicyEntry& policy)>;

struct DrainOptions {
  std::string rings;  // the directory of the regions
  std::string log;    // the folder of the log
  log::WriterOptions writer;
  // What was appended is on disk after so long at the latest, if the disk is fast enough.
  std::chrono::nanoseconds group_commit = std::chrono::milliseconds(5);
  std::size_t group_rows = 131'072;  // … or after so many rows
  // New regions, and ends of processes, are looked for that often.
  std::chrono::nanoseconds look_each = std::chrono::milliseconds(100);
  WordsLoader load_words;
  std::function<void()> each_second;
};

struct DrainState {
  std::uint64_t rows = 0;
  std::uint64_t syncs = 0;
  std::size_t regions = 0;
  std::size_t broken_rings = 0;
  std::size_t refused_regions = 0;  // files in the directory that are none
  std::optional<Error> trouble;  // why nothing reaches the log; decisions are denied after a while
};

class Drain {
 public:
  /// Opens the log, and takes the regions of processes that ended without one. *errors* as
  /// log::Writer::open.
  [[nodiscard]] static Result<std::unique_ptr<Drain>> open(DrainOptions options);
  Drain(const Drain&) = delete;
  Drain& operator=(const Drain&) = delete;

  /// Takes a region of this process. *errors* Usage: another drain has it.
  [[nodiscard]] Status adopt(const std::shared_ptr<ring::Region>& region, WordsSource words);
  /// Goes on until told to stop, then once more to the end of every ring.
  void run(const std::atomic<bool>& stop);
  /// One turn: copies and appends what is there, syncs if it is time. Gives the rows appended.
  std::size_t turn();
  /// Everything that was committed is in the log, sealed, and the log is closed.
  [[nodiscard]] Status close();
  /// Sinks have sent everything up to this row of the ring; decisions that wait for it go on with
  /// the next turn. Any thread.
  void replicated(const std::string& instance, std::uint16_t ring, std::uint64_t sequence);
  /// Retention leaves segments from this one on. Any thread.
  void hold(std::uint64_t segment) { writer_->hold(segment); }

  [[nodiscard]] DrainState state() const;  // any thread

 private:
  using Clock = std::chrono::steady_clock;
  struct One {
    std::unique_ptr<RegionDrain> drain;
    bool ended = false;  // seen before the last pass
  };
  Drain(DrainOptions options, std::unique_ptr<log::Writer> writer);
  void find_regions();
  void take(std::shared_ptr<ring::Region> region, WordsSource words);
  [[nodiscard]] Status tell_lost_instances();
  [[nodiscard]] std::size_t pass();
  void sync_if_due();
  [[nodiscard]] bool sync();
  void look_for_ends(Clock::time_point now);
  void finish_ended();
  void tell_replicated();
  void each_second(Clock::time_point now);
  void wait(bool trouble);
  void note(const Status& status);

  DrainOptions options_;
  std::unique_ptr<log::Writer> writer_;
  TimeLine time_;
  std::vector<One> regions_;
  std::vector<std::string> refused_;  // files that are no regions, or another drain's
  std::optional<Clock::time_point> unsynced_since_;
  std::size_t unsynced_rows_ = 0;
  Clock::time_point looked_{};
  Clock::time_point second_{};
  int idle_turns_ = 0;
  struct Replicated {
    std::string instance;
    std::uint16_t ring = 0;
    std::uint64_t sequence = 0;
  };
  std::mutex replicated_mutex_;
  std::vector<Replicated> replicated_;  // told, and not passed on yet
  mutable std::mutex state_mutex_;
  DrainState state_;
};

}  // namespace writ::audit::drain
