// What stands in which block of a segment, so that a query reads few of them. A file beside the
// segment: made when it is missing or not of these bytes, never needed, and no proof of anything.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/audit/log/columns.h"
#include "runtime/audit/log/format.h"
#include "runtime/audit/log/segment.h"
#include "runtime/audit/query/presence.h"
#include "runtime/base/error.h"

namespace writ::audit::query {

struct BlockEntry {
  log::Segment::Place place;    // of the block
  std::uint32_t instance = 0;   // position in Index::instances
  std::uint64_t rows = 0;
  std::int64_t first_us = 0;
  std::int64_t last_us = 0;
  std::uint8_t verdicts = 0;    // bit 0: a row denies, bit 1: a row allows
  Presence sessions, resources, questions, reasons;
  NameFilter names;             // of rows without a resource's number
};

struct InstanceEntry {
  log::Id128 id{};
  std::string definitions;      // all of the segment, encoded
};

struct Index {
  log::Id128 log_id{};
  std::uint64_t segment = 0;
  std::uint64_t bytes = 0;      // of the segment, that count
  log::Hash chain{};            // at their end
  std::vector<InstanceEntry> instances;
  std::vector<BlockEntry> blocks;
};

/// Reads the whole segment. *errors* Malformed, Unreadable.
[[nodiscard]] Result<Index> build(log::Segment& segment);
[[nodiscard]] std::string encode(const Index& index);
/// *errors* Malformed.
[[nodiscard]] Result<Index> decode_index(std::span<const std::byte> bytes);

/// Bits of the rows' verdicts, as BlockEntry::verdicts.
[[nodiscard]] std::uint8_t verdicts_of(const log::Columns& columns, std::size_t row);

}  // namespace writ::audit::query
