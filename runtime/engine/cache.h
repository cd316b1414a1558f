// What a session remembers: settled answers by resource handle, in two direct-mapped arrays that
// any thread reads and writes without a lock. An entry whose words come from two writers fails its
// check and counts as absent. The arrays live as long as the session, so whoever asks a session
// needs no guard to look into them; a stamp in each key says of which view an answer is.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "runtime/value/decision.h"

namespace writ::engine {

inline constexpr std::size_t kCacheEntries = 256;  // a power of two; 12 KiB a session in all
inline constexpr std::uint64_t kSpread = 0x9E37'79B9'7F4A'7C15ULL;

// A key is the stamp of a view, the id of a handle and the bit of an operation, side by side.
inline constexpr unsigned kOperationBits = 5;
inline constexpr unsigned kHandleBits = 38;  // made in a year at 8,000 a second
inline constexpr unsigned kStampBits = 63 - kHandleBits - kOperationBits;

/// The id of the n-th handle of a process, counted from 1. 0: answers about it are not remembered.
[[nodiscard]] constexpr std::uint64_t handle_id(std::uint64_t count) {
  return count >> kHandleBits == 0 ? count : 0;
}
/// The stamp of a session's n-th view, counted from 1. 0: nothing is remembered of it, nor of any
/// later one: a stamp that came again would bring back answers of another view.
[[nodiscard]] constexpr std::uint64_t stamp_of(std::uint64_t count) {
  return count >> kStampBits == 0 ? count << kHandleBits : 0;
}

/// Ids of handles count up, so their lowest bits spread them best.
[[nodiscard]] constexpr std::size_t cache_slot(std::uint64_t handle) {
  return static_cast<std::size_t>(handle) & (kCacheEntries - 1);
}

/// Of the operations of a resource: which are settled, and which of those are allowed.
struct Mask {
  std::uint32_t allowed = 0;
  std::uint32_t settled = 0;
};

/// Masks of all operations, by handle.
class MaskCache {
 public:
  /// `key` is never 0: stamp and id of a handle. `mask` is meaningless unless found.
  [[nodiscard]] bool find(std::uint64_t key, Mask& mask) const {
    const Entry& entry = entries_[cache_slot(key)];
    const std::uint64_t bits = entry.bits.load(std::memory_order_relaxed);
    mask = std::bit_cast<Mask>(bits);
    return (entry.check.load(std::memory_order_relaxed) ^ mixed(bits)) == key;
  }
  void insert(std::uint64_t key, Mask mask) {
    Entry& entry = entries_[cache_slot(key)];
    const auto bits = std::bit_cast<std::uint64_t>(mask);
    entry.bits.store(bits, std::memory_order_relaxed);
    entry.check.store(key ^ mixed(bits), std::memory_order_relaxed);
  }

 private:
  struct Entry {
    std::atomic<std::uint64_t> check{0};
    std::atomic<std::uint64_t> bits{0};
  };
  static constexpr std::uint64_t mixed(std::uint64_t bits) { return bits * kSpread; }
  std::array<Entry, kCacheEntries> entries_;
};

/// Whole settled decisions, by handle and operation.
class DecisionCache {
 public:
  /// `handle` is stamp and id.
  [[nodiscard]] static constexpr std::uint64_t key(std::uint64_t handle, std::uint32_t operation) {
    return handle << kOperationBits | operation;
  }
  /// Of a question by kind. Stamps do not reach the highest bit.
  [[nodiscard]] static constexpr std::uint64_t by_kind_key(std::uint64_t stamp, std::uint32_t kind,
                                                           std::uint32_t operation) {
    return std::uint64_t{1} << 63 | key(stamp | kind, operation);
  }
  [[nodiscard]] bool find(std::uint64_t key, Decision& decision) const {
    return found(entries_[slot_of(key)], key, decision);
  }
  /// The same in fewer instructions.
  [[nodiscard, gnu::always_inline]] bool find(std::uint64_t handle, std::uint32_t operation,
                                              Decision& decision) const {
    return found(entries_[cache_slot(handle + operation * kApart)], key(handle, operation),
                 decision);
  }
  void insert(std::uint64_t key, const Decision& decision) {
    Entry& entry = entries_[slot_of(key)];
    const std::array<std::uint64_t, 2> words = {
        std::uint64_t{static_cast<std::uint8_t>(decision.verdict)} |
            std::uint64_t{static_cast<std::uint8_t>(decision.reason)} << 8 |
            std::uint64_t{decision.grant} << 32,
        std::uint64_t{decision.error} | std::uint64_t{decision.error_grant} << 32};
    entry.why.store(words[0], std::memory_order_relaxed);
    entry.error.store(words[1], std::memory_order_relaxed);
    entry.check.store(key ^ mixed(words), std::memory_order_relaxed);
  }

 private:
  // A decision is kept as it lies in memory, so that finding it is two loads.
  static_assert(sizeof(Decision) == 16 && offsetof(Decision, reason) == 1);
  static_assert(offsetof(Decision, grant) == 4 && offsetof(Decision, error) == 8);
  static_assert(offsetof(Decision, error_grant) == 12);
  static_assert(std::endian::native == std::endian::little);

  struct alignas(32) Entry {
    std::atomic<std::uint64_t> check{0};
    std::atomic<std::uint64_t> why{0};
    std::atomic<std::uint64_t> error{0};
  };
  static constexpr std::uint64_t mixed(const std::array<std::uint64_t, 2>& words) {
    return (words[0] * kSpread ^ words[0] >> 32) +
           std::rotl(words[1] * 0xD6E8'FEB8'6659'FD93ULL, 32);
  }
  // Operations of one handle lie apart, so that those of its neighbours do not push them out.
  static constexpr std::uint32_t kApart = 41;
  static constexpr std::size_t slot_of(std::uint64_t key) {
    return cache_slot((key >> kOperationBits) + (key & ((1U << kOperationBits) - 1)) * kApart);
  }
  [[nodiscard, gnu::always_inline]] static bool found(const Entry& entry, std::uint64_t key,
                                                      Decision& decision) {
    const std::array<std::uint64_t, 2> words = {entry.why.load(std::memory_order_relaxed),
                                                entry.error.load(std::memory_order_relaxed)};
    if ((entry.check.load(std::memory_order_relaxed) ^ mixed(words)) != key) return false;
    decision = std::bit_cast<Decision>(words);
    return true;
  }
  std::array<Entry, kCacheEntries> entries_;
};

struct Memory {
  MaskCache masks;
  DecisionCache decisions;
};

/// A view's part in what its session remembers.
struct Remembered {
  Memory* memory = nullptr;  // null: nothing
  std::uint64_t stamp = 0;

  /// Stamp and id as keys have them. 0: the handle's answers are not remembered.
  [[nodiscard]] std::uint64_t handle(std::uint64_t id) const {
    return memory == nullptr || id == 0 ? 0 : stamp | id;
  }
};

}  // namespace writ::engine
