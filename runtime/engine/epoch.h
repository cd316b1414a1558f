// When may a replaced snapshot be freed? Readers note the epoch in a slot of their own thread on
// entry and clear it on exit: no shared count, no lock, no read-modify-write. Whoever replaces
// something retires it; it is destroyed once every reader that could have seen it has left.
#pragma once

#include <atomic>
#include <cstdint>

namespace writ::engine::epoch {

struct alignas(64) Slot {
  std::atomic<std::uint64_t> epoch{0};  // 0: not reading
  std::atomic<bool> taken{false};
  Slot* next = nullptr;
};

/// Stands in for the slot of a thread that has none yet. It seems to be reading, so that entering
/// asks one question for both: is this anything but the first guard of a thread with a slot?
extern constinit Slot detached;
// WHY: constant-initialized and in the initial-exec model, so that a guard costs a few plain moves
// even in a shared library.
extern constinit thread_local Slot* current __attribute__((tls_model("initial-exec")));

/// Read on each entry, so on one line.
struct alignas(64) Clock {
  std::atomic<std::uint64_t> now{1};
  std::atomic<bool> readers_fence{true};  // the kernel refuses membarrier: readers fence themselves
};
extern constinit Clock clock;

/// Takes a slot for this thread until it ends.
Slot* attach() noexcept;

/// While it lives, nothing that it can reach is freed. Nests.
class Guard {
 public:
  [[gnu::always_inline]] Guard() noexcept : slot_(current) {
    // WHY no count of nested guards: it would be read, changed and written twice a decision, each
    // waiting for the one before. A branch on what is there waits for nothing.
    if (slot_->epoch.load(std::memory_order_relaxed) != 0) [[unlikely]] {
      if (slot_ != &detached) {
        outermost_ = false;
        return;
      }
      slot_ = attach();
    }
    const std::uint64_t now = clock.now.load(std::memory_order_acquire);
    if (clock.readers_fence.load(std::memory_order_relaxed)) [[unlikely]] {
      slot_->epoch.store(now, std::memory_order_seq_cst);
    } else {
      slot_->epoch.store(now, std::memory_order_release);
    }
    // The writer's membarrier makes this a full fence when it matters; the compiler must not move
    // loads above it.
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  [[gnu::always_inline]] ~Guard() {
    if (outermost_) slot_->epoch.store(0, std::memory_order_release);
  }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

 private:
  Slot* slot_;
  bool outermost_ = true;
};

/// A guard for a few instructions that cannot throw: the outermost of a thread that has its slot,
/// where `readers_fence` is false. False: there is none, ask the long way.
[[nodiscard, gnu::always_inline]] inline bool enter_quickly(Slot*& slot) noexcept {
  slot = current;
  if (slot->epoch.load(std::memory_order_relaxed) != 0) [[unlikely]] return false;
  slot->epoch.store(clock.now.load(std::memory_order_acquire), std::memory_order_release);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  return true;
}
[[gnu::always_inline]] inline void leave(Slot* slot) noexcept {
  slot->epoch.store(0, std::memory_order_release);
}
/// May anybody enter quickly? The answer never changes.
[[nodiscard]] bool is_quick() noexcept;

/// Destroys the object after the grace period. It must be unreachable for new readers already.
void retire(void* object, void (*destroy)(void*)) noexcept;
template <class T>
void retire(T* object) noexcept {
  if (object != nullptr) retire(object, [](void* p) { delete static_cast<T*>(p); });
}
/// Destroys what no reader can see any more. Returns how many objects still wait.
std::size_t reclaim() noexcept;

}  // namespace writ::engine::epoch
