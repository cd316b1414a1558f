// Two pieces of work side by side, for loading what is large. Takes two callables that share
// nothing they write; returns when both are done.
#pragma once

#include <memory>

namespace writ {

/// Calls `work(argument)` on a thread of its own, if one can be had, else at once.
class Beside {
 public:
  using Work = void (*)(void* argument);
  Beside(Work work, void* argument);
  /// Waits for the end of the work.
  ~Beside();
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;

 private:
  struct Thread;
  std::unique_ptr<Thread> thread_;
};

/// Runs both, `first` on a thread of its own if that is possible; neither may throw.
template <class First, class Second>
void side_by_side(First first, Second second) {
  const Beside other([](void* work) { (*static_cast<First*>(work))(); }, &first);
  second();
}

}  // namespace writ
