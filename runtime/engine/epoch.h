// When may a replaced snapshot be freed? Readers note the epoch in a slot of their own thread on
// entry and clear it on exit: no shared count, no lock, no read-modify-write. Whoever replaces
// something retires it; it is destroyed once every reader that could have seen it has left.
#pragma once

#include <atomic>
#include <cstdint>

namespace writ::engine::epoch {

struct alignas(64) Slot {
  std::atomic<std::uint64_t> epoch{0};  // 0: not reading
  std::uint32_t depth = 0;              // of nested guards; the thread's own
  std::atomic<bool> taken{false};
  Slot* next = nullptr;
};

// WHY: constant-initialized and in the initial-exec model, so that a guard costs two plain moves
// even in a shared library.
extern constinit thread_local Slot* current __attribute__((tls_model("initial-exec")));
extern std::atomic<std::uint64_t> epoch_now;
/// The kernel refuses membarrier, so readers fence themselves.
extern std::atomic<bool> readers_fence;

/// Takes a slot for this thread until it ends.
Slot* attach() noexcept;

/// While it lives, nothing that it can reach is freed. Nests.
class Guard {
 public:
  Guard() noexcept : slot_(current != nullptr ? current : attach()) {
    if (slot_->depth++ != 0) return;
    const std::uint64_t now = epoch_now.load(std::memory_order_acquire);
    if (readers_fence.load(std::memory_order_relaxed)) {
      slot_->epoch.store(now, std::memory_order_seq_cst);
    } else {
      slot_->epoch.store(now, std::memory_order_release);
    }
    // The writer's membarrier makes this a full fence when it matters; the compiler must not move
    // loads above it.
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  ~Guard() {
    if (--slot_->depth == 0) slot_->epoch.store(0, std::memory_order_release);
  }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

 private:
  Slot* slot_;
};

/// Destroys the object after the grace period. It must be unreachable for new readers already.
void retire(void* object, void (*destroy)(void*)) noexcept;
template <class T>
void retire(T* object) noexcept {
  if (object != nullptr) retire(object, [](void* p) { delete static_cast<T*>(p); });
}
/// Destroys what no reader can see any more. Returns how many objects still wait.
std::size_t reclaim() noexcept;

}  // namespace writ::engine::epoch
