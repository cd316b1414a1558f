// The entry points, and the expressions that are neither names nor operators between values.
#include "compiler/check/expr.h"

#include "compiler/check/expr_checker.h"
#include "compiler/check/scope_tree.h"
#include "runtime/ir/verify.h"

#include <fmt/format.h>

#include <algorithm>

namespace writ::check {
namespace {

// The parser refuses deeper nesting; a chain of `+` may still be longer.
constexpr std::size_t kDepthMax = 512;

}  // namespace

TypedExpr check_expr(ast::ExprId expr, const ExprContext& context, Type expected,
                     diag::Sink& sink) {
  ExprChecker checker(context, sink);
  return checker.finish(checker.check_as(expr, expected));
}

TypedExpr check_when(const ast::When& when, const ExprContext& context, diag::Sink& sink) {
  ExprChecker checker(context, sink);
  std::optional<Operand> all;
  const auto add = [&](Operand test) {
    all = all ? checker.conjoin(std::move(*all), std::move(test)) : std::move(test);
  };
  for (const ast::ExprId id : when.when)
    add(checker.check_as(id, kBool));
  for (const ast::ExprId id : when.unless)
    add(checker.negate(checker.check_as(id, kBool)));
  if (all)
    return checker.finish(std::move(*all));
  TypedExpr nothing;
  nothing.type = kBool;
  return nothing;
}

TypedExpr conjunction(TypedExpr a, TypedExpr b) {
  if (!a.reads_asserted && b.reads_asserted) {
    a.reads_asserted = true;
    a.asserted_name = b.asserted_name;
  }
  if (a.type.kind == TypeKind::None || b.type.kind == TypeKind::None) {
    a.type = {};
    a.insts.clear();
    a.constants.clear();
    return a;
  }
  if (b.insts.empty())
    return a;
  if (a.insts.empty()) {
    a.insts = std::move(b.insts);
    a.constants = std::move(b.constants);
    return a;
  }
  const auto constants = static_cast<std::uint32_t>(a.constants.size());
  for (ir::Inst& inst : b.insts) {
    if (inst.kind == ir::InstKind::Const)
      inst.a += constants;
  }
  const auto first = static_cast<std::uint32_t>(a.insts.size() - 1);
  const std::uint32_t second = append_tree(a.insts, b.insts);
  a.insts.push_back({ir::InstKind::And, kBool, first, second, 0});
  a.constants.insert(a.constants.end(), b.constants.begin(), b.constants.end());
  return a;
}

std::optional<Value> check_constant(ast::ExprId expr, const ExprContext& context, Type expected,
                                    diag::Sink& sink) {
  ExprChecker checker(context, sink);
  Operand value = checker.check_as(expr, expected);
  if (!value.ok())
    return std::nullopt;
  if (!value.constant) {
    checker.report(diag::Code::NotConstant, value.span,
                   "this value is only known when a request is decided", "a literal is needed here",
                   "write the value itself");
    return std::nullopt;
  }
  return value.constant;
}

ExprChecker::ExprChecker(const ExprContext& context, diag::Sink& sink)
    : context_(context), sink_(sink) {}

Operand ExprChecker::check(ast::ExprId id, Type expected, Joined joined) {
  const ast::Expr& e = context_.file->expr(id);
  if (depth_ >= kDepthMax) {
    report(diag::Code::ConditionTooLarge, e.span, "this condition is nested too deeply",
           "too deep from here", "split it into several conditions, separated by commas");
    return mistake(e.span);
  }
  ++depth_;
  Operand made = dispatch(e, expected, joined);
  --depth_;
  made.span = e.span;
  return made;
}

Operand ExprChecker::check_as(ast::ExprId id, Type expected) {
  Operand made = check(id, expected);
  if (!made.ok() || expected.kind == TypeKind::None)
    return made;
  expected.optional = false;
  if (made.type == expected)
    return made;
  const std::string help = expected == kBool && made.type.set
                               ? "say what is asked of it, as in `x in set`"
                           : expected == kBool ? "compare it, as in `… == …`"
                                               : "";
  return wrong_type(
      made, fmt::format("{} is expected here, not {}", a_type(expected), a_type(made.type)), help);
}

Operand ExprChecker::dispatch(const ast::Expr& e, Type expected, Joined joined) {
  switch (e.kind) {
    case ast::ExprKind::Error:
      return mistake(e.span);
    case ast::ExprKind::Literal:
      return literal(e);
    case ast::ExprKind::Principal:
      return stray_principal(e);
    case ast::ExprKind::Name:
      return name(e, expected);
    case ast::ExprKind::Set:
      return set_literal(e, expected);
    case ast::ExprKind::Range:
      report(diag::Code::TypeMismatch, e.span, "a range is not a value", "this is a range",
             "ranges follow `in`, as in `time.hour in 8..<18`");
      return mistake(e.span);
    case ast::ExprKind::Not:
      return negate(check_as(e.a, kBool));
    case ast::ExprKind::And:
    case ast::ExprKind::Or:
      return chain(e);
    case ast::ExprKind::Eq:
    case ast::ExprKind::Ne:
    case ast::ExprKind::Lt:
    case ast::ExprKind::Le:
    case ast::ExprKind::Gt:
    case ast::ExprKind::Ge:
      return comparison(e);
    case ast::ExprKind::Add:
    case ast::ExprKind::Sub:
    case ast::ExprKind::Mul:
      return arithmetic(e, expected, joined);
    case ast::ExprKind::In:
      return membership(e);
    case ast::ExprKind::NotIn:
      return negate(membership(e));
    case ast::ExprKind::Has:
      return has(e);
    case ast::ExprKind::Contains:
      return contains(e);
    case ast::ExprKind::StartsWith:
    case ast::ExprKind::EndsWith:
      return text_test(e);
    case ast::ExprKind::Matches:
      return matches(e);
    case ast::ExprKind::If:
      return choice(e, expected);
    case ast::ExprKind::Any:
    case ast::ExprKind::All:
      return quantifier(e);
    case ast::ExprKind::TimeIn:
      return zoned(e.a, e, e.span);
    case ast::ExprKind::Field:
      return field(check(e.a, kTime), e.variable, e.span);
    case ast::ExprKind::Tagged:
      return tagged(e);
    case ast::ExprKind::Call:
      return call(e);
  }
  return mistake(e.span);
}

Operand ExprChecker::literal(const ast::Expr& e) {
  if (e.value.type.kind == TypeKind::Cidr) {
    const Cidr& written = e.value.cidr;
    const std::uint64_t low_bits = written.bits >= 64 ? 128U - written.bits : 64U;
    const std::uint64_t high_bits = written.bits >= 64 ? 0U : 64U - written.bits;
    const auto below = [](std::uint64_t bits) {
      return bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
    };
    if ((written.base.low & below(low_bits)) != 0 || (written.base.high & below(high_bits)) != 0) {
      Cidr cleared = written;
      cleared.base.low &= ~below(low_bits);
      cleared.base.high &= ~below(high_bits);
      report(diag::Code::HostBitsSet, e.span,
             fmt::format("`{}` has host bits set", to_text(written)),
             "more of the address than the network",
             fmt::format("write `{}`, or `{}` for that one address", to_text(cleared),
                         to_text(written.base)));
      return mistake(e.span);
    }
  }
  return constant(e.value, e.span);
}

Operand ExprChecker::conjoin(Operand a, Operand b) {
  const source::Span span = a.span;
  return two(ir::InstKind::And, kBool, std::move(a), std::move(b), span);
}

Operand ExprChecker::negate(Operand a) {
  if (!a.ok())
    return a;
  const source::Span span = a.span;
  if (a.constant)
    return constant(Value::boolean(a.constant->integer == 0), span);
  return one(ir::InstKind::Not, kBool, std::move(a), span);
}

/// `a and b and c`: the left spine is walked in a loop, since a chain may be long.
Operand ExprChecker::chain(const ast::Expr& e) {
  std::vector<ast::ExprId> operands;
  const ast::Expr* at = &e;
  while (true) {
    operands.push_back(at->b);
    const ast::Expr& left = context_.file->expr(at->a);
    if (left.kind != e.kind)
      break;
    at = &left;
  }
  operands.push_back(at->a);
  std::reverse(operands.begin(), operands.end());
  const ir::InstKind kind = e.kind == ast::ExprKind::And ? ir::InstKind::And : ir::InstKind::Or;
  Operand all = check_as(operands.front(), kBool);
  for (std::size_t i = 1; i < operands.size(); ++i) {
    all = two(kind, kBool, std::move(all), check_as(operands[i], kBool), e.span);
  }
  return all;
}

Operand ExprChecker::choice(const ast::Expr& e, Type expected) {
  Operand test = check_as(e.a, kBool);
  auto [then, otherwise] = pair(e.b, e.c, expected, Joined::Refuse);
  if (!test.ok() || !then.ok() || !otherwise.ok())
    return mistake(e.span);
  if (then.type != otherwise.type) {
    return mismatch(e, then, otherwise, "`then` and `else` give different types",
                    "give both the same type");
  }
  const Type type = then.type;
  return three(ir::InstKind::If, type, std::move(test), std::move(then), std::move(otherwise),
               e.span);
}

Operand ExprChecker::quantifier(const ast::Expr& e) {
  Operand set = check(e.a, {});
  if (set.ok() && !set.type.set) {
    set = wrong_type(set,
                     fmt::format("`{}` walks a set", e.kind == ast::ExprKind::Any ? "any" : "all"),
                     "write a set attribute, or a set of literals as `{ 1, 2 }`");
  }
  if (variables_.size() >= ir::kQuantifierDepthMax) {
    report(diag::Code::ConditionTooLarge, e.op_span,
           fmt::format("more than {} `any` and `all` within one another", ir::kQuantifierDepthMax),
           "one too many", "say part of it in a statement of its own");
    return mistake(e.span);
  }
  // A mistake in the set gives a variable that fits everything, so that the body is still read.
  variables_.push_back({e.variable.text, set.type.element()});
  Operand body = check_as(e.b, kBool);
  variables_.pop_back();
  const ir::InstKind kind =
      e.kind == ast::ExprKind::Any ? ir::InstKind::AnyOf : ir::InstKind::AllOf;
  return two(kind, kBool, std::move(set), std::move(body), e.span);
}

Operand ExprChecker::has(const ast::Expr& e) {
  const ast::Expr& named = e.path.parts.empty() && e.a.valid() ? context_.file->expr(e.a) : e;
  const auto id = context_.names->attribute(named.path.text());
  if (!id) {
    ast::Expr at = named;
    at.kind = ast::ExprKind::Name;
    at.span = named.path.span;
    if (local_name(at) || built_in(at)) {
      report(diag::Code::TypeMismatch, at.span, fmt::format("`{}` is always there", at.path.text()),
             "not an attribute", "`has` asks for an attribute");
      return mistake(e.span);
    }
    return unknown(at, {});
  }
  Operand read = attribute(*id, named.path.span);
  if (!read.ok())
    return read;
  return leaf(ir::InstKind::HasAttr, kBool, e.span, id->index);
}

Operand ExprChecker::tagged(const ast::Expr& e) {
  const std::string tag = e.path.text();
  if (context_.resource_variable.empty() || !is_word(e.a, context_.resource_variable)) {
    report(diag::Code::WrongPlace, context_.file->expr(e.a).span,
           "`tagged` asks about the resource of the statement", "not a resource",
           context_.resource_variable.empty()
               ? std::string("name the resource with `as t` after its pattern")
               : fmt::format("write `{} tagged {}`", context_.resource_variable, tag));
    return mistake(e.span);
  }
  const std::vector<ir::PatternSetId> sets = context_.names->tag(tag);
  if (sets.empty()) {
    ast::Expr at = e;
    at.span = e.path.span;
    return unknown(at, {});
  }
  if (!reaches(e, tag, sets)) {
    return mistake(e.span);
  }
  // A set speaks of its own kind alone, so a tag of several kinds asks each.
  Operand any = leaf(ir::InstKind::Covered, kBool, e.span, sets.front().index);
  for (std::size_t i = 1; i < sets.size(); ++i) {
    any = two(ir::InstKind::Or, kBool, std::move(any),
              leaf(ir::InstKind::Covered, kBool, e.span, sets[i].index), e.span);
  }
  return any;
}

/// Whether the tag can hold of what the statement speaks of: on each of its kinds, and where it is.
bool ExprChecker::reaches(const ast::Expr& e, std::string_view tag,
                          const std::vector<ir::PatternSetId>& sets) {
  const ir::Program& in = program();
  for (const ir::KindId kind : context_.kinds) {
    const bool has = std::ranges::any_of(
        sets, [&](ir::PatternSetId id) { return in.pattern_sets[id.index].kind == kind; });
    if (!has) {
      const std::string_view name = in.text(in.kinds[kind.index].name);
      report(diag::Code::TagOfAnotherKind, e.path.span,
             fmt::format("no {} bears the tag `{}`, and the statement speaks of {}", name, tag,
                         name),
             "never true of this kind",
             fmt::format("add patterns of {} to the tag, or say the statement of other kinds alone",
                         name));
      return false;
    }
  }
  const ir::ScopeId scope = in.pattern_sets[sets.front().index].scope;
  if (!context_.scope.valid() || !scope.valid() || within(in, scope, context_.scope) ||
      within(in, context_.scope, scope)) {
    return true;
  }
  report(diag::Code::MatchesNothing, e.path.span,
         fmt::format("the tag `{}` speaks of `{}`, this statement of `{}`", tag,
                     scope_path(in, scope), scope_path(in, context_.scope)),
         "no resource here bears the tag", "declare the tag at a scope above both");
  return false;
}

Operand ExprChecker::call(const ast::Expr& e) {
  report(diag::Code::NotYet, e.span,
         fmt::format("`{}(…)` calls a function, which this version does not have", e.path.text()),
         "a call", "write the expression itself");
  return mistake(e.span);
}

Operand ExprChecker::stray_principal(const ast::Expr& e) {
  report(diag::Code::TypeMismatch, e.span, "a principal is compared with `principal` alone",
         "this is a principal",
         "write `principal == Type:name`, or compare `principal.name` with text");
  return mistake(e.span);
}

}  // namespace writ::check
