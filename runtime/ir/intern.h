// Interning for the builder: a flat open-addressing index from contents to ids. The contents stay
// in the program's own stores; the index keeps a hash and an id, so a look-up allocates nothing.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "runtime/value/value.h"

namespace writ::ir {

/// A running 64-bit hash of what is fed to it: multiply and fold, eight bytes a step. Within one
/// process only; nothing stored depends on it.
class Hash {
 public:
  void number(std::uint64_t value) {
    const __uint128_t product = static_cast<__uint128_t>(state_ ^ value) * kMultiplier;
    state_ = static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
  void text(std::string_view text) {
    number(text.size() + 1);
    while (text.size() >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data(), 8);
      number(word);
      text.remove_prefix(8);
    }
    std::uint64_t word = 0;
    if (!text.empty()) std::memcpy(&word, text.data(), text.size());
    number(word);
  }
  void type(const Type& type) {
    number(static_cast<std::uint64_t>(type.kind) | std::uint64_t{type.optional} << 8 |
           std::uint64_t{type.set} << 9 | std::uint64_t{type.enumeration} << 16);
  }
  void cidr(const Cidr& cidr) {
    number(cidr.base.high);
    number(cidr.base.low);
    number(std::uint64_t{cidr.bits} << 1 | std::uint64_t{cidr.v4});
  }
  void value(const Value& value);
  [[nodiscard]] std::uint64_t done() const { return state_; }

 private:
  static constexpr std::uint64_t kMultiplier = 0x9E37'79B9'7F4A'7C15ULL;
  std::uint64_t state_ = 0x2545'F491'4F6C'DD1DULL;
};

/// Contents → id. `same(id)` says whether the thing under `id` is the one looked for.
class InternIndex {
 public:
  /// Room for so many things, so that none has to move later.
  void reserve(std::size_t count) {
    const std::size_t wanted = std::bit_ceil(count + count / 2 + 2);
    if (wanted > slots_.size()) grow(wanted);
  }
  /// Fetches the line where a hash will be looked for.
  void prefetch(std::uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[place(hash, slots_.size() - 1)]);
  }
  /// The id of an equal thing; else remembers `next` for this one and answers it.
  template <class Same>
  std::uint32_t find_or_add(std::uint64_t hash, std::size_t next, Same same) {
    if ((count_ + 1) * 3 > slots_.size() * 2) grow(std::max(kSlotsMin, slots_.size() * 2));
    // A slot's tag never is zero, which marks an empty slot.
    const std::uint32_t tag = static_cast<std::uint32_t>(hash >> 32) | 1U;
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = place(hash, mask);; at = (at + 1) & mask) {
      Slot& slot = slots_[at];
      if (slot.tag == 0) {
        slot = {hash, tag, static_cast<std::uint32_t>(next)};
        ++count_;
        return slot.id;
      }
      if (slot.hash == hash && same(slot.id)) return slot.id;
    }
  }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t tag = 0;
    std::uint32_t id = 0;
  };
  static std::size_t place(std::uint64_t hash, std::size_t mask) {
    return static_cast<std::size_t>(hash) & mask;
  }
  void grow(std::size_t size) {
    std::vector<Slot> old = std::move(slots_);
    slots_.assign(size, {});
    const std::size_t mask = slots_.size() - 1;
    for (const Slot& slot : old) {
      if (slot.tag == 0) continue;
      std::size_t at = place(slot.hash, mask);
      while (slots_[at].tag != 0) at = (at + 1) & mask;
      slots_[at] = slot;
    }
  }
  static constexpr std::size_t kSlotsMin = 64;
  std::vector<Slot> slots_;
  std::size_t count_ = 0;
};

}  // namespace writ::ir
