#include "runtime/tables/checks.h"

namespace writ::tables {
namespace {

/// Checks array after array and keeps the first thing that is wrong.
class Verifier : public Checks {
 public:
  Verifier(const Tables& tables, const ir::Program& program) : t_(tables), p_(program) {}

  Status run() {
    names();
    sets();
    classes();
    cells();
    rows();
    networks();
    std::string first = wrong();
    if (first.empty()) first = verify_rows(t_, p_);
    if (!first.empty()) return fail(ErrorCode::Malformed, first, "tables");
    return {};
  }

 private:
  void names() {
    need(t_.kinds.size() == p_.kinds.size(), "kinds", t_.kinds.size(),
         "not as many as the program's");
    need(t_.nodes.size() <= kNodesMax, "nodes", t_.nodes.size(), "too many");
    need(!t_.bloom.empty() && (t_.bloom.size() & (t_.bloom.size() - 1)) == 0, "bloom",
         t_.bloom.size(), "size is not a power of two");
    for (std::size_t at = 0; at < t_.kinds.size(); ++at) {
      const KindNames& k = t_.kinds[at];
      need(range(k.node_begin, k.node_count, t_.nodes.size()), "kinds", at, "nodes out of bounds");
      need(range(k.length_begin, k.length_count, t_.lengths.size()), "kinds", at,
           "lengths out of bounds");
      need(optional_id(k.root, t_.nodes.size()), "kinds", at, "root out of bounds");
    }
    for (std::size_t at = 0; at < t_.nodes.size(); ++at) {
      const Node& node = t_.nodes[at];
      need(node.parent == kNone || node.parent < at, "nodes", at, "parent does not come before it");
      need(range(node.text_begin, node.text_bytes, t_.text.size()), "nodes", at,
           "text out of bounds");
      need(node.kind < p_.kinds.size(), "nodes", at, "unknown kind");
    }
    slots(t_.names, "names", [this](const NameSlot& slot, std::size_t at) {
      if (slot.node == kNone) return false;
      if (!need(slot.node < t_.nodes.size(), "names", at, "node out of bounds")) return true;
      const Node& node = t_.nodes[slot.node];
      need(slot.text_begin == node.text_begin && slot.text_bytes == node.text_bytes, "names", at,
           "text is not its node's");
      return true;
    });
    slots(t_.principal_slots, "principal_slots", [this](std::uint32_t id, std::size_t at) {
      need(optional_id(id, p_.subjects.size()), "principal_slots", at, "subject out of bounds");
      return id != kNone;
    });
  }

  void sets() {
    need(t_.sets.size() == p_.pattern_sets.size(), "sets", t_.sets.size(),
         "not as many as the program's");
    for (std::size_t at = 0; at < t_.sets.size(); ++at) {
      need(range(t_.sets[at].loose_begin, t_.sets[at].loose_count, t_.loose.size()), "sets", at,
           "patterns out of bounds");
    }
    for (std::size_t at = 0; at < t_.loose.size(); ++at) {
      need(range(t_.loose[at].text_begin, t_.loose[at].text_bytes, t_.text.size()), "loose", at,
           "text out of bounds");
    }
  }

  void classes() {
    need(t_.subject_layers.size() == p_.subjects.size(), "subject_layers",
         t_.subject_layers.size(), "not as many as the program's subjects");
    for (std::size_t at = 0; at < t_.classes.size(); ++at) {
      const Class& c = t_.classes[at];
      need(c.layer < kClassLayers, "classes", at, "unknown layer");
      need(optional_id(c.subject, p_.subjects.size()), "classes", at, "subject out of bounds");
      need(c.network == kUnknownHost || optional_id(c.network, p_.networks.size()), "classes", at,
           "network out of bounds");
      need(c.scope < p_.scopes.size(), "classes", at, "scope out of bounds");
      need(range(c.direct_begin, c.direct_count, t_.rows.size()), "classes", at,
           "rows out of bounds");
      need(range(c.cells_begin, c.cells_count, t_.cells.size()), "classes", at,
           "cells out of bounds");
    }
    slots(t_.class_slots, "class_slots", [this](std::uint32_t id, std::size_t at) {
      need(optional_id(id, t_.classes.size()), "class_slots", at, "class out of bounds");
      return id != kNone;
    });
  }

  void cells() {
    need(t_.cells.size() <= kCellsMax, "cells", t_.cells.size(), "too many");
    for (std::size_t at = 0; at < t_.cells.size(); ++at) {
      const Cell& cell = t_.cells[at];
      need(cell.cls < t_.classes.size() && cell.node < t_.nodes.size(), "cells", at,
           "class or node out of bounds");
      if (cell.cls >= t_.classes.size()) continue;
      const Class& owner = t_.classes[cell.cls];
      need(at >= owner.cells_begin && at - owner.cells_begin < owner.cells_count, "cells", at,
           "is not among those of its class");
      need(range(cell.reasons_begin, cell.reason_count(), t_.reasons.size()), "cells", at,
           "reasons out of bounds");
      need(cell.grouped() || range(cell.rows_begin, cell.row_count(), t_.rows.size()), "cells", at,
           "rows out of bounds");
      if (cell.parent == kNone) continue;
      if (!need(cell.parent < t_.cells.size(), "cells", at, "parent out of bounds")) continue;
      // Nodes fall strictly along parents, so walking them ends.
      const Cell& parent = t_.cells[cell.parent];
      need(parent.cls == cell.cls && parent.node < cell.node, "cells", at,
           "parent does not come before it");
    }
    const std::uint32_t index = (1U << std::bit_width(t_.cells.size() & kCellsMax)) - 1;
    slots(t_.cell_slots, "cell_slots", [this, index](std::uint32_t slot, std::size_t at) {
      if (slot == kNone) return false;
      need((slot & index) < t_.cells.size(), "cell_slots", at, "cell out of bounds");
      return true;
    });
    for (std::size_t at = 0; at < t_.reasons.size(); ++at) {
      need(t_.reasons[at].grant() < p_.grants.size(), "reasons", at, "grant out of bounds");
    }
  }

  void rows() {
    for (std::size_t at = 0; at < t_.rows.size(); ++at) {
      const Row& row = t_.rows[at];
      need(row.grant() < p_.grants.size(), "rows", at, "grant out of bounds");
      need(optional_id(row.except, t_.sets.size()) && optional_id(row.within, t_.sets.size()),
           "rows", at, "pattern set out of bounds");
      need(optional_id(row.validity, p_.validities.size()), "rows", at, "validity out of bounds");
      need(optional_id(row.condition, p_.conditions.size()), "rows", at,
           "condition out of bounds");
      need(optional_id(row.kind, p_.kinds.size()), "rows", at, "kind out of bounds");
    }
  }

  void networks() {
    slots(t_.network_slots, "network_slots", [this](std::uint32_t id, std::size_t at) {
      need(optional_id(id, p_.networks.size()), "network_slots", at, "network out of bounds");
      return id != kNone;
    });
    for (std::size_t at = 0; at < t_.network_lengths.size(); ++at) {
      need((t_.network_lengths[at] & 0xFF) <= 128, "network_lengths", at, "more than 128 bits");
    }
  }

  const Tables& t_;
  const ir::Program& p_;
};

}  // namespace

Status verify(const Tables& tables, const ir::Program& program) {
  return Verifier(tables, program).run();
}

}  // namespace writ::tables
