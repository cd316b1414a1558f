#include "runtime/audit/ring/writer.h"

#include <algorithm>
#include <cstring>
#include <new>

#include <sys/mman.h>

#include "runtime/audit/ring/clock.h"
#include "runtime/audit/ring/futex.h"
#include "runtime/audit/ring/points.h"

namespace writ::audit::ring {

constinit thread_local Leased leased;

namespace {

using SteadyClock = std::chrono::steady_clock;

// Looks at the tail that often before it sleeps: a drain that runs is faster than a system call.
constexpr int kSpins = 2'000;
// Asleep at most so long before it looks again: a wake-up may be lost with the drain's process.
constexpr auto kNap = std::chrono::milliseconds(5);

std::atomic<std::uint64_t> next_pool{1};

/// Gives a thread's rings back when it ends.
struct Held {
  struct One {
    std::shared_ptr<Pool> pool;
    Writer* writer = nullptr;
  };
  std::vector<One> all;
  ~Held();
};
// 0: not yet, 1: lives, 2: the thread is ending.
constinit thread_local int held_state = 0;

Held::~Held() {
  held_state = 2;
  leased = {};
  for (const One& one : all) one.pool->give_back(one.writer);
}

Held& held() {
  static thread_local Held instance;
  held_state = 1;
  return instance;
}

/// Sleeps until `done` or the deadline, ringing the drain's bell.
template <class Done>
bool wait_for(RegionHeader& region, RingHeader& ring, std::chrono::nanoseconds at_most, Done done) {
  for (int spin = 0; spin < kSpins; ++spin) {
    if (done()) return true;
    relax();
  }
  const auto deadline = SteadyClock::now() + at_most;
  for (;;) {
    const std::uint32_t seen = ring.wake.load(std::memory_order_seq_cst);
    ring.waiting.store(1, std::memory_order_seq_cst);
    if (done()) break;
    move_and_wake(region.doorbell);
    const auto left = deadline - SteadyClock::now();
    if (left.count() <= 0) {
      ring.waiting.store(0, std::memory_order_relaxed);
      return done();
    }
    wait_while(ring.wake, seen, std::min<std::chrono::nanoseconds>(left, kNap));
  }
  ring.waiting.store(0, std::memory_order_relaxed);
  return true;
}

}  // namespace

std::uint64_t Writer::room() const noexcept {
  const std::uint64_t used = place - header->tail.load(std::memory_order_acquire);
  // A tail beyond the head is nobody's honest work: there is no room then.
  return used > mask ? 0 : mask + 1 - used;
}

void Writer::put_count(RecordType type, std::uint64_t count,
                       std::uint64_t decisions_more) noexcept {
  Slot& slot = slots[place & mask];
  decisions += decisions_more;
  Slot fresh{};
  fresh.time = static_cast<std::uint64_t>(utc_us());
  fresh.count = count;
  fresh.type = static_cast<std::uint8_t>(type);
  fresh.slots = 1;
  fresh.decisions = decisions;
  // The number is the drain's to look at all the while.
  std::memcpy(&slot.time, &fresh.time, sizeof slot - offsetof(Slot, time));
  std::atomic_ref(slot.number).store(++number, std::memory_order_release);
  ++place;
}

/// What was counted while there was no room becomes records.
void Writer::settle_counts() noexcept {
  const std::uint64_t unavailable = header->unavailable.load(std::memory_order_relaxed);
  if (unavailable != counted_unavailable && room() > 1) {
    put_count(RecordType::Unavailable, unavailable, unavailable - counted_unavailable);
    counted_unavailable = unavailable;
  }
  const std::uint64_t infrastructure = header->infrastructure.load(std::memory_order_relaxed);
  if (infrastructure != counted_infrastructure && room() > 1) {
    put_count(RecordType::Infrastructure, infrastructure, infrastructure - counted_infrastructure);
    counted_infrastructure = infrastructure;
  }
}

bool Writer::make_room(std::uint64_t slots_needed, Patience patience) noexcept {
  if (slots == nullptr || closed->load(std::memory_order_seq_cst)) return false;
  const std::uint64_t needed = slots_needed + kReservedSlots;
  const auto enough = [&] { return room() >= needed; };
  if (!enough()) {
    const std::uint64_t tail = header->tail.load(std::memory_order_acquire);
    limit.store(0, std::memory_order_relaxed);
    if (patience == Patience::None || tail == stalled_at) return false;
    // Whoever waited for this tail in vain has waited for all: nobody hangs on a drain that died.
    if (!wait_for(*region, *header, options->wait, enough)) {
      stalled_at = tail;
      return false;
    }
  }
  stalled_at = ~std::uint64_t{0};
  reach("ring.room");
  settle_counts();
  const std::uint64_t free = room();
  limit.store(free > kReservedSlots ? place + free - kReservedSlots : 0,
              std::memory_order_seq_cst);
  // Behind the store: either we see that the pool was closed, or its 0 comes after our limit.
  if (closed->load(std::memory_order_seq_cst)) {
    limit.store(0, std::memory_order_relaxed);
    return false;
  }
  return free >= needed;
}

bool Writer::await(const std::atomic<std::uint64_t>& reached) noexcept {
  const std::uint64_t wanted = number;
  const auto done = [&] { return reached.load(std::memory_order_acquire) >= wanted; };
  if (wait_for(*region, *header, options->wait_durable, done)) return true;
  put_count(RecordType::Withdrawn, wanted, 0);
  // The reserve was used: look at the room again.
  limit.store(0, std::memory_order_relaxed);
  return false;
}

struct Pool::Shared {
  std::uint64_t alive = 1;
};

Pool::Pool(std::shared_ptr<Region> region, const WriterOptions& options)
    : region_(std::move(region)),
      options_(options),
      id_(next_pool.fetch_add(1, std::memory_order_relaxed)) {}

Result<std::shared_ptr<Pool>> Pool::make(std::shared_ptr<Region> region,
                                         const WriterOptions& options) {
  std::shared_ptr<Pool> pool(new Pool(std::move(region), options));
  const RegionFacts& facts = pool->region_->facts();
  pool->memory_bytes_ = sizeof(Writer) * (facts.rings + 1);
  void* memory = ::mmap(nullptr, pool->memory_bytes_, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (memory == MAP_FAILED) {
    return fail(ErrorCode::Limit, "no memory for the writers of the ring");
  }
  pool->memory_ = memory;
  if (::madvise(memory, pool->memory_bytes_, MADV_WIPEONFORK) != 0) {
    return fail(ErrorCode::Unsupported,
                "the kernel cannot keep a forked child out of the ring (MADV_WIPEONFORK)");
  }
  ::new (memory) Shared{};
  auto* writers = static_cast<Writer*>(memory) + 1;
  for (std::uint32_t at = facts.rings; at-- > 0;) {
    auto* writer = ::new (writers + at) Writer{};
    writer->slots = pool->region_->slots(at);
    writer->mask = facts.slots - 1;
    writer->header = &pool->region_->ring(at);
    writer->options = &pool->options_;
    writer->region = &pool->region_->header();
    writer->closed = &pool->closed_;
    pool->free_.push_back(writer);
  }
  return pool;
}

Pool::~Pool() {
  if (memory_ != nullptr) ::munmap(memory_, memory_bytes_);
}

bool Pool::is_child() const noexcept { return static_cast<const Shared*>(memory_)->alive == 0; }

Writer* Pool::lease() noexcept {
  // WHY first: in a forked child another thread may have held the lock.
  if (is_child() || is_closed() || held_state == 2) return nullptr;
  std::vector<Held::One>& mine = held().all;
  for (const Held::One& one : mine) {
    if (one.pool.get() != this) continue;
    leased = {id_, one.writer};
    return one.writer;
  }
  std::erase_if(mine, [](const Held::One& one) { return one.pool->is_closed(); });
  // Before a ring is taken: what cannot be remembered would never be given back.
  try {
    mine.reserve(mine.size() + 1);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  Writer* writer = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) return nullptr;
    writer = free_.back();
    free_.pop_back();
  }
  mine.push_back({shared_from_this(), writer});
  leased = {id_, writer};
  return writer;
}

void Pool::give_back(Writer* writer) noexcept {
  if (is_child()) return;
  const std::lock_guard lock(mutex_);
  free_.push_back(writer);
}

void Pool::close() noexcept {
  closed_.store(true, std::memory_order_seq_cst);
  auto* writers = static_cast<Writer*>(memory_) + 1;
  for (std::uint32_t at = 0; at < region_->facts().rings; ++at) {
    writers[at].limit.store(0, std::memory_order_seq_cst);
  }
}

std::size_t Pool::free_rings() const {
  const std::lock_guard lock(mutex_);
  return free_.size();
}

}  // namespace writ::audit::ring
