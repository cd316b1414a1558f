// Comparisons, arithmetic, and the tests of texts.
#include "compiler/check/expr_checker.h"
#include "compiler/lower/regex.h"

#include <fmt/format.h>

namespace writ::check {
namespace {

std::string_view sign(ast::ExprKind kind) {
  switch (kind) {
    case ast::ExprKind::Eq:
      return "==";
    case ast::ExprKind::Ne:
      return "!=";
    case ast::ExprKind::Lt:
      return "<";
    case ast::ExprKind::Le:
      return "<=";
    case ast::ExprKind::Gt:
      return ">";
    case ast::ExprKind::Ge:
      return ">=";
    case ast::ExprKind::Add:
      return "+";
    case ast::ExprKind::Sub:
      return "-";
    case ast::ExprKind::Mul:
      return "*";
    case ast::ExprKind::StartsWith:
      return "startsWith";
    case ast::ExprKind::EndsWith:
      return "endsWith";
    case ast::ExprKind::Error:
    case ast::ExprKind::Literal:
    case ast::ExprKind::Principal:
    case ast::ExprKind::Name:
    case ast::ExprKind::Set:
    case ast::ExprKind::Range:
    case ast::ExprKind::Not:
    case ast::ExprKind::And:
    case ast::ExprKind::Or:
    case ast::ExprKind::In:
    case ast::ExprKind::NotIn:
    case ast::ExprKind::Has:
    case ast::ExprKind::Contains:
    case ast::ExprKind::Matches:
    case ast::ExprKind::If:
    case ast::ExprKind::Any:
    case ast::ExprKind::All:
    case ast::ExprKind::TimeIn:
    case ast::ExprKind::Field:
    case ast::ExprKind::Tagged:
    case ast::ExprKind::Call:
      return "";
  }
  return "";
}

ir::InstKind inst_of(ast::ExprKind kind) {
  if (kind == ast::ExprKind::Eq)
    return ir::InstKind::Eq;
  if (kind == ast::ExprKind::Ne)
    return ir::InstKind::Ne;
  if (kind == ast::ExprKind::Lt)
    return ir::InstKind::Lt;
  if (kind == ast::ExprKind::Le)
    return ir::InstKind::Le;
  if (kind == ast::ExprKind::Gt)
    return ir::InstKind::Gt;
  return ir::InstKind::Ge;
}

bool holds(ir::InstKind kind, int order) {
  if (kind == ir::InstKind::Eq)
    return order == 0;
  if (kind == ir::InstKind::Ne)
    return order != 0;
  if (kind == ir::InstKind::Lt)
    return order < 0;
  if (kind == ir::InstKind::Le)
    return order <= 0;
  if (kind == ir::InstKind::Gt)
    return order > 0;
  return order >= 0;
}

bool ordered(TypeKind kind) {
  return kind != TypeKind::Bool && kind != TypeKind::Ip && kind != TypeKind::Cidr &&
         kind != TypeKind::None;
}

/// What to write where two types do not fit.
std::string cure(const Operand& a, const Operand& b) {
  const auto either = [&](TypeKind x, TypeKind y) {
    return (a.type.is(x) && b.type.is(y)) || (a.type.is(y) && b.type.is(x));
  };
  if (a.type.set != b.type.set)
    return "use `in` for a set";
  if (either(TypeKind::Version, TypeKind::Int)) {
    const Operand& number = a.type.is(TypeKind::Int) ? a : b;
    return number.constant ? fmt::format("a version is written {}.0", number.constant->integer)
                           : std::string("a whole number is written without a dot");
  }
  if (either(TypeKind::Ip, TypeKind::Cidr))
    return "use `in` for a network";
  if (either(TypeKind::Enum, TypeKind::String)) {
    const Operand& text = a.type.is(TypeKind::String) ? a : b;
    return text.constant ? fmt::format("a member of an enumeration stands without quotes: `{}`",
                                       text.constant->text)
                         : std::string("a member of an enumeration stands without quotes");
  }
  if (either(TypeKind::Duration, TypeKind::Int))
    return "a duration is written with its unit: 30s, 15m, 8h, 365d";
  if (either(TypeKind::Time, TypeKind::String))
    return "a date stands without quotes: 2026-12-20";
  if (either(TypeKind::Time, TypeKind::Duration))
    return "compare the difference of two times with a duration";
  if (either(TypeKind::Time, TypeKind::Int))
    return "compare a field, as in `time.hour`";
  if (either(TypeKind::Ip, TypeKind::String))
    return "an address stands without quotes: 10.0.0.1";
  if (either(TypeKind::Version, TypeKind::String))
    return "a version stands without quotes: 1.2";
  if (either(TypeKind::Int, TypeKind::String))
    return "a number stands without quotes";
  if (either(TypeKind::Bool, TypeKind::String))
    return "`true` and `false` stand without quotes";
  return "";
}

}  // namespace

/// Checks two operands of one operator; a bare word learns its enumeration from the other one.
std::pair<Operand, Operand> ExprChecker::pair(ast::ExprId a, ast::ExprId b, Type expected,
                                              Joined joined) {
  if (expected.kind == TypeKind::None && is_bare(a) && !is_bare(b)) {
    Operand second = check(b, {}, joined);
    // A mistake in one operand says nothing about a bare word beside it.
    Operand first = second.ok() ? check(a, second.type.element(), joined) : mistake(second.span);
    return {std::move(first), std::move(second)};
  }
  Operand first = check(a, expected, joined);
  const bool skip = !first.ok() && is_bare(b);
  const Type other = expected.kind == TypeKind::None ? first.type.element() : expected;
  Operand second = skip ? mistake(first.span) : check(b, other, joined);
  return {std::move(first), std::move(second)};
}

Operand ExprChecker::comparison(const ast::Expr& e) {
  const bool equality = e.kind == ast::ExprKind::Eq || e.kind == ast::ExprKind::Ne;
  for (const std::string_view word : {std::string_view("principal"), std::string_view("network")}) {
    const bool left = is_word(e.a, word);
    if (!left && !is_word(e.b, word))
      continue;
    if (!equality) {
      report(diag::Code::TypeMismatch, e.span, fmt::format("`{}` has no order", word),
             "compared by size", fmt::format("compare `{}` with `==`, `!=` or `in`", word));
      return mistake(e.span);
    }
    const ast::ExprId other = left ? e.b : e.a;
    Operand same = word == "principal" ? principal_is(e, other) : network_in(other);
    return e.kind == ast::ExprKind::Ne ? negate(std::move(same)) : same;
  }
  auto [a, b] = pair(e.a, e.b, {}, equality ? Joined::Accept : Joined::Refuse);
  if (!a.ok() || !b.ok())
    return mistake(e.span);
  return compare(inst_of(e.kind), e, std::move(a), std::move(b));
}

Operand ExprChecker::compare(ir::InstKind kind, const ast::Expr& e, Operand a, Operand b) {
  if (!a.ok() || !b.ok())
    return mistake(e.span);
  const std::string_view op = sign(e.kind).empty() ? "in" : sign(e.kind);
  if (a.type != b.type) {
    return mismatch(
        e, a, b, fmt::format("`{}` cannot compare {} with {}", op, a_type(a.type), a_type(b.type)),
        cure(a, b));
  }
  if (a.type.set) {
    return mismatch(e, a, b, fmt::format("`{}` does not compare sets", op),
                    "ask for elements: `x in set`, `set contains x`, or `all x in set: …`");
  }
  const bool equality = kind == ir::InstKind::Eq || kind == ir::InstKind::Ne;
  if (!equality && !ordered(a.type.kind)) {
    return mismatch(e, a, b, fmt::format("{} has no order", a_type(a.type)),
                    a.type.is(TypeKind::Ip) ? "ask whether it is in a network: `host in 10.0.0.0/8`"
                                            : "compare with `==` or `!=`");
  }
  if (a.local_time != b.local_time && !a.constant && !b.constant) {
    return mismatch(e, a, b, "a local time is not compared with a time in UTC",
                    "compare both in UTC, or both in the same zone");
  }
  if (a.constant && b.constant) {
    return constant(Value::boolean(holds(kind, writ::compare(*a.constant, *b.constant))), e.span);
  }
  return two(kind, kBool, std::move(a), std::move(b), e.span);
}

namespace {

/// The type of a + b, a - b, a * b; None where they do not fit.
Type result_of(ast::ExprKind kind, TypeKind a, TypeKind b) {
  if (a == TypeKind::Int && b == TypeKind::Int)
    return kInt;
  if (kind == ast::ExprKind::Mul) {
    return a == TypeKind::Duration && b == TypeKind::Int ? kDuration : Type{};
  }
  if (a == TypeKind::Duration && b == TypeKind::Duration)
    return kDuration;
  if (a == TypeKind::Time && b == TypeKind::Duration)
    return kTime;
  if (kind == ast::ExprKind::Sub && a == TypeKind::Time && b == TypeKind::Time)
    return kDuration;
  return {};
}

std::optional<std::int64_t> folded(ast::ExprKind kind, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  const bool overflow = kind == ast::ExprKind::Add   ? __builtin_add_overflow(a, b, &result)
                        : kind == ast::ExprKind::Sub ? __builtin_sub_overflow(a, b, &result)
                                                     : __builtin_mul_overflow(a, b, &result);
  return overflow ? std::nullopt : std::optional(result);
}

}  // namespace

Operand ExprChecker::arithmetic(const ast::Expr& e, Type expected, Joined joined) {
  const bool add = e.kind == ast::ExprKind::Add;
  const Type hint = expected.is(TypeKind::Int) ? kInt : Type{};
  auto [a, b] = pair(e.a, e.b, hint, add ? Joined::Accept : Joined::Refuse);
  if (!a.ok() || !b.ok())
    return mistake(e.span);
  if (add && a.type.is(TypeKind::String) && b.type.is(TypeKind::String)) {
    if (a.constant && b.constant)
      return constant(Value::of_text(a.constant->text + b.constant->text), e.span);
    if (joined == Joined::Accept)
      return two(ir::InstKind::Concat, kString, std::move(a), std::move(b), e.span);
    report(diag::Code::JoinedText, e.span, "texts are joined only to be compared", "joined here",
           "`+` between texts stands beside ==, !=, startsWith or endsWith");
    return mistake(e.span);
  }
  // The two forms that read both ways: 2 * 1h and 1h + time.
  const bool turned =
      (e.kind == ast::ExprKind::Mul && a.type.is(TypeKind::Int) && b.type.is(TypeKind::Duration)) ||
      (add && a.type.is(TypeKind::Duration) && b.type.is(TypeKind::Time));
  if (turned)
    std::swap(a, b);
  const Type type = a.type.set || b.type.set ? Type{} : result_of(e.kind, a.type.kind, b.type.kind);
  if (type.kind == TypeKind::None) {
    const bool both_times = add && a.type.is(TypeKind::Time) && b.type.is(TypeKind::Time);
    return mismatch(
        e, a, b,
        fmt::format("`{}` does not fit {} and {}", sign(e.kind), a_type(a.type), a_type(b.type)),
        both_times ? std::string("times are subtracted; a duration is added to a time")
                   : cure(a, b));
  }
  if (a.type.is(TypeKind::Time) && b.type.is(TypeKind::Time) && a.local_time != b.local_time) {
    return mismatch(e, a, b, "a local time and a time in UTC have no difference",
                    "take both in UTC");
  }
  if (a.constant && b.constant) {
    const auto result = folded(e.kind, a.constant->integer, b.constant->integer);
    if (result)
      return constant(Value::of(type.kind, *result), e.span);
    report(diag::Code::ConstantOverflow, e.span, "this does not fit into 64 bits", "overflows",
           "use smaller numbers");
    return mistake(e.span);
  }
  const bool local = type == kTime && a.local_time;
  const ir::InstKind kind = add                            ? ir::InstKind::Add
                            : e.kind == ast::ExprKind::Sub ? ir::InstKind::Sub
                                                           : ir::InstKind::Mul;
  Operand made = two(kind, type, std::move(a), std::move(b), e.span);
  made.local_time = local;
  return made;
}

Operand ExprChecker::text_test(const ast::Expr& e) {
  auto [a, b] = pair(e.a, e.b, kString, Joined::Accept);
  if (!a.ok() || !b.ok())
    return mistake(e.span);
  if (!a.type.is(TypeKind::String) || !b.type.is(TypeKind::String)) {
    return mismatch(
        e, a, b,
        fmt::format("`{}` tests a String with a String, not {} with {}", sign(e.kind),
                    a_type(a.type), a_type(b.type)),
        a.type.is(TypeKind::Ip) ? "ask whether it is in a network: `host in 10.0.0.0/8`" : "");
  }
  const ir::InstKind kind =
      e.kind == ast::ExprKind::StartsWith ? ir::InstKind::StartsWith : ir::InstKind::EndsWith;
  return two(kind, kBool, std::move(a), std::move(b), e.span);
}

Operand ExprChecker::contains(const ast::Expr& e) {
  auto [a, b] = pair(e.a, e.b, {}, Joined::Refuse);
  if (!a.ok() || !b.ok())
    return mistake(e.span);
  if (a.type.is(TypeKind::String) && b.type.is(TypeKind::String)) {
    return two(ir::InstKind::Contains, kBool, std::move(a), std::move(b), e.span);
  }
  if (a.type.set && !b.type.set && a.type.element() == b.type) {
    return two(ir::InstKind::SetContains, kBool, std::move(a), std::move(b), e.span);
  }
  if (a.type.is(TypeKind::Cidr) && b.type.is(TypeKind::Ip)) {
    return mismatch(e, a, b, "a network is asked the other way round",
                    "write `address in network`");
  }
  return mismatch(e, a, b,
                  fmt::format("`contains` does not fit {} and {}", a_type(a.type), a_type(b.type)),
                  "`contains` asks a text for a part, or a set for an element of its type");
}

Operand ExprChecker::matches(const ast::Expr& e) {
  Operand a = check_as(e.a, kString);
  Operand pattern = check_as(e.b, kString);
  if (!pattern.ok())
    return mistake(e.span);
  if (!pattern.constant) {
    report(diag::Code::NotConstant, pattern.span,
           "a regular expression is written out, since it is compiled here",
           "only known when a request is decided", "write the expression in quotes");
    return mistake(e.span);
  }
  Result<ir::Dfa> dfa = lower::compile_regex(pattern.constant->text);
  if (!dfa) {
    const std::string at =
        dfa.error().where.empty() ? "" : fmt::format(" (byte {})", dfa.error().where);
    report(diag::Code::BadRegex, pattern.span,
           fmt::format("`{}` is not a usable regular expression: {}{}", pattern.constant->text,
                       dfa.error().message, at),
           "cannot be compiled",
           "the syntax is RE2's without captures, backreferences and look-around; the whole text "
           "must match");
    return mistake(e.span);
  }
  ir::Builder& builder = context_.names->builder();
  dfa->pattern = builder.string(pattern.constant->text);
  const ir::DfaId made = builder.dfa(std::move(*dfa));
  return one(ir::InstKind::Matches, kBool, std::move(a), e.span, made.index);
}

}  // namespace writ::check
