#include "runtime/audit/outlet/outlets.h"

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <system_error>
#include <thread>

#include <pthread.h>
#include <sys/stat.h>

namespace writ::audit::outlet {
namespace {

constexpr mode_t kFolderMode = 0700;

}  // namespace

Status Outlets::prepare(log::WriterOptions& writer) {
  if (!any()) return {};
  WRIT_ASSIGN(made, make_sinks(options_.names));
  waiting_ = std::move(made);
  writer.hold = 0;
  return {};
}

Status Outlets::open(drain::Drain& drain) {
  if (!any()) return {};
  sink::FeedingOptions feeding;
  feeding.log = options_.log;
  feeding.cursors = options_.cursors.empty() ? options_.log + "/cursors" : options_.cursors;
  if (::mkdir(feeding.cursors.c_str(), kFolderMode) != 0 && errno != EEXIST) {
    return fail(ErrorCode::Unreadable,
                "cannot make the folder: " + std::generic_category().message(errno),
                feeding.cursors);
  }
  feeding.feeder.events = options_.events;
  feeding.note = options_.names.note;
  // Decisions may wait for the sinks: they read what is written, not what was sealed.
  feeding.shown = log::Shown::Written;
  feeding.replicated = [&drain](const sink::Acknowledged& ring) {
    drain.replicated(ring.instance, ring.ring, ring.sequence);
  };
  feeding.hold = [&drain](std::uint64_t segment) { drain.hold(segment); };
  const std::lock_guard lock(mutex_);
  feeding_ = std::make_unique<sink::Feeding>(std::move(feeding));
  if (policy_ || waiting_.size() == 1) start();
  return {};
}

void Outlets::use_policy(AuditPolicy policy) {
  const std::lock_guard lock(mutex_);
  policy_ = std::move(policy);
  if (feeding_ == nullptr) return;
  if (started_) return feeding_->use_policy(*policy_);
  start();
}

void Outlets::finish(const std::atomic<bool>& give_up) {
  const std::lock_guard lock(mutex_);
  if (feeding_ == nullptr) return;
  if (!started_) start();
  feeding_->finish(give_up);
}

void Outlets::finish(std::chrono::nanoseconds at_most) {
  std::atomic<bool> give_up = false;
  std::mutex mutex;
  std::condition_variable done;
  bool is_done = false;
  std::jthread timer([&] {
    std::unique_lock lock(mutex);
    if (!done.wait_for(lock, at_most, [&] { return is_done; })) give_up = true;
  });
  finish(give_up);
  const std::lock_guard lock(mutex);
  is_done = true;
  done.notify_all();
}

void Outlets::stop() {
  const std::lock_guard lock(mutex_);
  if (feeding_ != nullptr) feeding_->stop();
}

void Outlets::abandon() { static_cast<void>(feeding_.release()); }

void Outlets::start() {
  started_ = true;
  // Signals are for the threads of the embedding; and a pipe that nobody reads is an error here,
  // not the end of the process.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  // Rows of bundles that nobody here has seen: what those omit is not known.
  AuditPolicy unknown;
  unknown.omitted = {std::string(kEveryAttribute)};
  feeding_->start(std::move(waiting_), policy_.value_or(unknown));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace writ::audit::outlet
