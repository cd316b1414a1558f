// Patterns → nodes: every pattern that a grant or a pattern set names, by kind, each with its
// parent, found by hash. Also principals and networks by hash.
#pragma once

#include <vector>

#include "runtime/ir/program.h"
#include "runtime/tables/tables.h"

namespace writ::index {

/// Which node stands for a pattern of a kind.
class NodeIndex {
 public:
  /// Fills text, kinds, nodes, names, lengths and bloom.
  NodeIndex(const ir::Program& program, tables::Tables& tables);
  [[nodiscard]] std::uint32_t node(ir::KindId kind, ir::PatternId pattern) const;
  /// Does each pattern stand once? Where one does not, the tables are not finished.
  [[nodiscard]] bool distinct() const { return distinct_; }

 private:
  struct Named {
    std::uint64_t key = 0;  // kind << 32 | pattern
    std::uint32_t node = tables::kNone;
  };
  void collect(const ir::Program& program);
  void lay_out(const ir::Program& program, tables::Tables& tables);
  std::vector<Named> named_;  // ascending key
  bool distinct_ = true;
};

/// Fills principal_slots.
void index_principals(const ir::Program& program, tables::Tables& tables);
/// Fills network_slots and network_lengths; equal networks share the slot of the first.
void index_networks(const ir::Program& program, tables::Tables& tables);

}  // namespace writ::index
