#include "runtime/engine/native.h"

#include <signal.h>

#include <utility>

#include <fmt/format.h>

#include "runtime/base/check.h"
#include "runtime/engine/epoch.h"

namespace writ::engine {
namespace {

/// The conditions of this bundle stay the interpreter's: an event says why.
void tell(const NativeJob& job, const Error& why) {
  if (job.recorder == nullptr) return;
  const bool unavailable = why.code == ErrorCode::Unsupported;
  const BundleInfo& info = job.snapshot->info;
  job.recorder->lifecycle(
      unavailable ? "native.unavailable" : "native.refused",
      fmt::format("{} version {}: conditions are interpreted: {}{}", info.package, info.version,
                  why.message, why.where.empty() ? "" : " (" + why.where + ")"));
}

/// A thread that takes no signal of the process that embeds it; none where none can be had.
/// WHY not std::thread: it throws then, and there is still a right answer, by the interpreter.
std::optional<pthread_t> quiet_thread(void* (*run)(void*), void* argument) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread{};
  const int made = pthread_create(&thread, nullptr, run, argument);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (made != 0) return std::nullopt;
  return thread;
}

void join(std::optional<pthread_t> thread) {
  if (!thread) return;
  const int joined = pthread_join(*thread, nullptr);
  WRIT_CHECK(joined == 0);
}

}  // namespace

void NativeWorker::start(NativeJob job) {
  Status known;
  const bool needed = !job.snapshot->program.shapes.empty();
  if (needed && job.factory == nullptr) {
    known = fail(ErrorCode::Unsupported, "this build has no LLVM");
    tell(job, known.error());
  }
  std::optional<NativeJob> replaced;
  const std::lock_guard lock(mutex_);
  if (ended_) return;
  stop_.store(true, std::memory_order_relaxed);
  replaced = std::exchange(next_, std::nullopt);
  if (!needed || job.factory == nullptr) {
    last_ = std::move(known);
    return;
  }
  next_ = std::move(job);
  if (working_) return;
  // It has left, or is about to: it holds nothing any more.
  join(std::exchange(thread_, std::nullopt));
  thread_ = quiet_thread(&NativeWorker::run, this);
  if (thread_) {
    working_ = true;
    return;
  }
  last_ = fail(ErrorCode::Unsupported, "no thread can be had to make native code");
  tell(*next_, last_.error());
  next_.reset();
}

Status NativeWorker::await() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return !working_; });
  return last_;
}

void NativeWorker::end() {
  std::optional<pthread_t> thread;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    next_.reset();
    stop_.store(true, std::memory_order_relaxed);
    thread = std::exchange(thread_, std::nullopt);
  }
  join(thread);
}

void* NativeWorker::run(void* self) {
  static_cast<NativeWorker*>(self)->work();
  return nullptr;
}

void NativeWorker::work() {
  for (;;) {
    NativeJob job;
    {
      const std::lock_guard lock(mutex_);
      if (!next_) {
        working_ = false;
        idle_.notify_all();
        return;
      }
      job = std::move(*next_);
      next_.reset();
      stop_.store(false, std::memory_order_relaxed);
    }
    Status made = make(job);
    if (stop_.load(std::memory_order_relaxed)) continue;
    if (!made) tell(job, made.error());
    const std::lock_guard lock(mutex_);
    if (!stop_.load(std::memory_order_relaxed)) last_ = std::move(made);
  }
}

Status NativeWorker::make(const NativeJob& job) {
  const Snapshot& snapshot = *job.snapshot;
  for (const Effort effort : {Effort::Fast, Effort::Optimised}) {
    if (stop_.load(std::memory_order_relaxed)) return {};
    auto native = job.factory(snapshot.program, effort, stop_);
    if (stop_.load(std::memory_order_relaxed)) return {};
    Status sound;
    if (native) {
      sound = native_agrees(snapshot, *native, job.trials);
    } else {
      sound = std::unexpected(std::move(native.error()));
    }
    if (!sound) {
      // Who was wrong once is not believed: the fast code goes too.
      snapshot.use(nullptr);
      return sound;
    }
    snapshot.use(std::make_unique<const Native>(std::move(*native)));
    epoch::reclaim();
  }
  return {};
}

}  // namespace writ::engine
