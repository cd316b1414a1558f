#include <algorithm>

#include "runtime/base/limits.h"
#include "runtime/ir/verify.h"
#include "runtime/ir/verify_stores.h"

namespace writ::ir {

bool reads_session_only(const Program& program, const std::vector<Inst>& insts) {
  return std::ranges::none_of(insts, [&program](const Inst& inst) {
    switch (inst.kind) {
      case InstKind::LoadAttr:
      case InstKind::HasAttr:
        return inst.a >= program.attributes.size() ||
               program.attributes[inst.a].moment != AttributeMoment::Session;
      case InstKind::ResourceName:
      case InstKind::Now:
      case InstKind::SessionAge:
      case InstKind::Covered: return true;
      case InstKind::Const: case InstKind::PrincipalName: case InstKind::PrincipalType:
      case InstKind::Host: case InstKind::Member: case InstKind::InNetwork: case InstKind::Var:
      case InstKind::Not: case InstKind::And: case InstKind::Or: case InstKind::If:
      case InstKind::Eq: case InstKind::Ne: case InstKind::Lt: case InstKind::Le:
      case InstKind::Gt: case InstKind::Ge: case InstKind::Add: case InstKind::Sub:
      case InstKind::Mul: case InstKind::Concat: case InstKind::StartsWith:
      case InstKind::EndsWith: case InstKind::Contains: case InstKind::Matches:
      case InstKind::InCidr: case InstKind::InSet: case InstKind::SetContains:
      case InstKind::AnyOf: case InstKind::AllOf: case InstKind::LocalTime: case InstKind::Year:
      case InstKind::Month: case InstKind::Day: case InstKind::Weekday: case InstKind::Hour:
      case InstKind::Minute: return false;
    }
    return true;
  });
}

namespace {

constexpr std::uint32_t kNone = 0xFFFF'FFFF;

/// Proves one shape: first its form as a tree, then the type of each instruction.
class ShapeVerifier {
 public:
  ShapeVerifier(const Program& program, std::size_t at, Findings& findings)
      : program_(program), shape_(program.shapes[at]), at_(at), findings_(findings) {}

  void run() {
    const std::size_t count = shape_.insts.size();
    if (!require(count > 0, "is empty")) return;
    if (!findings_.require(count <= limits::kConditionInstructionsMax, "shape", at_,
                           "has over 4,096 instructions", ErrorCode::Limit)) {
      return;
    }
    for (const Type& type : shape_.constant_types) {
      if (!require(is_sound(program_, type) && !type.optional, "has a constant without a type")) {
        return;
      }
    }
    if (!form_is_tree()) return;
    for (std::uint32_t i = 0; i < count; ++i) {
      const Inst& inst = shape_.insts[i];
      if (!require(is_sound(program_, inst.type) && !inst.type.optional && typed(i, inst),
                   "has an instruction whose operands or type do not fit")) {
        return;
      }
    }
    require(shape_.insts.back().type == kBool, "does not answer a Bool");
    require(shape_.session_only == reads_session_only(program_, shape_.insts),
            "does not say truly whether it reads the session alone");
  }

 private:
  bool require(bool holds, const char* message) {
    return findings_.require(holds, "shape", at_, message);
  }
  [[nodiscard]] const Type& type(std::uint32_t inst) const { return shape_.insts[inst].type; }

  /// Post-order: each operand ends where the next begins, the last just before its instruction.
  /// So each instruction but the last is used once, and every subtree lies side by side.
  bool form_is_tree() {
    const auto count = static_cast<std::uint32_t>(shape_.insts.size());
    first_.assign(count, 0);
    quantifier_.assign(count, kNone);
    for (std::uint32_t i = 0; i < count; ++i) {
      if (!require(shape_.insts[i].kind <= InstKind::Minute, "has an unknown instruction")) {
        return false;
      }
      const std::uint32_t operands[3] = {shape_.insts[i].a, shape_.insts[i].b, shape_.insts[i].c};
      std::uint32_t begin = i;
      for (std::uint32_t k = operand_count(shape_.insts[i].kind); k-- > 0;) {
        if (!require(begin > 0 && operands[k] == begin - 1, "is not a tree in post-order")) {
          return false;
        }
        begin = first_[operands[k]];
      }
      first_[i] = begin;
    }
    return require(first_.back() == 0, "has instructions that nothing uses") && mark_bodies();
  }

  /// For each instruction the innermost quantifier whose body holds it: outer ones first, inner
  /// ones over them.
  bool mark_bodies() {
    std::vector<std::uint32_t> depth(shape_.insts.size(), 0);
    for (std::size_t i = shape_.insts.size(); i-- > 0;) {
      const Inst& inst = shape_.insts[i];
      if (inst.kind != InstKind::AnyOf && inst.kind != InstKind::AllOf) continue;
      if (!findings_.require(depth[i] < kQuantifierDepthMax, "shape", at_,
                             "has quantifiers nested too deep", ErrorCode::Limit)) {
        return false;
      }
      for (std::uint32_t body = first_[inst.b]; body <= inst.b; ++body) {
        quantifier_[body] = static_cast<std::uint32_t>(i);
        depth[body] = depth[i] + 1;
      }
    }
    return true;
  }

  static std::uint32_t operand_count(InstKind kind) {
    enum class Operands : std::uint8_t {
      Leaf, Const, Attr, Member, NetClass, PatSet, Level, One, Two, Three, OneDfa, OneZone,
      Quantifier
    };
    static constexpr Operands kOperands[] = {
#define WRIT_INST(name, text, operands, result) Operands::operands,
#include "runtime/ir/inst_kind.def"
#undef WRIT_INST
    };
    switch (kOperands[static_cast<std::size_t>(kind)]) {
      case Operands::Leaf:
      case Operands::Const:
      case Operands::Attr:
      case Operands::Member:
      case Operands::NetClass:
      case Operands::PatSet:
      case Operands::Level: return 0;
      case Operands::One:
      case Operands::OneDfa:
      case Operands::OneZone: return 1;
      case Operands::Two:
      case Operands::Quantifier: return 2;
      case Operands::Three: return 3;
    }
    return 0;
  }

  /// Of the quantifier around `i` with `level` others between; none: there are not so many.
  [[nodiscard]] Type element_type(std::uint32_t i, std::uint32_t level) const {
    std::uint32_t around = quantifier_[i];
    for (; level > 0 && around != kNone; --level) around = quantifier_[around];
    return around == kNone ? Type() : type(shape_.insts[around].a).element();
  }

  [[nodiscard]] bool typed(std::uint32_t i, const Inst& inst) const {
    switch (inst.kind) {
      case InstKind::Const:
        return inst.a < shape_.constant_types.size() && inst.type == shape_.constant_types[inst.a];
      case InstKind::LoadAttr: {
        if (inst.a >= program_.attributes.size()) return false;
        Type type_of = program_.attributes[inst.a].type;
        type_of.optional = false;
        return inst.type == type_of;
      }
      case InstKind::HasAttr: return inst.type == kBool && inst.a < program_.attributes.size();
      case InstKind::PrincipalName:
      case InstKind::PrincipalType:
      case InstKind::ResourceName: return inst.type == kString;
      case InstKind::Host: return inst.type == kIp;
      case InstKind::Now: return inst.type == kTime;
      case InstKind::SessionAge: return inst.type == kDuration;
      case InstKind::Member: return inst.type == kBool && inst.a < program_.memberships.size();
      case InstKind::InNetwork:
        return inst.type == kBool && inst.a < program_.network_classes.size();
      case InstKind::Covered: return inst.type == kBool && inst.a < program_.pattern_sets.size();
      case InstKind::Var:
        return !inst.type.set && inst.type == element_type(i, inst.a);
      case InstKind::Not: return inst.type == kBool && type(inst.a) == kBool;
      case InstKind::And:
      case InstKind::Or:
        return inst.type == kBool && type(inst.a) == kBool && type(inst.b) == kBool;
      case InstKind::If:
        return type(inst.a) == kBool && type(inst.b) == inst.type && type(inst.c) == inst.type &&
               !joined(inst.b) && !joined(inst.c);
      case InstKind::AnyOf:
      case InstKind::AllOf:
        return inst.type == kBool && type(inst.a).set && type(inst.b) == kBool;
      case InstKind::LocalTime:
        return inst.type == kTime && type(inst.a) == kTime && inst.b < program_.zones.size();
      case InstKind::Year:
      case InstKind::Month:
      case InstKind::Day:
      case InstKind::Weekday:
      case InstKind::Hour:
      case InstKind::Minute: return inst.type == kInt && type(inst.a) == kTime;
      case InstKind::Matches:
        return inst.type == kBool && type(inst.a) == kString && !joined(inst.a) &&
               inst.b < program_.dfas.size();
      case InstKind::Add:
      case InstKind::Sub:
      case InstKind::Mul: return arithmetic(inst);
      case InstKind::Eq: case InstKind::Ne: case InstKind::Lt: case InstKind::Le:
      case InstKind::Gt: case InstKind::Ge: case InstKind::Concat: case InstKind::StartsWith:
      case InstKind::EndsWith: case InstKind::Contains: case InstKind::InCidr:
      case InstKind::InSet: case InstKind::SetContains: return comparison(inst);
    }
    return false;
  }

  [[nodiscard]] bool joined(std::uint32_t inst) const {
    return shape_.insts[inst].kind == InstKind::Concat;
  }

  /// Tests of two operands. Joined texts stand only where they are compared piece by piece.
  [[nodiscard]] bool comparison(const Inst& inst) const {
    const Type a = type(inst.a);
    const Type b = type(inst.b);
    const bool texts = a == kString && b == kString;
    if (inst.kind == InstKind::Concat) return texts && inst.type == kString;
    if (inst.type != kBool) return false;
    switch (inst.kind) {
      case InstKind::Eq:
      case InstKind::Ne: return a == b && !a.set;
      case InstKind::StartsWith:
      case InstKind::EndsWith: return texts;
      case InstKind::Lt: case InstKind::Le: case InstKind::Gt: case InstKind::Ge:
        return a == b && !a.set && ordered(a.kind) && !joined(inst.a) && !joined(inst.b);
      case InstKind::Contains: return texts && !joined(inst.a) && !joined(inst.b);
      case InstKind::InCidr: return a == kIp && b == kCidr;
      case InstKind::InSet:
        return !a.set && b.set && !joined(inst.a) &&
               (b.element() == a || (a == kIp && b.element() == kCidr));
      case InstKind::SetContains: return a.set && !b.set && a.element() == b && !joined(inst.b);
      case InstKind::Const: case InstKind::LoadAttr: case InstKind::HasAttr:
      case InstKind::PrincipalName: case InstKind::PrincipalType: case InstKind::ResourceName:
      case InstKind::Host: case InstKind::Now: case InstKind::SessionAge: case InstKind::Member:
      case InstKind::InNetwork: case InstKind::Covered: case InstKind::Var: case InstKind::Not:
      case InstKind::And: case InstKind::Or: case InstKind::If: case InstKind::Add:
      case InstKind::Sub: case InstKind::Mul: case InstKind::Concat: case InstKind::Matches:
      case InstKind::AnyOf: case InstKind::AllOf: case InstKind::LocalTime: case InstKind::Year:
      case InstKind::Month: case InstKind::Day: case InstKind::Weekday: case InstKind::Hour:
      case InstKind::Minute: return false;
    }
    return false;
  }

  static bool ordered(TypeKind kind) {
    switch (kind) {
      case TypeKind::Int:
      case TypeKind::String:
      case TypeKind::Time:
      case TypeKind::Duration:
      case TypeKind::Version:
      case TypeKind::Enum: return true;
      case TypeKind::None:
      case TypeKind::Bool:
      case TypeKind::Ip:
      case TypeKind::Cidr: return false;
    }
    return false;
  }

  [[nodiscard]] bool arithmetic(const Inst& inst) const {
    const Type a = type(inst.a);
    const Type b = type(inst.b);
    const auto is = [&](Type left, Type right, Type result) {
      return a == left && b == right && inst.type == result;
    };
    if (is(kInt, kInt, kInt)) return true;
    if (inst.kind == InstKind::Mul) return is(kDuration, kInt, kDuration);
    if (is(kTime, kDuration, kTime) || is(kDuration, kDuration, kDuration)) return true;
    return inst.kind == InstKind::Sub && is(kTime, kTime, kDuration);
  }

  const Program& program_;
  const Shape& shape_;
  std::size_t at_;
  Findings& findings_;
  std::vector<std::uint32_t> first_;       // of each instruction's subtree
  std::vector<std::uint32_t> quantifier_;  // the innermost around each instruction
};

}  // namespace

void verify_conditions(const Program& program, Findings& findings) {
  for (std::size_t at = 0; at < program.constants.size(); ++at) {
    findings.require(is_sound(program, program.constants[at]), "constant", at,
                     "is not of its type");
  }
  for (std::size_t at = 0; at < program.shapes.size(); ++at) {
    ShapeVerifier(program, at, findings).run();
  }
  if (!findings.clean()) return;
  for (std::size_t at = 0; at < program.conditions.size(); ++at) {
    const Condition& condition = program.conditions[at];
    if (!findings.in_store(condition.shape, program.shapes.size(), "condition", at,
                           "its shape is unknown")) {
      return;
    }
    const auto& types = program.shapes[condition.shape.index].constant_types;
    const std::size_t left = program.constants.size();
    if (!findings.require(condition.first_constant <= left &&
                              types.size() <= left - condition.first_constant,
                          "condition", at, "reads past the constants")) {
      return;
    }
    for (std::size_t i = 0; i < types.size(); ++i) {
      findings.require(program.constants[condition.first_constant + i].type == types[i],
                       "condition", at, "has a constant of another type than its shape");
    }
  }
}

void verify_tests(const Program& program, Findings& findings) {
  const auto insts_of = [&program](ConditionId id) -> const std::vector<Inst>& {
    return program.shapes[program.conditions[id.index].shape.index].insts;
  };
  for (std::size_t at = 0; at < program.principal_types.size(); ++at) {
    const PrincipalType& type = program.principal_types[at];
    if (!type.test.valid()) continue;
    // A name is always known, so what it decides never is an error but for arithmetic.
    for (const Inst& inst : insts_of(type.test)) {
      switch (inst.kind) {
        case InstKind::LoadAttr: case InstKind::HasAttr: case InstKind::PrincipalType:
        case InstKind::ResourceName: case InstKind::Host: case InstKind::Now:
        case InstKind::SessionAge: case InstKind::Member: case InstKind::InNetwork:
        case InstKind::Covered: case InstKind::Add: case InstKind::Sub: case InstKind::Mul:
          findings.require(false, "principal type", at, "its test reads more than the name");
          break;
        case InstKind::Const: case InstKind::PrincipalName: case InstKind::Var:
        case InstKind::Not: case InstKind::And: case InstKind::Or: case InstKind::If:
        case InstKind::Eq: case InstKind::Ne: case InstKind::Lt: case InstKind::Le:
        case InstKind::Gt: case InstKind::Ge: case InstKind::Concat: case InstKind::StartsWith:
        case InstKind::EndsWith: case InstKind::Contains: case InstKind::Matches:
        case InstKind::InCidr: case InstKind::InSet: case InstKind::SetContains:
        case InstKind::AnyOf: case InstKind::AllOf: case InstKind::LocalTime:
        case InstKind::Year: case InstKind::Month: case InstKind::Day: case InstKind::Weekday:
        case InstKind::Hour: case InstKind::Minute: break;
      }
    }
  }
  for (std::size_t at = 0; at < program.network_classes.size(); ++at) {
    const ConditionId test = program.network_classes[at].test;
    if (!test.valid()) continue;
    const auto& shape = program.shapes[program.conditions[test.index].shape.index];
    findings.require(shape.session_only, "network class", at, "its test reads more than a session");
    findings.require(std::ranges::none_of(shape.insts, [](const Inst& inst) {
      return inst.kind == InstKind::InNetwork;
    }), "network class", at, "its test asks for a network class");
  }
}

}  // namespace writ::ir
