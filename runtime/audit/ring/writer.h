// Who writes to a ring: one thread at a time leases it. Threads come and go; the next one goes on
// where the last one stopped. Nothing here survives a fork: a child finds no ring.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "runtime/audit/ring/region.h"

namespace writ::audit::ring {

struct WriterOptions {
  // How long a decision waits for room in a full ring.
  std::chrono::nanoseconds wait = std::chrono::milliseconds(50);
  // How long a decision at level durable or replicated waits for its record.
  std::chrono::nanoseconds wait_durable = std::chrono::seconds(2);
};

// Slots that ordinary records leave free: for one that counts and one that withdraws.
inline constexpr std::uint64_t kReservedSlots = 4;

/// The writing end of one ring. Lies in memory that a fork wipes to zeros: a child sees a writer
/// without room and without a ring.
struct alignas(64) Writer {
  std::uint64_t place = 0;   // of the next slot; counts up, the ring wraps
  // Ordinary records end before it; 0: ask make_room(). Whoever closes the pool stores 0 here.
  std::atomic<std::uint64_t> limit = 0;
  Slot* slots = nullptr;
  std::uint64_t mask = 0;
  std::uint64_t number = 0;  // of the last record
  std::uint64_t decisions = 0;
  RingHeader* header = nullptr;
  const WriterOptions* options = nullptr;
  std::uint64_t counted_unavailable = 0;  // what the last record of the type said
  std::uint64_t counted_infrastructure = 0;
  std::uint64_t stalled_at = ~std::uint64_t{0};  // tail that did not move while somebody waited
  RegionHeader* region = nullptr;
  const std::atomic<bool>* closed = nullptr;

  /// Without a look at the tail.
  [[nodiscard]] bool has_room(std::uint64_t slots_needed) const noexcept {
    return place + slots_needed <= limit.load(std::memory_order_relaxed);
  }
  /// Makes room for `slots` slots of an ordinary record, waiting if need be and allowed; records
  /// what could not be recorded before. False: there is none.
  enum class Patience : std::uint8_t { None, Wait };
  [[nodiscard]] bool make_room(std::uint64_t slots, Patience patience) noexcept;
  /// Waits until the drain has made the last record durable or replicated. False: not in time; the
  /// record was withdrawn.
  [[nodiscard]] bool await(const std::atomic<std::uint64_t>& reached) noexcept;
  /// A record of one slot that stands for `count`; there must be room.
  void put_count(RecordType type, std::uint64_t count, std::uint64_t decisions_more) noexcept;

 private:
  [[nodiscard]] std::uint64_t room() const noexcept;
  void settle_counts() noexcept;
};

class Pool : public std::enable_shared_from_this<Pool> {
 public:
  /// *errors* Unsupported: the kernel cannot wipe memory in a forked child.
  [[nodiscard]] static Result<std::shared_ptr<Pool>> make(std::shared_ptr<Region> region,
                                                          const WriterOptions& options);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// This thread's ring, leased if it has none. Null: all are taken, or this is a forked child.
  [[nodiscard]] Writer* lease() noexcept;
  /// Is this a process that was forked from the one that made it?
  [[nodiscard]] bool is_child() const noexcept;
  /// Of lease(); never used again in this process.
  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
  /// Nobody records any more, whatever ring he has. What is being recorded meanwhile may be lost:
  /// the embedding decides no more before it closes.
  void close() noexcept;
  [[nodiscard]] bool is_closed() const noexcept {
    return closed_.load(std::memory_order_acquire);
  }
  [[nodiscard]] const std::shared_ptr<Region>& region() const noexcept { return region_; }
  void give_back(Writer* writer) noexcept;  // at the end of a thread
  [[nodiscard]] std::size_t free_rings() const;

 private:
  Pool(std::shared_ptr<Region> region, const WriterOptions& options);
  struct Shared;  // the memory that a fork wipes

  std::shared_ptr<Region> region_;
  WriterOptions options_;
  std::uint64_t id_;
  std::atomic<bool> closed_ = false;
  void* memory_ = nullptr;
  std::size_t memory_bytes_ = 0;
  mutable std::mutex mutex_;
  std::vector<Writer*> free_;
};

/// What a thread leased last: looked at before anything else on each record.
struct Leased {
  std::uint64_t pool = 0;
  Writer* writer = nullptr;
};
extern constinit thread_local Leased leased __attribute__((tls_model("initial-exec")));

}  // namespace writ::audit::ring
