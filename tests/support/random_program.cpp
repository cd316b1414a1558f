#include "tests/support/random_program.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace writ::tests {
namespace {

using ir::AttributeMoment;
using ir::PatternForm;
using ir::SubjectForm;

constexpr std::string_view kTypes[] = {"User", "User", "User", "Service", "Device"};
constexpr std::string_view kNames[] = {"alice", "bob", "sa", "sab", "ANONYMOUS", ""};
constexpr std::int64_t kAround[] = {INT64_MIN, 1'764'000'000'000'000, 1'790'000'000'000'000,
                                    1'800'000'000'000'000, INT64_MAX};

class Generator {
 public:
  Generator(std::uint64_t seed, const ProgramOptions& options)
      : random_(seed), options_(options), program_(builder_.program()) {}

  ir::Program run() {
    program_.package = builder_.string("random");
    program_.edition = 2026;
    vocabulary();
    attributes();
    principal_types();
    scopes();
    groups();
    subjects();
    patterns();
    automata_and_zones();
    facts();
    network_classes();
    networks();
    statements();
    protections();
    if (options_.crowd != 0) add_crowd(builder_, random_, options_.crowd);
    return builder_.take();
  }

 private:
  ir::StringId text(std::string_view text) { return builder_.string(text); }
  template <class IdType, class Store>
  IdType any_of(const Store& store) {
    return IdType(random_.below(store.size()));
  }
  void vocabulary();
  void kind(std::string_view name, std::size_t operations);
  void attributes();
  void principal_types();
  void scopes();
  void groups();
  void subjects();
  void patterns();
  ir::PatternId pattern(bool loose_too);
  void automata_and_zones();
  void facts();
  void network_classes();
  void networks();
  void statements();
  ir::Grant grant();
  void vary(ir::Grant& grant);
  void choose_kind(ir::Grant& grant);
  void protections();

  Random random_;
  ProgramOptions options_;
  ir::Builder builder_;
  ir::Program& program_;
  std::vector<ir::ConditionId> conditions_;
};

void Generator::vocabulary() {
  program_.models.push_back({text("random"), make_version(1, 0, 0)});
  for (const std::string_view name : {"Read", "Write", "Alter", "Describe", "Use"}) {
    program_.operations.push_back({text(name), ir::ModelId(0), 0});
  }
  kind("Topic", random_.between(3, 5));
  kind("Key", random_.between(1, 4));
  // A kind that fills the word of a decision.
  if (random_.percent(20)) {
    while (program_.operations.size() < 32) {
      program_.operations.push_back(
          {text(fmt::format("Extra{}", program_.operations.size())), ir::ModelId(0), 0});
    }
    kind("Wide", 32);
  }
  program_.enumerations.push_back({text("auth"), {text("scram"), text("mtls"), text("oauth")}});
  program_.enumerations.push_back({text("tier"), {text("basic"), text("dedicated")}});
}

void Generator::kind(std::string_view name, std::size_t operations) {
  ir::Kind kind;
  kind.name = text(name);
  kind.model = ir::ModelId(0);
  const auto all = static_cast<std::uint32_t>((std::uint64_t{1} << operations) - 1);
  kind.listed = all;
  kind.infrastructure = static_cast<std::uint32_t>(random_.next()) & all;
  for (std::size_t bit = 0; bit < operations; ++bit) {
    kind.operations.push_back(ir::OperationId(bit));
    std::uint32_t implied = 1U << bit;
    if (random_.percent(40)) implied |= 1U << random_.below(operations);
    kind.implied_by.push_back(implied);
  }
  program_.kinds.push_back(std::move(kind));
}

void Generator::attributes() {
  std::uint32_t next[3] = {0, 0, 0};
  const auto add = [&](std::string_view name, Type type, AttributeMoment moment) {
    program_.attributes.push_back({text(name), type, ir::AttributeSource::Observed, moment,
                                   next[static_cast<std::size_t>(moment)]++});
  };
  if (random_.percent(10)) add("auth.expires", kTime, AttributeMoment::Session);
  for (std::size_t kind = 1; kind <= static_cast<std::size_t>(TypeKind::Enum); ++kind) {
    for (const bool set : {false, true}) {
      Type type{static_cast<TypeKind>(kind), random_.percent(30), set};
      if (type.kind == TypeKind::Enum) {
        type.enumeration = static_cast<std::uint16_t>(random_.below(2));
      }
      const auto moment = static_cast<AttributeMoment>(random_.below(3));
      add(fmt::format("{}.{}", set ? "set" : "one", name_of(type.kind)), type, moment);
    }
  }
  add("session.text", kString, AttributeMoment::Session);
  add("request.text", kString, AttributeMoment::Request);
  add("fact.text", kString, AttributeMoment::Resource);
}

/// `Service = User when name startsWith "sa"`, `Human = User when not …`, `Robot` of a Service.
void Generator::principal_types() {
  const auto starts = [this](std::string_view prefix, bool negated) {
    std::vector<ir::Inst> insts = {{ir::InstKind::PrincipalName, kString, 0, 0, 0},
                                   {ir::InstKind::Const, kString, 0, 0, 0},
                                   {ir::InstKind::StartsWith, kBool, 0, 1, 0}};
    if (negated) insts.push_back({ir::InstKind::Not, kBool, 2, 0, 0});
    return builder_.condition(std::move(insts), {Value::of_text(std::string(prefix))});
  };
  program_.principal_types.push_back({text("User"), {}, {}, text("*")});
  program_.principal_types.push_back({text("Device"), {}, {}});
  program_.principal_types.push_back(
      {text("Service"), ir::PrincipalTypeId(0), starts("sa", false)});
  program_.principal_types.push_back({text("Human"), ir::PrincipalTypeId(0), starts("sa", true)});
  if (random_.percent(50)) {
    program_.principal_types.push_back(
        {text("Robot"), ir::PrincipalTypeId(2), starts("sab", false)});
  }
  program_.unauthenticated.push_back(builder_.principal("User", "ANONYMOUS"));
}

void Generator::scopes() {
  const auto add = [this](std::string_view name, ir::ScopeId parent, std::string_view level) {
    ir::Scope scope;
    scope.name = text(name);
    scope.parent = parent;
    scope.level = text(level);
    scope.leaf = level == "cluster";
    if (scope.leaf && random_.percent(70)) {
      scope.id = text(fmt::format("lkc-{}", program_.scopes.size()));
    }
    program_.scopes.push_back(scope);
    return ir::ScopeId(program_.scopes.size() - 1);
  };
  const std::size_t organizations = random_.between(1, 2);
  for (std::size_t o = 0; o < organizations; ++o) {
    const ir::ScopeId organization = add(o == 0 ? "acme" : "emca", {}, "organization");
    for (std::size_t e = random_.between(1, 2); e > 0; --e) {
      const ir::ScopeId environment = add(e == 1 ? "prod" : "test", organization, "environment");
      for (std::size_t c = random_.between(0, 2); c > 0; --c) {
        add(c == 1 ? "payments" : "orders", environment, "cluster");
      }
    }
  }
}

void Generator::groups() {
  static constexpr std::string_view kGroups[] = {"oncall", "vendors", "sre", "partners", "staff"};
  for (std::size_t at = 0; at < std::size(kGroups); ++at) {
    program_.groups.push_back({text(kGroups[at]), random_.percent(40), {}});
  }
  // Edges lead to groups declared later, so the closure is complete from the back.
  for (std::size_t at = program_.groups.size(); at-- > 0;) {
    std::vector<ir::GroupId> within;
    for (std::size_t above = at + 1; above < program_.groups.size(); ++above) {
      if (!random_.percent(30)) continue;
      within.push_back(ir::GroupId(above));
      const auto& further = program_.groups[above].within;
      within.insert(within.end(), further.begin(), further.end());
    }
    std::ranges::sort(within);
    within.erase(std::ranges::unique(within).begin(), within.end());
    program_.groups[at].within = std::move(within);
  }
  for (const std::string_view type : kTypes) {
    for (const std::string_view name : kNames) {
      if (!random_.percent(35)) continue;
      const auto group = any_of<ir::GroupId>(program_.groups);
      const ir::SubjectId member = builder_.principal(type, name);
      program_.members.emplace_back(member, group);
      for (const ir::GroupId above : program_.groups[group.index].within) {
        program_.members.emplace_back(member, above);
      }
    }
  }
  std::ranges::sort(program_.members);
  program_.members.erase(std::ranges::unique(program_.members).begin(), program_.members.end());
}

void Generator::subjects() {
  static constexpr SubjectForm kForms[] = {
      SubjectForm::Principal, SubjectForm::Principal, SubjectForm::Principal, SubjectForm::Group,
      SubjectForm::Group,     SubjectForm::Type,      SubjectForm::Any, SubjectForm::Any,
      SubjectForm::Authenticated, SubjectForm::Authenticated, SubjectForm::Nobody};
  for (std::size_t count = random_.between(6, 14); count > 0; --count) {
    ir::Subject subject;
    subject.form = random_.one_of(kForms);
    if (subject.form == SubjectForm::Principal) {
      subject.type_name = text(random_.one_of(kTypes));
      subject.name = text(random_.one_of(kNames));
    }
    if (subject.form == SubjectForm::Group) subject.group = any_of<ir::GroupId>(program_.groups);
    if (subject.form == SubjectForm::Type) {
      subject.type = any_of<ir::PrincipalTypeId>(program_.principal_types);
    }
    const bool excepts = subject.form == SubjectForm::Any ||
                         subject.form == SubjectForm::Authenticated || random_.percent(20);
    for (std::size_t out = excepts ? random_.below(3) : 0; out > 0; --out) {
      subject.except.push_back(any_of<ir::SubjectId>(program_.subjects));
    }
    builder_.subject(subject);
  }
  for (std::size_t count = random_.between(1, 4); count > 0; --count) {
    builder_.membership(any_of<ir::SubjectId>(program_.subjects));
  }
}

ir::PatternId Generator::pattern(bool loose_too) {
  static constexpr PatternForm kForms[] = {PatternForm::Literal, PatternForm::Literal,
                                           PatternForm::Prefix,  PatternForm::Prefix,
                                           PatternForm::Any,     PatternForm::Any,
                                           PatternForm::Suffix,  PatternForm::Contains};
  const PatternForm form = kForms[random_.below(loose_too ? 8 : 6)];
  std::string text_of = random_text(random_);
  const bool loose = form == PatternForm::Suffix || form == PatternForm::Contains;
  if (loose && text_of.empty()) text_of.push_back('b');
  return builder_.pattern(form, text_of);
}

void Generator::patterns() {
  for (std::size_t count = random_.between(4, 10); count > 0; --count) pattern(false);
  for (std::size_t count = random_.between(2, 5); count > 0; --count) {
    ir::PatternSet set;
    if (random_.percent(70)) set.name = text(fmt::format("tag{}", count));
    set.kind = any_of<ir::KindId>(program_.kinds);
    if (random_.percent(40)) set.scope = any_of<ir::ScopeId>(program_.scopes);
    for (std::size_t of = random_.below(4); of > 0; --of) set.patterns.push_back(pattern(true));
    builder_.pattern_set(set);
  }
}

void Generator::automata_and_zones() {
  for (const std::string_view name : {"dfa0", "dfa1"}) {
    ir::Dfa dfa;
    dfa.pattern = text(name);
    dfa.classes = 3;
    dfa.byte_class.assign(256, 0);
    dfa.byte_class['a'] = 1;
    dfa.byte_class['.'] = 2;
    const std::size_t states = random_.between(2, 5);
    dfa.start = static_cast<std::uint16_t>(random_.between(1, states - 1));
    for (std::size_t i = 0; i < states * 3; ++i) {
      dfa.transitions.push_back(i < 3 ? 0 : static_cast<std::uint16_t>(random_.below(states)));
    }
    for (std::size_t i = 0; i < states; ++i) {
      dfa.accepting.push_back(i > 0 && random_.percent(50) ? 1 : 0);
    }
    builder_.dfa(std::move(dfa));
  }
  builder_.zone({text("Etc/Fixed"), {}, {static_cast<std::int32_t>(random_.below(50'000))}});
  builder_.zone({text("Europe/Nowhere"),
                 {-1, 0, 1'764'000'000, 1'790'000'000},
                 {0, 3'600, 7'200, -36'000, 19'800}});
}

void Generator::facts() {
  for (std::size_t count = random_.below(4); count > 0; --count) {
    ir::Facts facts;
    facts.kind = any_of<ir::KindId>(program_.kinds);
    if (random_.percent(70)) facts.scope = any_of<ir::ScopeId>(program_.scopes);
    facts.name = text(random_text(random_));
    const bool taken = std::ranges::any_of(program_.facts, [&facts](const ir::Facts& other) {
      return other.kind == facts.kind && other.scope == facts.scope && other.name == facts.name;
    });
    if (taken) continue;
    for (std::uint32_t id = 0; id < program_.attributes.size(); ++id) {
      const ir::Attribute& attribute = program_.attributes[id];
      if (attribute.moment != AttributeMoment::Resource || random_.percent(25)) continue;
      facts.values.emplace_back(ir::AttributeId(id),
                                random_value(program_, attribute.type, random_));
    }
    program_.facts.push_back(std::move(facts));
  }
}

void Generator::network_classes() {
  std::vector<ir::NetworkClass> classes;
  for (std::size_t count = random_.below(4); count > 0; --count) {
    ir::NetworkClass of{text(fmt::format("net{}", count)),
                        any_of<ir::ScopeId>(program_.scopes), {}};
    if (count > 1) of.test = random_condition(builder_, random_, Reads::SessionAlone);
    classes.push_back(of);
  }
  program_.network_classes = std::move(classes);
}

void Generator::networks() {
  static constexpr std::string_view kCidrs[] = {"10.0.0.0/8", "10.1.0.0/16", "0.0.0.0/0", "::/0",
                                                "2001:db8::/32", "fe80::/10", "10.1.2.3/32"};
  for (const std::string_view cidr : kCidrs) {
    builder_.network({ir::NetworkForm::Cidr, *parse_cidr(cidr, HostBits::Refuse), {}});
  }
  for (const std::string_view ip : {"10.1.2.3", "fe80::1", "2001:db8::1"}) {
    const Ip address = *parse_ip(ip);
    builder_.network({ir::NetworkForm::Exact, {address, 128, address.is_v4()}, {}});
  }
  for (const std::string_view said : {"fe80:0:0:0:0:0:0:1%eth0", "10.1.2.3", "odd"}) {
    builder_.network({ir::NetworkForm::Text, {}, text(said)});
  }
  builder_.network({ir::NetworkForm::Never, {}, {}});
  for (const std::int64_t begin : kAround) {
    const std::int64_t end = random_.one_of(kAround);
    builder_.validity({std::min(begin, end), std::max(begin, end)});
  }
}

void Generator::choose_kind(ir::Grant& grant) {
  grant.kind = any_of<ir::KindId>(program_.kinds);
  const std::size_t count = program_.kinds[grant.kind.index].operations.size();
  const auto all = static_cast<std::uint32_t>((std::uint64_t{1} << count) - 1);
  grant.operations = random_.percent(25) ? all : static_cast<std::uint32_t>(random_.next()) & all;
  // A denial of any operation denies those of later vocabularies too.
  if (grant.effect == ir::Effect::Deny && random_.percent(10)) grant.operations = UINT32_MAX;
  grant.pattern = pattern(false);
  grant.except = {};
  grant.within = {};
  std::vector<ir::PatternSetId> sets;
  for (std::size_t at = 0; at < program_.pattern_sets.size(); ++at) {
    if (program_.pattern_sets[at].kind == grant.kind) sets.push_back(ir::PatternSetId(at));
  }
  if (!sets.empty() && random_.percent(20)) grant.except = random_.one_of(sets);
  if (!sets.empty() && random_.percent(15)) grant.within = random_.one_of(sets);
}

ir::Grant Generator::grant() {
  ir::Grant grant;
  const std::size_t layer = random_.below(100);
  grant.layer = layer < 78   ? ir::Layer::Grant
                : layer < 92 ? ir::Layer::Guard
                : layer < 96 ? ir::Layer::Superuser
                             : ir::Layer::Infrastructure;
  const bool denies =
      grant.layer == ir::Layer::Guard || (grant.layer == ir::Layer::Grant && random_.percent(25));
  grant.effect = denies ? ir::Effect::Deny : ir::Effect::Allow;
  grant.subject = any_of<ir::SubjectId>(program_.subjects);
  grant.scope = random_.percent(50) ? ir::ScopeId(0) : any_of<ir::ScopeId>(program_.scopes);
  grant.origin = any_of<ir::OriginId>(program_.origins);
  grant.line = static_cast<std::uint32_t>(random_.below(100));
  if (random_.percent(25)) grant.network = any_of<ir::NetworkId>(program_.networks);
  const bool grants = grant.layer == ir::Layer::Guard || grant.layer == ir::Layer::Grant;
  if (grant.layer != ir::Layer::Superuser && random_.percent(15)) {
    grant.validity = any_of<ir::ValidityId>(program_.validities);
  }
  if (!grants) return grant;
  choose_kind(grant);
  if (!options_.conditions || !random_.percent(45)) return grant;
  if (conditions_.empty() || random_.percent(70)) {
    conditions_.push_back(random_condition(builder_, random_, random_.percent(25)
                                                                  ? Reads::SessionAlone
                                                                  : Reads::Anything));
  }
  grant.condition = random_.one_of(conditions_);
  return grant;
}

/// Another grant of the same statement: one of its lists has a second entry.
void Generator::vary(ir::Grant& grant) {
  const bool grants = grant.layer == ir::Layer::Guard || grant.layer == ir::Layer::Grant;
  switch (random_.below(3)) {
    case 0: grant.subject = any_of<ir::SubjectId>(program_.subjects); return;
    case 1:
      if (grant.network.valid()) grant.network = any_of<ir::NetworkId>(program_.networks);
      return;
    default:
      if (grants) choose_kind(grant);
  }
}

void Generator::statements() {
  for (std::uint32_t line = 1; line <= 3; ++line) {
    ir::Origin origin;
    origin.package = program_.package;
    origin.file = text(line == 3 ? "rows.jsonl" : "random.writ");
    origin.line = line;
    origin.column = 1;
    if (line == 1) origin.statement = text("deny any on any");
    if (line == 2) origin.rule = text("tls-floor");
    program_.origins.push_back(origin);
  }
  std::uint32_t number = 0;
  for (std::size_t count = random_.below(options_.statements) + 1; count > 0; --count) {
    number += static_cast<std::uint32_t>(random_.between(1, 3));
    ir::Grant one = grant();
    one.number = number;
    program_.grants.push_back(one);
    while (random_.percent(30)) {
      vary(one);
      program_.grants.push_back(one);
    }
  }
}

void Generator::protections() {
  for (std::size_t count = random_.below(3); count > 0; --count) {
    ir::Grant like;
    choose_kind(like);
    program_.protections.push_back({like.kind, like.pattern, like.within,
                                    any_of<ir::ScopeId>(program_.scopes), text("cmk"),
                                    ir::OriginId(0)});
  }
  while (random_.percent(20)) {
    program_.unlisted_defaults.push_back({any_of<ir::ScopeId>(program_.scopes), ir::OriginId(0)});
  }
}

}  // namespace

ir::Program random_program(std::uint64_t seed, const ProgramOptions& options) {
  return Generator(seed, options).run();
}

}  // namespace writ::tests
