// What a row's condition tests in a conjunction, of the forms that an index can answer; and which
// of its constants no longer matter once a leaf is in error.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "runtime/ir/program.h"
#include "runtime/tables/rows.h"

namespace writ::index {

/// The leaf of a condition that a test reads.
struct Leaf {
  tables::RowKey key = tables::RowKey::Sets;
  std::uint32_t attribute = 0;
  friend auto operator<=>(const Leaf&, const Leaf&) = default;
  [[nodiscard]] bool may_fail() const {
    return key == tables::RowKey::Attribute || key == tables::RowKey::Host;
  }
};

/// `leaf form constant`, which the condition cannot be true without.
struct RowTest {
  tables::RowForm form = tables::RowForm::All;
  Leaf leaf;
  std::uint32_t constant = 0;  // position in the condition's row; of form Within the set itself
};

struct ShapeTests {
  std::vector<RowTest> tests;  // in the order of the condition
  /// By position of the constant: the leaf that it is compared with in one of `tests` and nowhere
  /// else read, or a leaf of key Sets. While that leaf is in error, so is the test, whatever
  /// the constant.
  std::vector<Leaf> compared_with;
};

[[nodiscard]] ShapeTests tests_of(const ir::Shape& shape);

}  // namespace writ::index
