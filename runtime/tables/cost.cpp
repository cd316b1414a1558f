// How many rows one cell can make a decision look at.
#include <algorithm>
#include <limits>

#include "runtime/tables/tables.h"

namespace writ::tables {
namespace {

/// The lesser of the product and the largest number.
std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? std::numeric_limits<std::uint64_t>::max()
                                                : product;
}

/// What each group and those after it lead to, at worst. A group leads to later ones only.
class Worst {
 public:
  explicit Worst(const Tables& tables)
      : t_(tables), slots_(tables.row_groups.size()), most_(tables.row_groups.size()) {
    for (std::uint32_t at = 0; at < t_.row_slots.size(); ++at) {
      if (t_.row_slots[at].group != kNone) slots_[t_.row_slots[at].group].push_back(at);
    }
    for (std::size_t at = most_.size(); at-- > 0;) {
      const RowGroup& group = t_.row_groups[at];
      most_[at] = of(at);
      if (group.on_error != kNone) most_[at] = std::max(most_[at], most_[group.on_error]);
      if (group.next != kNone) most_[at] += most_[group.next];
    }
  }
  [[nodiscard]] std::uint64_t most(std::uint32_t group) const { return most_[group]; }

 private:
  /// One value finds one slot; a text or an address one for each length; a name as many as it is
  /// in sets.
  [[nodiscard]] std::uint64_t of(std::size_t at) const {
    const RowGroup& group = t_.row_groups[at];
    if (group.form == RowForm::All) return group.count;
    std::uint64_t most = 0;
    std::uint64_t sum = 0;
    for (const std::uint32_t slot_at : slots_[at]) {
      const RowSlot& slot = t_.row_slots[slot_at];
      const std::uint64_t rows = slot.count != 0 ? slot.count : most_[slot.begin];
      most = std::max(most, rows);
      sum += rows;
    }
    if (group.form == RowForm::Within) return sum;
    const bool one = group.form == RowForm::Equal;
    return one ? most : std::min(sum, times(most, group.count));
  }

  const Tables& t_;
  std::vector<std::vector<std::uint32_t>> slots_;  // by group
  std::vector<std::uint64_t> most_;
};

}  // namespace

std::uint64_t most_rows(const Tables& tables) {
  const Worst worst(tables);
  std::uint64_t most = 0;
  for (const Cell& cell : tables.cells) {
    most = std::max(most, cell.grouped() ? worst.most(cell.rows_begin)
                                         : std::uint64_t{cell.row_count()});
  }
  return most;
}

}  // namespace writ::tables
