// Searches a log: takes a filter, gives the rows that it means in the order of the log. And counts
// what is in one.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/audit/definitions.h"
#include "runtime/audit/query/filter.h"
#include "runtime/base/error.h"

namespace writ::audit::query {

enum class UseIndex : std::uint8_t {
  No,    // every block is read
  Read,  // those that are there
  Make,  // and written beside each closed segment that has none
};

struct Options {
  UseIndex index = UseIndex::Make;
  std::function<void(std::uint64_t done_bytes, std::uint64_t bytes)> progress;  // may be empty
};

struct Counts {
  std::uint64_t matched = 0;
  std::uint64_t rows = 0;          // in the log, as far as it was looked at
  std::uint64_t blocks = 0;
  std::uint64_t blocks_read = 0;
  std::uint64_t indexes_made = 0;
  std::optional<Error> unreadable_end;  // bytes behind the last whole block
};

/// False: enough.
using Found = std::function<bool(const Definitions& definitions, const Entry& row)>;

/// *errors* Malformed: a block that is damaged, and where; Unreadable.
[[nodiscard]] Result<Counts> run(const std::string& folder, const Filter& filter,
                                 const Options& options, const Found& found);

struct Stats {
  std::uint64_t segments = 0, blocks = 0, bytes = 0, rows = 0;
  std::uint64_t decisions = 0, allowed = 0, denied = 0, unavailable = 0, infrastructure = 0;
  std::int64_t first_us = 0, last_us = 0;
  std::map<std::string, std::uint64_t> reasons;     // by class
  std::map<std::string, std::uint64_t> operations;  // `Topic Read`
  std::map<std::string, std::uint64_t> principals;
  std::map<std::string, std::uint64_t> resources;   // `Topic orders`; of rows with a number
  std::map<std::string, std::uint64_t> bundles;     // `acme version 7`
  std::optional<Error> unreadable_end;
};
/// *errors* as run().
[[nodiscard]] Result<Stats> count(const std::string& folder, const Options& options);

/// The most frequent first.
[[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> most(
    const std::map<std::string, std::uint64_t>& counts, std::size_t rows);

}  // namespace writ::audit::query
