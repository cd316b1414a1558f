// The audit trail of one engine in one object: its ring, its log, and the thread between them.
// The embedding makes it before the engine and gives recorder() to EngineOptions.
#pragma once

#include <memory>
#include <string>

#include "runtime/audit/drain/drain.h"
#include "runtime/audit/ring/ring_recorder.h"

namespace writ::audit::drain {

struct TrailOptions {
  std::string log;        // the folder of the log
  std::string key_pem;    // Ed25519, private: signs the log. Empty: it is not signed
  // The directory of the rings. Empty: in /dev/shm, by the log's path, so that the next process
  // with this log finds what this one could not write.
  std::string rings;
  std::string bundles;    // kept while records refer to them; empty: beside the log
  ring::RegionOptions sizes;   // its directory is not looked at
  ring::WriterOptions waits;
  log::WriterOptions writer;   // its key is not looked at
  WordsLoader load_words;      // of bundles that earlier processes ran
  // A bundle of this process decides. By the drain's thread.
  std::function<void(const PolicyWords&)> policy_seen;
  std::chrono::nanoseconds group_commit = std::chrono::milliseconds(5);
};

class Trail {
 public:
  /// Recovers what earlier processes left, then starts the thread. *errors* as Drain::open and
  /// RingRecorder::open.
  [[nodiscard]] static Result<std::unique_ptr<Trail>> open(TrailOptions options);
  ~Trail();
  Trail(const Trail&) = delete;
  Trail& operator=(const Trail&) = delete;

  /// Lives as long as the trail. After close() decisions are no longer recorded: nobody may decide.
  [[nodiscard]] ring::RingRecorder& recorder() const { return *recorder_; }
  [[nodiscard]] DrainState state() const { return drain_->state(); }
  [[nodiscard]] Drain& drain() const { return *drain_; }
  /// Everything recorded is in the log, on disk and sealed, and the ring is removed. *errors* What
  /// the log says; the ring stays then, for the next process.
  [[nodiscard]] Status close();

 private:
  struct Thread;
  Trail() = default;
  std::unique_ptr<ring::RingRecorder> recorder_;
  std::unique_ptr<Drain> drain_;
  std::unique_ptr<Thread> thread_;
};

/// Where the rings of a log are: /dev/shm/writ and 16 digits of its path.
[[nodiscard]] std::string rings_of(const std::string& log_folder);

}  // namespace writ::audit::drain
