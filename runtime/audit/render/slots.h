// What was made of a definition, by its id: a table of fixed size in which an id has one place and
// the newest stays. Ids count up, so those in use lie apart.
#pragma once

#include <cstdint>
#include <vector>

namespace writ::audit::render {

template <class Made>
class Slots {
 public:
  /// `count` is a power of two.
  explicit Slots(std::size_t count) : slots_(count) {}

  /// Null: it is not there.
  [[nodiscard]] Made* find(std::uint32_t id, std::uint64_t epoch) {
    Slot& slot = slots_[id & (slots_.size() - 1)];
    return slot.id == id && slot.epoch == epoch && slot.used ? &slot.made : nullptr;
  }
  /// The id will be asked for: its place is fetched meanwhile.
  void expect(std::uint32_t id) const {
    const Slot& slot = slots_[id & (slots_.size() - 1)];
    __builtin_prefetch(&slot);
    __builtin_prefetch(static_cast<const char*>(static_cast<const void*>(&slot + 1)) - 1);
  }
  /// What stands for the id; `make(Made&)` fills the place where it is not there yet.
  template <class Make>
  [[nodiscard]] Made& of(std::uint32_t id, std::uint64_t epoch, const Make& make) {
    Slot& slot = slots_[id & (slots_.size() - 1)];
    if (slot.id != id || slot.epoch != epoch || !slot.used) [[unlikely]] {
      slot.used = true;
      slot.id = id;
      slot.epoch = epoch;
      slot.made = Made();
      make(slot.made);
    }
    return slot.made;
  }

 private:
  struct Slot {
    bool used = false;
    std::uint32_t id = 0;
    std::uint64_t epoch = 0;  // of Definitions
    Made made;
  };
  std::vector<Slot> slots_;
};

}  // namespace writ::audit::render
