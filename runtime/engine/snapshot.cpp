#include "runtime/engine/snapshot.h"

#include <algorithm>
#include <bit>

#include "runtime/audit/crn.h"
#include "runtime/base/check.h"
#include "runtime/engine/epoch.h"
#include "runtime/engine/witnesses.h"
#include "runtime/tables/hash.h"

namespace writ::engine {

void FewNames::build(std::span<const std::string_view> names) {
  names_.assign(names.begin(), names.end());
  slots_.assign(std::bit_ceil(names.size() * 4 + 1), kNone);
  const std::size_t mask = slots_.size() - 1;
  for (std::uint32_t id = 0; id < names.size(); ++id) {
    if (find(names[id]) != kNone) continue;
    std::size_t at = hash(names[id]) & mask;
    while (slots_[at] != kNone) at = (at + 1) & mask;
    slots_[at] = id;
  }
}

Snapshot::Snapshot(ir::Program from, tables::Tables built, BundleInfo about)
    : program(std::move(from)),
      tables(std::move(built)),
      info(std::move(about)),
      policy{info.digest, info.package, info.version, info.generation},
      audit_levels(program),
      constants_(program),
      first_shape_(program.kinds.size()) {
  index_scopes();
  index_names();
  index_subjects();
  index_facts();
  reads = interp::reads_of(program);
  unsettled = interp::unsettled_grants(program, reads);
  witnesses_.resize(program.kinds.size());
  names_read_ = kinds_with_names_read(program);
  first_of_number.resize(program.grants.size());
  for (std::uint32_t at = 0; at < program.grants.size(); ++at) {
    const bool same = at != 0 && program.grants[at].number == program.grants[at - 1].number;
    first_of_number[at] = same ? first_of_number[at - 1] : at;
  }
}

/// Every suffix of a path that only one scope has names that scope; an id names its scope before
/// any path does.
void Snapshot::index_scopes() {
  std::vector<std::uint32_t> leaves;
  for (std::uint32_t id = 0; id < program.scopes.size(); ++id) {
    const ir::Scope& scope = program.scopes[id];
    std::string path(program.text(scope.name));
    std::string levels = audit::percent(program.text(scope.level)) + "=" +
                         audit::percent(program.text(scope.id.valid() ? scope.id : scope.name));
    if (scope.parent.valid()) {
      path = scope_paths[scope.parent.index] + "." + path;
      levels = scope_levels[scope.parent.index] + "/" + levels;
    }
    std::string_view suffix = path;
    for (;;) {
      const auto [found, fresh] = scopes_.try_emplace(std::string(suffix), ScopeAnswer{id});
      if (!fresh && found->second.scope != id) found->second.scope = kNone;
      const std::size_t dot = suffix.find('.');
      if (dot == std::string_view::npos) break;
      suffix.remove_prefix(dot + 1);
    }
    scope_paths.push_back(std::move(path));
    scope_levels.push_back(std::move(levels));
    if (scope.leaf) leaves.push_back(id);
  }
  for (std::uint32_t id = 0; id < program.scopes.size(); ++id) {
    if (program.scopes[id].id.valid()) {
      scopes_.insert_or_assign(std::string(program.text(program.scopes[id].id)), ScopeAnswer{id});
    }
  }
  scopes_.insert_or_assign(
      std::string(), leaves.size() == 1 ? ScopeAnswer{leaves.front()}
                                        : ScopeAnswer{kNone, ReasonClass::ScopeMissing});
}

void Snapshot::index_names() {
  std::vector<std::string_view> names;
  for (const ir::Kind& kind : program.kinds) names.push_back(program.text(kind.name));
  kinds_.build(names);
  for (const ir::Kind& kind : program.kinds) {
    names.clear();
    for (const ir::OperationId id : kind.operations) {
      names.push_back(program.text(program.operations[id.index].name));
    }
    operations_.emplace_back().build(names);
  }
  for (std::uint32_t id = 0; id < program.groups.size(); ++id) {
    groups_.try_emplace(std::string(program.text(program.groups[id].name)), id);
  }
  for (std::uint32_t id = 0; id < program.principal_types.size(); ++id) {
    types_.try_emplace(std::string(program.text(program.principal_types[id].name)), id);
  }
  slot_counts.assign(3, 0);
  for (std::uint32_t id = 0; id < program.attributes.size(); ++id) {
    const ir::Attribute& attribute = program.attributes[id];
    const std::string_view name = program.text(attribute.name);
    attributes_.try_emplace(std::string(name), id);
    std::uint32_t& count = slot_counts[static_cast<std::size_t>(attribute.moment)];
    count = std::max(count, attribute.slot + 1);
    const bool session = attribute.moment == ir::AttributeMoment::Session;
    if (session && name == "auth.expires" && attribute.type.is(TypeKind::Time)) auth_expires = id;
    if (session && name == "network") network_attribute = id;
  }
}

void Snapshot::index_subjects() {
  group_subjects.assign(program.groups.size(), kNone);
  reachable_groups.assign(program.groups.size(), 0);
  vouched_ = std::vector<std::atomic<bool>>(program.groups.size());
  for (std::uint32_t id = 0; id < program.groups.size(); ++id) {
    if (!program.groups[id].external) continue;
    reachable_groups[id] = 1;
    for (const ir::GroupId above : program.groups[id].within) reachable_groups[above.index] = 1;
  }
  for (std::uint32_t id = 0; id < program.subjects.size(); ++id) {
    const ir::Subject& subject = program.subjects[id];
    const bool plain = subject.except.empty();
    if (plain && subject.form == ir::SubjectForm::Group) {
      group_subjects[subject.group.index] = id;
    }
    if (tables.subject_layers[id] == 0 || subject.form == ir::SubjectForm::Nobody) continue;
    if (plain && subject.form == ir::SubjectForm::Principal) continue;
    if (plain && subject.form == ir::SubjectForm::Group) {
      if (reachable_groups[subject.group.index] != 0) reachable_subjects.push_back(id);
      continue;
    }
    general_subjects.push_back(id);
  }
}

void Snapshot::index_facts() {
  const std::uint32_t count =
      slot_counts[static_cast<std::size_t>(ir::AttributeMoment::Resource)];
  const auto slot_of = [](const Value& value) {
    switch (value.type.kind) {
      case TypeKind::String:
        return Slot{reinterpret_cast<std::uint64_t>(value.text.data()),  // NOLINT
                    value.text.size()};
      case TypeKind::Ip: return Slot{value.cidr.base.high, value.cidr.base.low};
      case TypeKind::Cidr:
        return Slot{reinterpret_cast<std::uint64_t>(&value.cidr), 0};  // NOLINT
      case TypeKind::None:
      case TypeKind::Bool:
      case TypeKind::Int:
      case TypeKind::Time:
      case TypeKind::Duration:
      case TypeKind::Version:
      case TypeKind::Enum: break;
    }
    return Slot{static_cast<std::uint64_t>(value.integer), 0};
  };
  for (const ir::Facts& facts : program.facts) {
    FactRow row;
    row.scope = facts.scope.index;
    row.slots.assign(count, {});
    row.presence.assign(count, static_cast<std::uint8_t>(Presence::Missing));
    for (const auto& [attribute_id, value] : facts.values) {
      const ir::Attribute& attribute = program.attributes[attribute_id.index];
      if (attribute.moment != ir::AttributeMoment::Resource) continue;
      Slot& slot = row.slots[attribute.slot];
      row.presence[attribute.slot] = static_cast<std::uint8_t>(Presence::Present);
      if (!value.type.set) {
        slot = slot_of(value);
        continue;
      }
      std::vector<Slot>& elements = fact_elements_.emplace_back();
      elements.reserve(value.elements.size());
      for (const Value& element : value.elements) elements.push_back(slot_of(element));
      slot = {reinterpret_cast<std::uint64_t>(elements.data()), elements.size()};  // NOLINT
    }
    const std::string_view name = program.text(facts.name);
    auto& bucket = facts_[tables::hash_name(facts.kind.index, ir::PatternForm::Literal, name)];
    auto found = std::ranges::find_if(bucket, [&](const NamedFacts& other) {
      return other.kind == facts.kind.index && other.name == name;
    });
    if (found == bucket.end()) {
      bucket.push_back({facts.kind.index, name, {}});
      found = bucket.end() - 1;
    }
    found->rows.push_back(std::move(row));
  }
}

ScopeAnswer Snapshot::find_scope(std::string_view text) const {
  const auto found = scopes_.find(text);
  return found == scopes_.end() ? ScopeAnswer{} : found->second;
}

namespace {
std::uint32_t find(const ByName<std::uint32_t>& names, std::string_view name) {
  const auto found = names.find(name);
  return found == names.end() ? kNone : found->second;
}
}  // namespace

std::uint32_t Snapshot::find_kind(std::string_view name) const { return kinds_.find(name); }
std::uint32_t Snapshot::find_operation(std::uint32_t kind, std::string_view name) const {
  return operations_[kind].find(name);
}
std::uint32_t Snapshot::find_group(std::string_view name) const { return find(groups_, name); }
std::uint32_t Snapshot::find_type(std::string_view name) const { return find(types_, name); }
std::uint32_t Snapshot::find_attribute(std::string_view name) const {
  return find(attributes_, name);
}

bool Snapshot::scope_within(std::uint32_t below, std::uint32_t above) const {
  for (; below != kNone; below = program.scopes[below].parent.index) {
    if (below == above) return true;
  }
  return false;
}

const FactRow* Snapshot::find_facts(std::uint32_t kind, std::string_view name,
                                    std::uint32_t scope) const {
  if (facts_.empty()) return nullptr;
  const auto bucket =
      facts_.find(tables::hash_name(kind, ir::PatternForm::Literal, name));
  if (bucket == facts_.end()) return nullptr;
  for (const NamedFacts& facts : bucket->second) {
    if (facts.kind != kind || facts.name != name) continue;
    for (std::uint32_t at = scope;; at = program.scopes[at].parent.index) {
      for (const FactRow& row : facts.rows) {
        if (row.scope == at) return &row;
      }
      if (at == kNone) return nullptr;
    }
  }
  return nullptr;
}

const std::vector<std::string>& Snapshot::witnesses(std::uint32_t kind) const {
  KindWitnesses& of = witnesses_[kind];
  std::call_once(of.once, [&] { of.names = witnesses_of(program, tables, kind); });
  return of.names;
}

Snapshot::~Snapshot() = default;

void Snapshot::use(std::unique_ptr<const Native> native) const {
  std::unique_ptr<Code> fresh;
  if (native != nullptr) {
    WRIT_CHECK(native->kinds.size() == program.kinds.size());
    WRIT_CHECK(native->shapes.size() == program.shapes.size());
    fresh = std::make_unique<Code>();
    fresh->functions.reserve(native->kinds.size() + native->shapes.size());
    for (const KindFn kind : native->kinds) fresh->functions.push_back({.kind = kind});
    for (const ShapeFn shape : native->shapes) fresh->functions.push_back({.shape = shape});
    fresh->native = std::move(native);
  }
  code_.store(fresh == nullptr ? nullptr : fresh->functions.data(), std::memory_order_seq_cst);
  std::unique_ptr<const Code> old = std::exchange(code_owner_, std::move(fresh));
  epoch::retire(const_cast<Code*>(old.release()));  // NOLINT: destroyed as what it was made
}

Outcome Snapshot::evaluate(std::uint32_t condition, const Frame& frame) const {
  const Function* code = code_.load(std::memory_order_acquire);
  if (code == nullptr) return interpret(condition, frame);
  const ir::Condition& c = program.conditions[condition];
  const std::uint64_t answer =
      code[first_shape_ + c.shape.index].shape(&frame, constants_.row(c));
  return {static_cast<std::uint32_t>(answer & 1), static_cast<std::uint32_t>(answer >> 32)};
}

Outcome Snapshot::interpret(std::uint32_t condition, const Frame& frame) const {
  return interp::evaluate(program, ir::ConditionId(condition),
                          constants_.row(program.conditions[condition]), frame);
}

}  // namespace writ::engine
