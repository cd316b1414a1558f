// Request attributes by position: what stands behind RequestValues. Takes values as the embedding
// says them, gives slots of a snapshot's types; names are looked up once a snapshot.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "runtime/engine/attributes.h"
#include "runtime/engine/decide.h"
#include "runtime/engine/plan.h"

namespace writ {

namespace engine {

/// The names that an embedding asked positions for. Positions are never used again for another
/// name, so they outlive every bundle.
class AttributeNames {
 public:
  /// Empty: there are kNamesMax already.
  [[nodiscard]] std::optional<std::uint32_t> position(std::string_view name);
  [[nodiscard]] std::string name(std::size_t position) const;
  /// A bound on what callers can make an engine keep; no model has as many attributes.
  static constexpr std::size_t kNamesMax = 4'096;

 private:
  mutable std::mutex mutex_;
  std::deque<std::string> names_;
};

}  // namespace engine

struct RequestValues::State {
  explicit State(const engine::AttributeNames& of) : names_(of) {}

  /// The slots of what is said now. Cost: nothing since the last question, if nothing changed.
  [[nodiscard]] const engine::AttributeSlots& slots(const engine::Snapshot& snapshot) {
    if (generation_ == snapshot.info.generation && changed_.empty()) [[likely]] return slots_;
    return refill(snapshot);
  }
  /// The same by name, for records.
  [[nodiscard]] const std::vector<NamedValue>& named();
  /// The value at a position, to be set; what it was is forgotten.
  [[nodiscard]] Value& value(std::uint32_t attribute);
  void say_absent(std::uint32_t attribute);
  void clear();

 private:
  enum class Said : std::uint8_t { Nothing, Absent, Value };
  struct Item {
    Value value;
    Said said = Said::Nothing;
    bool changed = false;
    std::uint32_t attribute = engine::kNone;  // AttributeId in the snapshot of `generation_`
  };

  const engine::AttributeSlots& refill(const engine::Snapshot& snapshot);
  Item& change(std::uint32_t attribute);
  void put(const engine::Snapshot& snapshot, Item& item);
  void put_all(const engine::Snapshot& snapshot);

  std::uint64_t generation_ = 0;
  std::vector<std::uint32_t> changed_;
  engine::AttributeSlots slots_;
  const engine::AttributeNames& names_;
  Item nowhere_;            // of positions that no engine gives
  std::deque<Item> items_;  // stay where they are: slots point to their texts
  std::vector<NamedValue> named_;
  bool renamed_ = true;     // named_ is behind
};

namespace engine {

/// What the question brings, as the snapshot's slots.
[[nodiscard]] const AttributeSlots& request_slots(const Snapshot& snapshot, const Brought& brought,
                                                  Scratch& scratch);

}  // namespace engine

}  // namespace writ
