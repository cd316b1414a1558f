#include "runtime/engine/epoch.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <limits>
#include <mutex>
#include <vector>

namespace writ::engine::epoch {

constinit Slot detached{1, true, nullptr};
constinit thread_local Slot* current = &detached;
constinit Clock clock;

namespace {

// Retired objects wait in batches: a sweep costs a membarrier.
constexpr std::size_t kSweepAt = 64;

struct Retired {
  void* object = nullptr;
  void (*destroy)(void*) = nullptr;
  std::uint64_t epoch = 0;  // readers that entered at this epoch or later cannot see it
};

/// Slots of all threads and what waits. One a process: a thread reads several engines.
struct Registry {
  std::mutex mutex;
  std::atomic<Slot*> slots{nullptr};
  std::vector<Retired> retired;

  Registry() {
    const long registered = syscall(
        __NR_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
    clock.readers_fence.store(registered != 0, std::memory_order_seq_cst);
  }
};

/// Never destroyed: threads may outlive static destruction.
Registry& registry() {
  static Registry* const instance = new Registry;
  return *instance;
}

/// Gives the slot back when its thread ends.
struct Lease {
  ~Lease() {
    if (current == &detached) return;
    Slot* slot = current;
    current = &detached;
    slot->epoch.store(0, std::memory_order_release);
    slot->taken.store(false, std::memory_order_release);
  }
};

std::uint64_t oldest_reader(const Registry& all) {
  std::uint64_t oldest = std::numeric_limits<std::uint64_t>::max();
  for (const Slot* slot = all.slots.load(std::memory_order_acquire); slot != nullptr;
       slot = slot->next) {
    const std::uint64_t epoch = slot->epoch.load(std::memory_order_seq_cst);
    if (epoch != 0 && epoch < oldest) oldest = epoch;
  }
  return oldest;
}

}  // namespace

Slot* attach() noexcept {
  static thread_local Lease lease;
  static_cast<void>(&lease);
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  for (Slot* slot = all.slots.load(std::memory_order_relaxed); slot != nullptr;
       slot = slot->next) {
    if (slot->taken.load(std::memory_order_acquire)) continue;
    slot->taken.store(true, std::memory_order_relaxed);
    return current = slot;
  }
  auto* slot = new Slot;
  slot->taken.store(true, std::memory_order_relaxed);
  slot->next = all.slots.load(std::memory_order_relaxed);
  all.slots.store(slot, std::memory_order_release);
  return current = slot;
}

bool is_quick() noexcept {
  static_cast<void>(registry());
  return !clock.readers_fence.load(std::memory_order_relaxed);
}

void retire(void* object, void (*destroy)(void*)) noexcept {
  std::size_t waiting = 0;
  {
    Registry& all = registry();
    const std::lock_guard lock(all.mutex);
    const std::uint64_t after = clock.now.fetch_add(1, std::memory_order_seq_cst) + 1;
    all.retired.push_back({object, destroy, after});
    waiting = all.retired.size();
  }
  if (waiting % kSweepAt == 0) reclaim();
}

std::size_t reclaim() noexcept {
  Registry& all = registry();
  std::vector<Retired> free;
  std::size_t waiting = 0;
  {
    const std::lock_guard lock(all.mutex);
    if (!clock.readers_fence.load(std::memory_order_relaxed)) {
      syscall(__NR_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
    }
    const std::uint64_t oldest = oldest_reader(all);
    std::erase_if(all.retired, [&](const Retired& entry) {
      if (entry.epoch > oldest) return false;
      free.push_back(entry);
      return true;
    });
    waiting = all.retired.size();
  }
  // Outside the lock: a destructor may retire in turn.
  for (const Retired& entry : free) entry.destroy(entry.object);
  return waiting;
}

}  // namespace writ::engine::epoch
