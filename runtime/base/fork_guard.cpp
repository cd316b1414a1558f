#include "runtime/base/fork_guard.h"

#include <mutex>
#include <utility>

#include <pthread.h>
#include <unistd.h>

#include "runtime/base/check.h"

namespace writ {

/// All guards of the process, in a list through themselves: a child may not allocate.
struct ForkGuards {
  std::mutex mutex;
  ForkGuard* first = nullptr;

  /// WHY never destroyed: a fork at the end of the process still asks it.
  static ForkGuards& all() {
    static ForkGuards& guards = *new ForkGuards;
    return guards;
  }
  static void prepare() { all().mutex.lock(); }
  static void in_parent() { all().mutex.unlock(); }
  static void in_child() {
    for (ForkGuard* at = std::exchange(all().first, nullptr); at != nullptr;) {
      ::close(std::exchange(at->fd_, -1));
      at->closed_ = true;
      at->before_ = nullptr;
      at = std::exchange(at->next_, nullptr);
    }
    all().mutex.unlock();
  }
};

void ForkGuard::hold(int fd) {
  static const int registered =
      pthread_atfork(ForkGuards::prepare, ForkGuards::in_parent, ForkGuards::in_child);
  // Out of memory at the first lock: nothing could be promised of any child.
  WRIT_CHECK(registered == 0);
  let_go();
  ForkGuards& guards = ForkGuards::all();
  const std::lock_guard lock(guards.mutex);
  fd_ = fd;
  closed_ = false;
  next_ = guards.first;
  if (next_ != nullptr) next_->before_ = this;
  guards.first = this;
}

bool ForkGuard::let_go() {
  if (fd_ < 0) return !closed_;
  ForkGuards& guards = ForkGuards::all();
  const std::lock_guard lock(guards.mutex);
  (before_ == nullptr ? guards.first : before_->next_) = next_;
  if (next_ != nullptr) next_->before_ = before_;
  before_ = next_ = nullptr;
  fd_ = -1;
  return true;
}

}  // namespace writ
