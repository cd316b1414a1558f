// Rows of a cell → groups by what they test, so that a decision looks up the few that can matter.
// What an index never changes: a row that it leaves out would have been false.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "compiler/index/row_tests.h"
#include "runtime/ir/intern.h"
#include "runtime/ir/program.h"
#include "runtime/tables/tables.h"

namespace writ::index {

class RowIndex {
 public:
  /// Up to `few` rows are left to be walked.
  RowIndex(const ir::Program& program, tables::Tables& tables, std::size_t few)
      : program_(program), tables_(tables), few_(few) {}

  /// Of rows from `begin` on that ask the same question the lowest is enough for an operation: the
  /// others go.
  void drop_repeats(std::uint32_t begin);
  /// Groups the rows of a cell, if they are many.
  void group(tables::Cell& cell);
  /// Lays out row_slots, when all cells are grouped.
  void finish();

 private:
  using Rows = std::vector<std::uint32_t>;  // ascending

  struct Key {
    tables::RowForm form = tables::RowForm::All;
    Leaf leaf;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  /// What is known where a group is looked at.
  struct Known {
    std::vector<Leaf> used;    // by the groups that lead here
    std::vector<Leaf> failed;  // those of them that are in error
    std::uint8_t depth = 0;
    std::uint8_t marks = 0;
  };
  struct Part {
    Rows rows;
    Key key;
    Known known;
  };

  void split(Rows rows, const Known& known, std::vector<Part>& parts);
  void split_by_mask(Rows rows, const Known& known, std::vector<Part>& parts);
  [[nodiscard]] std::optional<Key> best_key(const Rows& rows, const Known& known);
  /// The first of the groups, one after the other.
  std::uint32_t lay_out(std::vector<Part>& parts);
  void fill(std::uint32_t group, Part& part);
  void fill_slots(std::uint32_t group, const Part& part, const Known& inner);
  void list(const Rows& rows, std::uint32_t& begin, std::uint32_t& count);
  [[nodiscard]] Rows lowest(const Rows& rows, const std::vector<Leaf>& failed);

  [[nodiscard]] const ShapeTests& tests(std::uint32_t shape);
  /// The row's first test of that key; nothing if it has none.
  [[nodiscard]] std::optional<RowTest> test_of(const tables::Row& row, const Key& key);
  template <class Visit>
  void each_key(const tables::Row& row, Visit visit);
  [[nodiscard]] const Value& constant(const tables::Row& row, const RowTest& test) const;
  [[nodiscard]] std::uint32_t value_id(std::uint32_t constant);
  void add_tags(const tables::Row& row, const RowTest& test, std::uint32_t id);

  const ir::Program& program_;
  tables::Tables& tables_;
  std::size_t few_;
  std::vector<std::optional<ShapeTests>> shapes_;  // by ShapeId
  std::vector<std::uint32_t> value_ids_;           // by constant
  ir::InternIndex values_;
  std::vector<tables::RowSlot> slots_;
  // Of the group that is being filled.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> tags_;  // tag, row
  std::vector<std::uint32_t> lengths_;
};

}  // namespace writ::index
