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
  [[nodiscard]] const Slot* slots() const { return slots_.data(); }
  [[nodiscard]] const std::uint8_t* presence() const { return presence_.data(); }

 private:
  bool convert(const Snapshot& snapshot, Type type, const Value& value, Slot& slot);
  bool convert_scalar(const Snapshot& snapshot, Type type, const Value& value, Slot& slot);
  bool convert_text(const Snapshot& snapshot, Type type, std::string_view text, Slot& slot);
  bool keep_cidr(const Cidr& cidr, Slot& slot);

  std::vector<Slot> slots_;
  std::vector<std::uint8_t> presence_;
  std::vector<Slot> elements_;  // of all sets; reserved before any is pointed to
  std::vector<Cidr> cidrs_;
};

/// Fills slots from values that fit already: facts of a program.
[[nodiscard]] int compare_slots(TypeKind kind, const Slot& a, const Slot& b);

}  // namespace writ::engine
