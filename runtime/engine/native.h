// Native code behind a running bundle: takes snapshots, gives them fast code and then optimised
// code as each is ready, from a thread of its own. Nobody waits for it but who asks to; code is
// used only after it has answered as the interpreter does.
#pragma once

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "runtime/audit/recorder.h"
#include "runtime/engine/snapshot.h"

namespace writ::engine {

enum class Effort : std::uint8_t { Fast, Optimised };

/// Makes native code of a verified program. Given by the composition root; null: no JIT. It may
/// give up as soon as `stop` is true, with any error.
/// Errors: Unsupported where this machine or build can have none, else Internal.
using NativeFactory = Result<Native> (*)(const ir::Program& program, Effort effort,
                                         const std::atomic<bool>& stop);

/// A question that new code is tried with.
struct Trial {
  SessionFacts session;
  RequestFacts request;
};
// Views are opened for trials: tens of microseconds each where policies are large.
inline constexpr std::size_t kTrialsMax = 64;

/// Puts what the trials' frames hold to each shape and each decision function of native code, and
/// to the interpreter. Errors: Internal with the first that differs.
[[nodiscard]] Status native_agrees(const Snapshot& snapshot, const Native& native,
                                   const std::vector<Trial>& trials);

/// What is needed to make a snapshot's code.
struct NativeJob {
  NativeFactory factory = nullptr;
  audit::Recorder* recorder = nullptr;  // may be null
  std::shared_ptr<const Snapshot> snapshot;
  std::vector<Trial> trials;
};

class NativeWorker {
 public:
  NativeWorker() = default;
  ~NativeWorker() { end(); }
  NativeWorker(const NativeWorker&) = delete;
  NativeWorker& operator=(const NativeWorker&) = delete;

  /// Begins to make code of this snapshot, and gives up that of any other.
  void start(NativeJob job);
  /// Waits until the last snapshot has its best code (or needs none), or will never have it.
  [[nodiscard]] Status await();
  /// Gives up, and returns when the thread is gone.
  void end();

 private:
  static void* run(void* self);
  void work();
  [[nodiscard]] Status make(const NativeJob& job);

  std::mutex mutex_;
  std::condition_variable idle_;
  // Under the mutex.
  std::optional<NativeJob> next_;
  std::optional<pthread_t> thread_;  // to be joined
  bool working_ = false;             // the thread has not said that it leaves
  bool ended_ = false;
  Status last_;
  // The code that is being made is wanted no more.
  std::atomic<bool> stop_{false};
};

}  // namespace writ::engine
