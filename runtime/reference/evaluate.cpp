#include "runtime/reference/evaluate.h"

#include <algorithm>

#include "runtime/value/calendar.h"

namespace writ::reference {
namespace {

using ir::Inst;
using ir::InstKind;

/// A value, or an error other than 0.
struct Answer {
  Value value;
  std::uint32_t error = 0;
};

Answer bool_of(bool value) { return {Value::boolean(value), 0}; }
Answer int_of(std::int64_t value) { return {Value::of_int(value), 0}; }
Answer error_of(EvalError code, std::uint32_t detail = 0) {
  return {{}, make_error(code, detail)};
}
Answer answer_of(Truth3 truth) {
  return truth.error != 0 ? Answer{{}, truth.error} : bool_of(truth.truth);
}
Truth3 truth_of(const Answer& answer) {
  return {answer.error == 0 && answer.value.integer != 0, answer.error};
}

bool accepts(const ir::Dfa& dfa, const std::string& text) {
  std::size_t state = dfa.start;
  for (const char c : text) {
    state = dfa.transitions[state * dfa.classes + dfa.byte_class[static_cast<unsigned char>(c)]];
  }
  return dfa.accepting[state] != 0;
}

bool holds(const Value& set, const Value& wanted) {
  return std::ranges::any_of(set.elements, [&wanted](const Value& element) {
    if (wanted.type.kind == TypeKind::Ip && element.type.kind == TypeKind::Cidr) {
      return element.cidr.contains(wanted.cidr.base);
    }
    return compare(element, wanted) == 0;
  });
}

/// The elements of the quantifiers around an instruction, innermost first.
struct Elements {
  const Value* value = nullptr;
  const Elements* outer = nullptr;
};

class Evaluator {
 public:
  Evaluator(const World& world, ir::ConditionId id)
      : world_(world),
        program_(world.program),
        condition_(program_.conditions[id.index]),
        insts_(program_.shapes[condition_.shape.index].insts) {}

  /// The value of an instruction, where Var is one of `around`.
  [[nodiscard]] Answer at(std::size_t i, const Elements* around) const;
  [[nodiscard]] const std::vector<Inst>& insts() const { return insts_; }

 private:
  [[nodiscard]] Answer attribute(std::uint32_t id) const;
  [[nodiscard]] Answer session_age() const;
  [[nodiscard]] Answer one(const Inst& inst, const Value& a) const;
  [[nodiscard]] Answer two(const Inst& inst, const Value& a, const Value& b) const;
  [[nodiscard]] Answer arithmetic(const Inst& inst, std::int64_t a, std::int64_t b) const;
  [[nodiscard]] Answer local_time(const Inst& inst, std::int64_t micros) const;
  [[nodiscard]] Answer quantifier(const Inst& inst, const Elements* around) const;

  const World& world_;
  const ir::Program& program_;
  const ir::Condition& condition_;
  const std::vector<Inst>& insts_;
};

Answer Evaluator::at(std::size_t i, const Elements* around) const {
  const Inst& inst = insts_[i];
  switch (inst.kind) {
    case InstKind::Const: return {program_.constants[condition_.first_constant + inst.a], 0};
    case InstKind::LoadAttr: return attribute(inst.a);
    case InstKind::HasAttr:
      return bool_of(world_.attribute(ir::AttributeId(inst.a)).value.has_value());
    case InstKind::PrincipalName: return {Value::of_text(world_.principal_name), 0};
    case InstKind::PrincipalType: return {Value::of_text(world_.principal_type), 0};
    case InstKind::ResourceName: return {Value::of_text(world_.request.name), 0};
    case InstKind::Host: {
      const std::optional<Ip> host = world_.host();
      return host ? Answer{Value::of_ip(*host), 0} : error_of(EvalError::UnknownHost);
    }
    case InstKind::Now:
      if (!world_.request.time_us) return error_of(EvalError::UnknownTime);
      return {Value::of(TypeKind::Time, *world_.request.time_us), 0};
    case InstKind::SessionAge: return session_age();
    case InstKind::Member:
      return answer_of(world_.in_subject(program_.memberships[inst.a]));
    case InstKind::InNetwork:
      return answer_of(world_.in_network_class(ir::NetworkClassId(inst.a)));
    case InstKind::Covered: return bool_of(world_.covers(ir::PatternSetId(inst.a)));
    case InstKind::Var: {
      const Elements* of = around;
      for (std::uint32_t level = inst.a; level > 0; --level) of = of->outer;
      return {*of->value, 0};
    }
    case InstKind::And:
      return answer_of(truth_of(at(inst.a, around)) && truth_of(at(inst.b, around)));
    case InstKind::Or:
      return answer_of(truth_of(at(inst.a, around)) || truth_of(at(inst.b, around)));
    case InstKind::If: {
      const Answer test = at(inst.a, around);
      if (test.error != 0) return test;
      return at(test.value.integer != 0 ? inst.b : inst.c, around);
    }
    case InstKind::AnyOf:
    case InstKind::AllOf: return quantifier(inst, around);
    case InstKind::Not: case InstKind::Matches: case InstKind::LocalTime: case InstKind::Year:
    case InstKind::Month: case InstKind::Day: case InstKind::Weekday: case InstKind::Hour:
    case InstKind::Minute: {
      const Answer a = at(inst.a, around);
      return a.error != 0 ? a : one(inst, a.value);
    }
    case InstKind::Eq: case InstKind::Ne: case InstKind::Lt: case InstKind::Le:
    case InstKind::Gt: case InstKind::Ge: case InstKind::Add: case InstKind::Sub:
    case InstKind::Mul: case InstKind::Concat: case InstKind::StartsWith:
    case InstKind::EndsWith: case InstKind::Contains: case InstKind::InCidr:
    case InstKind::InSet: case InstKind::SetContains: {
      const Answer a = at(inst.a, around);
      if (a.error != 0) return a;
      const Answer b = at(inst.b, around);
      return b.error != 0 ? b : two(inst, a.value, b.value);
    }
  }
  return error_of(EvalError::BadValue);
}

Answer Evaluator::attribute(std::uint32_t id) const {
  Known known = world_.attribute(ir::AttributeId(id));
  if (!known.value) return error_of(known.why_not, id);
  return {std::move(*known.value), 0};
}

Answer Evaluator::session_age() const {
  if (!world_.request.time_us) return error_of(EvalError::UnknownTime);
  std::int64_t age = 0;
  if (__builtin_sub_overflow(*world_.request.time_us, world_.session.opened_us, &age)) {
    return error_of(EvalError::Overflow);
  }
  return {Value::of(TypeKind::Duration, age), 0};
}

Answer Evaluator::one(const Inst& inst, const Value& a) const {
  switch (inst.kind) {
    case InstKind::Not: return bool_of(a.integer == 0);
    case InstKind::Matches: return bool_of(accepts(program_.dfas[inst.b], a.text));
    case InstKind::LocalTime: return local_time(inst, a.integer);
    case InstKind::Year: return int_of(calendar::year(a.integer));
    case InstKind::Month: return int_of(calendar::month(a.integer));
    case InstKind::Day: return int_of(calendar::day(a.integer));
    case InstKind::Weekday: return int_of(calendar::weekday(a.integer));
    case InstKind::Hour: return int_of(calendar::hour(a.integer));
    case InstKind::Minute: return int_of(calendar::minute(a.integer));
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

Answer Evaluator::two(const Inst& inst, const Value& a, const Value& b) const {
  switch (inst.kind) {
    case InstKind::Eq: return bool_of(compare(a, b) == 0);
    case InstKind::Ne: return bool_of(compare(a, b) != 0);
    case InstKind::Lt: return bool_of(compare(a, b) < 0);
    case InstKind::Le: return bool_of(compare(a, b) <= 0);
    case InstKind::Gt: return bool_of(compare(a, b) > 0);
    case InstKind::Ge: return bool_of(compare(a, b) >= 0);
    case InstKind::Add:
    case InstKind::Sub:
    case InstKind::Mul: return arithmetic(inst, a.integer, b.integer);
    case InstKind::Concat: return {Value::of_text(a.text + b.text), 0};
    case InstKind::StartsWith: return bool_of(a.text.starts_with(b.text));
    case InstKind::EndsWith: return bool_of(a.text.ends_with(b.text));
    case InstKind::Contains: return bool_of(a.text.find(b.text) != std::string::npos);
    case InstKind::InCidr: return bool_of(b.cidr.contains(a.cidr.base));
    case InstKind::InSet: return bool_of(holds(b, a));
    case InstKind::SetContains: return bool_of(holds(a, b));
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

Answer Evaluator::arithmetic(const Inst& inst, std::int64_t a, std::int64_t b) const {
  std::int64_t result = 0;
  bool overflow = false;
  if (inst.kind == InstKind::Add) overflow = __builtin_add_overflow(a, b, &result);
  if (inst.kind == InstKind::Sub) overflow = __builtin_sub_overflow(a, b, &result);
  if (inst.kind == InstKind::Mul) overflow = __builtin_mul_overflow(a, b, &result);
  if (overflow) return error_of(EvalError::Overflow);
  return {Value::of(inst.type.kind, result), 0};
}

Answer Evaluator::local_time(const Inst& inst, std::int64_t micros) const {
  const ir::Zone& zone = program_.zones[inst.b];
  std::int32_t offset = zone.offset_seconds[0];
  for (std::size_t i = 0; i < zone.at_seconds.size(); ++i) {
    if (calendar::floor_div(micros, calendar::kMicrosPerSecond) >= zone.at_seconds[i]) {
      offset = zone.offset_seconds[i + 1];
    }
  }
  std::int64_t local = 0;
  if (__builtin_add_overflow(micros, offset * calendar::kMicrosPerSecond, &local)) {
    return error_of(EvalError::Overflow);
  }
  return {Value::of(TypeKind::Time, local), 0};
}

Answer Evaluator::quantifier(const Inst& inst, const Elements* around) const {
  const Answer set = at(inst.a, around);
  if (set.error != 0) return set;
  const bool any = inst.kind == InstKind::AnyOf;
  Truth3 all_together = any ? kFalse : kTrue;
  for (const Value& one_of : set.value.elements) {
    const Elements elements{&one_of, around};
    const Truth3 body = truth_of(at(inst.b, &elements));
    all_together = any ? (all_together || body) : (all_together && body);
  }
  return answer_of(all_together);
}

}  // namespace

Truth3 evaluate(const World& world, ir::ConditionId condition) {
  if (!condition.valid()) return kTrue;
  const Evaluator evaluator(world, condition);
  return truth_of(evaluator.at(evaluator.insts().size() - 1, nullptr));
}

std::vector<std::string> texts_beside_name(const World& world, ir::ConditionId condition) {
  const Evaluator evaluator(world, condition);
  const std::vector<Inst>& insts = evaluator.insts();
  std::vector<std::string> texts;
  // What stands in a quantifier has no value by itself; its set has. How many quantifiers around an
  // instruction it reads from:
  std::vector<std::uint32_t> open(insts.size());
  std::vector<bool> reads_name(insts.size());
  for (std::size_t i = 0; i < insts.size(); ++i) {
    const Inst& inst = insts[i];
    const bool quantifier = inst.kind == InstKind::AnyOf || inst.kind == InstKind::AllOf;
    open[i] = inst.kind == InstKind::Var ? inst.a + 1 : 0;
    reads_name[i] = inst.kind == InstKind::ResourceName;
    if (inst.kind >= InstKind::Not) {
      const bool pair = inst.kind != InstKind::Not && inst.kind != InstKind::Matches &&
                        inst.kind < InstKind::LocalTime;
      const std::size_t b = pair ? inst.b : inst.a;
      const std::size_t c = inst.kind == InstKind::If ? inst.c : inst.a;
      const std::uint32_t in_body = quantifier && open[b] > 0 ? open[b] - 1 : open[b];
      open[i] = std::max({open[inst.a], in_body, open[c]});
      reads_name[i] = reads_name[inst.a] || reads_name[b] || reads_name[c];
    }
    if (inst.type.kind != TypeKind::String || open[i] > 0 || reads_name[i]) continue;
    const Answer answer = evaluator.at(i, nullptr);
    if (answer.error != 0) continue;
    if (!inst.type.set) texts.push_back(answer.value.text);
    for (const Value& element : answer.value.elements) texts.push_back(element.text);
  }
  if (!reads_name.back()) texts.clear();
  return texts;
}

}  // namespace writ::reference
