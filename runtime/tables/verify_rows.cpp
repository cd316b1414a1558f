#include <vector>

#include "runtime/tables/checks.h"

namespace writ::tables {
namespace {

/// Says of any piece of an array whether it ascends, after one pass over all of it.
class Ascents {
 public:
  template <class Items, class Get>
  Ascents(const Items& items, Get get) : falls_(items.size(), 0) {
    for (std::size_t at = 1; at < items.size(); ++at) {
      falls_[at] = falls_[at - 1] + (get(items[at - 1]) < get(items[at]) ? 0 : 1);
    }
  }
  /// The piece must lie within the array.
  [[nodiscard]] bool in(std::uint32_t begin, std::uint32_t count) const {
    return count == 0 || falls_[begin] == falls_[begin + (count - 1)];
  }

 private:
  std::vector<std::uint32_t> falls_;
};

std::uint32_t itself(std::uint32_t id) { return id; }

class RowVerifier : public Checks {
 public:
  RowVerifier(const Tables& tables, const ir::Program& program)
      : t_(tables),
        p_(program),
        listed_(tables.listed_rows, itself),
        led_to_(tables.row_groups.size(), false) {}

  void run() {
    sets();
    automaton();
    groups();
    row_slots();
    cells();
    direct();
    protections();
  }

 private:
  void ids(const std::vector<std::uint32_t>& array, const char* name, std::size_t below) {
    for (std::size_t at = 0; at < array.size(); ++at) {
      need(array[at] < below, name, at, "out of bounds");
    }
  }

  void sets() {
    ids(t_.node_sets, "node_sets", t_.sets.size());
    const Ascents ascents(t_.node_sets, itself);
    slots(t_.set_slots, "set_slots", [&](const SetSlot& slot, std::size_t at) {
      if (slot.node == kNone) return false;
      need(range(slot.begin, slot.count, t_.node_sets.size()) &&
               ascents.in(slot.begin, slot.count),
           "set_slots", at, "sets out of bounds or order");
      return true;
    });
  }

  void automaton() {
    need(t_.loose.empty() == t_.loose_states.empty(), "loose_states", t_.loose_states.size(),
         "an automaton without patterns, or none for them");
    ids(t_.loose_sets, "loose_sets", t_.sets.size());
    for (std::size_t at = 0; at < t_.loose_edges.size(); ++at) {
      need(t_.loose_edges[at].target < t_.loose_states.size(), "loose_edges", at,
           "target out of bounds");
    }
    const Ascents ascents(t_.loose_edges, [](const LooseEdge& edge) { return edge.byte; });
    for (std::size_t at = 0; at < t_.loose_states.size(); ++at) {
      const LooseState& state = t_.loose_states[at];
      // Links fall, so following them ends.
      need(at == 0 ? state.fail == 0 : state.fail < at, "loose_states", at, "links to no shorter");
      need(state.output == kNone || state.output < at, "loose_states", at,
           "has sets of no shorter");
      need(range(state.edges_begin, state.edges_count, t_.loose_edges.size()) &&
               ascents.in(state.edges_begin, state.edges_count),
           "loose_states", at, "edges out of bounds or order");
      need(range(state.sets_begin, std::uint64_t{state.contains_count} + state.suffix_count,
                 t_.loose_sets.size()),
           "loose_states", at, "sets out of bounds");
    }
  }

  /// A group is led to from one place, by one that has a lower id and depth: so looking at a
  /// cell's rows visits each of its groups at most once and never nests deeper than the limit.
  bool leads(std::uint32_t to, std::size_t from, bool deeper) {
    const std::size_t size = t_.row_groups.size();
    if (to >= size || to <= from || led_to_[to]) return false;
    led_to_[to] = true;
    return !deeper || t_.row_groups[to].depth > t_.row_groups[from].depth;
  }

  [[nodiscard]] bool list(std::uint32_t begin, std::uint32_t count) const {
    return range(begin, count, t_.listed_rows.size()) && listed_.in(begin, count);
  }

  void groups() {
    ids(t_.listed_rows, "listed_rows", t_.rows.size());
    const Ascents lengths(t_.row_lengths, itself);
    for (std::size_t at = 0; at < t_.row_groups.size(); ++at) {
      const RowGroup& group = t_.row_groups[at];
      need(group.depth <= kGroupDepthMax, "row_groups", at, "nested too deep");
      need(group.next == kNone || leads(group.next, at, false), "row_groups", at,
           "next group out of order");
      need(group.on_error == kNone || leads(group.on_error, at, true), "row_groups", at,
           "group on an error out of order");
      need(readable(group), "row_groups", at, "looks for what its key is not");
      if (group.form == RowForm::All) {
        need(list(group.begin, group.count), "row_groups", at, "rows out of bounds or order");
        continue;
      }
      if (!need(range(group.begin, group.count, t_.row_lengths.size()) &&
                    lengths.in(group.begin, group.count),
                "row_groups", at, "lengths out of bounds or order") ||
          group.form != RowForm::Network) {
        continue;
      }
      for (std::uint32_t i = 0; i < group.count; ++i) {
        const std::uint32_t length = t_.row_lengths[group.begin + i];
        need((length & 0xFF) <= 128 && length <= 0x1FF, "row_groups", at, "no length of a network");
      }
    }
  }

  /// A slot's meaning hangs on its type: text is read through it.
  [[nodiscard]] bool readable(const RowGroup& group) const {
    if (group.form == RowForm::All) return true;
    switch (group.key) {
      case RowKey::Sets: return group.form == RowForm::Within;
      case RowKey::PrincipalName:
      case RowKey::PrincipalType:
      case RowKey::ResourceName:
        return group.form == RowForm::Equal || group.form == RowForm::Prefix;
      case RowKey::Host: return group.form == RowForm::Equal || group.form == RowForm::Network;
      case RowKey::Attribute: break;
    }
    if (group.key != RowKey::Attribute || group.attribute >= p_.attributes.size()) return false;
    const Type type = p_.attributes[group.attribute].type;
    if (type.set) return false;
    switch (group.form) {
      case RowForm::Equal: return type.kind != TypeKind::None && type.kind != TypeKind::Cidr;
      case RowForm::Prefix: return type.kind == TypeKind::String;
      case RowForm::Network: return type.kind == TypeKind::Ip;
      case RowForm::All:
      case RowForm::Within: return false;
    }
    return false;
  }

  void row_slots() {
    slots(t_.row_slots, "row_slots", [this](const RowSlot& slot, std::size_t at) {
      if (slot.group == kNone) return false;
      if (!need(slot.group < t_.row_groups.size(), "row_slots", at, "group out of bounds")) {
        return true;
      }
      if (slot.count == 0) {
        need(leads(slot.begin, slot.group, true), "row_slots", at, "leads to a group out of order");
      } else {
        need(list(slot.begin, slot.count), "row_slots", at, "rows out of bounds or order");
      }
      return true;
    });
  }

  void cells() {
    for (std::size_t at = 0; at < t_.cells.size(); ++at) {
      const Cell& cell = t_.cells[at];
      if (!cell.grouped()) continue;
      const std::size_t size = t_.row_groups.size();
      if (!need(cell.rows_begin < size && !led_to_[cell.rows_begin], "cells", at,
                "groups out of bounds, or another's")) {
        continue;
      }
      led_to_[cell.rows_begin] = true;
    }
  }

  /// Guards that are folded at session open know neither a resource nor a request.
  void direct() {
    std::vector<std::uint32_t> others(t_.rows.size() + 1, 0);  // rows before it that know more
    for (std::size_t at = 0; at < t_.rows.size(); ++at) {
      others[at + 1] = others[at] + (folds(t_.rows[at]) ? 0 : 1);
    }
    for (std::size_t at = 0; at < t_.classes.size(); ++at) {
      const Class& cls = t_.classes[at];
      if (cls.layer != static_cast<std::uint32_t>(ClassLayer::Guard)) continue;
      if (!range(cls.direct_begin, cls.direct_count, t_.rows.size())) continue;
      need(others[cls.direct_begin] == others[cls.direct_begin + cls.direct_count], "classes", at,
           "folds a guard that asks for more than the session");
    }
  }
  [[nodiscard]] bool folds(const Row& row) const {
    if (row.except != kNone || row.within != kNone || row.validity != kNone) return false;
    if (row.condition == kNone) return true;
    if (row.condition >= p_.conditions.size()) return false;
    return p_.shapes[p_.conditions[row.condition].shape.index].session_only;
  }

  void protections() {
    ids(t_.protections, "protections", p_.protections.size());
    slots(t_.protection_slots, "protection_slots",
          [this](const ProtectionSlot& slot, std::size_t at) {
      if (slot.scope == kNone) return false;
      need(slot.pattern < p_.patterns.size(), "protection_slots", at, "pattern out of bounds");
      need(range(slot.begin, slot.count, t_.protections.size()), "protection_slots", at,
           "protections out of bounds");
      return true;
    });
  }

  const Tables& t_;
  const ir::Program& p_;
  Ascents listed_;
  std::vector<bool> led_to_;
};

}  // namespace

std::string verify_rows(const Tables& tables, const ir::Program& program) {
  RowVerifier verifier(tables, program);
  verifier.run();
  return verifier.wrong();
}

}  // namespace writ::tables
