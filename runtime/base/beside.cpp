#include "runtime/base/beside.h"

#include <pthread.h>

#include "runtime/base/check.h"

namespace writ {

struct Beside::Thread {
  Work work;
  void* argument;
  pthread_t id{};
};

// WHY not std::thread: it throws where no thread can be had, and then there is still a right
// answer, only later.
Beside::Beside(Work work, void* argument)
    : thread_(std::make_unique<Thread>(Thread{work, argument})) {
  const auto run = [](void* thread) -> void* {
    const auto* self = static_cast<const Thread*>(thread);
    self->work(self->argument);
    return nullptr;
  };
  if (pthread_create(&thread_->id, nullptr, run, thread_.get()) == 0) return;
  thread_.reset();
  work(argument);
}

Beside::~Beside() {
  if (thread_ == nullptr) return;
  const int joined = pthread_join(thread_->id, nullptr);
  WRIT_CHECK(joined == 0);
}

}  // namespace writ
