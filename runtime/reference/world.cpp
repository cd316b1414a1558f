#include "runtime/reference/world.h"

#include <algorithm>
#include <vector>

#include "runtime/reference/evaluate.h"

namespace writ::reference {

Truth3 operator&&(Truth3 a, Truth3 b) {
  if (a.is_false() || b.is_false()) return kFalse;
  return a.error != 0 ? a : b.error != 0 ? b : kTrue;
}
Truth3 operator||(Truth3 a, Truth3 b) {
  if (a.is_true() || b.is_true()) return kTrue;
  return a.error != 0 ? a : b.error != 0 ? b : kFalse;
}
Truth3 operator!(Truth3 a) { return a.error != 0 ? a : Truth3{!a.truth, 0}; }

namespace {
Truth3 truth(bool value) { return {value, 0}; }
Truth3 error(EvalError code) { return {false, make_error(code)}; }
}  // namespace

World::World(const ir::Program& p, const SessionFacts& s, const RequestFacts& r)
    : program(p), session(s), request(r) {
  for (std::size_t at = 0; at < program.kinds.size(); ++at) {
    if (program.text(program.kinds[at].name) == request.kind) kind = ir::KindId(at);
  }
  find_scope();
  find_principal();
}

std::string World::path_of(ir::ScopeId at) const {
  std::string path(program.text(program.scopes[at.index].name));
  while (program.scopes[at.index].parent.valid()) {
    at = program.scopes[at.index].parent;
    path = std::string(program.text(program.scopes[at.index].name)) + "." + path;
  }
  return path;
}

/// By id, else by a suffix of the path that one scope alone has; nothing said: the only leaf.
void World::find_scope() {
  const std::string& said = request.scope.empty() ? session.scope : request.scope;
  std::vector<ir::ScopeId> leaves;
  std::vector<ir::ScopeId> named;
  for (std::size_t at = 0; at < program.scopes.size(); ++at) {
    const ir::Scope& candidate = program.scopes[at];
    if (candidate.leaf) leaves.push_back(ir::ScopeId(at));
    if (!said.empty() && candidate.id.valid() && program.text(candidate.id) == said) {
      scope = ir::ScopeId(at);
      return;
    }
    const std::string path = "." + path_of(ir::ScopeId(at));
    if (path.ends_with("." + said)) named.push_back(ir::ScopeId(at));
  }
  if (!said.empty()) {
    if (named.size() == 1) scope = named.front();
    return;
  }
  if (leaves.size() == 1) scope = leaves.front();
  scope_missing = leaves.size() != 1;
}

/// `ServiceAccount:sa-1` is `User:sa-1`, if the subtype's test holds for the name.
void World::find_principal() {
  principal_type = session.principal_type;
  principal_name = session.principal_name;
  for (bool changed = true; changed;) {
    changed = false;
    for (const ir::PrincipalType& type : program.principal_types) {
      if (!type.base.valid() || program.text(type.name) != principal_type) continue;
      bad_principal = !evaluate(*this, type.test).is_true();
      if (bad_principal) return;
      principal_type = program.text(program.principal_types[type.base.index].name);
      changed = true;
      break;
    }
  }
}

bool World::holds_here(ir::ScopeId at) const {
  for (ir::ScopeId here = scope; here.valid(); here = program.scopes[here.index].parent) {
    if (here == at) return true;
  }
  return false;
}

bool World::is_principal(const ir::Subject& subject) const {
  return program.text(subject.type_name) == principal_type &&
         program.text(subject.name) == principal_name;
}

Truth3 World::in_subject(ir::SubjectId id) const {
  const ir::Subject& subject = program.subjects[id.index];
  Truth3 in = in_base(subject);
  for (const ir::SubjectId except : subject.except) in = in && !in_subject(except);
  return in;
}

Truth3 World::in_base(const ir::Subject& subject) const {
  switch (subject.form) {
    case ir::SubjectForm::Nobody: return kFalse;
    case ir::SubjectForm::Principal: return truth(is_principal(subject));
    case ir::SubjectForm::Group: return in_group(subject.group);
    case ir::SubjectForm::Type: return in_type(subject.type);
    case ir::SubjectForm::Any: return kTrue;
    case ir::SubjectForm::Authenticated:
      return truth(std::ranges::none_of(program.unauthenticated, [this](ir::SubjectId id) {
        return is_principal(program.subjects[id.index]);
      }));
  }
  return kFalse;
}

/// Declared members are known; whoever comes in through an external group is said by the session.
Truth3 World::in_group(ir::GroupId group) const {
  for (const auto& [member, of] : program.members) {
    if (of == group && is_principal(program.subjects[member.index])) return kTrue;
  }
  bool reachable = false;
  for (std::size_t at = 0; at < program.groups.size(); ++at) {
    const ir::Group& through = program.groups[at];
    const bool leads_here =
        at == group.index || std::ranges::find(through.within, group) != through.within.end();
    if (!through.external || !leads_here) continue;
    reachable = true;
    if (!session.groups) continue;
    for (const std::string& said : *session.groups) {
      if (said == program.text(through.name)) return kTrue;
    }
  }
  return reachable && !session.groups ? error(EvalError::UnknownGroups) : kFalse;
}

Truth3 World::in_type(ir::PrincipalTypeId id) const {
  const ir::PrincipalType& type = program.principal_types[id.index];
  if (!type.base.valid()) return truth(program.text(type.name) == principal_type);
  return in_type(type.base) && evaluate(*this, type.test);
}

std::optional<Ip> World::host() const {
  if (!session.host) return std::nullopt;
  return parse_ip(std::string_view(*session.host).substr(0, session.host->find('%')));
}

Truth3 World::in_network(ir::NetworkId id) const {
  if (!id.valid()) return kTrue;
  const std::optional<Ip> address = host();
  if (!address) return error(EvalError::UnknownHost);
  const ir::Network& network = program.networks[id.index];
  switch (network.form) {
    case ir::NetworkForm::Cidr: return truth(network.cidr.contains(*address));
    case ir::NetworkForm::Exact:
      return truth(session.host->find('%') == std::string::npos && network.cidr.base == *address);
    case ir::NetworkForm::Text: return truth(program.text(network.text) == *session.host);
    case ir::NetworkForm::Never: return kFalse;
  }
  return kFalse;
}

/// By the session's attribute `network`, else by its test; `otherwise` when no other class that
/// speaks of the request's scope holds. Outside its own scope nobody is in a class.
Truth3 World::in_network_class(ir::NetworkClassId id) const {
  const ir::NetworkClass& of = program.network_classes[id.index];
  if (!holds_here(of.scope)) return kFalse;
  for (auto said = session.attributes.rbegin(); said != session.attributes.rend(); ++said) {
    const auto& [name, value] = *said;
    if (name != "network" || !value) continue;
    const bool known = value->type.is(TypeKind::String) &&
                       std::ranges::any_of(program.network_classes, [&](const auto& other) {
                         return program.text(other.name) == value->text;
                       });
    if (!known) return error(EvalError::BadValue);
    return truth(value->text == program.text(of.name));
  }
  if (of.test.valid()) return evaluate(*this, of.test);
  Truth3 others = kFalse;
  for (const ir::NetworkClass& other : program.network_classes) {
    if (!holds_here(other.scope) || !other.test.valid()) continue;
    others = others || evaluate(*this, other.test);
  }
  return !others;
}

Truth3 World::in_validity(ir::ValidityId id) const {
  if (!id.valid()) return kTrue;
  if (!request.time_us) return error(EvalError::UnknownTime);
  const ir::Validity& validity = program.validities[id.index];
  return truth(*request.time_us >= validity.not_before_us &&
               *request.time_us < validity.expires_us);
}

bool covers(const ir::Program& program, const ir::Pattern& pattern, std::string_view name) {
  const std::string_view text = program.text(pattern.text);
  switch (pattern.form) {
    case ir::PatternForm::Literal: return name == text;
    case ir::PatternForm::Prefix: return name.starts_with(text);
    case ir::PatternForm::Any: return true;
    case ir::PatternForm::Suffix: return name.ends_with(text);
    case ir::PatternForm::Contains: return name.find(text) != std::string_view::npos;
  }
  return false;
}

bool World::covers(ir::PatternId pattern) const {
  return reference::covers(program, program.patterns[pattern.index], request.name);
}

bool World::covers(ir::PatternSetId id) const {
  const ir::PatternSet& set = program.pattern_sets[id.index];
  if (set.kind != kind || (set.scope.valid() && !holds_here(set.scope))) return false;
  return std::ranges::any_of(set.patterns, [this](ir::PatternId id_of) { return covers(id_of); });
}

/// The row of the resource whose scope is nearest to the request's, at or above it.
Known World::fact(ir::AttributeId id) const {
  const ir::Facts* row = nullptr;
  for (ir::ScopeId at = scope; row == nullptr; at = program.scopes[at.index].parent) {
    for (const ir::Facts& facts : program.facts) {
      if (facts.kind == kind && facts.scope == at && program.text(facts.name) == request.name) {
        row = &facts;
        break;
      }
    }
    if (!at.valid()) break;
  }
  if (row == nullptr) return {{}, EvalError::UnlistedFact};
  for (const auto& [attribute_id, value] : row->values) {
    if (attribute_id == id) return {value, EvalError::None};
  }
  return {};
}

Known World::attribute(ir::AttributeId id) const {
  const ir::Attribute& attribute = program.attributes[id.index];
  if (attribute.moment == ir::AttributeMoment::Resource) return fact(id);
  const auto& all = attribute.moment == ir::AttributeMoment::Session ? session.attributes
                                                                     : request.attributes;
  // What is said last stands.
  for (auto said = all.rbegin(); said != all.rend(); ++said) {
    if (said->first != program.text(attribute.name)) continue;
    if (!said->second) return {};
    std::optional<Value> value = fitted(program, attribute.type, *said->second);
    if (!value) return {{}, EvalError::BadValue};
    return {std::move(value), EvalError::None};
  }
  return {};
}

}  // namespace writ::reference
