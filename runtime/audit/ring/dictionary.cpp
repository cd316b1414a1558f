#include "runtime/audit/ring/dictionary.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "runtime/audit/ring/entry_check.h"
#include "runtime/audit/ring/futex.h"
#include "runtime/audit/ring/points.h"

namespace writ::audit::ring {
namespace {

// Moving what lives costs what it weighs; so it must free at least this part of the half.
constexpr std::uint64_t kFreedPartMin = 8;
constexpr auto kLook = std::chrono::milliseconds(1);

constexpr std::uint64_t padded(std::uint64_t bytes) { return (bytes + 7) / 8 * 8; }

}  // namespace

Dictionary::Dictionary(std::shared_ptr<Pool> pool, std::chrono::nanoseconds wait)
    : pool_(std::move(pool)), region_(*pool_->region()), wait_(wait) {}

std::shared_ptr<const void> Dictionary::owner(EntryType type, std::uint32_t id) {
  // The id stands in for an object: what is shared is its end.
  return {static_cast<const void*>(this),
          [self = shared_from_this(), type, id](const void*) { self->close(type, id); }};
}

Opened Dictionary::open(EntryType type, std::string_view payload) {
  if (pool_->is_child()) return {};
  std::uint32_t id = 0;
  {
    const std::lock_guard lock(mutex_);
    // An id is never used again; four thousand million sessions later there are none.
    if (next_id_ == 0) return {};
    id = next_id_++;
  }
  if (!add(type, id, payload, nullptr)) return {};
  return {id, owner(type, id)};
}

std::shared_ptr<const void> Dictionary::open_policy(std::uint32_t id, std::string_view payload,
                                                    std::shared_ptr<const PolicyWords> words) {
  if (pool_->is_child() || !add(EntryType::Policy, id, payload, std::move(words))) return nullptr;
  return owner(EntryType::Policy, id);
}

std::shared_ptr<const PolicyWords> Dictionary::words(std::uint32_t generation) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key(EntryType::Policy, generation));
  return found == entries_.end() ? nullptr : found->second.words;
}

std::size_t Dictionary::live_entries() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::ranges::count_if(entries_, [](const auto& pair) { return !pair.second.closed; }));
}

bool Dictionary::add(EntryType type, std::uint32_t id, std::string_view payload,
                     std::shared_ptr<const PolicyWords> words) {
  std::unique_lock lock(mutex_);
  const std::uint64_t bytes = padded(sizeof(EntryHead) + payload.size());
  if (bytes > region_.facts().dictionary_bytes || !make_room(bytes, lock)) return false;
  RegionHeader& header = region_.header();
  const std::uint64_t flips = header.flips.load(std::memory_order_relaxed);
  std::byte* at = region_.dictionary(flips) + used_;
  const EntryHead head{static_cast<std::uint32_t>(payload.size()),
                       static_cast<std::uint16_t>(type), 0, id, entry_check(payload)};
  std::memcpy(at, &head, sizeof head);
  std::memcpy(at + sizeof head, payload.data(), payload.size());
  std::memset(at + sizeof head + payload.size(), 0, bytes - sizeof head - payload.size());
  entries_.insert_or_assign(
      key(type, id), Entry{used_, static_cast<std::uint32_t>(bytes), false, 0, std::move(words)});
  live_bytes_ += bytes;
  used_ += bytes;
  reach("dictionary.before-commit");
  header.committed[flips % 2].store(used_, std::memory_order_release);
  return true;
}

void Dictionary::close(EntryType type, std::uint32_t id) noexcept {
  if (pool_->is_child()) return;
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key(type, id));
  if (found == entries_.end()) return;
  found->second.closed = true;
  found->second.closed_in = region_.header().passes_begun.load(std::memory_order_acquire);
}

/// What was closed and drained means nothing any more.
void Dictionary::forget_closed() {
  const std::uint64_t ended = region_.header().passes_ended.load(std::memory_order_acquire);
  std::erase_if(entries_, [&](const auto& pair) {
    const Entry& entry = pair.second;
    if (!entry.closed || ended <= entry.closed_in) return false;
    live_bytes_ -= entry.bytes;
    return true;
  });
}

void Dictionary::forget() {
  // Destroyed after the lock is let go: words hold a whole program.
  std::vector<std::shared_ptr<const PolicyWords>> unused;
  const std::lock_guard lock(mutex_);
  const std::uint64_t ended = region_.header().passes_ended.load(std::memory_order_acquire);
  for (auto& [id, entry] : entries_) {
    if (entry.words != nullptr && entry.closed && ended > entry.closed_in) {
      unused.push_back(std::move(entry.words));
    }
  }
}

void Dictionary::move_live() {
  RegionHeader& header = region_.header();
  const std::uint64_t flips = header.flips.load(std::memory_order_relaxed);
  const std::byte* from = region_.dictionary(flips);
  std::byte* to = region_.dictionary(flips + 1);
  std::uint64_t used = 0;
  for (auto& [id, entry] : entries_) {
    std::memcpy(to + used, from + entry.offset, entry.bytes);
    entry.offset = used;
    used += entry.bytes;
  }
  used_ = used;
  reach("dictionary.copied");
  header.committed[(flips + 1) % 2].store(used, std::memory_order_release);
  header.flips.store(flips + 1, std::memory_order_seq_cst);
  reach("dictionary.moved");
}

bool Dictionary::make_room(std::uint64_t bytes, std::unique_lock<std::mutex>& lock) {
  const std::uint64_t size = region_.facts().dictionary_bytes;
  if (used_ + bytes <= size) return true;
  const auto deadline = std::chrono::steady_clock::now() + wait_;
  for (;;) {
    forget_closed();
    const std::uint64_t free = size - std::min(size, live_bytes_);
    if (free >= std::max(bytes, size / kFreedPartMin)) {
      move_live();
      return true;
    }
    RegionHeader& header = region_.header();
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left.count() <= 0) return false;
    // Others may open and close meanwhile; a pass of the drain frees what they closed.
    lock.unlock();
    move_and_wake(header.doorbell);
    wait_while(header.doorbell, header.doorbell.load(std::memory_order_acquire),
               std::min<std::chrono::nanoseconds>(left, kLook));
    lock.lock();
    if (used_ + bytes <= size) return true;
  }
}

}  // namespace writ::audit::ring
