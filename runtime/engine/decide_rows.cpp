// Which reasons and rows of the cells on a name's chain apply. Cells with many rows are grouped: a
// group is asked for the rows that can matter, and those are weighed like any other.
#include <algorithm>
#include <span>

#include "runtime/engine/decide.h"
#include "runtime/tables/hash.h"
#include "runtime/tables/word.h"

namespace writ::engine {

using tables::Cell;
using tables::Reason;
using tables::Row;
using tables::RowForm;
using tables::RowGroup;
using tables::RowKey;
using tables::State;
using tables::state_of;

namespace {

constexpr bool at_least(std::uint64_t word, std::uint32_t operation, State state) {
  return state_of(word, operation) >= static_cast<std::uint32_t>(state);
}

}  // namespace

/// Rows of one effect and operation; plain ones, tested ones or both.
struct Decider::Wanted {
  std::uint32_t bit = 0;
  bool allows = false;
  bool plain = false;
  bool tested = false;

  [[nodiscard]] bool speaks(const Row& row) const {
    return (row.mask & bit) != 0 && row.allows() == allows && (row.plain() ? plain : tested);
  }
  [[nodiscard]] bool speaks(const RowGroup& group) const {
    const bool group_allows = (group.marks & tables::kAllows) != 0;
    const bool group_plain = (group.marks & tables::kPlain) != 0;
    return (group.mask & bit) != 0 && group_allows == allows && (group_plain ? plain : tested);
  }
};

/// Visits the wanted rows of a cell but those that are false by what an index knows. They come
/// in lists that ascend; once `visit` answers false it sees no more of that list.
template <class Visit>
void Decider::each_row(const Cell& cell, const Wanted& wanted, Visit visit) {
  const tables::Tables& t = snapshot_.tables;
  if (cell.grouped()) {
    each_group(cell.rows_begin, wanted, visit);
    return;
  }
  for (std::uint32_t at = 0; at < cell.row_count(); ++at) {
    const Row& row = t.rows[cell.rows_begin + at];
    if (wanted.speaks(row) && !visit(row)) return;
  }
}

// INVARIANT: the verifier bounds the depth (kGroupDepthMax).
template <class Visit>
void Decider::each_group(std::uint32_t id, const Wanted& wanted, Visit& visit) {
  const tables::Tables& t = snapshot_.tables;
  for (; id != kNone; id = t.row_groups[id].next) {
    const RowGroup& group = t.row_groups[id];
    if (!wanted.speaks(group)) continue;
    if (group.form == RowForm::All) {
      each_listed(group.begin, group.count, wanted, visit);
    } else if (!each_found(id, wanted, visit)) {
      each_group(group.on_error, wanted, visit);
    }
  }
}

template <class Visit>
void Decider::each_listed(std::uint32_t begin, std::uint32_t count, const Wanted& wanted,
                          Visit& visit) {
  const tables::Tables& t = snapshot_.tables;
  for (const std::uint32_t at : std::span(t.listed_rows).subspan(begin, count)) {
    if (wanted.speaks(t.rows[at]) && !visit(t.rows[at])) return;
  }
}

/// Looks up what the key is now. False: it is in error.
template <class Visit>
bool Decider::each_found(std::uint32_t id, const Wanted& wanted, Visit& visit) {
  const tables::Tables& t = snapshot_.tables;
  const RowGroup& group = t.row_groups[id];
  const auto look_up = [&](std::uint32_t tag) {
    const tables::RowSlot* slot = t.find_rows(id, tag);
    if (slot == nullptr) return;
    if (slot->count != 0) {
      each_listed(slot->begin, slot->count, wanted, visit);
    } else {
      each_group(slot->begin, wanted, visit);
    }
  };
  if (group.form == RowForm::Within) {
    each_set([&](std::uint32_t set) { look_up(tables::row_tag(set)); });
    return true;
  }
  KeyValue key;
  if (!read_key(group, key)) return false;
  const auto lengths = std::span(t.row_lengths).subspan(group.begin, group.count);
  switch (group.form) {
    case RowForm::All:
    case RowForm::Within: break;
    case RowForm::Equal: look_up(key.tag()); break;
    case RowForm::Prefix:
      for (const std::uint32_t length : lengths) {
        if (length > key.text.size()) break;
        look_up(tables::row_tag(key.text.substr(0, length)));
      }
      break;
    case RowForm::Network:
      for (const std::uint32_t length : lengths) {
        const Ip ip{key.slot.a, key.slot.b};
        if (ip.is_v4() != ((length & 0x100) != 0)) continue;
        look_up(tables::row_tag(tables::network_base(ip, length), length));
      }
      break;
  }
  return true;
}

/// The sets of the name's kind that cover it here.
template <class Visit>
void Decider::each_set(Visit visit) {
  const tables::Tables& t = snapshot_.tables;
  const auto visit_here = [&](std::uint32_t set) {
    if (speaks_here(set)) visit(set);
  };
  for (std::uint32_t node = name_.node; node != kNone; node = t.nodes[node].parent) {
    for (const std::uint32_t set : t.sets_of(node)) visit_here(set);
  }
  if (t.loose_states.empty()) return;
  for (const std::uint32_t set : loose_sets()) visit_here(set);
}

std::uint32_t Decider::KeyValue::tag() const {
  switch (kind) {
    case TypeKind::String: return tables::row_tag(text);
    case TypeKind::Ip: return tables::row_tag(Ip{slot.a, slot.b}, 0);
    case TypeKind::None: case TypeKind::Bool: case TypeKind::Int: case TypeKind::Cidr:
    case TypeKind::Time: case TypeKind::Duration: case TypeKind::Version: case TypeKind::Enum:
      break;
  }
  return tables::row_tag(slot.a);
}

/// The value of a leaf as a condition would read it. False: reading it is an error.
bool Decider::read_key(const RowGroup& group, KeyValue& key) {
  const Frame& from = frame();
  const auto text = [&key](const char* data, std::uint64_t bytes) {
    key = {TypeKind::String, {}, {data, static_cast<std::size_t>(bytes)}};
    return true;
  };
  switch (group.key) {
    case RowKey::Sets: return false;
    case RowKey::PrincipalName: return text(from.principal_name, from.principal_name_bytes);
    case RowKey::PrincipalType: return text(from.principal_type, from.principal_type_bytes);
    case RowKey::ResourceName: return text(from.resource_name, from.resource_name_bytes);
    case RowKey::Host:
      key = {TypeKind::Ip, from.host, {}};
      return from.host_known != 0;
    case RowKey::Attribute: break;
  }
  const ir::Attribute& attribute = snapshot_.program.attributes[group.attribute];
  const Slot* slots = from.session_slots;
  const std::uint8_t* presence = from.session_presence;
  if (attribute.moment == ir::AttributeMoment::Request) {
    settled_ = false;
    slots = from.request_slots;
    presence = from.request_presence;
  } else if (attribute.moment == ir::AttributeMoment::Resource) {
    if (from.fact_slots == nullptr) return false;
    slots = from.fact_slots;
    presence = from.fact_presence;
  }
  if (presence[attribute.slot] != static_cast<std::uint8_t>(Presence::Present)) return false;
  key = {attribute.type.kind, slots[attribute.slot], {}};
  if (key.kind == TypeKind::String) key.text = slot_text(key.slot);
  return true;
}

/// Grants without condition, network and validity: reasons of classes without a network, and
/// rows that only patterns limit.
Decider::Best Decider::plain(const std::vector<Hit>& hits, ir::Effect effect,
                             std::uint32_t operation) {
  const tables::Tables& t = snapshot_.tables;
  const bool allows = effect == ir::Effect::Allow;
  const Wanted wanted{1U << operation, allows, true, false};
  Best best;
  for (const Hit& hit : hits) {
    const State least = allows ? State::Allow : State::Conditional;
    if (hit.networked || !at_least(t.cells[hit.cell].word, operation, least)) continue;
    for (std::uint32_t at = hit.cell; at != kNone; at = t.cells[at].parent) {
      const Cell& cell = t.cells[at];
      weigh_reasons(hit, cell, effect, wanted.bit, best);
      each_row(cell, wanted, [&](const Row& row) {
        if (hopeless(best, row.grant())) return false;
        if (!in_pattern(row)) return true;
        offer_effect(best, allows, row.grant(), hit.error);
        return false;
      });
    }
  }
  return best;
}

/// All the others: classes with a network, and rows with a condition or validity.
Decider::Best Decider::other(const std::vector<Hit>& hits, ir::Effect effect,
                             std::uint32_t operation) {
  const tables::Tables& t = snapshot_.tables;
  const bool allows = effect == ir::Effect::Allow;
  Best best;
  for (const Hit& hit : hits) {
    const Wanted wanted{1U << operation, allows, hit.networked, true};
    const State least = allows ? State::Allow : State::Conditional;
    if (!at_least(t.cells[hit.cell].word, operation, least)) continue;
    for (std::uint32_t at = hit.cell; at != kNone; at = t.cells[at].parent) {
      const Cell& cell = t.cells[at];
      if (hit.networked) weigh_reasons(hit, cell, effect, wanted.bit, best);
      each_row(cell, wanted, [&](const Row& row) {
        if (hopeless(best, row.grant())) return false;
        // Through an error no allow applies, and only the first that fails is remembered.
        if (allows && hit.error != 0 && failed_.found() && failed_.grant <= row.grant()) {
          return false;
        }
        if (in_pattern(row)) weigh_row(hit, row, best);
        return true;
      });
    }
  }
  return best;
}

void Decider::weigh_reasons(const Hit& hit, const Cell& cell, ir::Effect effect, std::uint32_t bit,
                            Best& best) {
  const bool allows = effect == ir::Effect::Allow;
  for (std::uint32_t at = 0; at < cell.reason_count(); ++at) {
    const Reason& reason = snapshot_.tables.reasons[cell.reasons_begin + at];
    if ((reason.mask & bit) == 0 || reason.allows() != allows) continue;
    offer_effect(best, allows, reason.grant(), hit.error);
    return;
  }
}

/// Subject and network, validity, condition, joined by the three-valued `and`.
void Decider::weigh_row(const Hit& hit, const Row& row, Best& best) {
  const Answer in_time = valid(row.validity);
  if (!in_time.truth && in_time.error == 0) return;
  const Answer met = holds(row.condition);
  if (!met.truth && met.error == 0) return;
  offer_effect(best, row.allows(), row.grant(),
               first_error(hit.error, first_error(in_time.error, met.error)));
}

bool Decider::in_pattern(const Row& row) const {
  if (row.except != kNone && covered(row.except)) return false;
  return row.within == kNone || covered(row.within);
}

/// Does a set speak of names of this kind, here?
bool Decider::speaks_here(std::uint32_t set) const {
  const ir::PatternSet& of = snapshot_.program.pattern_sets[set];
  return of.kind.index == name_.kind &&
         (!of.scope.valid() || snapshot_.scope_within(view_.scope, of.scope.index));
}

bool Decider::covered(std::uint32_t set) const {
  if (!speaks_here(set)) return false;
  const tables::Tables& t = snapshot_.tables;
  if (t.in_set(set, name_.node)) return true;
  return t.sets[set].loose_count != 0 && std::ranges::binary_search(loose_sets(), set);
}

/// One run of the automaton for all sets that the decider asks about.
const std::vector<std::uint32_t>& Decider::loose_sets() const {
  tables::LooseSets& loose = scratch_.loose;
  if (!loose.known) snapshot_.tables.find_loose(name_.text, loose);
  return loose.ids;
}

bool Decider::is_listed() {
  const tables::Tables& t = snapshot_.tables;
  const Wanted wanted{1, true, true, false};
  for (const ActiveClass& active : view_.listed) {
    for (std::uint32_t node = name_.node; node != kNone; node = t.nodes[node].parent) {
      std::uint32_t at = t.find_cell(active.cls, node);
      if (at == kNone) continue;
      if (state_of(t.cells[at].word, 0) == static_cast<std::uint32_t>(State::Deny)) return true;
      bool listed = false;
      for (; at != kNone && !listed; at = t.cells[at].parent) {
        each_row(t.cells[at], wanted, [&](const Row& row) {
          listed = listed || in_pattern(row);
          return !listed;
        });
      }
      if (listed) return true;
      break;
    }
  }
  return false;
}

}  // namespace writ::engine
