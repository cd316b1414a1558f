// What was made of records of one slot, by all that they say but number, time and total: whoever
// says the same again is sound, known and explained. Takes slots that were copied, and compares
// every byte, so that no record is taken for another one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "runtime/audit/ring/slot.h"

namespace writ::audit::drain {

class SeenRecords {
 public:
  // 16 MiB; then everything is forgotten, so that nobody's inventions fill the memory.
  static constexpr std::size_t kMost = 262'144;
  static constexpr std::size_t kWords = 5;
  using Key = std::array<std::uint64_t, kWords>;
  static_assert(offsetof(ring::Slot, session) + sizeof(Key) == offsetof(ring::Slot, decisions));

  struct alignas(64) Seen {
    Key key{};
    std::uint32_t question = 0;
    std::uint32_t reason = 0;
    std::uint8_t form = 0;  // log::form_of
    bool put_off = false;   // there may be more to say of it when there is time
  };

  SeenRecords() : places_(kPlacesFirst) {}

  [[nodiscard]] static std::uint64_t hash_of(const ring::Slot& slot) {
    return hash_of(key_of(slot));
  }
  // WHY in steps: both places lie anywhere in memory. Who knows what comes next has them fetched
  // meanwhile, the first and then what it points to.
  void expect(std::uint64_t hash) const { __builtin_prefetch(&places_[hash & mask()]); }
  void expect_soon(std::uint64_t hash) const {
    const std::uint64_t place = places_[hash & mask()];
    if (place != 0) __builtin_prefetch(&all_[index_of(place)]);
  }
  /// Null: not seen. Lives until put() or clear().
  [[nodiscard]] const Seen* find(const ring::Slot& slot, std::uint64_t hash) const {
    const Key key = key_of(slot);
    std::size_t at = hash & mask();
    for (std::size_t steps = 0; steps < kStepsMax; ++steps, at = (at + 1) & mask()) {
      const std::uint64_t place = places_[at];
      if (place == 0) return nullptr;
      if (tag_of(place) == tag_of(hash) && is_same(all_[index_of(place)].key, key)) {
        return &all_[index_of(place)];
      }
    }
    return nullptr;
  }
  /// Does nothing where too many with like hashes are there.
  void put(const ring::Slot& slot, std::uint64_t hash, Seen made) {
    made.key = key_of(slot);
    if (all_.size() == kMost) clear();
    std::size_t at = hash & mask();
    for (std::size_t steps = 0; steps < kStepsMax; ++steps, at = (at + 1) & mask()) {
      const std::uint64_t place = places_[at];
      if (place == 0) {
        places_[at] = tag_of(hash) << 32 | (all_.size() + 1);
        all_.push_back(made);
        if (all_.size() * 2 > places_.size()) grow();
        return;
      }
      if (tag_of(place) == tag_of(hash) && is_same(all_[index_of(place)].key, made.key)) {
        all_[index_of(place)] = made;
        return;
      }
    }
  }
  void clear() {
    all_.clear();
    places_.assign(kPlacesFirst, 0);
  }
  [[nodiscard]] std::size_t size() const { return all_.size(); }

 private:
  static constexpr std::size_t kPlacesFirst = 4'096;  // a power of two
  // Of one search: who makes records whose hashes are alike does not hold up the drain.
  static constexpr std::size_t kStepsMax = 32;
  static constexpr std::uint64_t kSpread = 0x9E37'79B9'7F4A'7C15ULL;

  static Key key_of(const ring::Slot& slot) {
    Key key;
    std::memcpy(key.data(), &slot.session, sizeof key);
    return key;
  }
  static std::uint64_t hash_of(const Key& key) {
    std::uint64_t hash = 0;
    for (const std::uint64_t word : key) hash = (hash ^ word) * kSpread;
    return hash ^ hash >> 32;
  }
  static bool is_same(const Key& a, const Key& b) {
    std::uint64_t differs = 0;
    for (std::size_t word = 0; word < kWords; ++word) differs |= a[word] ^ b[word];
    return differs == 0;
  }
  // A place: the upper half of the hash, and 1 + the index in all_.
  static std::uint64_t tag_of(std::uint64_t place_or_hash) { return place_or_hash >> 32; }
  static std::size_t index_of(std::uint64_t place) { return (place & 0xFFFF'FFFF) - 1; }
  [[nodiscard]] std::size_t mask() const { return places_.size() - 1; }

  void grow() {
    places_.assign(places_.size() * 2, 0);
    for (std::size_t index = 0; index < all_.size(); ++index) {
      const std::uint64_t hash = hash_of(all_[index].key);
      std::size_t at = hash & mask();
      while (places_[at] != 0) at = (at + 1) & mask();
      places_[at] = tag_of(hash) << 32 | (index + 1);
    }
  }

  std::vector<Seen> all_;
  std::vector<std::uint64_t> places_;  // 0: free
};

}  // namespace writ::audit::drain
