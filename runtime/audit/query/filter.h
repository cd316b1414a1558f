// What a query asks for, and which rows of a block it means: words become the numbers of the
// segment once, rows are compared by number.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/audit/entry.h"
#include "runtime/audit/log/columns.h"
#include "runtime/audit/log/id_set.h"
#include "runtime/audit/query/index.h"

namespace writ::audit::query {

/// Conditions of different fields all hold; of one field, one of them does. Words with a `*` at the
/// end are prefixes. Empty: no condition.
struct Filter {
  std::vector<std::string> principals = {};  // `Type:name`
  std::vector<std::string> resources = {};   // names
  std::vector<std::string> kinds = {};
  std::vector<std::string> operations = {};
  std::vector<std::string> reasons = {};     // classes: `default`, `guard`
  std::optional<Verdict> verdict = {};
  std::optional<std::int64_t> since_us = {};
  std::optional<std::int64_t> until_us = {};  // before this
};

/// The filter in the numbers of one instance in one segment.
class Resolved {
 public:
  explicit Resolved(const Filter& filter) : filter_(filter) {}
  /// Adds what a batch defines.
  void define(const Batch& batch);
  /// Sorts what was added; before may_match().
  void finish();
  /// Can a row of the block match?
  [[nodiscard]] bool may_match(const BlockEntry& block) const;
  [[nodiscard]] bool matches(const log::Columns& columns, std::size_t row) const;

 private:
  struct Wanted {
    log::IdSet set;
    std::vector<std::uint32_t> ids;
    void add(std::uint32_t id) {
      set.add(id);
      ids.push_back(id);
    }
  };
  [[nodiscard]] bool resource_matches(const log::Columns& columns, std::size_t row) const;
  [[nodiscard]] bool verdict_matches(const log::Columns& columns, std::size_t row) const;

  const Filter& filter_;
  Wanted sessions_, resources_, questions_, reasons_;
  // Of a question with several operations: which bits are asked for.
  std::unordered_map<std::uint32_t, std::uint32_t> wanted_bits_;
};

}  // namespace writ::audit::query
