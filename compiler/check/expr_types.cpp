// Joining operands into trees, and what types are called in messages.
#include "compiler/check/expr_checker.h"
#include "runtime/base/limits.h"

#include <fmt/format.h>

#include <array>

namespace writ::check {
namespace {

enum class Operands : std::uint8_t {
  Leaf,
  Const,
  Attr,
  Member,
  NetClass,
  PatSet,
  Level,
  One,
  Two,
  Three,
  OneDfa,
  OneZone,
  Quantifier,
};
constexpr std::array kOperands{
#define WRIT_INST(name, text, operands, result) Operands::operands,
#include "runtime/ir/inst_kind.def"
#undef WRIT_INST
};

/// Moves the operands of an instruction whose subtree now begins `by` later.
void shift(ir::Inst& inst, std::uint32_t by) {
  switch (kOperands[static_cast<std::size_t>(inst.kind)]) {
    case Operands::Leaf:
    case Operands::Const:
    case Operands::Attr:
    case Operands::Member:
    case Operands::NetClass:
    case Operands::PatSet:
    case Operands::Level:
      return;
    case Operands::One:
    case Operands::OneDfa:
    case Operands::OneZone:
      inst.a += by;
      return;
    case Operands::Two:
    case Operands::Quantifier:
      inst.a += by;
      inst.b += by;
      return;
    case Operands::Three:
      inst.a += by;
      inst.b += by;
      inst.c += by;
      return;
  }
}

std::uint32_t root(const Operand& operand) {
  return static_cast<std::uint32_t>(operand.insts.size() - 1);
}

}  // namespace

std::uint32_t append_tree(std::vector<ir::Inst>& to, const std::vector<ir::Inst>& from) {
  const auto by = static_cast<std::uint32_t>(to.size());
  for (ir::Inst inst : from) {
    shift(inst, by);
    to.push_back(inst);
  }
  return static_cast<std::uint32_t>(to.size() - 1);
}

const ir::Program& ExprChecker::program() const {
  return context_.names->builder().program();
}

Operand ExprChecker::mistake(source::Span span) {
  Operand none;
  none.span = span;
  return none;
}

Operand ExprChecker::constant(Value value, source::Span span) {
  Operand made =
      leaf(ir::InstKind::Const, value.type, span, static_cast<std::uint32_t>(pool_.size()));
  pool_.push_back(value);
  made.constant = std::move(value);
  return made;
}

Operand ExprChecker::leaf(ir::InstKind kind, Type type, source::Span span, std::uint32_t a) {
  Operand made;
  made.type = type;
  made.insts.push_back({kind, type, a, 0, 0});
  made.span = span;
  return made;
}

Operand ExprChecker::one(ir::InstKind kind, Type type, Operand a, source::Span span,
                         std::uint32_t b) {
  if (!a.ok())
    return mistake(span);
  const std::uint32_t at = root(a);
  a.insts.push_back({kind, type, at, b, 0});
  a.type = type;
  a.constant.reset();
  a.span = span;
  return bounded(std::move(a));
}

Operand ExprChecker::two(ir::InstKind kind, Type type, Operand a, Operand b, source::Span span) {
  if (!a.ok() || !b.ok())
    return mistake(span);
  const std::uint32_t first = root(a);
  const std::uint32_t second = append_tree(a.insts, b.insts);
  a.insts.push_back({kind, type, first, second, 0});
  a.type = type;
  a.constant.reset();
  a.local_time = false;
  a.span = span;
  return bounded(std::move(a));
}

Operand ExprChecker::three(ir::InstKind kind, Type type, Operand a, Operand b, Operand c,
                           source::Span span) {
  if (!a.ok() || !b.ok() || !c.ok())
    return mistake(span);
  const std::uint32_t first = root(a);
  const std::uint32_t second = append_tree(a.insts, b.insts);
  const std::uint32_t third = append_tree(a.insts, c.insts);
  a.insts.push_back({kind, type, first, second, third});
  a.type = type;
  a.constant.reset();
  a.local_time = b.local_time;
  a.span = span;
  return bounded(std::move(a));
}

/// Ranges and sets repeat what they test, so the size is watched at each step.
Operand ExprChecker::bounded(Operand operand) {
  if (operand.insts.size() <= limits::kConditionInstructionsMax)
    return operand;
  if (!too_large_) {
    too_large_ = true;
    report(diag::Code::ConditionTooLarge, operand.span,
           fmt::format("this condition needs more than {} instructions",
                       limits::kConditionInstructionsMax),
           "too large from here",
           "write the constants as one set, or split the statement into several");
  }
  return mistake(operand.span);
}

TypedExpr ExprChecker::finish(Operand operand) {
  TypedExpr typed;
  typed.reads_asserted = reads_asserted_;
  typed.asserted_name = asserted_name_;
  if (!operand.ok())
    return typed;
  typed.type = operand.type;
  typed.insts = std::move(operand.insts);
  for (ir::Inst& inst : typed.insts) {
    if (inst.kind != ir::InstKind::Const)
      continue;
    typed.constants.push_back(pool_[inst.a]);
    inst.a = static_cast<std::uint32_t>(typed.constants.size() - 1);
  }
  return typed;
}

void ExprChecker::report(diag::Code code, source::Span span, std::string message, std::string label,
                         std::string help) {
  sink_.add({code, std::move(message), {span, std::move(label)}, {}, std::move(help)});
}

/// Two operands of one operator that do not fit: both are shown with their types.
Operand ExprChecker::mismatch(const ast::Expr& e, const Operand& a, const Operand& b,
                              std::string message, std::string help) {
  sink_.add({diag::Code::TypeMismatch,
             std::move(message),
             {b.span, fmt::format("this is {}", a_type(b.type))},
             {{a.span, fmt::format("this is {}", a_type(a.type))}},
             std::move(help)});
  return mistake(e.span);
}

Operand ExprChecker::wrong_type(const Operand& operand, std::string message, std::string help) {
  report(diag::Code::TypeMismatch, operand.span, std::move(message),
         fmt::format("this is {}", a_type(operand.type)), std::move(help));
  return mistake(operand.span);
}

std::string ExprChecker::type_text(Type type) const {
  std::string text(name_of(type.kind));
  if (type.kind == TypeKind::Enum && type.enumeration < program().enumerations.size()) {
    text = program().text(program().enumerations[type.enumeration].name);
  }
  return type.set ? fmt::format("{{{}}}", text) : text;
}

std::string ExprChecker::a_type(Type type) const {
  if (type.set)
    return fmt::format("a set of {}", type_text(type.element()));
  const std::string text = type_text(type);
  const bool vowel =
      !text.empty() && std::string_view("AEIOUaeiou").find(text.front()) != std::string_view::npos;
  return fmt::format("{} {}", vowel ? "an" : "a", text);
}

}  // namespace writ::check
