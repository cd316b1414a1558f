#include <algorithm>

#include <fmt/format.h>

#include "runtime/ir/print.h"

namespace writ::ir {
namespace {

std::string constant_text(const Program& program, const Value& value) {
  if (value.type.set) {
    std::string text;
    for (const Value& element : value.elements) {
      text += text.empty() ? "{ " : ", ";
      text += constant_text(program, element);  // an element is a scalar
    }
    return text.empty() ? "{}" : text + " }";
  }
  if (value.type.kind == TypeKind::Enum) {
    const auto& members = program.enumerations[value.type.enumeration].members;
    const auto ordinal = static_cast<std::size_t>(value.integer);
    if (ordinal < members.size()) return std::string(program.text(members[ordinal]));
  }
  return to_text(value);
}

/// How many quantifiers stand around each instruction; the variable's name says which one.
std::vector<std::uint32_t> depths(const std::vector<Inst>& insts,
                                  const std::vector<std::uint32_t>& first) {
  std::vector<std::uint32_t> depth(insts.size(), 0);
  for (std::size_t i = insts.size(); i-- > 0;) {
    if (insts[i].kind != InstKind::AnyOf && insts[i].kind != InstKind::AllOf) continue;
    for (std::uint32_t at = first[insts[i].b]; at <= insts[i].b; ++at) depth[at] = depth[i] + 1;
  }
  return depth;
}

std::string_view variable(std::uint32_t depth) {
  static constexpr std::string_view kNames[] = {"x", "y", "z"};
  return kNames[std::min<std::uint32_t>(depth, 2)];
}

class Printer {
 public:
  Printer(const Program& program, ConditionId id)
      : program_(program),
        condition_(program.conditions[id.index]),
        insts_(program.shapes[condition_.shape.index].insts) {}

  std::string run() {
    index_subtrees();
    const std::vector<std::uint32_t> depth = depths(insts_, first_);
    texts_.resize(insts_.size());
    for (std::size_t i = 0; i < insts_.size(); ++i) texts_[i] = one(insts_[i], depth[i]);
    std::string text = std::move(texts_.back());
    // The outermost parentheses say nothing.
    if (is_pair(insts_.back().kind)) text = text.substr(1, text.size() - 2);
    return text;
  }

 private:
  void index_subtrees() {
    for (std::size_t i = 0; i < insts_.size(); ++i) {
      first_.push_back(static_cast<std::uint32_t>(i));
      if (!takes_operand(insts_[i].kind)) continue;
      first_.back() = first_[insts_[i].a];
    }
  }
  static bool takes_operand(InstKind kind) { return kind >= InstKind::Not; }
  static bool is_pair(InstKind kind) {
    return !symbol(kind).empty();
  }
  static std::string_view symbol(InstKind kind);
  std::string one(const Inst& inst, std::uint32_t depth);
  std::string leaf(const Inst& inst, std::uint32_t depth) const;
  std::string tag(PatternSetId id) const {
    const StringId name = program_.pattern_sets[id.index].name;
    return name.valid() ? std::string(program_.text(name)) : fmt::format("set-{}", id.index);
  }

  const Program& program_;
  const Condition& condition_;
  const std::vector<Inst>& insts_;
  std::vector<std::uint32_t> first_;
  std::vector<std::string> texts_;
};

/// The sign between two operands; empty for what is written otherwise.
std::string_view Printer::symbol(InstKind kind) {
  switch (kind) {
    case InstKind::And: return "and";
    case InstKind::Or: return "or";
    case InstKind::Eq: return "==";
    case InstKind::Ne: return "!=";
    case InstKind::Lt: return "<";
    case InstKind::Le: return "<=";
    case InstKind::Gt: return ">";
    case InstKind::Ge: return ">=";
    case InstKind::Add: case InstKind::Concat: return "+";
    case InstKind::Sub: return "-";
    case InstKind::Mul: return "*";
    case InstKind::StartsWith: return "startsWith";
    case InstKind::EndsWith: return "endsWith";
    case InstKind::Contains: case InstKind::SetContains: return "contains";
    case InstKind::InCidr: case InstKind::InSet: return "in";
    case InstKind::Const: case InstKind::LoadAttr: case InstKind::HasAttr:
    case InstKind::PrincipalName: case InstKind::PrincipalType: case InstKind::ResourceName:
    case InstKind::Host: case InstKind::Now: case InstKind::SessionAge: case InstKind::Member:
    case InstKind::InNetwork: case InstKind::Covered: case InstKind::Var: case InstKind::Not:
    case InstKind::If: case InstKind::Matches: case InstKind::AnyOf: case InstKind::AllOf:
    case InstKind::LocalTime: case InstKind::Year: case InstKind::Month: case InstKind::Day:
    case InstKind::Weekday: case InstKind::Hour: case InstKind::Minute: return {};
  }
  return {};
}

std::string Printer::leaf(const Inst& inst, std::uint32_t depth) const {
  switch (inst.kind) {
    case InstKind::Const:
      return constant_text(program_, program_.constants[condition_.first_constant + inst.a]);
    case InstKind::LoadAttr: return std::string(program_.text(program_.attributes[inst.a].name));
    case InstKind::HasAttr:
      return fmt::format("has {}", program_.text(program_.attributes[inst.a].name));
    case InstKind::PrincipalName: return "principal.name";
    case InstKind::PrincipalType: return "principal.type";
    case InstKind::ResourceName: return "resource.name";
    case InstKind::Host: return "host";
    case InstKind::Now: return "time";
    case InstKind::SessionAge: return "session.age";
    case InstKind::Member:
      return fmt::format("(principal in {})", subject_text(program_, program_.memberships[inst.a]));
    case InstKind::InNetwork:
      return fmt::format("(network == {})",
                         program_.text(program_.network_classes[inst.a].name));
    case InstKind::Covered: return fmt::format("(resource tagged {})", tag(PatternSetId(inst.a)));
    case InstKind::Var: return std::string(variable(depth > inst.a ? depth - 1 - inst.a : 0));
    case InstKind::Not: case InstKind::And: case InstKind::Or: case InstKind::If:
    case InstKind::Eq: case InstKind::Ne: case InstKind::Lt: case InstKind::Le:
    case InstKind::Gt: case InstKind::Ge: case InstKind::Add: case InstKind::Sub:
    case InstKind::Mul: case InstKind::Concat: case InstKind::StartsWith:
    case InstKind::EndsWith: case InstKind::Contains: case InstKind::Matches:
    case InstKind::InCidr: case InstKind::InSet: case InstKind::SetContains:
    case InstKind::AnyOf: case InstKind::AllOf: case InstKind::LocalTime: case InstKind::Year:
    case InstKind::Month: case InstKind::Day: case InstKind::Weekday: case InstKind::Hour:
    case InstKind::Minute: break;
  }
  return {};
}

/// Takes the texts of the operands: each is used once.
std::string Printer::one(const Inst& inst, std::uint32_t depth) {
  if (!takes_operand(inst.kind)) return leaf(inst, depth);
  const std::string a = std::move(texts_[inst.a]);
  if (const std::string_view sign = symbol(inst.kind); !sign.empty()) {
    return fmt::format("({} {} {})", a, sign, texts_[inst.b]);
  }
  const auto names = [&] { return variable(depth); };
  switch (inst.kind) {
    case InstKind::Not: return fmt::format("not {}", a);
    case InstKind::If:
      return fmt::format("(if {} then {} else {})", a, texts_[inst.b], texts_[inst.c]);
    case InstKind::AnyOf: return fmt::format("(any {} in {}: {})", names(), a, texts_[inst.b]);
    case InstKind::AllOf: return fmt::format("(all {} in {}: {})", names(), a, texts_[inst.b]);
    case InstKind::Matches:
      return fmt::format("({} matches {})", a,
                         to_text(Value::of_text(std::string(
                             program_.text(program_.dfas[inst.b].pattern)))));
    case InstKind::LocalTime:
      return fmt::format("({} in \"{}\")", a, program_.text(program_.zones[inst.b].name));
    case InstKind::Year: return a + ".year";
    case InstKind::Month: return a + ".month";
    case InstKind::Day: return a + ".day";
    case InstKind::Weekday: return a + ".weekday";
    case InstKind::Hour: return a + ".hour";
    case InstKind::Minute: return a + ".minute";
    case InstKind::Const: case InstKind::LoadAttr: case InstKind::HasAttr:
    case InstKind::PrincipalName: case InstKind::PrincipalType: case InstKind::ResourceName:
    case InstKind::Host: case InstKind::Now: case InstKind::SessionAge: case InstKind::Member:
    case InstKind::InNetwork: case InstKind::Covered: case InstKind::Var: case InstKind::And:
    case InstKind::Or: case InstKind::Eq: case InstKind::Ne: case InstKind::Lt:
    case InstKind::Le: case InstKind::Gt: case InstKind::Ge: case InstKind::Add:
    case InstKind::Sub: case InstKind::Mul: case InstKind::Concat: case InstKind::StartsWith:
    case InstKind::EndsWith: case InstKind::Contains: case InstKind::InCidr:
    case InstKind::InSet: case InstKind::SetContains: break;
  }
  return {};
}

}  // namespace

std::string condition_text(const Program& program, ConditionId condition) {
  return Printer(program, condition).run();
}

}  // namespace writ::ir
