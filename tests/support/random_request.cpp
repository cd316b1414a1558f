#include <algorithm>

#include <fmt/format.h>

#include "runtime/base/limits.h"
#include "tests/support/random_program.h"

namespace writ::tests {
namespace {

constexpr std::int64_t kNows[] = {0,
                                  -1,
                                  1'764'000'000'000'000,
                                  1'763'999'999'999'999,
                                  1'790'000'000'000'000,
                                  1'795'500'000'123'456,
                                  1'800'000'000'000'000,
                                  INT64_MAX,
                                  INT64_MIN};

/// The value as an embedding that knows no types would say it, where there is such a form.
Value as_said(const ir::Program& program, const Value& value) {
  const auto text = [](std::string said) { return Value::of_text(std::move(said)); };
  switch (value.type.kind) {
    case TypeKind::Ip: return text(to_text(value.cidr.base));
    case TypeKind::Cidr: return text(to_text(value.cidr));
    case TypeKind::Duration: return text(duration_text(value.integer));
    case TypeKind::Version: return text(version_text(static_cast<std::uint64_t>(value.integer)));
    case TypeKind::Enum: {
      const auto& members = program.enumerations[value.type.enumeration].members;
      return text(std::string(program.text(members[static_cast<std::size_t>(value.integer)])));
    }
    case TypeKind::Time: return Value::of_int(value.integer / 1'000'000);
    case TypeKind::None:
    case TypeKind::Bool:
    case TypeKind::Int:
    case TypeKind::String: break;
  }
  return value;
}

Value said(const ir::Program& program, Type type, Random& random) {
  Value value = random_value(program, type, random);
  if (!random.percent(30)) return value;
  if (!type.set) return as_said(program, value);
  for (Value& element : value.elements) element = as_said(program, element);
  // An unsorted set with a repeat means the same set.
  if (!value.elements.empty()) value.elements.push_back(value.elements.front());
  return value;
}

std::vector<NamedValue> attributes(const ir::Program& program, ir::AttributeMoment moment,
                                   Random& random) {
  static constexpr Type kWrong[] = {kBool, kInt, kString, kTime, {TypeKind::String, false, true}};
  std::vector<NamedValue> named;
  for (const ir::Attribute& attribute : program.attributes) {
    if (attribute.moment != moment && !random.percent(3)) continue;
    const std::string name(program.text(attribute.name));
    const std::size_t how = random.below(100);
    if (how < 60) {
      named.emplace_back(name, said(program, attribute.type, random));
    } else if (how < 68) {
      named.emplace_back(name, std::nullopt);
    } else if (how < 76) {
      named.emplace_back(name, random_value(program, random.one_of(kWrong), random));
    }
  }
  if (random.percent(3)) {
    Value large{{TypeKind::Int, false, true}, 0, {}, {}, {}};
    for (std::size_t i = 0; i <= limits::kSetElementsMax; ++i) {
      large.elements.push_back(Value::of_int(static_cast<std::int64_t>(i)));
    }
    named.emplace_back("set.Int", std::move(large));
  }
  if (random.percent(10)) named.emplace_back("nobody.declares", Value::of_int(1));
  return named;
}

std::string random_scope(const ir::Program& program, Random& random) {
  static constexpr std::string_view kSaid[] = {"payments", "orders", "prod", "prod.payments",
                                               "acme.prod.payments", "acme", "emca.prod",
                                               "acme.test.orders", "nowhere", "ments", "."};
  if (random.percent(12)) return std::string(random.one_of(kSaid));
  const ir::Scope& scope = random.one_of(program.scopes);
  if (scope.id.valid()) return std::string(program.text(scope.id));
  std::string path(program.text(scope.name));
  for (ir::ScopeId at = scope.parent; at.valid(); at = program.scopes[at.index].parent) {
    path = std::string(program.text(program.scopes[at.index].name)) + "." + path;
  }
  return path;
}

}  // namespace

SessionFacts random_session(const ir::Program& program, Random& random) {
  static constexpr std::string_view kTypes[] = {"User",  "User",  "User",  "User",
                                                "User",  "Service", "Human",
                                                "Robot", "Device",  "Group"};
  static constexpr std::string_view kNames[] = {"alice", "bob",       "sa", "sab",
                                                "sabb",  "ANONYMOUS", "*",  ""};
  static constexpr std::string_view kHosts[] = {
      "10.1.2.3",        "10.1.2.4",  "::ffff:10.1.2.3", "fe80::1",
      "fe80::1%eth0",    "fe80:0:0:0:0:0:0:1%eth0", "2001:db8::1", "192.0.2.7",
      "2001:DB8:0:0::1", "odd",       "10.1.2.3%eth0",   ""};
  static constexpr std::string_view kGroups[] = {"oncall", "vendors", "sre",
                                                 "partners", "staff", "unheard-of"};
  SessionFacts session;
  session.principal_type = random.one_of(kTypes);
  session.principal_name = random.one_of(kNames);
  if (session.principal_name == "*" && !random.percent(20)) session.principal_name = "alice";
  if (!random.percent(25)) {
    session.groups.emplace();
    for (std::size_t count = random.below(4); count > 0; --count) {
      session.groups->emplace_back(random.one_of(kGroups));
    }
  }
  if (!random.percent(15)) session.host = random.one_of(kHosts);
  if (random.percent(95)) session.scope = random_scope(program, random);
  session.attributes = attributes(program, ir::AttributeMoment::Session, random);
  if (random.percent(12)) {
    session.attributes.emplace_back(
        "network", Value::of_text(fmt::format("net{}", random.between(1, 4))));
  }
  session.opened_us = random.one_of(kNows);
  return session;
}

RequestFacts random_request(const ir::Program& program, Random& random) {
  RequestFacts request;
  const ir::Kind& kind = random.one_of(program.kinds);
  request.kind = program.text(kind.name);
  request.operation =
      program.text(program.operations[random.one_of(kind.operations).index].name);
  request.name = random_text(random);
  if (random.percent(15) && !program.facts.empty()) {
    request.name = program.text(random.one_of(program.facts).name);
  }
  if (random.percent(2)) request.kind = "Nothing";
  if (random.percent(2)) request.operation = "Use";
  if (random.percent(1)) request.name.assign(limits::kNameBytesMax + random.below(2), 'a');
  if (random.percent(10)) request.scope = random_scope(program, random);
  request.attributes = attributes(program, ir::AttributeMoment::Request, random);
  if (!random.percent(8)) request.time_us = random.one_of(kNows);
  return request;
}

}  // namespace writ::tests
