#include <algorithm>
#include <array>
#include <unordered_map>

#include <fmt/format.h>

#include "compiler/index/index.h"
#include "compiler/index/names.h"
#include "compiler/index/row_index.h"
#include "compiler/index/sets.h"
#include "runtime/base/check.h"
#include "runtime/tables/hash.h"
#include "runtime/tables/word.h"

namespace writ::index {
namespace {

using tables::Cell;
using tables::ClassLayer;
using tables::kNone;
using tables::Row;
using tables::State;
using tables::Tables;

ClassLayer class_layer(ir::Layer layer) {
  switch (layer) {
    case ir::Layer::Guard: return ClassLayer::Guard;
    case ir::Layer::Grant: return ClassLayer::Grant;
    case ir::Layer::Superuser: return ClassLayer::Superuser;
    case ir::Layer::Infrastructure: return ClassLayer::Infrastructure;
  }
  return ClassLayer::Grant;
}

/// What an allow covers once implication is spelled out; a deny covers what it says.
std::uint32_t expanded(const ir::Kind& kind, const ir::Grant& grant) {
  if (grant.effect == ir::Effect::Deny) return grant.operations;
  std::uint32_t mask = 0;
  for (std::size_t i = 0; i < kind.implied_by.size(); ++i) {
    if ((grant.operations & kind.implied_by[i]) != 0) mask |= 1U << i;
  }
  return mask;
}

struct ClassKey {
  std::uint32_t layer, subject, network, scope;
  friend bool operator==(const ClassKey&, const ClassKey&) = default;
};
struct ClassKeyHash {
  std::size_t operator()(const ClassKey& k) const {
    return tables::hash_class(k.layer, k.subject, k.network, k.scope);
  }
};
/// A grant in a class at a node; sorted, they are the cells.
struct Placed {
  std::uint64_t key = 0;  // class << 32 | node
  std::uint32_t grant = 0;
};

class Build {
 public:
  Build(const ir::Program& program, Tables& tables, const Options& options)
      : program_(program),
        tables_(tables),
        nodes_(program, tables),
        row_index_(program, tables, options.rows_walked) {
    index_sets(program, nodes_, tables);
    index_loose(tables);
    index_protections(program, tables);
    index_principals(program, tables);
    index_networks(program, tables);
    tables_.subject_layers.assign(program.subjects.size(), 0);
    lists_ = !program.unlisted_defaults.empty();
  }

  Status run() {
    if (!nodes_.distinct()) {
      return fail(ErrorCode::Malformed, "the program holds a pattern of one kind twice");
    }
    for (std::uint32_t at = 0; at < program_.grants.size(); ++at) place(at);
    lay_out_direct();
    WRIT_TRY(lay_out_cells());
    row_index_.finish();
    index_classes();
    return {};
  }

 private:
  std::uint32_t intern(const ClassKey& key) {
    const auto [found, fresh] =
        class_ids_.try_emplace(key, static_cast<std::uint32_t>(tables_.classes.size()));
    if (fresh) {
      tables_.classes.push_back({key.layer, key.subject, key.network, key.scope, 0, 0, 0, 0});
      if (key.subject != kNone) {
        const std::uint32_t network = key.network == kNone ? 0 : tables::kHasNetworks;
        tables_.subject_layers[key.subject] |=
            static_cast<std::uint8_t>(1U << key.layer | network);
      }
    }
    return found->second;
  }

  std::uint32_t canonical_network(ir::NetworkId id) const {
    if (!id.valid()) return kNone;
    const ir::Network& network = program_.networks[id.index];
    return tables_.find_network(program_, network, program_.text(network.text));
  }

  void place(std::uint32_t at) {
    const ir::Grant& grant = program_.grants[at];
    const ClassLayer layer = class_layer(grant.layer);
    ClassKey key{static_cast<std::uint32_t>(layer), grant.subject.index,
                 canonical_network(grant.network), grant.scope.index};
    place_in(intern(key), at, layer);
    if (layer != ClassLayer::Guard && layer != ClassLayer::Grant) return;
    if (key.network != kNone) {
      key.network = tables::kUnknownHost;
      place_in(intern(key), at, layer);
    }
    if (lists_ && layer == ClassLayer::Grant) {
      const ClassKey listed{static_cast<std::uint32_t>(ClassLayer::Listed), kNone, kNone,
                            grant.scope.index};
      place_in(intern(listed), at, ClassLayer::Listed);
    }
  }

  void place_in(std::uint32_t cls, std::uint32_t at, ClassLayer layer) {
    const ir::Grant& grant = program_.grants[at];
    if (layer == ClassLayer::Superuser || layer == ClassLayer::Infrastructure || folds(grant)) {
      direct_.push_back({cls, at});
      return;
    }
    const std::uint32_t node = nodes_.node(grant.kind, grant.pattern);
    placed_.push_back({std::uint64_t{cls} << 32 | node, at});
  }

  /// A guard on every name that the session alone settles is asked once, at session open.
  bool folds(const ir::Grant& grant) const {
    if (grant.layer != ir::Layer::Guard || grant.except.valid() || grant.within.valid() ||
        grant.validity.valid() ||
        program_.patterns[grant.pattern.index].form != ir::PatternForm::Any) {
      return false;
    }
    if (!grant.condition.valid()) return true;
    const ir::Condition& condition = program_.conditions[grant.condition.index];
    return program_.shapes[condition.shape.index].session_only;
  }

  Row row_of(std::uint32_t at) const {
    const ir::Grant& grant = program_.grants[at];
    const bool upper = grant.layer == ir::Layer::Superuser ||
                       grant.layer == ir::Layer::Infrastructure;
    Row row;
    row.mask = upper ? 0 : expanded(program_.kinds[grant.kind.index], grant);
    row.grant_effect = at << 1 | static_cast<std::uint32_t>(grant.effect);
    row.except = grant.except.index;
    row.within = grant.within.index;
    row.validity = grant.validity.index;
    row.condition = grant.condition.index;
    row.kind = grant.kind.index;
    return row;
  }

  void lay_out_direct() {
    std::ranges::sort(direct_);
    for (const auto& [cls, at] : direct_) {
      tables::Class& owner = tables_.classes[cls];
      if (owner.direct_count++ == 0) {
        owner.direct_begin = static_cast<std::uint32_t>(tables_.rows.size());
      }
      tables_.rows.push_back(row_of(at));
    }
  }

  Status lay_out_cells() {
    std::ranges::sort(placed_, [](const Placed& a, const Placed& b) {
      return a.key != b.key ? a.key < b.key : a.grant < b.grant;
    });
    std::size_t count = 0;
    for (std::size_t at = 0; at < placed_.size(); ++at) {
      count += at == 0 || placed_[at].key != placed_[at - 1].key ? 1 : 0;
    }
    if (count > tables::kCellsMax) {
      return fail(ErrorCode::Limit, fmt::format("{} pairs of a subject and a pattern, the most is "
                                                "{}", count, tables::kCellsMax));
    }
    tables_.cells.reserve(count);
    for (std::size_t begin = 0; begin < placed_.size();) {
      std::size_t end = begin + 1;
      while (end < placed_.size() && placed_[end].key == placed_[begin].key) ++end;
      WRIT_TRY(lay_out_cell(begin, end));
      begin = end;
    }
    index_cells();
    return {};
  }

  /// One cell from the grants placed at it. Nodes ascend within a class, so the cells of covering
  /// patterns are there already, and ascend too.
  Status lay_out_cell(std::size_t begin, std::size_t end) {
    Cell cell;
    cell.cls = static_cast<std::uint32_t>(placed_[begin].key >> 32);
    cell.node = static_cast<std::uint32_t>(placed_[begin].key);
    cell.reasons_begin = static_cast<std::uint32_t>(tables_.reasons.size());
    cell.rows_begin = static_cast<std::uint32_t>(tables_.rows.size());
    const bool listed =
        tables_.classes[cell.cls].layer == static_cast<std::uint32_t>(ClassLayer::Listed);
    std::array<std::uint32_t, 2> seen = {};
    for (std::size_t at = begin; at < end; ++at) {
      const Row row = row_of(placed_[at].grant);
      if (listed) {
        add_listed(cell, row);
      } else {
        add(cell, row, seen);
      }
    }
    row_index_.drop_repeats(cell.rows_begin);
    const std::size_t rows = tables_.rows.size() - cell.rows_begin;
    if (rows >= tables::kRowsPerCellMax || tables_.rows.size() >= kNone) {
      return fail(ErrorCode::Limit,
                  fmt::format("{} conditional grants of one subject on one pattern, the most is {}",
                              rows, tables::kRowsPerCellMax - 1));
    }
    const auto reasons = static_cast<std::uint32_t>(tables_.reasons.size() - cell.reasons_begin);
    WRIT_CHECK(reasons <= tables::kReasonsPerCellMax);
    cell.counts = static_cast<std::uint32_t>(rows) << 7 | reasons;
    row_index_.group(cell);
    tables::Class& owner = tables_.classes[cell.cls];
    if (owner.cells_count == 0) {
      owner.cells_begin = static_cast<std::uint32_t>(tables_.cells.size());
    }
    for (std::uint32_t up = tables_.nodes[cell.node].parent; up != kNone;
         up = tables_.nodes[up].parent) {
      cell.parent = cell_of_class(owner, up);
      if (cell.parent == kNone) continue;
      cell.word = tables::merge(cell.word, tables_.cells[cell.parent].word);
      break;
    }
    ++owner.cells_count;
    tables_.cells.push_back(cell);
    return {};
  }

  std::uint32_t cell_of_class(const tables::Class& owner, std::uint32_t node) const {
    const auto own = std::span(tables_.cells).subspan(owner.cells_begin, owner.cells_count);
    const auto found = std::ranges::lower_bound(own, node, {}, &Cell::node);
    if (found == own.end() || found->node != node) return kNone;
    return owner.cells_begin + static_cast<std::uint32_t>(found - own.begin());
  }

  void index_cells() {
    const std::size_t count = tables_.cells.size();
    const std::size_t size = tables::slots_for(count);
    tables_.cell_slots.assign(size, kNone);
    for (std::uint32_t at = 0; at < count; ++at) {
      const std::uint64_t hash = tables::hash_pair(tables_.cells[at].cls, tables_.cells[at].node);
      std::size_t slot = tables::slot_of(hash, size);
      while (tables_.cell_slots[slot] != kNone) slot = tables::next_slot(slot, size);
      tables_.cell_slots[slot] = tables::cell_slot(hash, at, count);
    }
  }

  /// Grants with nothing to test become states of the word and, for each operation that none
  /// before them speaks of, a reason; the others become rows, in order.
  void add(Cell& cell, const Row& row, std::array<std::uint32_t, 2>& seen) {
    const bool tested = row.except != kNone || row.within != kNone || row.validity != kNone ||
                        row.condition != kNone;
    const State state = tested           ? State::Conditional
                        : row.allows() ? State::Allow
                                       : State::Deny;
    cell.word = tables::merge(
        cell.word, tables::spread(row.mask) * static_cast<std::uint64_t>(state));
    if (tested) {
      tables_.rows.push_back(row);
      return;
    }
    std::uint32_t& effect_seen = seen[row.grant_effect & 1];
    const std::uint32_t fresh = row.mask & ~effect_seen;
    effect_seen |= fresh;
    if (fresh != 0) tables_.reasons.push_back({fresh, row.grant_effect});
  }

  /// Whether a name is listed asks only for patterns: bit 0, or a row with the exception. The
  /// greatest state says that it is for sure.
  void add_listed(Cell& cell, const Row& row) {
    const bool tested = row.except != kNone || row.within != kNone;
    cell.word = tables::merge(cell.word, static_cast<std::uint64_t>(
                                             tested ? State::Conditional : State::Deny));
    if (!tested) return;
    Row pattern = row;
    pattern.mask = 1;
    pattern.grant_effect |= 1;
    pattern.validity = kNone;
    pattern.condition = kNone;
    tables_.rows.push_back(pattern);
  }

  void index_classes() {
    tables_.class_slots.assign(tables::slots_for(tables_.classes.size()), kNone);
    const std::size_t size = tables_.class_slots.size();
    for (std::uint32_t id = 0; id < tables_.classes.size(); ++id) {
      const tables::Class& c = tables_.classes[id];
      std::size_t slot =
          tables::slot_of(tables::hash_class(c.layer, c.subject, c.network, c.scope), size);
      while (tables_.class_slots[slot] != kNone) slot = tables::next_slot(slot, size);
      tables_.class_slots[slot] = id;
    }
  }

  const ir::Program& program_;
  Tables& tables_;
  NodeIndex nodes_;
  RowIndex row_index_;
  bool lists_ = false;
  std::unordered_map<ClassKey, std::uint32_t, ClassKeyHash> class_ids_;
  std::vector<Placed> placed_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> direct_;  // class, grant
};

}  // namespace

Result<Tables> build(const ir::Program& program, const Options& options) {
  if (program.grants.size() >= kNone / 2) {
    return fail(ErrorCode::Limit, fmt::format("{} grants, the most is {}", program.grants.size(),
                                              kNone / 2 - 1));
  }
  Tables tables;
  Build step(program, tables, options);
  if (tables.nodes.size() > tables::kNodesMax) {
    return fail(ErrorCode::Limit, fmt::format("{} distinct patterns, the most is {}",
                                              tables.nodes.size(), tables::kNodesMax));
  }
  WRIT_TRY(step.run());
  return tables;
}

}  // namespace writ::index
