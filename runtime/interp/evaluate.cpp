#include "runtime/base/limits.h"
#include "runtime/interp/interp.h"
#include "runtime/interp/joined_text.h"
#include "runtime/interp/operations.h"
#include "runtime/ir/verify.h"
#include "runtime/value/calendar.h"

namespace writ::interp {
namespace {

using ir::Inst;
using ir::InstKind;

/// What an instruction came to: a value, or an error other than 0.
struct Cell {
  Slot slot;
  std::uint32_t error = 0;
};
/// WHY a union: cells are written before they are read, so clearing all of them at the start of
/// each evaluation would cost more than most conditions do.
union Cells {
  Cells() {}  // NOLINT: see above
  Cell items[limits::kConditionInstructionsMax];
};

Cell value_of(std::uint64_t value) { return {{value, 0}, 0}; }
Cell value_of(bool value) { return {{value ? 1U : 0U, 0}, 0}; }
Cell value_of(std::int64_t value) { return {{static_cast<std::uint64_t>(value), 0}, 0}; }
Cell value_of(std::uint32_t value) { return {{value, 0}, 0}; }
Cell text_of(const char* data, std::uint64_t bytes) {
  return {{reinterpret_cast<std::uint64_t>(data), bytes}, 0};  // NOLINT: the form of a text slot
}
Cell error_of(EvalError code, std::uint32_t detail = 0) {
  return {{0, 0}, make_error(code, detail)};
}

const char* bytes_of(const Slot& slot) {
  return reinterpret_cast<const char*>(slot.a);  // NOLINT
}
const Slot* elements_of(const Slot& slot) {
  return reinterpret_cast<const Slot*>(slot.a);  // NOLINT
}
const Cidr* cidr_of(const Slot& slot) {
  return reinterpret_cast<const Cidr*>(slot.a);  // NOLINT
}
std::int64_t number_of(const Slot& slot) { return static_cast<std::int64_t>(slot.a); }

/// Instructions that have this many operands.
std::uint32_t operand_count(InstKind kind) {
  enum : std::uint32_t {
    Leaf = 0, Const = 0, Attr = 0, Member = 0, NetClass = 0, PatSet = 0, Level = 0,
    One = 1, OneDfa = 1, OneZone = 1, Two = 2, Quantifier = 2, Three = 3
  };
  static constexpr std::uint32_t kCounts[] = {
#define WRIT_INST(name, text, operands, result) operands,
#include "runtime/ir/inst_kind.def"
#undef WRIT_INST
  };
  return kCounts[static_cast<std::size_t>(kind)];
}

/// One run over a condition. Each instruction's value stays in its own cell, since a joined text
/// is compared from the cells of its parts.
class Run {
 public:
  Run(const ir::Program& program, const ir::Shape& shape, const Slot* constants,
      const Frame& frame)
      : program_(program), insts_(shape.insts.data()), constants_(constants), frame_(frame) {}

  Outcome run(std::size_t count) {
    range(0, static_cast<std::uint32_t>(count) - 1);
    const Cell& last = cells_.items[count - 1];
    if (last.error != 0) return {0, last.error};
    return {last.slot.a != 0 ? 1U : 0U, 0};
  }

 private:
  /// Runs [begin, end]. A quantifier's body runs once before its own elements are known, with
  /// whatever fits, so that this stays one forward loop.
  void range(std::uint32_t begin, std::uint32_t end) {
    for (std::uint32_t i = begin; i <= end; ++i) cells_.items[i] = step(insts_[i]);
  }

  Cell step(const Inst& inst);
  [[nodiscard]] Cell variable(const Inst& inst) const;
  Cell attribute(std::uint32_t id) const;
  [[nodiscard]] bool has(std::uint32_t id) const;
  Cell truth(std::uint8_t truth, std::uint32_t error) const;
  Cell junction(const Inst& inst) const;
  Cell strict(const Inst& inst);
  Cell strict_one(const Inst& inst, const Slot& a) const;
  Cell strict_two(const Inst& inst, const Slot& a, const Slot& b);
  Cell arithmetic(const Inst& inst, const Slot& a, const Slot& b) const;
  [[nodiscard]] bool equal(const Inst& inst, const Slot& a, const Slot& b);
  [[nodiscard]] int order(const Inst& inst, const Slot& a, const Slot& b) const;
  [[nodiscard]] bool in_set(Type type, const Slot& value, Type set, const Slot& elements) const;
  Cell local_time(const Inst& inst, std::int64_t micros) const;
  Cell quantify(const Inst& inst);
  [[nodiscard]] bool is_joined(const Inst& inst) const {
    return insts_[inst.a].kind == InstKind::Concat || insts_[inst.b].kind == InstKind::Concat;
  }
  bool compare_joined(const Inst& inst) const;
  void collect(std::uint32_t root, Pieces& pieces) const;
  [[nodiscard]] std::uint32_t first_of(std::uint32_t root) const;

  const ir::Program& program_;
  const Inst* insts_;
  const Slot* constants_;
  const Frame& frame_;
  // Of the quantifiers around the place where the run is, outermost first.
  // INVARIANT: the verifier bounds the depth.
  struct Element {
    Type type;
    Slot slot;
  };
  Element elements_[ir::kQuantifierDepthMax];
  std::uint32_t depth_ = 0;
  Cells cells_;
};

constexpr Cidr kAnyNetwork;

Cell Run::step(const Inst& inst) {
  switch (inst.kind) {
    case InstKind::Const: return {constants_[inst.a], 0};
    case InstKind::LoadAttr: return attribute(inst.a);
    case InstKind::HasAttr: return value_of(has(inst.a));
    case InstKind::PrincipalName:
      return text_of(frame_.principal_name, frame_.principal_name_bytes);
    case InstKind::PrincipalType:
      return text_of(frame_.principal_type, frame_.principal_type_bytes);
    case InstKind::ResourceName: return text_of(frame_.resource_name, frame_.resource_name_bytes);
    case InstKind::Host:
      return frame_.host_known != 0 ? Cell{frame_.host, 0} : error_of(EvalError::UnknownHost);
    case InstKind::Now:
      return frame_.now_known != 0 ? value_of(frame_.now_us) : error_of(EvalError::UnknownTime);
    case InstKind::SessionAge: {
      std::int64_t age = 0;
      if (frame_.now_known == 0) return error_of(EvalError::UnknownTime);
      if (__builtin_sub_overflow(frame_.now_us, frame_.opened_us, &age)) {
        return error_of(EvalError::Overflow);
      }
      return value_of(age);
    }
    case InstKind::Member:
      return truth(frame_.memberships[inst.a], make_error(EvalError::UnknownGroups));
    case InstKind::InNetwork: {
      const std::uint8_t known = frame_.network_classes[inst.a];
      const bool failed = known == static_cast<std::uint8_t>(Truth::Error);
      return truth(known, failed ? frame_.network_errors[inst.a] : 0);
    }
    case InstKind::Covered:
      return value_of(frame_.covered(frame_.tables, frame_.resource, inst.a));
    case InstKind::Var: return variable(inst);
    case InstKind::And:
    case InstKind::Or: return junction(inst);
    case InstKind::If: {
      const Cell& test = cells_.items[inst.a];
      if (test.error != 0) return {{0, 0}, test.error};
      return test.slot.a != 0 ? cells_.items[inst.b] : cells_.items[inst.c];
    }
    case InstKind::AnyOf:
    case InstKind::AllOf: return quantify(inst);
    case InstKind::Not: case InstKind::Eq: case InstKind::Ne: case InstKind::Lt:
    case InstKind::Le: case InstKind::Gt: case InstKind::Ge: case InstKind::Add:
    case InstKind::Sub: case InstKind::Mul: case InstKind::Concat: case InstKind::StartsWith:
    case InstKind::EndsWith: case InstKind::Contains: case InstKind::Matches:
    case InstKind::InCidr: case InstKind::InSet: case InstKind::SetContains:
    case InstKind::LocalTime: case InstKind::Year: case InstKind::Month: case InstKind::Day:
    case InstKind::Weekday: case InstKind::Hour: case InstKind::Minute: return strict(inst);
  }
  return error_of(EvalError::BadValue);
}

Cell Run::variable(const Inst& inst) const {
  if (inst.a < depth_) {
    const Element& element = elements_[depth_ - 1 - inst.a];
    if (inst.type == element.type) return {element.slot, 0};
  }
  // The body of a quantifier whose elements are not known yet.
  if (!inst.type.is(TypeKind::Cidr)) return {{0, 0}, 0};
  return {{reinterpret_cast<std::uint64_t>(&kAnyNetwork), 0}, 0};  // NOLINT
}

Cell Run::attribute(std::uint32_t id) const {
  const ir::Attribute& attribute = program_.attributes[id];
  const Slot* slots = nullptr;
  const std::uint8_t* presence = nullptr;
  switch (attribute.moment) {
    case ir::AttributeMoment::Session:
      slots = frame_.session_slots;
      presence = frame_.session_presence;
      break;
    case ir::AttributeMoment::Request:
      slots = frame_.request_slots;
      presence = frame_.request_presence;
      break;
    case ir::AttributeMoment::Resource:
      if (frame_.fact_slots == nullptr) return error_of(EvalError::UnlistedFact, id);
      slots = frame_.fact_slots;
      presence = frame_.fact_presence;
      break;
  }
  switch (presence[attribute.slot]) {
    case static_cast<std::uint8_t>(Presence::Present): return {slots[attribute.slot], 0};
    case kPresenceBadValue: return error_of(EvalError::BadValue, id);
    default: return error_of(EvalError::MissingAttribute, id);
  }
}

bool Run::has(std::uint32_t id) const {
  const ir::Attribute& attribute = program_.attributes[id];
  const std::uint8_t* presence = nullptr;
  switch (attribute.moment) {
    case ir::AttributeMoment::Session: presence = frame_.session_presence; break;
    case ir::AttributeMoment::Request: presence = frame_.request_presence; break;
    case ir::AttributeMoment::Resource:
      presence = frame_.fact_slots == nullptr ? nullptr : frame_.fact_presence;
      break;
  }
  return presence != nullptr &&
         presence[attribute.slot] == static_cast<std::uint8_t>(Presence::Present);
}

Cell Run::truth(std::uint8_t truth, std::uint32_t error) const {
  if (truth == static_cast<std::uint8_t>(Truth::Error)) return {{0, 0}, error};
  return value_of(truth == static_cast<std::uint8_t>(Truth::True));
}

/// `false and error` is false, `true or error` is true, whichever stands first.
Cell Run::junction(const Inst& inst) const {
  const Cell& a = cells_.items[inst.a];
  const Cell& b = cells_.items[inst.b];
  const std::uint64_t settles = inst.kind == InstKind::Or ? 1 : 0;
  if ((a.error == 0 && a.slot.a == settles) || (b.error == 0 && b.slot.a == settles)) {
    return value_of(settles);
  }
  const std::uint32_t error = a.error != 0 ? a.error : b.error;
  return {{error != 0 ? 0 : 1 - settles, 0}, error};
}

/// Everything else needs all of its operands: the leftmost error is its own.
Cell Run::strict(const Inst& inst) {
  const Cell& a = cells_.items[inst.a];
  if (a.error != 0) return {{0, 0}, a.error};
  if (operand_count(inst.kind) == 1) return strict_one(inst, a.slot);
  const Cell& b = cells_.items[inst.b];
  if (b.error != 0) return {{0, 0}, b.error};
  return strict_two(inst, a.slot, b.slot);
}

Cell Run::strict_one(const Inst& inst, const Slot& a) const {
  switch (inst.kind) {
    case InstKind::Not: return value_of(a.a == 0);
    case InstKind::Matches: {
      const ir::Dfa& dfa = program_.dfas[inst.b];
      return value_of(writ_dfa_matches(dfa.byte_class.data(), dfa.transitions.data(),
                                       dfa.accepting.data(), dfa.classes, dfa.start, bytes_of(a),
                                       a.b));
    }
    case InstKind::LocalTime: return local_time(inst, number_of(a));
    case InstKind::Year: return value_of(calendar::year(number_of(a)));
    case InstKind::Month: return value_of(calendar::month(number_of(a)));
    case InstKind::Day: return value_of(calendar::day(number_of(a)));
    case InstKind::Weekday: return value_of(calendar::weekday(number_of(a)));
    case InstKind::Hour: return value_of(calendar::hour(number_of(a)));
    case InstKind::Minute: return value_of(calendar::minute(number_of(a)));
    case InstKind::Const: case InstKind::LoadAttr: case InstKind::HasAttr:
    case InstKind::PrincipalName: case InstKind::PrincipalType: case InstKind::ResourceName:
    case InstKind::Host: case InstKind::Now: case InstKind::SessionAge: case InstKind::Member:
    case InstKind::InNetwork: case InstKind::Covered: case InstKind::Var: case InstKind::And:
    case InstKind::Or: case InstKind::If: case InstKind::Eq: case InstKind::Ne:
    case InstKind::Lt: case InstKind::Le: case InstKind::Gt: case InstKind::Ge:
    case InstKind::Add: case InstKind::Sub: case InstKind::Mul: case InstKind::Concat:
    case InstKind::StartsWith: case InstKind::EndsWith: case InstKind::Contains:
    case InstKind::InCidr: case InstKind::InSet: case InstKind::SetContains:
    case InstKind::AnyOf: case InstKind::AllOf: break;
  }
  return error_of(EvalError::BadValue);
}

Cell Run::local_time(const Inst& inst, std::int64_t micros) const {
  const ir::Zone& zone = program_.zones[inst.b];
  const std::int64_t offset = writ_zone_offset(zone.at_seconds.data(), zone.offset_seconds.data(),
                                               zone.at_seconds.size(), micros);
  std::int64_t local = 0;
  if (__builtin_add_overflow(micros, offset * calendar::kMicrosPerSecond, &local)) {
    return error_of(EvalError::Overflow);
  }
  return value_of(local);
}

Cell Run::strict_two(const Inst& inst, const Slot& a, const Slot& b) {
  switch (inst.kind) {
    case InstKind::Eq: return value_of(equal(inst, a, b));
    case InstKind::Ne: return value_of(!equal(inst, a, b));
    case InstKind::Lt: return value_of(order(inst, a, b) < 0);
    case InstKind::Le: return value_of(order(inst, a, b) <= 0);
    case InstKind::Gt: return value_of(order(inst, a, b) > 0);
    case InstKind::Ge: return value_of(order(inst, a, b) >= 0);
    case InstKind::Add:
    case InstKind::Sub:
    case InstKind::Mul: return arithmetic(inst, a, b);
    // The parts stay in their cells until a comparison collects them.
    case InstKind::Concat: return {{0, 0}, 0};
    case InstKind::StartsWith:
      if (is_joined(inst)) return value_of(compare_joined(inst));
      return value_of(writ_text_starts_with(bytes_of(a), a.b, bytes_of(b), b.b));
    case InstKind::EndsWith:
      if (is_joined(inst)) return value_of(compare_joined(inst));
      return value_of(writ_text_ends_with(bytes_of(a), a.b, bytes_of(b), b.b));
    case InstKind::Contains:
      return value_of(writ_text_contains(bytes_of(a), a.b, bytes_of(b), b.b));
    case InstKind::InCidr: return value_of(cidr_of(b)->contains({a.a, a.b}));
    case InstKind::InSet:
      return value_of(in_set(insts_[inst.a].type, a, insts_[inst.b].type, b));
    case InstKind::SetContains:
      return value_of(in_set(insts_[inst.b].type, b, insts_[inst.a].type, a));
    case InstKind::Const: case InstKind::LoadAttr: case InstKind::HasAttr:
    case InstKind::PrincipalName: case InstKind::PrincipalType: case InstKind::ResourceName:
    case InstKind::Host: case InstKind::Now: case InstKind::SessionAge: case InstKind::Member:
    case InstKind::InNetwork: case InstKind::Covered: case InstKind::Var: case InstKind::Not:
    case InstKind::And: case InstKind::Or: case InstKind::If: case InstKind::Matches:
    case InstKind::AnyOf: case InstKind::AllOf: case InstKind::LocalTime: case InstKind::Year:
    case InstKind::Month: case InstKind::Day: case InstKind::Weekday: case InstKind::Hour:
    case InstKind::Minute: break;
  }
  return error_of(EvalError::BadValue);
}

Cell Run::arithmetic(const Inst& inst, const Slot& a, const Slot& b) const {
  std::int64_t result = 0;
  const std::int64_t left = number_of(a);
  const std::int64_t right = number_of(b);
  const bool overflow = inst.kind == InstKind::Add   ? __builtin_add_overflow(left, right, &result)
                        : inst.kind == InstKind::Sub ? __builtin_sub_overflow(left, right, &result)
                                                     : __builtin_mul_overflow(left, right, &result);
  return overflow ? error_of(EvalError::Overflow) : value_of(result);
}

bool Run::equal(const Inst& inst, const Slot& a, const Slot& b) {
  switch (insts_[inst.a].type.kind) {
    case TypeKind::String:
      if (is_joined(inst)) return compare_joined(inst);
      return writ_text_equal(bytes_of(a), a.b, bytes_of(b), b.b) != 0;
    case TypeKind::Ip: return a.a == b.a && a.b == b.b;
    case TypeKind::Cidr: return *cidr_of(a) == *cidr_of(b);
    case TypeKind::None:
    case TypeKind::Bool:
    case TypeKind::Int:
    case TypeKind::Time:
    case TypeKind::Duration:
    case TypeKind::Version:
    case TypeKind::Enum: return a.a == b.a;
  }
  return false;
}

int Run::order(const Inst& inst, const Slot& a, const Slot& b) const {
  if (insts_[inst.a].type.kind == TypeKind::String) {
    return writ_text_compare(bytes_of(a), a.b, bytes_of(b), b.b);
  }
  const std::int64_t left = number_of(a);
  const std::int64_t right = number_of(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

bool Run::in_set(Type type, const Slot& value, Type set, const Slot& elements) const {
  const Slot* items = elements_of(elements);
  switch (type.kind) {
    case TypeKind::String: return writ_set_has_text(items, elements.b, bytes_of(value), value.b);
    case TypeKind::Ip:
      return set.kind == TypeKind::Cidr
                 ? writ_networks_hold(items, elements.b, value.a, value.b) != 0
                 : writ_set_has_ip(items, elements.b, value.a, value.b) != 0;
    case TypeKind::Cidr: return writ_set_has_cidr(items, elements.b, cidr_of(value));
    case TypeKind::None:
    case TypeKind::Bool:
    case TypeKind::Int:
    case TypeKind::Time:
    case TypeKind::Duration:
    case TypeKind::Version:
    case TypeKind::Enum: return writ_set_has_number(items, elements.b, number_of(value));
  }
  return false;
}

/// Kleene's or (any) and and (all) over the elements; the error is that of the first element.
Cell Run::quantify(const Inst& inst) {
  const Cell set = cells_.items[inst.a];
  if (set.error != 0) return {{0, 0}, set.error};
  const std::uint64_t settles = inst.kind == InstKind::AnyOf ? 1 : 0;
  const std::uint32_t begin = first_of(inst.b);
  Element& element = elements_[depth_++];
  element.type = insts_[inst.a].type.element();
  std::uint32_t error = 0;
  bool settled = false;
  for (std::uint64_t at = 0; at < set.slot.b && !settled; ++at) {
    element.slot = elements_of(set.slot)[at];
    range(begin, inst.b);
    const Cell& body = cells_.items[inst.b];
    settled = body.error == 0 && body.slot.a == settles;
    if (error == 0) error = body.error;
  }
  --depth_;
  if (settled) return value_of(settles);
  return {{error != 0 ? 0 : 1 - settles, 0}, error};
}

/// Where the subtree of an instruction begins: each instruction settles one open operand and
/// opens its own.
std::uint32_t Run::first_of(std::uint32_t root) const {
  std::uint32_t open = 1;
  std::uint32_t at = root + 1;
  while (open > 0) {
    --at;
    open = open - 1 + operand_count(insts_[at].kind);
  }
  return at;
}

void Run::collect(std::uint32_t root, Pieces& pieces) const {
  std::uint32_t open = 1;
  for (std::uint32_t at = root; open > 0; --at) {
    if (insts_[at].kind == InstKind::Concat) {
      ++open;
      continue;
    }
    const Slot& text = cells_.items[at].slot;
    pieces.items[pieces.count++] = {bytes_of(text), text.b};
    pieces.bytes += text.b;
    --open;
    at = first_of(at);
  }
}

bool Run::compare_joined(const Inst& inst) const {
  Pieces a;
  Pieces b;
  collect(inst.a, a);
  collect(inst.b, b);
  if (a.bytes < b.bytes) return false;
  const bool whole = inst.kind == InstKind::Eq || inst.kind == InstKind::Ne;
  if (whole && a.bytes != b.bytes) return false;
  PieceReader left(a);
  if (inst.kind == InstKind::EndsWith) left.skip(a.bytes - b.bytes);
  return PieceReader::equal(left, PieceReader(b), b.bytes);
}

}  // namespace

Outcome evaluate(const ir::Program& program, ir::ConditionId condition, const Slot* constants,
                 const Frame& frame) {
  const ir::Shape& shape = program.shapes[program.conditions[condition.index].shape.index];
  return Run(program, shape, constants, frame).run(shape.insts.size());
}

}  // namespace writ::interp
