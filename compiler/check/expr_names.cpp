// What a name means where it stands: variables, the words of the language, members of an
// enumeration, attributes; and what is said about a name that means nothing there.
#include "compiler/check/expr_checker.h"

#include <fmt/format.h>

#include <array>

namespace writ::check {
namespace {

constexpr std::array<std::string_view, 7> kWeekdays{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                    "Friday", "Saturday", "Sunday"};

bool is_type(Type type, TypeKind kind) {
  return type.kind == kind && !type.set;
}

}  // namespace

bool ExprChecker::is_word(ast::ExprId id, std::string_view word) const {
  const ast::Expr& e = context_.file->expr(id);
  return e.kind == ast::ExprKind::Name && e.path.parts.size() == 1 &&
         e.path.parts.front().text == word;
}

bool ExprChecker::is_bare(ast::ExprId id) const {
  const ast::Expr& e = context_.file->expr(id);
  if (e.kind != ast::ExprKind::Name || e.path.parts.size() != 1)
    return false;
  const std::string& word = e.path.parts.front().text;
  for (const Variable& variable : variables_) {
    if (variable.name == word)
      return false;
  }
  if (context_.parameters != nullptr) {
    for (const auto& [parameter, value] : *context_.parameters) {
      if (parameter == word)
        return false;
    }
  }
  for (const std::string_view built : {"principal", "network", "host", "time"}) {
    if (word == built)
      return false;
  }
  if (context_.principal_only && word == "name")
    return false;
  return word != context_.resource_variable && !context_.names->attribute(word);
}

Operand ExprChecker::name(const ast::Expr& e, Type expected) {
  if (e.path.parts.empty())
    return mistake(e.span);
  if (auto local = local_name(e))
    return std::move(*local);
  if (e.path.parts.size() == 1) {
    if (auto member = member_name(e.path.parts.front(), expected))
      return std::move(*member);
  }
  if (auto built = built_in(e))
    return std::move(*built);
  if (const auto id = context_.names->attribute(e.path.text()))
    return attribute(*id, e.span);
  // `auth.expires.hour`: a field of an attribute that is a Time.
  if (e.path.parts.size() > 1) {
    ast::Path shorter = e.path;
    const ast::Word last = shorter.parts.back();
    shorter.parts.pop_back();
    if (const auto id = context_.names->attribute(shorter.text())) {
      shorter.span.end = shorter.parts.back().span.end;
      return field(attribute(*id, shorter.span), last, e.span);
    }
  }
  return unknown(e, expected);
}

/// Variables of quantifiers, parameters of a role, the resource of the statement.
std::optional<Operand> ExprChecker::local_name(const ast::Expr& e) {
  const std::string& first = e.path.parts.front().text;
  const bool alone = e.path.parts.size() == 1;
  for (std::size_t i = variables_.size(); alone && i-- > 0;) {
    if (variables_[i].name != first)
      continue;
    if (variables_[i].type.kind == TypeKind::None)
      return mistake(e.span);
    const auto level = static_cast<std::uint32_t>(variables_.size() - 1 - i);
    return leaf(ir::InstKind::Var, variables_[i].type, e.span, level);
  }
  if (alone && context_.parameters != nullptr) {
    for (const auto& [parameter, value] : *context_.parameters) {
      if (parameter == first)
        return constant(value, e.span);
    }
  }
  if (context_.resource_variable.empty() || first != context_.resource_variable)
    return std::nullopt;
  if (e.path.parts.size() == 2 && e.path.parts[1].text == "name") {
    return leaf(ir::InstKind::ResourceName, kString, e.span);
  }
  report(diag::Code::WrongPlace, e.span,
         fmt::format("a resource is asked for its name or its tags"), "this is the resource",
         fmt::format("write `{0}.name` or `{0} tagged …`", first));
  return mistake(e.span);
}

/// The words of the language. In a narrower place they are known, and refused.
std::optional<Operand> ExprChecker::built_in(const ast::Expr& e) {
  const std::string text = e.path.text();
  if (text == "principal.name" || (context_.principal_only && text == "name")) {
    return leaf(ir::InstKind::PrincipalName, kString, e.span);
  }
  const std::string& first = e.path.parts.front().text;
  const bool attribute_of_model = context_.names->attribute(text).has_value();
  const bool built = text == "host" || text == "session.age" || text == "principal.type" ||
                     text == "principal" || text == "network" ||
                     (first == "time" && e.path.parts.size() <= 2 && !attribute_of_model);
  if (!built)
    return std::nullopt;
  if (context_.principal_only)
    return out_of_place(e, "a principal type's test reads the principal's `name` alone");
  if (text == "principal" || text == "network") {
    report(diag::Code::TypeMismatch, e.span, fmt::format("`{}` is not a value by itself", text),
           "asked alone",
           text == "principal" ? "write `principal == User:x`, `principal in group`, "
                                 "`principal.name` or `principal.type`"
                               : "write `network == class` or `network in { class, class }`");
    return mistake(e.span);
  }
  if (text == "principal.type")
    return leaf(ir::InstKind::PrincipalType, kString, e.span);
  if (text == "host")
    return leaf(ir::InstKind::Host, kIp, e.span);
  if (context_.session_only)
    return out_of_place(
        e, "a network class is settled when the session opens, before any clock is read");
  if (text == "session.age")
    return leaf(ir::InstKind::SessionAge, kDuration, e.span);
  Operand now = leaf(ir::InstKind::Now, kTime, e.path.parts.front().span);
  if (e.path.parts.size() == 1)
    return now;
  return field(std::move(now), e.path.parts[1], e.span);
}

Operand ExprChecker::out_of_place(const ast::Expr& e, std::string_view what) {
  report(diag::Code::WrongPlace, e.span, fmt::format("`{}` cannot be read here", e.path.text()),
         "not readable here", std::string(what));
  return mistake(e.span);
}

/// A member of the enumeration that is expected, or a day of the week where an Int is.
std::optional<Operand> ExprChecker::member_name(const ast::Word& word, Type expected) {
  if (is_type(expected.element(), TypeKind::Int)) {
    for (std::size_t i = 0; i < kWeekdays.size(); ++i) {
      if (kWeekdays[i] == word.text && !context_.names->attribute(word.text)) {
        return constant(Value::of_int(static_cast<std::int64_t>(i + 1)), word.span);
      }
    }
  }
  if (expected.kind != TypeKind::Enum)
    return std::nullopt;
  const ir::Enumeration& enumeration = program().enumerations[expected.enumeration];
  for (std::size_t i = 0; i < enumeration.members.size(); ++i) {
    if (program().text(enumeration.members[i]) != word.text)
      continue;
    Value value = Value::of(TypeKind::Enum, static_cast<std::int64_t>(i));
    value.type.enumeration = expected.enumeration;
    return constant(std::move(value), word.span);
  }
  return std::nullopt;
}

Operand ExprChecker::attribute(ir::AttributeId id, const source::Span& span) {
  const ir::Attribute& read = program().attributes[id.index];
  const std::string text(program().text(read.name));
  if (context_.principal_only ||
      (context_.session_only && read.moment != ir::AttributeMoment::Session)) {
    report(diag::Code::WrongPlace, span, fmt::format("`{}` cannot be read here", text),
           "not readable here",
           context_.principal_only ? "a principal type's test reads the principal's `name` alone"
                                   : "a network class reads attributes of the session alone");
    return mistake(span);
  }
  if (read.source == ir::AttributeSource::Asserted && !reads_asserted_) {
    reads_asserted_ = true;
    asserted_name_ = text;
  }
  Type type = read.type;
  type.optional = false;
  return leaf(ir::InstKind::LoadAttr, type, span, id.index);
}

/// Says what a name is, if it is something elsewhere; else the nearest name that is known.
Operand ExprChecker::unknown(const ast::Expr& e, Type expected) {
  const std::string text = e.path.text();
  // Its declaration has a mistake of its own, which is reported there.
  for (const ast::Word& word : context_.file->unread) {
    if (word.text == text) return mistake(e.span);
  }
  std::string label = "not known here";
  std::string help;
  const Names& names = *context_.names;
  if (expected.kind == TypeKind::Enum && e.path.parts.size() == 1) {
    const ir::Enumeration& enumeration = program().enumerations[expected.enumeration];
    std::vector<std::string> members;
    for (const ir::StringId member : enumeration.members)
      members.emplace_back(program().text(member));
    const std::string near = diag::nearest(text, members);
    report(diag::Code::UnknownMember, e.span,
           fmt::format("`{}` is not a member of `{}`", text, program().text(enumeration.name)),
           "no such member",
           near.empty() ? fmt::format("its members are {}", fmt::join(members, ", "))
                        : fmt::format("did you mean `{}`?", near));
    return mistake(e.span);
  }
  const std::string& first = e.path.parts.empty() ? text : e.path.parts.front().text;
  std::string near;
  if (first == "time" || first == "principal") {
    near = diag::nearest(text, {"time.year", "time.month", "time.day", "time.weekday", "time.hour",
                                "time.minute", "principal.name", "principal.type"});
  }
  if (near.empty())
    near = diag::nearest(text, names.known());
  if (e.kind == ast::ExprKind::Tagged) {
    label = "no tag of this name";
    if (!near.empty())
      help = fmt::format("did you mean `{}`?", near);
  } else if (names.group(text)) {
    label = "this is a group";
    help = fmt::format("`{0}` is a group; write `principal in {0}`", text);
  } else if (names.network_class(text)) {
    label = "this is a network class";
    help = fmt::format("`{0}` is a network class; write `network == {0}`", text);
  } else if (!names.tag(text).empty()) {
    label = "this is a tag";
    help =
        fmt::format("`{0}` is a tag; name the resource with `as t` and write `t tagged {0}`", text);
  } else if (!near.empty()) {
    help = fmt::format("did you mean `{}`?", near);
  } else if (names.principal_type(text)) {
    label = "this is a principal type";
    help = fmt::format("`{0}` is a principal type; write `principal in {0}`", text);
  } else if (is_type(expected, TypeKind::String)) {
    help = fmt::format("text stands in quotes: \"{}\"", text);
  } else if (e.path.parts.size() == 2 && e.path.parts[1].text == "name") {
    help = fmt::format("to read the resource's name, write `as {}` after its pattern", first);
  }
  report(diag::Code::UnknownName, e.span, fmt::format("`{}` is not declared", text),
         std::move(label), std::move(help));
  return mistake(e.span);
}

}  // namespace writ::check
