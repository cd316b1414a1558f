#include "runtime/engine/view.h"

#include <algorithm>
#include <tuple>

namespace writ::engine {
namespace {

constexpr std::uint32_t kUnknownGroupsError = make_error(EvalError::UnknownGroups);
constexpr std::uint32_t kUnknownHostError = make_error(EvalError::UnknownHost);

std::uint8_t truth_of(const Answer& answer) {
  const Truth truth = answer.error != 0 ? Truth::Error : answer.truth ? Truth::True : Truth::False;
  return static_cast<std::uint8_t>(truth);
}

}  // namespace

View::View(const Snapshot& snapshot, std::shared_ptr<const SessionFacts> said,
           std::string_view scope_text)
    : generation(snapshot.info.generation), facts(std::move(said)) {
  resolve_principal(snapshot);
  const ScopeAnswer where = snapshot.find_scope(scope_text);
  scope = where.scope;
  if (!refusal && scope == kNone) refusal = where.refusal;
  if (refusal && (refusal != ReasonClass::BadPrincipal || scope == kNone)) return;
  for (std::uint32_t at = scope; at != kNone; at = snapshot.program.scopes[at].parent.index) {
    scopes_.push_back(at);
  }
  attributes_.fill(snapshot, ir::AttributeMoment::Session, facts->attributes);
  frame.session_slots = attributes_.slots();
  frame.session_presence = attributes_.presence();
  frame.opened_us = facts->opened_us;
  resolve_host(snapshot);
  resolve_groups(snapshot);
  resolve_networks(snapshot);
  read_expiry(snapshot);
  activate(snapshot);
  // Only a superuser of that very name is somebody: Kafka looks at super.users first.
  if (refusal && !bad_subtype_ && superuser != kNone) refusal.reset();
}

/// A principal of a subtype, by the subtype's name, is the principal of the base type whose name
/// passes the test; one whose name fails is nobody.
void View::resolve_principal(const Snapshot& snapshot) {
  principal_type_ = facts->principal_type;
  principal_name_ = facts->principal_name;
  std::uint32_t type = snapshot.find_type(principal_type_);
  if (type != kNone) {
    const ir::StringId everybody = snapshot.program.principal_types[type].everybody;
    if (everybody.valid() && principal_name_ == snapshot.program.text(everybody)) {
      refusal = ReasonClass::BadPrincipal;
    }
  }
  const auto speak = [this] {
    frame.principal_type = principal_type_.data();
    frame.principal_type_bytes = principal_type_.size();
    frame.principal_name = principal_name_.data();
    frame.principal_name_bytes = principal_name_.size();
  };
  speak();
  while (type != kNone) {
    const ir::PrincipalType& said = snapshot.program.principal_types[type];
    if (!said.base.valid()) break;
    const Outcome test = snapshot.evaluate(said.test.index, frame);
    bad_subtype_ = test.truth == 0;
    if (bad_subtype_) break;
    type = said.base.index;
    principal_type_ = snapshot.program.text(snapshot.program.principal_types[type].name);
    speak();
  }
  if (bad_subtype_) refusal = ReasonClass::BadPrincipal;
  principal_subject_ =
      snapshot.tables.find_principal(snapshot.program, principal_type_, principal_name_);
}

void View::resolve_groups(const Snapshot& snapshot) {
  const ir::Program& program = snapshot.program;
  if (principal_subject_ != kNone) {
    const ir::SubjectId self(principal_subject_);
    const auto [begin, end] = std::ranges::equal_range(
        program.members, self, {}, &std::pair<ir::SubjectId, ir::GroupId>::first);
    for (auto at = begin; at != end; ++at) groups_.push_back(at->second.index);
  }
  if (facts->groups) {
    for (const std::string& name : *facts->groups) {
      const std::uint32_t group = snapshot.find_group(name);
      if (group == kNone) continue;
      if (!program.groups[group].external) {
        closed.push_back(group);
        continue;
      }
      groups_.push_back(group);
      for (const ir::GroupId above : program.groups[group].within) groups_.push_back(above.index);
    }
  }
  std::ranges::sort(groups_);
  const auto repeats = std::ranges::unique(groups_);
  groups_.erase(repeats.begin(), repeats.end());
  memberships_.reserve(program.memberships.size());
  for (const ir::SubjectId subject : program.memberships) {
    memberships_.push_back(truth_of(in_subject(snapshot, subject.index)));
  }
  frame.memberships = memberships_.data();
}

/// Finds every network that holds the host: one probe for each length that occurs.
void View::resolve_host(const Snapshot& snapshot) {
  if (!facts->host) return;
  const std::string_view text = *facts->host;
  const std::size_t zone = text.find('%');
  const std::optional<Ip> ip = parse_ip(text.substr(0, zone));
  if (!ip) return;
  frame.host_known = 1;
  frame.host = {ip->high, ip->low};
  const auto look_up = [&](const ir::Network& network) {
    const std::uint32_t found =
        snapshot.tables.find_network(snapshot.program, network, text);
    if (found != kNone) networks_.push_back(found);
  };
  ir::Network network;
  network.form = ir::NetworkForm::Text;
  look_up(network);
  if (zone == std::string_view::npos) {
    network.form = ir::NetworkForm::Exact;
    network.cidr = {*ip, 128, ip->is_v4()};
    look_up(network);
  }
  network.form = ir::NetworkForm::Cidr;
  for (const std::uint16_t length : snapshot.tables.network_lengths) {
    const bool v4 = (length & 0x100) != 0;
    if (v4 != ip->is_v4()) continue;
    const unsigned bits = length & 0xFF;
    const auto keep = [](std::uint64_t half, unsigned count) {
      return count == 0 ? 0 : count >= 64 ? half : half & ~(~std::uint64_t{0} >> count);
    };
    network.cidr = {{keep(ip->high, bits), keep(ip->low, bits > 64 ? bits - 64 : 0)},
                    static_cast<std::uint8_t>(bits), v4};
    look_up(network);
  }
}

/// The class that the session's attribute `network` forces: its name, or BadValue for one that
/// is none.
std::optional<Answer> View::forced_network(const Snapshot& snapshot, std::string_view& name) const {
  const Value* said = nullptr;
  for (const auto& [attribute, value] : facts->attributes) {
    if (attribute == "network" && value) said = &*value;
  }
  if (said == nullptr) return std::nullopt;
  const auto& classes = snapshot.program.network_classes;
  const bool known = said->type.is(TypeKind::String) &&
                     std::ranges::any_of(classes, [&](const ir::NetworkClass& c) {
                       return snapshot.program.text(c.name) == said->text;
                     });
  if (!known) return Answer{false, make_error(EvalError::BadValue)};
  name = said->text;
  return Answer{true, 0};
}

/// Classes of networks: by the session's `network` attribute, else by their tests; `otherwise`
/// holds when none that speaks of the view's scope does. Outside its scope nobody is in a class.
void View::resolve_networks(const Snapshot& snapshot) {
  const ir::Program& program = snapshot.program;
  network_truths_.assign(program.network_classes.size(), 0);
  network_errors_.assign(program.network_classes.size(), 0);
  frame.network_classes = network_truths_.data();
  frame.network_errors = network_errors_.data();
  const auto set = [this](std::size_t at, const Answer& answer) {
    network_truths_[at] = truth_of(answer);
    network_errors_[at] = answer.error;
  };
  const auto speaks = [&](const ir::NetworkClass& c) {
    return std::ranges::find(scopes_, c.scope.index) != scopes_.end();
  };
  std::string_view name;
  const std::optional<Answer> forced = forced_network(snapshot, name);
  Answer tested;
  for (std::size_t at = 0; at < program.network_classes.size(); ++at) {
    const ir::NetworkClass& c = program.network_classes[at];
    if (!speaks(c)) continue;
    if (forced) {
      set(at, forced->error != 0 ? *forced : Answer{program.text(c.name) == name, 0});
    } else if (c.test.valid()) {
      const Outcome outcome = snapshot.evaluate(c.test.index, frame);
      set(at, {outcome.truth != 0, outcome.error});
      tested.truth = tested.truth || (outcome.truth != 0 && outcome.error == 0);
      tested.error = first_error(tested.error, outcome.error);
    }
  }
  for (std::size_t at = 0; !forced && at < program.network_classes.size(); ++at) {
    const ir::NetworkClass& c = program.network_classes[at];
    if (c.test.valid() || !speaks(c)) continue;
    set(at, tested.truth ? Answer{} : Answer{tested.error == 0, tested.error});
  }
}

void View::read_expiry(const Snapshot& snapshot) {
  if (snapshot.auth_expires == kNone) return;
  const std::uint32_t slot = snapshot.program.attributes[snapshot.auth_expires].slot;
  // A value that makes no sense is no promise that the session may go on.
  if (frame.session_presence[slot] == kPresenceBadValue) auth_expires_us = INT64_MIN;
  if (frame.session_presence[slot] != static_cast<std::uint8_t>(Presence::Present)) return;
  auth_expires_us = static_cast<std::int64_t>(frame.session_slots[slot].a);
}

Answer View::in_type(const Snapshot& snapshot, std::uint32_t type) const {
  // Each step is one subtype; a type's base comes before it.
  Answer answer{true, 0};
  for (; type != kNone; type = snapshot.program.principal_types[type].base.index) {
    const ir::PrincipalType& said = snapshot.program.principal_types[type];
    if (!said.base.valid()) {
      if (snapshot.program.text(said.name) != principal_type_) return {};
      break;
    }
    const Outcome test = snapshot.evaluate(said.test.index, frame);
    if (test.error == 0 && test.truth == 0) return {};
    if (test.error != 0) answer = {false, test.error};
  }
  return answer;
}

Answer View::in_group(const Snapshot& snapshot, std::uint32_t group) const {
  if (std::ranges::binary_search(groups_, group)) return {true, 0};
  if (!facts->groups && snapshot.reachable_groups[group] != 0) return {false, kUnknownGroupsError};
  return {};
}

Answer View::in_base(const Snapshot& snapshot, const ir::Subject& subject) const {
  const ir::Program& program = snapshot.program;
  switch (subject.form) {
    case ir::SubjectForm::Nobody: return {};
    case ir::SubjectForm::Principal:
      return {program.text(subject.type_name) == principal_type_ &&
                  program.text(subject.name) == principal_name_,
              0};
    case ir::SubjectForm::Group: return in_group(snapshot, subject.group.index);
    case ir::SubjectForm::Type: return in_type(snapshot, subject.type.index);
    case ir::SubjectForm::Any: return {true, 0};
    case ir::SubjectForm::Authenticated:
      return {std::ranges::none_of(program.unauthenticated,
                                   [&](ir::SubjectId id) {
        const ir::Subject& other = program.subjects[id.index];
        return program.text(other.type_name) == principal_type_ &&
               program.text(other.name) == principal_name_;
      }), 0};
  }
  return {};
}

/// Base and not any of the exceptions, in three values. Exceptions come before their subject, so
/// the recursion ends.
Answer View::in_subject(const Snapshot& snapshot, std::uint32_t id) const {
  const ir::Subject& subject = snapshot.program.subjects[id];
  Answer answer = in_base(snapshot, subject);
  if (!answer.truth && answer.error == 0) return {};
  for (const ir::SubjectId except : subject.except) {
    const Answer out = in_subject(snapshot, except.index);
    if (out.truth) return {};
    if (answer.error == 0 && out.error != 0) answer = {false, out.error};
  }
  return answer;
}

void View::activate(const Snapshot& snapshot) {
  if (principal_subject_ != kNone) activate_subject(snapshot, principal_subject_);
  for (const std::uint32_t group : groups_) {
    const std::uint32_t subject = snapshot.group_subjects[group];
    if (subject != kNone) activate_subject(snapshot, subject);
  }
  if (!facts->groups) {
    for (const std::uint32_t subject : snapshot.reachable_subjects) {
      const std::uint32_t group = snapshot.program.subjects[subject].group.index;
      if (!std::ranges::binary_search(groups_, group)) activate_subject(snapshot, subject);
    }
  }
  for (const std::uint32_t subject : snapshot.general_subjects) {
    activate_subject(snapshot, subject);
  }
  for (const std::uint32_t at : scopes_) {
    const std::uint32_t cls =
        snapshot.tables.find_class(tables::ClassLayer::Listed, kNone, kNone, at);
    if (cls != kNone) listed.push_back({cls, 0, false});
  }
  for (const ir::UnlistedDefault& name : snapshot.program.unlisted_defaults) {
    unlisted = unlisted || std::ranges::count(scopes_, name.scope.index) != 0;
  }
  std::ranges::sort(infrastructure, {}, &Holder::grant);
  tidy_folded(snapshot);
}

void View::activate_subject(const Snapshot& snapshot, std::uint32_t subject) {
  const tables::Tables& t = snapshot.tables;
  const std::uint32_t layers = t.subject_layers[subject];
  if (layers == 0) return;
  const Answer member = in_subject(snapshot, subject);
  if (!member.truth && member.error == 0) return;
  constexpr auto kLast = static_cast<std::uint32_t>(tables::ClassLayer::Infrastructure);
  for (std::uint32_t layer = 0; layer <= kLast; ++layer) {
    if ((layers >> layer & 1) == 0) continue;
    for (const std::uint32_t at : scopes_) {
      const auto look_up = [&](std::uint32_t network, std::uint32_t error) {
        const std::uint32_t cls =
            t.find_class(static_cast<tables::ClassLayer>(layer), subject, network, at);
        if (cls != kNone) activate_class(snapshot, cls, error);
      };
      look_up(kNone, member.error);
      if ((layers & tables::kHasNetworks) == 0) continue;
      if (frame.host_known == 0) {
        look_up(tables::kUnknownHost, first_error(member.error, kUnknownHostError));
        continue;
      }
      for (const std::uint32_t network : networks_) look_up(network, member.error);
    }
  }
}

void View::activate_class(const Snapshot& snapshot, std::uint32_t id, std::uint32_t error) {
  const tables::Class& cls = snapshot.tables.classes[id];
  const ActiveClass active{id, error, cls.network != kNone};
  switch (static_cast<tables::ClassLayer>(cls.layer)) {
    case tables::ClassLayer::Guard:
      guards.push_back(active);
      fold(snapshot, cls, error);
      return;
    case tables::ClassLayer::Grant: grants.push_back(active); return;
    case tables::ClassLayer::Superuser:
      // Holding them is an allow: an error does not apply.
      if (error == 0 && cls.direct_count != 0) {
        superuser = std::min(superuser, snapshot.tables.rows[cls.direct_begin].grant());
      }
      return;
    case tables::ClassLayer::Infrastructure:
      for (std::uint32_t at = 0; error == 0 && at < cls.direct_count; ++at) {
        const tables::Row& row = snapshot.tables.rows[cls.direct_begin + at];
        infrastructure.push_back({row.grant(), row.validity});
      }
      return;
    case tables::ClassLayer::Listed: return;
  }
}

void View::fold(const Snapshot& snapshot, const tables::Class& cls, std::uint32_t error) {
  for (std::uint32_t at = 0; at < cls.direct_count; ++at) {
    const tables::Row& row = snapshot.tables.rows[cls.direct_begin + at];
    Outcome test{1, 0};
    if (row.condition != kNone) test = snapshot.evaluate(row.condition, frame);
    if (test.truth == 0 && test.error == 0) continue;
    folded.push_back({row.kind, row.mask, row.grant(), first_error(error, test.error),
                      snapshot.program.grants[row.grant()].plain()});
  }
}

/// Keeps, for each kind and operation, the guard that would be named.
void View::tidy_folded(const Snapshot& snapshot) {
  const auto key = [&snapshot](const FoldedGuard& guard) {
    return std::tuple(guard.kind, !guard.plain, snapshot.program.grants[guard.grant].number,
                      guard.error != 0, guard.grant);
  };
  std::ranges::sort(folded, [&key](const FoldedGuard& a, const FoldedGuard& b) {
    return key(a) < key(b);
  });
  std::uint32_t seen = 0;
  const FoldedGuard* last = nullptr;
  std::vector<FoldedGuard> kept;
  for (const FoldedGuard& guard : folded) {
    if (last == nullptr || last->kind != guard.kind || last->plain != guard.plain) seen = 0;
    last = &guard;
    FoldedGuard fresh = guard;
    fresh.mask &= ~seen;
    seen |= guard.mask;
    if (fresh.mask != 0) kept.push_back(fresh);
  }
  folded = std::move(kept);
}

}  // namespace writ::engine
