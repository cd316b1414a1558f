// Pattern sets and protections → look-ups: node → sets, name → sets by one automaton over all
// suffix and contains patterns, (scope, pattern) → protections.
#pragma once

#include "compiler/index/names.h"

namespace writ::index {

/// Fills sets, loose, set_slots and node_sets.
void index_sets(const ir::Program& program, const NodeIndex& nodes, tables::Tables& tables);
/// Fills loose_states, loose_edges and loose_sets from sets and loose.
void index_loose(tables::Tables& tables);
/// Fills protection_slots, protection_lengths and protections.
void index_protections(const ir::Program& program, tables::Tables& tables);

}  // namespace writ::index
