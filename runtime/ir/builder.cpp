#include "runtime/ir/builder.h"

#include <algorithm>
#include <cstring>

#include "runtime/base/check.h"

namespace writ::ir {
namespace {

// FNV-1a over what makes two things equal: the builder is not on the decision path, so the hash
// needs to be even, not fast to the last nanosecond; text goes eight bytes at a time.
class Hasher {
 public:
  Hasher& add(std::uint64_t v) {
    hash_ = (hash_ ^ v) * 0x9E37'79B9'7F4A'7C15;
    hash_ ^= hash_ >> 29;
    return *this;
  }
  Hasher& add(std::string_view text) {
    add(text.size());
    while (text.size() >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data(), 8);
      add(word);
      text.remove_prefix(8);
    }
    std::uint64_t rest = 0;
    std::memcpy(&rest, text.data(), text.size());
    return add(rest);
  }
  Hasher& add(const Type& type) {
    return add(static_cast<std::uint64_t>(type.kind) | std::uint64_t{type.optional} << 8 |
               std::uint64_t{type.set} << 9 | std::uint64_t{type.enumeration} << 16);
  }
  Hasher& add(const Value& value) {
    add(value.type).add(static_cast<std::uint64_t>(value.integer)).add(value.text);
    add(value.cidr.base.high).add(value.cidr.base.low).add(value.cidr.bits);
    for (const Value& element : value.elements) {
      add(element);
    }
    return *this;
  }
  [[nodiscard]] std::uint64_t take() const { return hash_; }

 private:
  std::uint64_t hash_ = 0xCBF2'9CE4'8422'2325;
};

// Open addressing over ids of a store: keys stay in the store, so a slot is an id and a hash.
class IdTable {
 public:
  template <class Equal>
  std::uint32_t find(std::uint64_t hash, const Equal& equal) const {
    if (slots_.empty()) {
      return kNone;
    }
    for (std::size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at].id == kNone) {
        return kNone;
      }
      if (slots_[at].hash == hash && equal(slots_[at].id)) {
        return slots_[at].id;
      }
    }
  }
  void add(std::uint64_t hash, std::uint32_t id) {
    if ((count_ + 1) * 2 > slots_.size()) {
      std::vector<Slot> old(std::max<std::size_t>(64, slots_.size() * 2));
      old.swap(slots_);
      for (const Slot& slot : old) {
        if (slot.id != kNone) {
          place(slot);
        }
      }
    }
    place({hash, id});
    ++count_;
  }
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t id = kNone;
  };
  void place(const Slot& slot) {
    std::size_t at = slot.hash & (slots_.size() - 1);
    while (slots_[at].id != kNone) {
      at = (at + 1) & (slots_.size() - 1);
    }
    slots_[at] = slot;
  }
  std::vector<Slot> slots_;
  std::size_t count_ = 0;
};

template <class Store, class Item, class Equal>
std::uint32_t intern(IdTable& table, Store& store, std::uint64_t hash, const Equal& equal,
                     Item&& item) {
  const std::uint32_t found =
      table.find(hash, [&](std::uint32_t id) { return equal(store[id]); });
  if (found != IdTable::kNone) {
    return found;
  }
  const auto id = static_cast<std::uint32_t>(store.size());
  store.emplace_back(std::forward<Item>(item));
  table.add(hash, id);
  return id;
}

bool reads_session_only(const std::vector<Inst>& insts, const Program& program) {
  return std::ranges::none_of(insts, [&](const Inst& inst) {
    switch (inst.kind) {
      case InstKind::ResourceName:
      case InstKind::Covered:
      case InstKind::Now:
      case InstKind::SessionAge:
        return true;
      case InstKind::LoadAttr:
      case InstKind::HasAttr:
        return inst.a >= program.attributes.size() ||
               program.attributes[inst.a].moment != AttributeMoment::Session;
      default:
        return false;
    }
  });
}

}  // namespace

struct Builder::Interned {
  Program program;
  IdTable strings, subjects, patterns, pattern_sets, networks, validities, memberships, dfas,
      zones, shapes, conditions;
};

Builder::Builder() : interned_(std::make_unique<Interned>()) {}
Builder::~Builder() = default;

Program& Builder::program() { return interned_->program; }

StringId Builder::string(std::string_view text) {
  return StringId(intern(
      interned_->strings, interned_->program.strings, Hasher().add(text).take(),
      [&](const std::string& other) { return other == text; }, text));
}

SubjectId Builder::subject(const Subject& subject) {
  Subject item = subject;
  std::ranges::sort(item.except);
  item.except.erase(std::unique(item.except.begin(), item.except.end()), item.except.end());
  Hasher hasher;
  hasher.add(static_cast<std::uint64_t>(item.form)).add(item.type_name.index).add(item.name.index);
  hasher.add(item.group.index).add(item.type.index);
  for (const SubjectId id : item.except) {
    hasher.add(id.index);
  }
  const auto equal = [&](const Subject& other) {
    return other.form == item.form && other.type_name == item.type_name &&
           other.name == item.name && other.group == item.group && other.type == item.type &&
           other.except == item.except;
  };
  return SubjectId(intern(interned_->subjects, interned_->program.subjects, hasher.take(), equal,
                          item));
}

SubjectId Builder::principal(std::string_view type_name, std::string_view name) {
  Subject item;
  item.form = SubjectForm::Principal;
  item.type_name = string(type_name);
  item.name = string(name);
  return subject(item);
}

PatternId Builder::pattern(PatternForm form, std::string_view text) {
  const Pattern item{form, string(text)};
  return PatternId(intern(
      interned_->patterns, interned_->program.patterns,
      Hasher().add(static_cast<std::uint64_t>(form)).add(item.text.index).take(),
      [&](const Pattern& other) { return other.form == form && other.text == item.text; }, item));
}

PatternSetId Builder::pattern_set(const PatternSet& set) {
  PatternSet item = set;
  std::ranges::sort(item.patterns);
  item.patterns.erase(std::unique(item.patterns.begin(), item.patterns.end()),
                      item.patterns.end());
  Hasher hasher;
  hasher.add(item.name.index).add(item.kind.index).add(item.scope.index);
  for (const PatternId id : item.patterns) {
    hasher.add(id.index);
  }
  const auto equal = [&](const PatternSet& other) {
    return other.name == item.name && other.kind == item.kind && other.scope == item.scope &&
           other.patterns == item.patterns;
  };
  return PatternSetId(intern(interned_->pattern_sets, interned_->program.pattern_sets,
                             hasher.take(), equal, item));
}

NetworkId Builder::network(const Network& network) {
  const auto hash = Hasher()
                        .add(static_cast<std::uint64_t>(network.form))
                        .add(network.cidr.base.high)
                        .add(network.cidr.base.low)
                        .add(network.cidr.bits)
                        .add(network.text.index)
                        .take();
  const auto equal = [&](const Network& other) {
    return other.form == network.form && other.cidr == network.cidr && other.text == network.text;
  };
  return NetworkId(
      intern(interned_->networks, interned_->program.networks, hash, equal, network));
}

ValidityId Builder::validity(const Validity& validity) {
  const auto hash = Hasher()
                        .add(static_cast<std::uint64_t>(validity.not_before_us))
                        .add(static_cast<std::uint64_t>(validity.expires_us))
                        .take();
  const auto equal = [&](const Validity& other) {
    return other.not_before_us == validity.not_before_us &&
           other.expires_us == validity.expires_us;
  };
  return ValidityId(
      intern(interned_->validities, interned_->program.validities, hash, equal, validity));
}

MembershipId Builder::membership(SubjectId subject) {
  return MembershipId(intern(
      interned_->memberships, interned_->program.memberships, Hasher().add(subject.index).take(),
      [&](SubjectId other) { return other == subject; }, subject));
}

DfaId Builder::dfa(Dfa dfa) {
  const StringId pattern = dfa.pattern;
  return DfaId(intern(
      interned_->dfas, interned_->program.dfas, Hasher().add(pattern.index).take(),
      [&](const Dfa& other) { return other.pattern == pattern; }, std::move(dfa)));
}

ZoneId Builder::zone(Zone zone) {
  const StringId name = zone.name;
  return ZoneId(intern(
      interned_->zones, interned_->program.zones, Hasher().add(name.index).take(),
      [&](const Zone& other) { return other.name == name; }, std::move(zone)));
}

ConditionId Builder::condition(std::vector<Inst> insts, std::vector<Value> constants) {
  WRIT_CHECK(!insts.empty());
  Program& program = interned_->program;
  Shape shape;
  Hasher hasher;
  for (const Inst& inst : insts) {
    hasher.add(static_cast<std::uint64_t>(inst.kind)).add(inst.type);
    hasher.add(inst.a).add(inst.b).add(inst.c);
  }
  for (const Value& constant : constants) {
    shape.constant_types.push_back(constant.type);
    hasher.add(constant.type);
  }
  shape.session_only = reads_session_only(insts, program);
  shape.insts = std::move(insts);
  const auto same_shape = [&](const Shape& other) {
    return other.insts == shape.insts && other.constant_types == shape.constant_types;
  };
  const ShapeId shape_id(
      intern(interned_->shapes, program.shapes, hasher.take(), same_shape, shape));
  Hasher row;
  row.add(shape_id.index);
  for (const Value& constant : constants) {
    row.add(constant);
  }
  const auto same_row = [&](const Condition& other) {
    return other.shape == shape_id &&
           std::equal(constants.begin(), constants.end(),
                      program.constants.begin() + other.first_constant);
  };
  const std::uint32_t found = interned_->conditions.find(
      row.take(), [&](std::uint32_t id) { return same_row(program.conditions[id]); });
  if (found != IdTable::kNone) {
    return ConditionId(found);
  }
  const ConditionId made(program.conditions.size());
  program.conditions.push_back(
      {shape_id, static_cast<std::uint32_t>(program.constants.size())});
  program.constants.insert(program.constants.end(), std::make_move_iterator(constants.begin()),
                           std::make_move_iterator(constants.end()));
  interned_->conditions.add(row.take(), made.index);
  return made;
}

Program Builder::take() {
  Program out = std::move(interned_->program);
  std::ranges::stable_sort(out.grants, {}, &Grant::number);
  std::ranges::sort(out.members);
  interned_ = std::make_unique<Interned>();
  return out;
}

}  // namespace writ::ir
