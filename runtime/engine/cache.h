// What a session view remembers: settled answers by resource handle, in two direct-mapped arrays
// that any thread reads and writes without a lock. An entry whose words come from two writers
// fails its check and counts as absent.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <optional>

#include "runtime/value/decision.h"

namespace writ::engine {

inline constexpr std::size_t kCacheEntries = 256;  // a power of two; 12 KiB a view in all
inline constexpr std::uint64_t kSpread = 0x9E37'79B9'7F4A'7C15ULL;

/// Ids of handles count up, so their lowest bits spread them best.
[[nodiscard]] constexpr std::size_t cache_slot(std::uint64_t handle) {
  return static_cast<std::size_t>(handle) & (kCacheEntries - 1);
}

/// Two bits for each operation of a resource: 0 deny (default), 1 allow, 2 not settled, 3 deny.
class WordCache {
 public:
  /// `key` is never 0: the id of a handle. `word` is meaningless unless found.
  [[nodiscard]] bool find(std::uint64_t key, std::uint64_t& word) const {
    const Entry& entry = entries_[cache_slot(key)];
    word = entry.word.load(std::memory_order_relaxed);
    return (entry.check.load(std::memory_order_relaxed) ^ mixed(word)) == key;
  }
  [[nodiscard]] std::optional<std::uint64_t> find(std::uint64_t key) const {
    std::uint64_t word = 0;
    if (!find(key, word)) return std::nullopt;
    return word;
  }
  void insert(std::uint64_t key, std::uint64_t word) {
    Entry& entry = entries_[cache_slot(key)];
    entry.word.store(word, std::memory_order_relaxed);
    entry.check.store(key ^ mixed(word), std::memory_order_relaxed);
  }

 private:
  struct Entry {
    std::atomic<std::uint64_t> check{0};
    std::atomic<std::uint64_t> word{0};
  };
  static constexpr std::uint64_t mixed(std::uint64_t word) { return word * kSpread; }
  std::array<Entry, kCacheEntries> entries_;
};

/// Whole settled decisions, by handle and operation.
class DecisionCache {
 public:
  [[nodiscard]] static constexpr std::uint64_t key(std::uint64_t handle, std::uint32_t operation) {
    return handle << 5 | operation;
  }
  /// Of a question by kind. Ids of handles do not reach the highest bit.
  [[nodiscard]] static constexpr std::uint64_t by_kind_key(std::uint32_t kind,
                                                           std::uint32_t operation) {
    return std::uint64_t{1} << 63 | key(kind, operation);
  }
  [[nodiscard]] bool find(std::uint64_t key, Decision& decision) const {
    const Entry& entry = entries_[slot_of(key)];
    const std::uint64_t why = entry.why.load(std::memory_order_relaxed);
    const std::uint64_t error = entry.error.load(std::memory_order_relaxed);
    if ((entry.check.load(std::memory_order_relaxed) ^ mixed(why, error)) != key) return false;
    decision.verdict = static_cast<Verdict>(why >> 40 & 1);
    decision.reason = static_cast<ReasonClass>(why >> 32 & 0xFF);
    decision.grant = static_cast<std::uint32_t>(why);
    decision.error = static_cast<std::uint32_t>(error >> 32);
    decision.error_grant = static_cast<std::uint32_t>(error);
    return true;
  }
  void insert(std::uint64_t key, const Decision& decision) {
    Entry& entry = entries_[slot_of(key)];
    const std::uint64_t why = std::uint64_t{static_cast<std::uint8_t>(decision.verdict)} << 40 |
                              std::uint64_t{static_cast<std::uint8_t>(decision.reason)} << 32 |
                              decision.grant;
    const std::uint64_t error = std::uint64_t{decision.error} << 32 | decision.error_grant;
    entry.why.store(why, std::memory_order_relaxed);
    entry.error.store(error, std::memory_order_relaxed);
    entry.check.store(key ^ mixed(why, error), std::memory_order_relaxed);
  }

 private:
  struct Entry {
    std::atomic<std::uint64_t> check{0};
    std::atomic<std::uint64_t> why{0};
    std::atomic<std::uint64_t> error{0};
  };
  static constexpr std::uint64_t mixed(std::uint64_t why, std::uint64_t error) {
    return (why * kSpread ^ why >> 32) + std::rotl(error * 0xD6E8'FEB8'6659'FD93ULL, 32);
  }
  // Operations of one handle lie apart, so that those of its neighbours do not push them out.
  static constexpr std::size_t slot_of(std::uint64_t key) {
    return cache_slot((key >> 5) + (key & 31) * 41);
  }
  std::array<Entry, kCacheEntries> entries_;
};

}  // namespace writ::engine
