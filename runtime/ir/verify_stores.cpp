#include "runtime/ir/verify_stores.h"

#include <algorithm>

#include "runtime/base/limits.h"
#include "runtime/ir/intern.h"

namespace writ::ir {
namespace {

/// Deeper or wider exceptions of exceptions would make one membership expensive.
constexpr std::uint32_t kExceptDepthMax = 8;
constexpr std::uint64_t kExceptSizeMax = 1'048'576;
constexpr std::int32_t kOffsetSecondsMax = 2 * 86'400;

/// Names of one store are names: they exist, and no two are equal.
template <class Row>
void unique_names(const Program& program, const std::vector<Row>& rows, const char* store,
                  Findings& findings) {
  std::vector<std::uint32_t> names;
  for (std::size_t at = 0; at < rows.size(); ++at) {
    findings.in_store(rows[at].name, program.strings.size(), store, at, "has no name");
    names.push_back(rows[at].name.index);
  }
  std::ranges::sort(names);
  findings.require(std::ranges::adjacent_find(names) == names.end(), store, 0,
                   "two have one name");
}

void verify_kind(const Program& program, std::size_t at, Findings& findings) {
  const Kind& kind = program.kinds[at];
  findings.none_or_in_store(kind.model, program.models.size(), "kind", at, "its model is unknown");
  if (!findings.require(kind.operations.size() <= limits::kOperationsPerKindMax, "kind", at,
                        "has more than 32 operations", ErrorCode::Limit)) {
    return;
  }
  const std::size_t count = kind.operations.size();
  const std::uint64_t all = (std::uint64_t{1} << count) - 1;
  std::vector<OperationId> seen = kind.operations;
  std::ranges::sort(seen);
  findings.require(ascends(seen), "kind", at, "names an operation twice");
  for (const OperationId operation : kind.operations) {
    findings.in_store(operation, program.operations.size(), "kind", at,
                      "has an unknown operation");
  }
  findings.require((kind.listed & ~all) == 0 && (kind.infrastructure & ~all) == 0, "kind", at,
                   "has bits beyond its operations");
  if (!findings.require(kind.implied_by.size() == count, "kind", at,
                        "does not say for each operation what implies it")) {
    return;
  }
  for (std::size_t bit = 0; bit < count; ++bit) {
    const std::uint64_t implied = kind.implied_by[bit];
    findings.require((implied & ~all) == 0 && (implied >> bit & 1) != 0, "kind", at,
                     "has an operation that does not imply itself");
  }
}

void verify_attributes(const Program& program, Findings& findings) {
  const auto& attributes = program.attributes;
  findings.require(attributes.size() <= limits::kAttributesMax, "attribute", attributes.size(),
                   "is above the limit of 1,024", ErrorCode::Limit);
  unique_names(program, attributes, "attribute", findings);
  std::uint32_t next[3] = {0, 0, 0};
  for (std::size_t at = 0; at < attributes.size(); ++at) {
    const Attribute& attribute = attributes[at];
    findings.require(is_sound(program, attribute.type), "attribute", at, "has no sound type");
    if (!findings.require(attribute.source <= AttributeSource::Declared &&
                              attribute.moment <= AttributeMoment::Resource,
                          "attribute", at, "has an unknown source or moment")) {
      return;
    }
    findings.require(attribute.slot == next[static_cast<std::size_t>(attribute.moment)]++,
                     "attribute", at, "is not in the next slot of its moment");
  }
}

}  // namespace

void verify_vocabulary(const Program& program, Findings& findings) {
  const std::size_t strings = program.strings.size();
  unique_names(program, program.models, "model", findings);
  for (std::size_t at = 0; at < program.operations.size(); ++at) {
    findings.in_store(program.operations[at].name, strings, "operation", at, "has no name");
    findings.none_or_in_store(program.operations[at].model, program.models.size(), "operation", at,
                              "its model is unknown");
  }
  findings.require(program.kinds.size() <= limits::kKindsMax, "kind", program.kinds.size(),
                   "is above the limit of 1,024", ErrorCode::Limit);
  unique_names(program, program.kinds, "kind", findings);
  if (!findings.clean()) return;
  for (std::size_t at = 0; at < program.kinds.size(); ++at) verify_kind(program, at, findings);
  findings.require(program.enumerations.size() <= UINT16_MAX, "enumeration",
                   program.enumerations.size(), "is above the limit", ErrorCode::Limit);
  unique_names(program, program.enumerations, "enumeration", findings);
  for (std::size_t at = 0; at < program.enumerations.size(); ++at) {
    std::vector<StringId> members = program.enumerations[at].members;
    std::ranges::sort(members);
    findings.require(ascends(members), "enumeration", at, "names a member twice");
    for (const StringId member : members) {
      findings.in_store(member, strings, "enumeration", at, "has a member without a name");
    }
  }
  verify_attributes(program, findings);
  unique_names(program, program.principal_types, "principal type", findings);
  for (std::size_t at = 0; at < program.principal_types.size(); ++at) {
    const PrincipalType& type = program.principal_types[at];
    findings.none_or_in_store(type.base, at, "principal type", at, "stands before its base");
    findings.require(type.base.valid() == type.test.valid(), "principal type", at,
                     "needs a base and a test, or neither");
    findings.none_or_in_store(type.test, program.conditions.size(), "principal type", at,
                              "its test is unknown");
    findings.none_or_in_store(type.everybody, program.strings.size(), "principal type", at,
                              "its name of everybody is unknown");
    findings.require(!type.base.valid() || !type.everybody.valid(), "principal type", at,
                     "is a subtype, so everybody has no name in it");
  }
}

void verify_scopes(const Program& program, Findings& findings) {
  const std::size_t strings = program.strings.size();
  std::vector<std::uint32_t> depth(program.scopes.size());
  std::vector<StringId> ids;
  for (std::size_t at = 0; at < program.scopes.size(); ++at) {
    const Scope& scope = program.scopes[at];
    findings.in_store(scope.name, strings, "scope", at, "has no name");
    findings.none_or_in_store(scope.id, strings, "scope", at, "its id is unknown");
    findings.none_or_in_store(scope.level, strings, "scope", at, "its level is unknown");
    if (!findings.none_or_in_store(scope.parent, at, "scope", at, "stands before its parent")) {
      return;
    }
    depth[at] = scope.parent.valid() ? depth[scope.parent.index] + 1 : 1;
    findings.require(depth[at] <= limits::kScopeDepthMax, "scope", at, "is deeper than 8 levels",
                     ErrorCode::Limit);
    if (scope.id.valid()) ids.push_back(scope.id);
  }
  std::ranges::sort(ids);
  findings.require(ascends(ids), "scope", 0, "two have one id");
  for (std::size_t at = 0; at < program.networks.size(); ++at) {
    const Network& network = program.networks[at];
    findings.require(network.form <= NetworkForm::Never, "network", at, "has an unknown form");
    findings.none_or_in_store(network.text, strings, "network", at, "its text is unknown");
    findings.require(network.form != NetworkForm::Text || network.text.valid(), "network", at,
                     "has no text");
    const bool addressed =
        network.form == NetworkForm::Cidr || network.form == NetworkForm::Exact;
    findings.require(!addressed || is_sound(network.cidr), "network", at,
                     "has host bits set or a length that no address has");
    findings.require(network.form != NetworkForm::Exact || network.cidr.bits == 128, "network", at,
                     "is not one address");
  }
  for (std::size_t at = 0; at < program.network_classes.size(); ++at) {
    const NetworkClass& of = program.network_classes[at];
    findings.in_store(of.name, strings, "network class", at, "has no name");
    findings.none_or_in_store(of.scope, program.scopes.size(), "network class", at,
                              "its scope is unknown");
    findings.none_or_in_store(of.test, program.conditions.size(), "network class", at,
                              "its test is unknown");
  }
}

namespace {

void verify_subjects(const Program& program, Findings& findings) {
  const auto& subjects = program.subjects;
  std::vector<std::uint32_t> depth(subjects.size());
  std::vector<std::uint64_t> size(subjects.size());
  InternIndex principals;
  for (std::size_t at = 0; at < subjects.size(); ++at) {
    const Subject& subject = subjects[at];
    findings.none_or_in_store(subject.type_name, program.strings.size(), "subject", at,
                              "its type is unknown");
    findings.none_or_in_store(subject.name, program.strings.size(), "subject", at,
                              "its name is unknown");
    findings.none_or_in_store(subject.group, program.groups.size(), "subject", at,
                              "its group is unknown");
    findings.none_or_in_store(subject.type, program.principal_types.size(), "subject", at,
                              "its type is unknown");
    switch (subject.form) {
      case SubjectForm::Principal: {
        findings.in_store(subject.type_name, program.strings.size(), "subject", at, "has no type");
        findings.in_store(subject.name, program.strings.size(), "subject", at, "has no name");
        if (!subject.except.empty()) break;
        Hash hash;
        hash.number(std::uint64_t{subject.type_name.index} << 32 | subject.name.index);
        const auto first =
            principals.find_or_add(hash.done(), at, [&](std::uint32_t other) {
              return subjects[other].type_name == subject.type_name &&
                     subjects[other].name == subject.name;
            });
        findings.require(first == at, "subject", at, "is a principal that another subject is");
        break;
      }
      case SubjectForm::Group:
        findings.in_store(subject.group, program.groups.size(), "subject", at,
                          "its group is unknown");
        break;
      case SubjectForm::Type:
        findings.in_store(subject.type, program.principal_types.size(), "subject", at,
                          "its type is unknown");
        break;
      case SubjectForm::Nobody:
      case SubjectForm::Any:
      case SubjectForm::Authenticated: break;
    }
    findings.require(subject.form <= SubjectForm::Authenticated, "subject", at,
                     "has an unknown form");
    findings.require(ascends(subject.except), "subject", at, "its exceptions do not ascend");
    size[at] = 1;
    for (const SubjectId except : subject.except) {
      if (!findings.in_store(except, at, "subject", at, "stands before its exception")) return;
      depth[at] = std::max(depth[at], depth[except.index] + 1);
      size[at] += size[except.index];
    }
    if (!findings.require(depth[at] <= kExceptDepthMax && size[at] <= kExceptSizeMax, "subject",
                          at, "has too many exceptions of exceptions", ErrorCode::Limit)) {
      return;
    }
  }
}

}  // namespace

void verify_who(const Program& program, Findings& findings) {
  unique_names(program, program.groups, "group", findings);
  for (std::size_t at = 0; at < program.groups.size(); ++at) {
    const Group& group = program.groups[at];
    findings.require(ascends(group.within), "group", at, "its containing groups do not ascend");
    for (const GroupId above : group.within) {
      findings.in_store(above, program.groups.size(), "group", at, "lies in an unknown group");
      findings.require(above.index != at, "group", at, "contains itself");
    }
  }
  verify_subjects(program, findings);
  if (!findings.clean()) return;
  const auto is_principal = [&program](SubjectId id) {
    return id.index < program.subjects.size() &&
           program.subjects[id.index].form == SubjectForm::Principal &&
           program.subjects[id.index].except.empty();
  };
  for (std::size_t at = 0; at < program.unauthenticated.size(); ++at) {
    findings.require(is_principal(program.unauthenticated[at]), "unauthenticated", at,
                     "is not a principal");
  }
  findings.require(ascends(program.members), "member", 0, "members do not ascend");
  for (std::size_t at = 0; at < program.members.size(); ++at) {
    findings.require(is_principal(program.members[at].first), "member", at, "is not a principal");
    findings.in_store(program.members[at].second, program.groups.size(), "member", at,
                      "its group is unknown");
  }
  for (std::size_t at = 0; at < program.memberships.size(); ++at) {
    findings.in_store(program.memberships[at], program.subjects.size(), "membership", at,
                      "its subject is unknown");
  }
}

namespace {

void verify_facts(const Program& program, Findings& findings) {
  for (std::size_t at = 0; at < program.facts.size(); ++at) {
    const Facts& facts = program.facts[at];
    findings.in_store(facts.kind, program.kinds.size(), "facts", at, "their kind is unknown");
    findings.none_or_in_store(facts.scope, program.scopes.size(), "facts", at,
                              "their scope is unknown");
    findings.in_store(facts.name, program.strings.size(), "facts", at, "have no name");
    std::vector<AttributeId> seen;
    for (const auto& [id, value] : facts.values) {
      if (!findings.in_store(id, program.attributes.size(), "facts", at,
                             "say an unknown attribute")) {
        return;
      }
      const Attribute& attribute = program.attributes[id.index];
      Type type = attribute.type;
      type.optional = false;
      findings.require(attribute.moment == AttributeMoment::Resource, "facts", at,
                       "say an attribute that is not a fact");
      findings.require(value.type == type && is_sound(program, value), "facts", at,
                       "say a value that does not fit its attribute");
      seen.push_back(id);
    }
    std::ranges::sort(seen);
    findings.require(ascends(seen), "facts", at, "say an attribute twice");
  }
}

}  // namespace

void verify_what(const Program& program, Findings& findings) {
  for (std::size_t at = 0; at < program.patterns.size(); ++at) {
    const Pattern& pattern = program.patterns[at];
    findings.require(pattern.form <= PatternForm::Contains, "pattern", at, "has an unknown form");
    if (!findings.in_store(pattern.text, program.strings.size(), "pattern", at, "has no text")) {
      return;
    }
    const bool empty = program.text(pattern.text).empty();
    const bool loose =
        pattern.form == PatternForm::Suffix || pattern.form == PatternForm::Contains;
    findings.require(!loose || !empty, "pattern", at, "would cover every name");
    findings.require(pattern.form != PatternForm::Any || empty, "pattern", at,
                     "covers every name and yet has a text");
  }
  for (std::size_t at = 0; at < program.pattern_sets.size(); ++at) {
    const PatternSet& set = program.pattern_sets[at];
    findings.none_or_in_store(set.name, program.strings.size(), "pattern set", at,
                              "its name is unknown");
    findings.in_store(set.kind, program.kinds.size(), "pattern set", at, "its kind is unknown");
    findings.none_or_in_store(set.scope, program.scopes.size(), "pattern set", at,
                              "its scope is unknown");
    findings.require(ascends(set.patterns), "pattern set", at, "its patterns do not ascend");
    for (const PatternId pattern : set.patterns) {
      findings.in_store(pattern, program.patterns.size(), "pattern set", at,
                        "has an unknown pattern");
    }
  }
  verify_facts(program, findings);
}

void verify_automata(const Program& program, Findings& findings) {
  for (std::size_t at = 0; at < program.dfas.size(); ++at) {
    const Dfa& dfa = program.dfas[at];
    findings.in_store(dfa.pattern, program.strings.size(), "automaton", at, "has no pattern");
    const std::size_t states = dfa.accepting.size();
    findings.require(states <= limits::kDfaStatesMax, "automaton", at, "has over 1,024 states",
                     ErrorCode::Limit);
    const bool sized = states > 0 && dfa.byte_class.size() == 256 && dfa.classes > 0 &&
                       dfa.classes <= 256 && dfa.transitions.size() == states * dfa.classes;
    if (!findings.require(sized, "automaton", at, "has tables of the wrong size")) return;
    findings.require(dfa.start < states, "automaton", at, "starts in an unknown state");
    for (const std::uint8_t of : dfa.byte_class) {
      findings.require(of < dfa.classes, "automaton", at, "has an unknown class of bytes");
    }
    for (std::size_t i = 0; i < dfa.transitions.size(); ++i) {
      const std::uint16_t to = dfa.transitions[i];
      findings.require(to < states && (i >= dfa.classes || to == 0), "automaton", at,
                       "goes to an unknown state, or leaves the dead one");
    }
    for (const std::uint8_t accepts : dfa.accepting) {
      findings.require(accepts <= 1, "automaton", at, "accepts neither truly nor falsely");
    }
    findings.require(dfa.accepting[0] == 0, "automaton", at, "accepts in the dead state");
  }
}

void verify_zones(const Program& program, Findings& findings) {
  for (std::size_t at = 0; at < program.zones.size(); ++at) {
    const Zone& zone = program.zones[at];
    findings.in_store(zone.name, program.strings.size(), "zone", at, "has no name");
    findings.require(zone.offset_seconds.size() == zone.at_seconds.size() + 1, "zone", at,
                     "has not one offset more than transitions");
    findings.require(ascends(zone.at_seconds), "zone", at, "its transitions do not ascend");
    for (const std::int32_t offset : zone.offset_seconds) {
      findings.require(offset >= -kOffsetSecondsMax && offset <= kOffsetSecondsMax, "zone", at,
                       "is more than two days off");
    }
  }
}

}  // namespace writ::ir
