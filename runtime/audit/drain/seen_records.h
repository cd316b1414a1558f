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
  static constexpr std::size_t kWords = 5;
  using Key = std::array<std::uint64_t, kWords>;
  static_assert(offsetof(ring::Slot, session) + sizeof(Key) == offsetof(ring::Slot, decisions));

  struct alignas(64) Seen {
    Key key{};
    std::uint32_t question = 0;  // 0: nothing stands here
    std::uint32_t reason = 0;
    std::uint8_t form = 0;       // log::form_of
  };

  SeenRecords() : places_(kPlaces) {}

  [[nodiscard]] static Key key_of(const ring::Slot& slot) {
    Key key;
    std::memcpy(key.data(), &slot.session, sizeof key);
    return key;
  }
  /// find() of this slot comes soon: its place is fetched meanwhile.
  void expect(const ring::Slot& slot) const {
    __builtin_prefetch(&places_[place_of(key_of(slot))]);
  }
  /// Null: not seen.
  [[nodiscard]] const Seen* find(const ring::Slot& slot) const {
    const Key key = key_of(slot);
    const std::size_t place = place_of(key);
    if (is_same(places_[place], key)) return &places_[place];
    if (is_same(places_[place ^ 1], key)) return &places_[place ^ 1];
    return nullptr;
  }
  /// What stood in its place moves to the neighbour's, and what stood there goes.
  void put(const ring::Slot& slot, std::uint32_t question, std::uint32_t reason,
           std::uint8_t form) {
    const Key key = key_of(slot);
    const std::size_t place = place_of(key);
    places_[place ^ 1] = places_[place];
    places_[place] = {key, question, reason, form};
  }
  void clear() { places_.assign(kPlaces, {}); }

 private:
  static constexpr std::size_t kPlaces = 65'536;  // a power of two

  static bool is_same(const Seen& seen, const Key& key) {
    std::uint64_t differs = seen.question == 0 ? 1 : 0;
    for (std::size_t word = 0; word < kWords; ++word) differs |= seen.key[word] ^ key[word];
    return differs == 0;
  }
  static std::size_t place_of(const Key& key) {
    std::uint64_t hash = 0;
    for (const std::uint64_t word : key) hash = (hash ^ word) * 0x9E37'79B9'7F4A'7C15ULL;
    return static_cast<std::size_t>(hash >> 40) % kPlaces;
  }

  std::vector<Seen> places_;
};

}  // namespace writ::audit::drain
