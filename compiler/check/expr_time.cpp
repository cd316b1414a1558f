// Fields of a time, and time in a zone.
#include "compiler/check/expr_checker.h"
#include "compiler/lower/zone.h"

#include <fmt/format.h>

#include <array>

namespace writ::check {
namespace {

struct Field {
  std::string_view name;
  ir::InstKind inst;
};
constexpr std::array<Field, 6> kFields{{
    {"year", ir::InstKind::Year},
    {"month", ir::InstKind::Month},
    {"day", ir::InstKind::Day},
    {"weekday", ir::InstKind::Weekday},
    {"hour", ir::InstKind::Hour},
    {"minute", ir::InstKind::Minute},
}};

}  // namespace

Operand ExprChecker::field(Operand time, const ast::Word& word, source::Span span) {
  if (!time.ok())
    return mistake(span);
  std::vector<std::string> known;
  for (const Field& candidate : kFields) {
    if (candidate.name == word.text && time.type.is(TypeKind::Time)) {
      time.local_time = false;
      return one(candidate.inst, kInt, std::move(time), span);
    }
    known.emplace_back(candidate.name);
  }
  if (!time.type.is(TypeKind::Time)) {
    return wrong_type(time, fmt::format("{} has no field `{}`", a_type(time.type), word.text),
                      "only a Time has fields: year, month, day, weekday, hour, minute");
  }
  const std::string near = diag::nearest(word.text, known);
  report(diag::Code::UnknownName, word.span, fmt::format("a Time has no field `{}`", word.text),
         "no such field",
         near.empty() ? std::string("its fields are year, month, day, weekday, hour, minute")
                      : fmt::format("did you mean `{}`?", near));
  return mistake(span);
}

/// `time in "Europe/Zurich"`: the zone's name is the text of `zone`.
Operand ExprChecker::zoned(ast::ExprId id, const ast::Expr& zone, source::Span span) {
  Operand time = check(id, kTime);
  if (!time.ok())
    return mistake(span);
  if (!time.type.is(TypeKind::Time) || time.local_time) {
    return wrong_type(time, "only a Time in UTC has a local form",
                      "write `time in \"Europe/Zurich\"`");
  }
  Result<ir::Zone> loaded = lower::load_zone(zone.value.text);
  if (!loaded) {
    report(
        diag::Code::UnknownZone, zone.span,
        fmt::format("time zone `{}` cannot be used: {}", zone.value.text, loaded.error().message),
        "not a zone of the time zone database",
        "write a name as in `Europe/Zurich` or `America/New_York`");
    return mistake(span);
  }
  ir::Builder& builder = context_.names->builder();
  loaded->name = builder.string(zone.value.text);
  const ir::ZoneId made = builder.zone(std::move(*loaded));
  Operand local = one(ir::InstKind::LocalTime, kTime, std::move(time), span, made.index);
  local.local_time = true;
  return local;
}

}  // namespace writ::check
