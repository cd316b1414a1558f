#include "compiler/index/row_index.h"

#include <algorithm>
#include <map>

#include "runtime/tables/hash.h"

namespace writ::index {

using tables::Cell;
using tables::kNone;
using tables::Row;
using tables::RowForm;
using tables::RowGroup;
using tables::RowKey;

namespace {

template <class T>
void sort_once(std::vector<T>& items) {
  std::ranges::sort(items);
  const auto repeats = std::ranges::unique(items);
  items.erase(repeats.begin(), repeats.end());
}

/// What makes two rows one question, but for their operations and constants.
void hash_row(const Row& row, ir::Hash& hash) {
  hash.number(std::uint64_t{row.except} << 32 | row.within);
  hash.number(std::uint64_t{row.validity} << 1 | (row.allows() ? 1 : 0));
}
bool same_row(const Row& a, const Row& b) {
  return a.except == b.except && a.within == b.within && a.validity == b.validity &&
         a.allows() == b.allows();
}

/// Keeps a row for the operations that no equal one before it speaks of.
class Seen {
 public:
  /// Is the row needed? `same(i)`: is the i-th that was kept the same question?
  template <class Same>
  bool needs(std::uint64_t hash, std::uint32_t mask, Same same) {
    const std::uint32_t id = index_.find_or_add(hash, masks_.size(), same);
    if (id == masks_.size()) masks_.push_back(0);
    const bool fresh = (mask & ~masks_[id]) != 0;
    masks_[id] |= mask;
    return fresh;
  }
  [[nodiscard]] std::size_t size() const { return masks_.size(); }

 private:
  ir::InternIndex index_;
  std::vector<std::uint32_t> masks_;
};

}  // namespace

void RowIndex::drop_repeats(std::uint32_t begin) {
  std::vector<Row>& rows = tables_.rows;
  if (rows.size() - begin < 2) return;
  Seen seen;
  std::vector<Row> firsts;
  const auto repeats = std::remove_if(rows.begin() + begin, rows.end(), [&](const Row& row) {
    ir::Hash hash;
    hash_row(row, hash);
    hash.number(row.condition);
    const std::size_t known = seen.size();
    const bool needed = seen.needs(hash.done(), row.mask, [&](std::uint32_t at) {
      return same_row(firsts[at], row) && firsts[at].condition == row.condition;
    });
    if (seen.size() != known) firsts.push_back(row);
    return !needed;
  });
  rows.erase(repeats, rows.end());
}

void RowIndex::group(Cell& cell) {
  const std::uint32_t count = cell.row_count();
  if (count <= few_) return;
  std::vector<Part> parts;
  for (std::uint8_t marks = 0; marks < 4; ++marks) {
    Rows rows;
    for (std::uint32_t at = cell.rows_begin; at < cell.rows_begin + count; ++at) {
      const Row& row = tables_.rows[at];
      const bool allows = (marks & tables::kAllows) != 0;
      const bool plain = (marks & tables::kPlain) != 0;
      if (row.allows() == allows && row.plain() == plain) rows.push_back(at);
    }
    Known known;
    known.marks = marks;
    if (!rows.empty()) split(std::move(rows), known, parts);
  }
  const std::uint32_t reasons = cell.reason_count();
  cell.rows_begin = lay_out(parts);
  cell.counts = Cell::kGrouped | static_cast<std::uint32_t>(parts.size()) << 7 | reasons;
}

/// Takes out what one key can find, the most rewarding first, until walking the rest is cheap.
void RowIndex::split(Rows rows, const Known& known, std::vector<Part>& parts) {
  while (known.depth < tables::kGroupDepthMax && rows.size() > few_) {
    const std::optional<Key> key = best_key(rows, known);
    if (!key) break;
    Part part{{}, *key, known};
    Rows rest;
    for (const std::uint32_t at : rows) {
      (test_of(tables_.rows[at], *key) ? part.rows : rest).push_back(at);
    }
    rows = std::move(rest);
    parts.push_back(std::move(part));
  }
  if (!rows.empty()) split_by_mask(std::move(rows), known, parts);
}

/// A walk over plain rows ends at the first that covers the name, unless it passes rows of other
/// operations on its way.
void RowIndex::split_by_mask(Rows rows, const Known& known, std::vector<Part>& parts) {
  if ((known.marks & tables::kPlain) != 0 && rows.size() > few_) {
    std::map<std::uint32_t, Rows> by_mask;
    for (const std::uint32_t at : rows) by_mask[tables_.rows[at].mask].push_back(at);
    rows.clear();
    for (auto& [mask, own] : by_mask) {
      if (own.size() > few_) {
        parts.push_back({std::move(own), {}, known});
      } else {
        rows.insert(rows.end(), own.begin(), own.end());
      }
    }
    std::ranges::sort(rows);
  }
  if (!rows.empty()) parts.push_back({std::move(rows), {}, known});
}

/// The key that leaves out most rows on average: with n rows of d values, n - n / d.
std::optional<RowIndex::Key> RowIndex::best_key(const Rows& rows, const Known& known) {
  std::map<Key, Rows> values;
  for (const std::uint32_t at : rows) {
    const Row& row = tables_.rows[at];
    each_key(row, [&](const Key& key, const RowTest& test) {
      if (std::ranges::find(known.used, key.leaf) != known.used.end()) return;
      const bool set = key.form == RowForm::Within;
      values[key].push_back(
          set ? test.constant
              : value_id(program_.conditions[row.condition].first_constant + test.constant));
    });
  }
  std::optional<Key> best;
  std::size_t most = std::max<std::size_t>(few_, 1) - 1;
  for (auto& [key, ids] : values) {
    const std::size_t count = ids.size();
    sort_once(ids);
    const std::size_t left_out = count - (count + ids.size() - 1) / ids.size();
    if (left_out <= most) continue;
    most = left_out;
    best = key;
  }
  return best;
}

std::uint32_t RowIndex::lay_out(std::vector<Part>& parts) {
  const auto first = static_cast<std::uint32_t>(tables_.row_groups.size());
  tables_.row_groups.resize(first + parts.size());
  for (std::size_t at = 0; at < parts.size(); ++at) {
    const std::uint32_t id = first + static_cast<std::uint32_t>(at);
    fill(id, parts[at]);
    if (at + 1 != parts.size()) tables_.row_groups[id].next = id + 1;
  }
  return first;
}

void RowIndex::fill(std::uint32_t id, Part& part) {
  RowGroup group;
  group.form = part.key.form;
  group.key = part.key.leaf.key;
  group.attribute = part.key.leaf.attribute;
  group.marks = part.known.marks;
  group.depth = part.known.depth;
  for (const std::uint32_t at : part.rows) group.mask |= tables_.rows[at].mask;
  if (group.form == RowForm::All) {
    list(part.rows, group.begin, group.count);
    tables_.row_groups[id] = group;
    return;
  }
  tags_.clear();
  lengths_.clear();
  for (const std::uint32_t at : part.rows) {
    add_tags(tables_.rows[at], *test_of(tables_.rows[at], part.key), at);
  }
  sort_once(lengths_);
  group.begin = static_cast<std::uint32_t>(tables_.row_lengths.size());
  group.count = static_cast<std::uint32_t>(lengths_.size());
  tables_.row_lengths.insert(tables_.row_lengths.end(), lengths_.begin(), lengths_.end());
  Known inner = part.known;
  ++inner.depth;
  inner.used.push_back(part.key.leaf);
  fill_slots(id, part, inner);
  if (part.key.leaf.may_fail()) {
    inner.failed.push_back(part.key.leaf);
    std::vector<Part> parts;
    split(lowest(part.rows, inner.failed), inner, parts);
    group.on_error = lay_out(parts);
  }
  tables_.row_groups[id] = group;
}

/// One slot for each value; of many rows, a group in its turn.
void RowIndex::fill_slots(std::uint32_t id, const Part&, const Known& inner) {
  auto tags = std::exchange(tags_, {});
  sort_once(tags);
  for (std::size_t begin = 0; begin < tags.size();) {
    Rows rows;
    const std::uint32_t tag = tags[begin].first;
    for (; begin < tags.size() && tags[begin].first == tag; ++begin) {
      rows.push_back(tags[begin].second);
    }
    tables::RowSlot slot{id, tag, 0, 0};
    std::vector<Part> parts;
    split(std::move(rows), inner, parts);
    if (parts.size() == 1 && parts.front().key.form == RowForm::All) {
      list(parts.front().rows, slot.begin, slot.count);
    } else {
      slot.begin = lay_out(parts);
    }
    slots_.push_back(slot);
  }
}

void RowIndex::list(const Rows& rows, std::uint32_t& begin, std::uint32_t& count) {
  begin = static_cast<std::uint32_t>(tables_.listed_rows.size());
  count = static_cast<std::uint32_t>(rows.size());
  tables_.listed_rows.insert(tables_.listed_rows.end(), rows.begin(), rows.end());
}

/// While those leaves are in error, rows that differ only in what they are compared with are
/// one question.
RowIndex::Rows RowIndex::lowest(const Rows& rows, const std::vector<Leaf>& failed) {
  Seen seen;
  struct Question {
    Row row;
    std::vector<std::uint32_t> values;
  };
  std::vector<Question> firsts;
  Rows kept;
  for (const std::uint32_t at : rows) {
    Question asked{tables_.rows[at], {}};
    const ir::Condition& condition = program_.conditions[asked.row.condition];
    const std::vector<Leaf>& compared = tests(condition.shape.index).compared_with;
    for (std::uint32_t i = 0; i < compared.size(); ++i) {
      if (std::ranges::find(failed, compared[i]) != failed.end()) continue;
      asked.values.push_back(value_id(condition.first_constant + i));
    }
    ir::Hash hash;
    hash_row(asked.row, hash);
    hash.number(condition.shape.index);
    for (const std::uint32_t value : asked.values) hash.number(value);
    const auto same = [&](std::uint32_t other) {
      const Question& first = firsts[other];
      return same_row(first.row, asked.row) &&
             program_.conditions[first.row.condition].shape == condition.shape &&
             first.values == asked.values;
    };
    const std::size_t known = seen.size();
    const bool needed = seen.needs(hash.done(), asked.row.mask, same);
    if (needed) kept.push_back(at);
    if (seen.size() != known) firsts.push_back(std::move(asked));
  }
  return kept;
}

const ShapeTests& RowIndex::tests(std::uint32_t shape) {
  shapes_.resize(program_.shapes.size());
  if (!shapes_[shape]) shapes_[shape] = tests_of(program_.shapes[shape]);
  return *shapes_[shape];
}

template <class Visit>
void RowIndex::each_key(const Row& row, Visit visit) {
  if (row.within != kNone) {
    visit(Key{RowForm::Within, {}}, RowTest{RowForm::Within, {}, row.within});
  }
  if (row.condition == kNone) return;
  const std::vector<RowTest>& all = tests(program_.conditions[row.condition].shape.index).tests;
  for (auto at = all.begin(); at != all.end(); ++at) {
    const Key key{at->form, at->leaf};
    const bool repeats = std::any_of(all.begin(), at, [&key](const RowTest& earlier) {
      return Key{earlier.form, earlier.leaf} == key;
    });
    if (!repeats && !(key.form == RowForm::Within && row.within != kNone)) visit(key, *at);
  }
}

std::optional<RowTest> RowIndex::test_of(const Row& row, const Key& key) {
  std::optional<RowTest> found;
  each_key(row, [&](const Key& of, const RowTest& test) {
    if (of == key) found = test;
  });
  return found;
}

const Value& RowIndex::constant(const Row& row, const RowTest& test) const {
  return program_.constants[program_.conditions[row.condition].first_constant + test.constant];
}

/// Equal constants have one id.
std::uint32_t RowIndex::value_id(std::uint32_t constant) {
  value_ids_.resize(program_.constants.size(), kNone);
  std::uint32_t& id = value_ids_[constant];
  if (id != kNone) return id;
  ir::Hash hash;
  hash.value(program_.constants[constant]);
  id = values_.find_or_add(hash.done(), constant, [&](std::uint32_t other) {
    return program_.constants[other] == program_.constants[constant];
  });
  return id;
}

void RowIndex::add_tags(const Row& row, const RowTest& test, std::uint32_t id) {
  if (test.form == RowForm::Within) {
    tags_.emplace_back(tables::row_tag(test.constant), id);
    return;
  }
  const auto add = [&](const Value& value) {
    if (test.form == RowForm::Network) {
      lengths_.push_back(tables::row_length(value.cidr));
      tags_.emplace_back(tables::row_tag(value.cidr.base, lengths_.back()), id);
      return;
    }
    if (test.form == RowForm::Prefix) {
      lengths_.push_back(static_cast<std::uint32_t>(value.text.size()));
    }
    switch (value.type.kind) {
      case TypeKind::String: tags_.emplace_back(tables::row_tag(value.text), id); return;
      case TypeKind::Ip: tags_.emplace_back(tables::row_tag(value.cidr.base, 0), id); return;
      case TypeKind::None: case TypeKind::Bool: case TypeKind::Int: case TypeKind::Cidr:
      case TypeKind::Time: case TypeKind::Duration: case TypeKind::Version: case TypeKind::Enum:
        tags_.emplace_back(tables::row_tag(static_cast<std::uint64_t>(value.integer)), id);
    }
  };
  const Value& value = constant(row, test);
  if (!value.type.set) {
    add(value);
    return;
  }
  for (const Value& element : value.elements) add(element);
}

void RowIndex::finish() {
  tables_.row_slots.assign(tables::slots_for(slots_.size()), {});
  const std::size_t size = tables_.row_slots.size();
  for (const tables::RowSlot& slot : slots_) {
    std::size_t at = tables::slot_of(tables::hash_pair(slot.group, slot.tag), size);
    while (tables_.row_slots[at].group != kNone) at = tables::next_slot(at, size);
    tables_.row_slots[at] = slot;
  }
}

}  // namespace writ::index
