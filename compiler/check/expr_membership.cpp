// `in` and `not in`: ranges, sets, networks, groups. A range becomes two comparisons, so what is
// tested stands there twice; it has no effects, and its size is bounded.
//
//   x in a..<b            ⇒  x >= a and x < b
//   x in { a.b, c.d }     ⇒  x == a.b or x == c.d
//   network in { m, n }   ⇒  network m or network n
#include "compiler/check/expr_checker.h"

#include <fmt/format.h>

#include <algorithm>

namespace writ::check {
namespace {

Value as_network(const Value& address) {
  return Value::of_cidr(Cidr{address.cidr.base, 128, address.cidr.base.is_v4()});
}

/// Sorted and without repeats, as a set is kept. Mixed addresses and networks become networks.
Value set_of(std::vector<Value> elements) {
  const bool networks = std::any_of(elements.begin(), elements.end(),
                                    [](const Value& v) { return v.type.kind == TypeKind::Cidr; });
  if (networks) {
    for (Value& element : elements) {
      if (element.type.kind == TypeKind::Ip)
        element = as_network(element);
    }
  }
  std::sort(elements.begin(), elements.end(),
            [](const Value& a, const Value& b) { return compare(a, b) < 0; });
  elements.erase(std::unique(elements.begin(), elements.end()), elements.end());
  Value set;
  set.type = elements.front().type;
  set.type.set = true;
  set.elements = std::move(elements);
  return set;
}

bool fits(Type element, Type tested) {
  return element == tested || (tested.is(TypeKind::Ip) && element.is(TypeKind::Cidr));
}

}  // namespace

Operand ExprChecker::membership(const ast::Expr& e) {
  if (is_word(e.a, "principal"))
    return principal_in(e.b);
  if (is_word(e.a, "network"))
    return network_in(e.b);
  const ast::Expr& right = context_.file->expr(e.b);
  if (right.kind == ast::ExprKind::Range || right.kind == ast::ExprKind::Set) {
    Operand a = check(e.a, {});
    if (!a.ok())
      return a;
    return right.kind == ast::ExprKind::Range ? in_range(e, std::move(a))
                                              : in_set_literal(e, std::move(a));
  }
  auto [a, b] = pair(e.a, e.b, {}, Joined::Refuse);
  if (!a.ok() || !b.ok())
    return mistake(e.span);
  if (a.type.is(TypeKind::Time) && right.kind == ast::ExprKind::Literal &&
      b.type.is(TypeKind::String)) {
    return zoned(e.a, right, e.span);
  }
  return in_value(e, std::move(a), std::move(b));
}

Operand ExprChecker::in_value(const ast::Expr& e, Operand a, Operand b) {
  if (b.type.set && !a.type.set && fits(b.type.element(), a.type)) {
    return two(ir::InstKind::InSet, kBool, std::move(a), std::move(b), e.span);
  }
  if (a.type.is(TypeKind::Ip) && b.type.is(TypeKind::Cidr)) {
    return two(ir::InstKind::InCidr, kBool, std::move(a), std::move(b), e.span);
  }
  if (a.type.is(TypeKind::Ip) && b.type.is(TypeKind::Ip))
    return compare(ir::InstKind::Eq, e, std::move(a), std::move(b));
  std::string help;
  if (a.type == b.type && !a.type.set) {
    help = "compare with `==`";
  } else if (a.type.is(TypeKind::String) && b.type.is(TypeKind::Cidr)) {
    help = "the client's address is `host`";
  } else if (a.type.set) {
    help = "a set is asked with `contains`, or element by element: `all x in set: …`";
  } else if (b.type.is(TypeKind::String)) {
    help = "to look for a part of a text, write `text contains part`";
  } else {
    help = "`in` is followed by a set, a range `a..b`, a network or a group";
  }
  return mismatch(e, a, b,
                  fmt::format("`in` does not fit {} and {}", a_type(a.type), a_type(b.type)), help);
}

Operand ExprChecker::in_range(const ast::Expr& e, Operand a) {
  const ast::Expr& range = context_.file->expr(e.b);
  Operand low = check(range.a, a.type.element());
  Operand high = check(range.b, a.type.element());
  if (!low.ok() || !high.ok())
    return mistake(e.span);
  const bool backwards = low.constant && high.constant && low.type == high.type &&
                         low.type == a.type &&
                         (range.half_open ? writ::compare(*low.constant, *high.constant) >= 0
                                          : writ::compare(*low.constant, *high.constant) > 0);
  if (backwards) {
    report(diag::Code::EmptyRange, range.span, "nothing is in this range",
           "the end comes before the start",
           "to go past midnight or the end of a week, write `x >= a or x < b`");
    return mistake(e.span);
  }
  Operand again = a;
  Operand from = compare(ir::InstKind::Ge, e, std::move(a), std::move(low));
  if (!from.ok())
    return from;
  Operand until = compare(range.half_open ? ir::InstKind::Lt : ir::InstKind::Le, e,
                          std::move(again), std::move(high));
  if (!until.ok())
    return until;
  if (from.constant && until.constant) {
    return constant(Value::boolean(from.constant->integer != 0 && until.constant->integer != 0),
                    e.span);
  }
  return two(ir::InstKind::And, kBool, std::move(from), std::move(until), e.span);
}

Operand ExprChecker::in_set_literal(const ast::Expr& e, Operand a) {
  const ast::Expr& set = context_.file->expr(e.b);
  std::vector<Value> constants;
  std::vector<Operand> others;
  bool mistaken = false;
  for (const ast::ExprId id : set.list) {
    Operand element = check(id, a.type.element());
    if (!element.ok()) {
      mistaken = true;
    } else if (a.type.set || element.type.set || !fits(element.type, a.type)) {
      mismatch(e, a, element,
               fmt::format("{} cannot be in a set with {}", a_type(a.type), a_type(element.type)),
               element.type.set ? "write `x in set` for each set, joined by `or`" : "");
      mistaken = true;
    } else if (element.constant) {
      constants.push_back(*element.constant);
    } else {
      others.push_back(std::move(element));
    }
  }
  if (mistaken)
    return mistake(e.span);
  std::optional<Operand> all;
  if (!constants.empty()) {
    Operand values = constant(set_of(std::move(constants)), set.span);
    all = two(ir::InstKind::InSet, kBool, a, std::move(values), e.span);
  }
  for (Operand& other : others) {
    Operand same = other.type.is(TypeKind::Cidr)
                       ? two(ir::InstKind::InCidr, kBool, a, std::move(other), e.span)
                       : compare(ir::InstKind::Eq, e, a, std::move(other));
    all = all ? two(ir::InstKind::Or, kBool, std::move(*all), std::move(same), e.span)
              : std::move(same);
  }
  if (all)
    return std::move(*all);
  report(diag::Code::TypeMismatch, set.span, "nothing is in an empty set", "empty",
         "write its elements");
  return mistake(e.span);
}

/// A set that stands as a value: of a quantifier, a constant, or after an attribute.
Operand ExprChecker::set_literal(const ast::Expr& e, Type expected) {
  std::vector<Value> values;
  Type element = expected.element();
  bool mistaken = false;
  for (const ast::ExprId id : e.list) {
    Operand value = check(id, element);
    if (!value.ok()) {
      mistaken = true;
      continue;
    }
    if (!value.constant) {
      report(diag::Code::NotConstant, value.span, "a set that is written out holds literals",
             "only known when a request is decided",
             "write literals, or ask `x in { … }` where others may stand");
      mistaken = true;
      continue;
    }
    if (element.kind == TypeKind::None)
      element = value.type;
    if (value.type != element && !(fits(value.type, element) || fits(element, value.type))) {
      wrong_type(value, fmt::format("a set holds one type, here {}", type_text(element)), "");
      mistaken = true;
      continue;
    }
    values.push_back(*value.constant);
  }
  if (mistaken)
    return mistake(e.span);
  if (!values.empty())
    return constant(set_of(std::move(values)), e.span);
  if (element.kind == TypeKind::None) {
    report(diag::Code::TypeMismatch, e.span, "nothing is in an empty set", "empty",
           "write its elements");
    return mistake(e.span);
  }
  Value empty;
  empty.type = element;
  empty.type.set = true;
  return constant(std::move(empty), e.span);
}

Operand ExprChecker::principal_is(const ast::Expr& e, ast::ExprId what) {
  const ast::Expr& named = context_.file->expr(what);
  if (named.kind == ast::ExprKind::Principal)
    return principal_in(what);
  if (named.kind == ast::ExprKind::Error)
    return mistake(e.span);
  const std::string text = named.kind == ast::ExprKind::Name ? named.path.text() : std::string();
  std::string help = "write `principal == User:name`; for a group `principal in group`";
  if (!text.empty() && context_.names->group(text)) {
    help = fmt::format("`{0}` is a group; write `principal in {0}`", text);
  } else if (named.kind == ast::ExprKind::Literal && named.value.type.is(TypeKind::String)) {
    help = "compare `principal.name` with text, or write `principal == User:name`";
  }
  report(diag::Code::TypeMismatch, named.span, "`principal` is compared with one principal",
         "not a principal", help);
  return mistake(e.span);
}

Operand ExprChecker::principal_in(ast::ExprId what) {
  const ast::Expr& e = context_.file->expr(what);
  if (context_.principal_only) {
    report(diag::Code::WrongPlace, e.span,
           "a principal type's test reads the principal's `name` alone", "not readable here",
           "write `name startsWith \"…\"`");
    return mistake(e.span);
  }
  if (e.kind == ast::ExprKind::Set) {
    std::optional<Operand> all;
    for (const ast::ExprId id : e.list) {
      Operand one_of = principal_in(id);
      all = all ? two(ir::InstKind::Or, kBool, std::move(*all), std::move(one_of), e.span)
                : std::move(one_of);
    }
    if (all)
      return std::move(*all);
  }
  std::optional<ir::SubjectId> subject;
  if (e.kind == ast::ExprKind::Principal && e.path.parts.size() == 2) {
    subject = context_.names->principal(e.path.parts[0], e.path.parts[1]);
    if (!subject)
      return mistake(e.span);  // Names has reported it
  } else if (e.kind == ast::ExprKind::Name) {
    const std::string text = e.path.text();
    subject = context_.names->group(text);
    if (!subject)
      subject = context_.names->principal_type(text);
    if (!subject)
      return unknown(e, {});
  } else if (e.kind != ast::ExprKind::Error) {
    report(diag::Code::TypeMismatch, e.span, "`principal in` is followed by groups and principals",
           "neither of them", "write `principal in group` or `principal in { group, User:name }`");
  }
  if (!subject)
    return mistake(e.span);
  return leaf(ir::InstKind::Member, kBool, e.span,
              context_.names->builder().membership(*subject).index);
}

Operand ExprChecker::network_in(ast::ExprId what) {
  const ast::Expr& e = context_.file->expr(what);
  if (context_.principal_only || context_.session_only) {
    report(diag::Code::WrongPlace, e.span, "network classes cannot be asked here",
           "not readable here",
           context_.principal_only ? "a principal type's test reads the principal's `name` alone"
                                   : "a network class says by itself what it is, without another");
    return mistake(e.span);
  }
  if (e.kind == ast::ExprKind::Set) {
    std::optional<Operand> all;
    for (const ast::ExprId id : e.list) {
      Operand one_of = network_in(id);
      all = all ? two(ir::InstKind::Or, kBool, std::move(*all), std::move(one_of), e.span)
                : std::move(one_of);
    }
    if (all)
      return std::move(*all);
  }
  if (e.kind == ast::ExprKind::Error)
    return mistake(e.span);
  if (e.kind != ast::ExprKind::Name) {
    const bool address = e.kind == ast::ExprKind::Literal &&
                         (e.value.type.is(TypeKind::Ip) || e.value.type.is(TypeKind::Cidr));
    report(diag::Code::TypeMismatch, e.span, "`network` is asked for its class",
           "not a network class",
           address ? fmt::format("for an address write `host in {}`", to_text(e.value))
                   : std::string("write `network == class` or `network in { class, class }`"));
    return mistake(e.span);
  }
  const auto found = context_.names->network_class(e.path.text());
  if (!found) {
    const std::string near = diag::nearest(e.path.text(), context_.names->known());
    report(diag::Code::UnknownName, e.span,
           fmt::format("network class `{}` is not declared", e.path.text()), "not a network class",
           near.empty() ? "" : fmt::format("did you mean `{}`?", near));
    return mistake(e.span);
  }
  return leaf(ir::InstKind::InNetwork, kBool, e.span, found->index);
}

}  // namespace writ::check
