#include "runtime/ir/builder.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "runtime/ir/intern.h"
#include "runtime/ir/verify_stores.h"

namespace writ::ir {

void Hash::value(const Value& value) {
  type(value.type);
  number(static_cast<std::uint64_t>(value.integer));
  text(value.text);
  cidr(value.cidr);
  number(value.elements.size());
  for (const Value& element : value.elements) {
    type(element.type);
    number(static_cast<std::uint64_t>(element.integer));
    text(element.text);
    cidr(element.cidr);
  }
}

namespace {

std::uint64_t hash_of(const Subject& subject) {
  Hash hash;
  hash.number(static_cast<std::uint64_t>(subject.form));
  hash.number(std::uint64_t{subject.type_name.index} << 32 | subject.name.index);
  hash.number(std::uint64_t{subject.group.index} << 32 | subject.type.index);
  for (const SubjectId except : subject.except) hash.number(except.index);
  return hash.done();
}

std::uint64_t hash_of(const Shape& shape) {
  Hash hash;
  hash.number(shape.insts.size());
  for (const Inst& inst : shape.insts) {
    hash.number(static_cast<std::uint64_t>(inst.kind));
    hash.type(inst.type);
    hash.number(std::uint64_t{inst.a} << 32 | inst.b);
    hash.number(inst.c);
  }
  for (const Type& type : shape.constant_types) hash.type(type);
  return hash.done();
}

bool same(const Subject& a, const Subject& b) {
  return a.form == b.form && a.type_name == b.type_name && a.name == b.name &&
         a.group == b.group && a.type == b.type && a.except == b.except;
}

template <class T>
void sort_once(std::vector<T>& ids) {
  std::ranges::sort(ids);
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
}

}  // namespace

struct Builder::Interned {
  Program program;
  InternIndex strings, subjects, patterns, pattern_sets, networks, validities, memberships;
  InternIndex dfas, zones, shapes, conditions;
};

Builder::Builder() : interned_(std::make_unique<Interned>()) {}
Builder::~Builder() = default;

Program& Builder::program() { return interned_->program; }

StringId Builder::string(std::string_view text) {
  auto& store = interned_->program.strings;
  Hash hash;
  hash.text(text);
  const std::uint32_t id = interned_->strings.find_or_add(
      hash.done(), store.size(), [&](std::uint32_t at) { return store[at] == text; });
  if (id == store.size()) store.emplace_back(text);
  return StringId(id);
}

SubjectId Builder::subject(const Subject& given) {
  auto& store = interned_->program.subjects;
  if (std::ranges::adjacent_find(given.except, std::ranges::greater_equal()) !=
      given.except.end()) {
    Subject sorted = given;
    sort_once(sorted.except);
    return subject(sorted);
  }
  const std::uint32_t id = interned_->subjects.find_or_add(
      hash_of(given), store.size(), [&](std::uint32_t at) { return same(store[at], given); });
  if (id == store.size()) store.push_back(given);
  return SubjectId(id);
}

SubjectId Builder::principal(std::string_view type_name, std::string_view name) {
  Subject subject_of;
  subject_of.form = SubjectForm::Principal;
  subject_of.type_name = string(type_name);
  subject_of.name = string(name);
  return subject(subject_of);
}

PatternId Builder::pattern(PatternForm form, std::string_view text) {
  auto& store = interned_->program.patterns;
  const StringId text_id = string(form == PatternForm::Any ? std::string_view() : text);
  Hash hash;
  hash.number(std::uint64_t{text_id.index} << 8 | static_cast<std::uint64_t>(form));
  const std::uint32_t id = interned_->patterns.find_or_add(
      hash.done(), store.size(),
      [&](std::uint32_t at) { return store[at].form == form && store[at].text == text_id; });
  if (id == store.size()) store.push_back({form, text_id});
  return PatternId(id);
}

PatternSetId Builder::pattern_set(const PatternSet& given) {
  auto& store = interned_->program.pattern_sets;
  PatternSet set = given;
  sort_once(set.patterns);
  Hash hash;
  hash.number(std::uint64_t{set.name.index} << 32 | set.kind.index);
  hash.number(set.scope.index);
  for (const PatternId pattern_id : set.patterns) hash.number(pattern_id.index);
  const std::uint32_t id =
      interned_->pattern_sets.find_or_add(hash.done(), store.size(), [&](std::uint32_t at) {
        return store[at].name == set.name && store[at].kind == set.kind &&
               store[at].scope == set.scope && store[at].patterns == set.patterns;
      });
  if (id == store.size()) store.push_back(std::move(set));
  return PatternSetId(id);
}

NetworkId Builder::network(const Network& given) {
  auto& store = interned_->program.networks;
  Hash hash;
  hash.number(std::uint64_t{given.text.index} << 8 | static_cast<std::uint64_t>(given.form));
  hash.cidr(given.cidr);
  const std::uint32_t id =
      interned_->networks.find_or_add(hash.done(), store.size(), [&](std::uint32_t at) {
        return store[at].form == given.form && store[at].text == given.text &&
               store[at].cidr == given.cidr;
      });
  if (id == store.size()) store.push_back(given);
  return NetworkId(id);
}

ValidityId Builder::validity(const Validity& given) {
  auto& store = interned_->program.validities;
  Hash hash;
  hash.number(static_cast<std::uint64_t>(given.not_before_us));
  hash.number(static_cast<std::uint64_t>(given.expires_us));
  const std::uint32_t id =
      interned_->validities.find_or_add(hash.done(), store.size(), [&](std::uint32_t at) {
        return store[at].not_before_us == given.not_before_us &&
               store[at].expires_us == given.expires_us;
      });
  if (id == store.size()) store.push_back(given);
  return ValidityId(id);
}

MembershipId Builder::membership(SubjectId of) {
  auto& store = interned_->program.memberships;
  Hash hash;
  hash.number(of.index);
  const std::uint32_t id = interned_->memberships.find_or_add(
      hash.done(), store.size(), [&](std::uint32_t at) { return store[at] == of; });
  if (id == store.size()) store.push_back(of);
  return MembershipId(id);
}

DfaId Builder::dfa(Dfa given) {
  auto& store = interned_->program.dfas;
  Hash hash;
  hash.number(given.pattern.index);
  const std::uint32_t id = interned_->dfas.find_or_add(
      hash.done(), store.size(),
      [&](std::uint32_t at) { return store[at].pattern == given.pattern; });
  if (id == store.size()) store.push_back(std::move(given));
  return DfaId(id);
}

ZoneId Builder::zone(Zone given) {
  auto& store = interned_->program.zones;
  Hash hash;
  hash.number(given.name.index);
  const std::uint32_t id = interned_->zones.find_or_add(
      hash.done(), store.size(), [&](std::uint32_t at) { return store[at].name == given.name; });
  if (id == store.size()) store.push_back(std::move(given));
  return ZoneId(id);
}

ConditionId Builder::condition(std::vector<Inst> insts, std::vector<Value> constants) {
  Program& program = interned_->program;
  Shape shape;
  shape.session_only = reads_session_only(program, insts);
  shape.insts = std::move(insts);
  for (const Value& constant : constants) shape.constant_types.push_back(constant.type);
  const std::uint32_t shape_id = interned_->shapes.find_or_add(
      hash_of(shape), program.shapes.size(), [&](std::uint32_t at) {
        return program.shapes[at].insts == shape.insts &&
               program.shapes[at].constant_types == shape.constant_types;
      });
  if (shape_id == program.shapes.size()) program.shapes.push_back(std::move(shape));

  Hash hash;
  hash.number(shape_id);
  for (const Value& constant : constants) hash.value(constant);
  const std::uint32_t id = interned_->conditions.find_or_add(
      hash.done(), program.conditions.size(), [&](std::uint32_t at) {
        const Condition& other = program.conditions[at];
        return other.shape.index == shape_id &&
               std::equal(constants.begin(), constants.end(),
                          program.constants.begin() + other.first_constant);
      });
  if (id == program.conditions.size()) {
    program.conditions.push_back(
        {ShapeId(shape_id), static_cast<std::uint32_t>(program.constants.size())});
    std::ranges::move(constants, std::back_inserter(program.constants));
  }
  return ConditionId(id);
}

Program Builder::take() {
  Program program = std::exchange(interned_->program, {});
  *interned_ = {};
  if (!std::ranges::is_sorted(program.grants, {}, &Grant::number)) {
    std::ranges::stable_sort(program.grants, {}, &Grant::number);
  }
  return program;
}

}  // namespace writ::ir
