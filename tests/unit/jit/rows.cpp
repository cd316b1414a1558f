#include "tests/unit/jit/rows.h"

#include <fmt/format.h>

#include <limits>

namespace writ::jit {
namespace {

using ir::AttributeMoment;
using ir::InstKind;

constexpr std::array kMoments = {AttributeMoment::Session, AttributeMoment::Request,
                                 AttributeMoment::Resource};
constexpr std::array kOrders = {InstKind::Eq, InstKind::Ne, InstKind::Lt,
                                InstKind::Le, InstKind::Gt, InstKind::Ge};
constexpr std::size_t kStringAt = 2;
constexpr std::size_t kIpAt = 3;
constexpr std::size_t kCidrAt = 4;

bool ordered(Type type) {
  return !type.is(TypeKind::Bool) && !type.is(TypeKind::Ip) && !type.is(TypeKind::Cidr);
}

/// What may stand for a truth: true, false, and errors of two codes.
struct Truthful {
  const char* name;
  Expr expr;
};
std::vector<Truthful> truths() {
  return {{"T", constant(Value::boolean(true))},
          {"F", constant(Value::boolean(false))},
          {"A", Vocabulary::load(0, AttributeMoment::Request)},
          {"H", two(InstKind::InCidr, kBool, leaf(InstKind::Host, kIp),
                    constant(samples()[kCidrAt].values[0]))}};
}

Expr text(const char* of) { return constant(Value::of_text(of)); }
Expr number(std::int64_t of) { return constant(Value::of_int(of)); }

}  // namespace

std::vector<Row> comparisons() {
  std::vector<Row> rows;
  for (std::size_t at = 0; at < samples().size(); ++at) {
    const Samples& of = samples()[at];
    for (const InstKind kind : kOrders) {
      if (!ordered(of.type) && kind != InstKind::Eq && kind != InstKind::Ne) continue;
      const auto order = static_cast<int>(kind);
      for (std::size_t value = 0; value < of.values.size(); ++value) {
        rows.push_back({fmt::format("{}_{}_const_{}", of.name, order, value),
                        two(kind, kBool, constant(of.values[value]), constant(of.values[1]))});
        for (const AttributeMoment moment : kMoments) {
          rows.push_back({fmt::format("{}_{}_{}_{}", of.name, order, int(moment), value),
                          two(kind, kBool, Vocabulary::load(at, moment),
                              constant(of.values[value]))});
        }
      }
      rows.push_back({fmt::format("{}_{}_attributes", of.name, order),
                      two(kind, kBool, Vocabulary::load(at, AttributeMoment::Session),
                          Vocabulary::load(at, AttributeMoment::Request))});
    }
  }
  return rows;
}

std::vector<Row> arithmetic() {
  constexpr std::array kNumbers = {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1},
                                   std::int64_t{0}, std::int64_t{3},
                                   std::numeric_limits<std::int64_t>::max()};
  struct Sum {
    const char* name;
    InstKind kind;
    TypeKind a, b, result;
  };
  constexpr std::array kSums = {
      Sum{"Int_plus", InstKind::Add, TypeKind::Int, TypeKind::Int, TypeKind::Int},
      Sum{"Int_minus", InstKind::Sub, TypeKind::Int, TypeKind::Int, TypeKind::Int},
      Sum{"Int_times", InstKind::Mul, TypeKind::Int, TypeKind::Int, TypeKind::Int},
      Sum{"Time_plus", InstKind::Add, TypeKind::Time, TypeKind::Duration, TypeKind::Time},
      Sum{"Time_minus", InstKind::Sub, TypeKind::Time, TypeKind::Duration, TypeKind::Time},
      Sum{"Times_apart", InstKind::Sub, TypeKind::Time, TypeKind::Time, TypeKind::Duration},
      Sum{"Duration_plus", InstKind::Add, TypeKind::Duration, TypeKind::Duration,
          TypeKind::Duration},
      Sum{"Duration_minus", InstKind::Sub, TypeKind::Duration, TypeKind::Duration,
          TypeKind::Duration},
      Sum{"Duration_times", InstKind::Mul, TypeKind::Duration, TypeKind::Int,
          TypeKind::Duration}};
  std::vector<Row> rows;
  for (const Sum& sum : kSums) {
    for (std::size_t a = 0; a < kNumbers.size(); ++a) {
      for (std::size_t b = 0; b < kNumbers.size(); ++b) {
        const Expr made = two(sum.kind, Type{sum.result}, constant(Value::of(sum.a, kNumbers[a])),
                              constant(Value::of(sum.b, kNumbers[b])));
        for (const std::int64_t bound : {std::int64_t{-4}, std::int64_t{0}, std::int64_t{2}}) {
          rows.push_back({fmt::format("{}_{}_{}_below_{}", sum.name, a, b, bound + 4),
                          two(InstKind::Lt, kBool, made, constant(Value::of(sum.result, bound)))});
        }
      }
    }
  }
  // Both operands are errors: the leftmost is told.
  rows.push_back(
      {"Int_of_attributes",
       two(InstKind::Gt, kBool,
           two(InstKind::Add, kInt, Vocabulary::load(1, AttributeMoment::Request),
               two(InstKind::Mul, kInt, number(std::numeric_limits<std::int64_t>::max()),
                   Vocabulary::load(1, AttributeMoment::Session))),
           number(0))});
  return rows;
}

std::vector<Row> texts() {
  constexpr std::array kTexts = {"", "o", "orders", "ers.eu", "orders.eu", "orders.eu.more"};
  const std::vector<std::pair<const char*, Expr>> asked = {
      {"name", leaf(InstKind::ResourceName, kString)},
      {"principal", leaf(InstKind::PrincipalName, kString)},
      {"type", leaf(InstKind::PrincipalType, kString)},
      {"attribute", Vocabulary::load(kStringAt, AttributeMoment::Request)}};
  std::vector<Row> rows;
  for (const auto& [name, a] : asked) {
    for (std::size_t at = 0; at < kTexts.size(); ++at) {
      for (const InstKind kind : {InstKind::StartsWith, InstKind::EndsWith, InstKind::Contains,
                                  InstKind::Eq, InstKind::Ne}) {
        rows.push_back({fmt::format("{}_{}_{}", name, int(kind), at),
                        two(kind, kBool, a, text(kTexts[at]))});
      }
    }
    for (const InstKind kind : {InstKind::StartsWith, InstKind::EndsWith, InstKind::Eq,
                                InstKind::Ne}) {
      const Expr joined = two(InstKind::Concat, kString, leaf(InstKind::PrincipalName, kString),
                              two(InstKind::Concat, kString, text("."), text("eu")));
      rows.push_back({fmt::format("{}_{}_joined", name, int(kind)), two(kind, kBool, a, joined)});
      rows.push_back({fmt::format("joined_{}_{}", int(kind), name), two(kind, kBool, joined, a)});
    }
    rows.push_back({fmt::format("{}_matches", name), one(InstKind::Matches, kBool, a)});
  }
  for (const char* of : {"", "a", "aaaa", "aab", "b"}) {
    rows.push_back({fmt::format("matches_{}_", of), one(InstKind::Matches, kBool, text(of))});
  }
  return rows;
}

std::vector<Row> sets() {
  std::vector<Row> rows;
  for (std::size_t at = 0; at < samples().size(); ++at) {
    const Samples& of = samples()[at];
    std::vector<std::vector<Value>> contents = {{}, {of.values[1]}, of.values};
    if (of.type.is(TypeKind::Int)) {
      std::vector<Value> many;
      for (std::int64_t n = -40; n < 40; ++n) many.push_back(Value::of_int(n * 5));
      contents.push_back(std::move(many));
    }
    for (std::size_t which = 0; which < contents.size(); ++which) {
      const Expr set = set_of(of.type.kind, contents[which]);
      for (std::size_t value = 0; value < of.values.size(); ++value) {
        rows.push_back({fmt::format("{}_in_{}_{}", of.name, which, value),
                        two(InstKind::InSet, kBool, constant(of.values[value]), set)});
      }
      for (const AttributeMoment moment : kMoments) {
        rows.push_back({fmt::format("{}_{}_in_{}", of.name, int(moment), which),
                        two(InstKind::InSet, kBool, Vocabulary::load(at, moment), set)});
      }
    }
    for (const AttributeMoment moment : kMoments) {
      const Expr held = Vocabulary::load(at, moment, true);
      rows.push_back({fmt::format("{}_{}_set_contains", of.name, int(moment)),
                      two(InstKind::SetContains, kBool, held, constant(of.values[1]))});
      rows.push_back({fmt::format("{}_{}_contains_unknown", of.name, int(moment)),
                      two(InstKind::SetContains, kBool, held,
                          Vocabulary::load(at, AttributeMoment::Request))});
      for (const InstKind kind : {InstKind::AnyOf, InstKind::AllOf}) {
        const Expr same = two(InstKind::Eq, kBool, leaf(InstKind::Var, of.type),
                              constant(of.values[1]));
        rows.push_back({fmt::format("{}_{}_{}", of.name, int(moment), int(kind)),
                        two(kind, kBool, held, same)});
        // The body reads what may be an error, and another quantifier's element.
        const Expr inner =
            two(InstKind::AnyOf, kBool, set_of(of.type.kind, of.values),
                two(InstKind::Or, kBool,
                    two(InstKind::Eq, kBool, leaf(InstKind::Var, of.type),
                        leaf(InstKind::Var, of.type, 1)),
                    Vocabulary::load(0, AttributeMoment::Request)));
        rows.push_back({fmt::format("{}_{}_{}_nested", of.name, int(moment), int(kind)),
                        two(kind, kBool, held, inner)});
      }
    }
  }
  for (std::size_t of = 0; of < 3; ++of) {
    rows.push_back({fmt::format("host_in_network_{}", of),
                    two(InstKind::InCidr, kBool, leaf(InstKind::Host, kIp),
                        constant(samples()[kCidrAt].values[of]))});
    rows.push_back({fmt::format("address_{}_in_networks", of),
                    two(InstKind::InSet, kBool, constant(samples()[kIpAt].values[of]),
                        set_of(TypeKind::Cidr, samples()[kCidrAt].values))});
  }
  rows.push_back({"attribute_in_attribute_network",
                  two(InstKind::InCidr, kBool, Vocabulary::load(kIpAt, AttributeMoment::Request),
                      Vocabulary::load(kCidrAt, AttributeMoment::Session))});
  return rows;
}

std::vector<Row> logic() {
  std::vector<Row> rows;
  const std::vector<Truthful> all = truths();
  for (const Truthful& a : all) {
    rows.push_back({fmt::format("not_{}", a.name), one(InstKind::Not, kBool, a.expr)});
    for (const Truthful& b : all) {
      for (const InstKind kind : {InstKind::And, InstKind::Or, InstKind::Eq, InstKind::Ne}) {
        rows.push_back({fmt::format("{}_{}_{}", a.name, int(kind), b.name),
                        two(kind, kBool, a.expr, b.expr)});
      }
      for (const Truthful& c : all) {
        rows.push_back({fmt::format("if_{}_{}_{}", a.name, b.name, c.name),
                        three(InstKind::If, kBool, a.expr, b.expr, c.expr)});
        rows.push_back({fmt::format("{}_and_{}_or_{}", a.name, b.name, c.name),
                        two(InstKind::Or, kBool, two(InstKind::And, kBool, a.expr, b.expr),
                            one(InstKind::Not, kBool, c.expr))});
      }
    }
    // The branches are of every type.
    for (std::size_t at = 0; at < samples().size(); ++at) {
      const Samples& of = samples()[at];
      rows.push_back(
          {fmt::format("if_{}_{}", a.name, of.name),
           two(InstKind::Eq, kBool,
               three(InstKind::If, of.type, a.expr,
                     Vocabulary::load(at, AttributeMoment::Request), constant(of.values[0])),
               constant(of.values[0]))});
    }
  }
  return rows;
}

std::vector<Row> leaves() {
  std::vector<Row> rows = {
      {"member", leaf(InstKind::Member, kBool)},
      {"in_network", leaf(InstKind::InNetwork, kBool)},
      {"covered", leaf(InstKind::Covered, kBool)},
      {"host_is", two(InstKind::Eq, kBool, leaf(InstKind::Host, kIp),
                      constant(samples()[kIpAt].values[0]))},
      {"age", two(InstKind::Lt, kBool, leaf(InstKind::SessionAge, kDuration),
                  constant(Value::of(TypeKind::Duration, 0)))},
      {"now", two(InstKind::Lt, kBool, leaf(InstKind::Now, kTime),
                  constant(Value::of(TypeKind::Time, 0)))}};
  for (std::size_t at = 0; at < samples().size(); ++at) {
    for (const AttributeMoment moment : kMoments) {
      rows.push_back({fmt::format("has_{}_{}", samples()[at].name, int(moment)),
                      Vocabulary::has(at, moment)});
    }
  }
  return rows;
}

std::vector<Row> calendars() {
  constexpr std::array kTimes = {"1600-02-29T23:59:59Z", "1969-12-31T23:59:59.999999Z",
                                 "1970-01-01T00:00:00Z", "2000-02-29T00:00:00Z",
                                 "2023-12-31T23:30:00Z", "2024-03-01T12:34:56Z"};
  constexpr std::array kFields = {InstKind::Year,    InstKind::Month, InstKind::Day,
                                  InstKind::Weekday, InstKind::Hour,  InstKind::Minute};
  constexpr std::array kBounds = {1, 2, 4, 7, 12, 24, 30, 31, 60, 1970, 2001, 2024};
  std::vector<Row> rows;
  for (const InstKind field : kFields) {
    for (const int bound : kBounds) {
      for (const char* time : kTimes) {
        const Expr of = constant(Value::of(TypeKind::Time, *parse_time(time)));
        rows.push_back({fmt::format("{}_{}_{}", int(field), bound, time[2]),
                        two(InstKind::Lt, kBool, one(field, kInt, of), number(bound))});
        rows.push_back({fmt::format("{}_{}_{}_local", int(field), bound, time[2]),
                        two(InstKind::Lt, kBool,
                            one(field, kInt, one(InstKind::LocalTime, kTime, of)), number(bound))});
      }
      rows.push_back({fmt::format("{}_{}_now", int(field), bound),
                      two(InstKind::Lt, kBool,
                          one(field, kInt,
                              one(InstKind::LocalTime, kTime, leaf(InstKind::Now, kTime))),
                          number(bound))});
    }
  }
  return rows;
}

const std::vector<Row>& every_row() {
  static const std::vector<Row> all = [] {
    std::vector<Row> rows;
    for (const auto part : {comparisons, arithmetic, texts, sets, logic, leaves, calendars}) {
      for (Row& row : part()) rows.push_back(std::move(row));
    }
    return rows;
  }();
  return all;
}

}  // namespace writ::jit
