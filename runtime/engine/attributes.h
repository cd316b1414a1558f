// Attributes on their way in: named values of a session or a request → slots that conditions
// read. Text becomes what the model says it is; what does not fit is an error value.
#pragma once

#include <span>
#include <vector>

#include "runtime/engine/snapshot.h"
#include "runtime/value/request.h"

namespace writ::engine {

/// Slots of one moment, with the elements and networks they point to. Text is not copied: the
/// named values must outlive the slots. Reuse keeps the memory.
class AttributeSlots {
 public:
  void fill(const Snapshot& snapshot, ir::AttributeMoment moment,
            std::span<const NamedValue> values);
  /// The same in steps. `room` is the sum of room_for() of all values that will be put.
  void begin(const Snapshot& snapshot, ir::AttributeMoment moment, std::size_t room);
  /// Null: said to be absent. An attribute of another moment is passed over.
  void put(const Snapshot& snapshot, std::uint32_t attribute, const Value* value);
  void forget(const Snapshot& snapshot, std::uint32_t attribute);
  /// Elements and networks that a value may need.
  [[nodiscard]] static std::size_t room_for(const Value& value);
  /// May the attribute be put again without beginning anew? kNone may.
  [[nodiscard]] static bool is_flat(const Snapshot& snapshot, std::uint32_t attribute);
  [[nodiscard]] const Slot* slots() const { return slots_.data(); }
  [[nodiscard]] const std::uint8_t* presence() const { return presence_.data(); }

 private:
  bool convert(const Snapshot& snapshot, Type type, const Value& value, Slot& slot);
  bool convert_scalar(const Snapshot& snapshot, Type type, const Value& value, Slot& slot);
  bool convert_text(const Snapshot& snapshot, Type type, std::string_view text, Slot& slot);
  bool keep_cidr(const Cidr& cidr, Slot& slot);

  ir::AttributeMoment moment_ = ir::AttributeMoment::Session;
  std::vector<Slot> slots_;
  std::vector<std::uint8_t> presence_;
  std::vector<Slot> elements_;  // of all sets; reserved before any is pointed to
  std::vector<Cidr> cidrs_;
};

/// Fills slots from values that fit already: facts of a program.
[[nodiscard]] int compare_slots(TypeKind kind, const Slot& a, const Slot& b);

}  // namespace writ::engine
