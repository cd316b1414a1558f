// ACLs as data: a JSON Lines file of rows (principal host operation permission resourceType
// patternType resourceName) → grants, a million in a second.
#pragma once

#include <filesystem>
#include <optional>
#include <utility>

#include "compiler/diag/diag.h"
#include "runtime/ir/builder.h"

namespace writ::lower {

struct DataFile {
  std::filesystem::path path;
  std::string display;               // relative to the package root
  source::Span statement;            // of the acl block, for diagnostics
  bool as_kafka = false;             // rows exactly as Kafka would: odd hosts are no errors
  std::optional<std::pair<std::int64_t, std::int64_t>> rows;  // pinned count, inclusive
  std::optional<std::string> sha256;
  ir::ScopeId scope;
  ir::OriginId origin;               // package, data file, of the acl block
};

/// Appends a grant a row, in row order, `number` counted from `first_number`; equal rows count
/// once. Mistakes (E08xx) name file, line and field. A `.gz` file is read through zlib.
/// Answers the next free number.
[[nodiscard]] std::uint32_t load_rows(const DataFile& file, std::uint32_t first_number,
                                      ir::Builder& builder, diag::Sink& sink);

}  // namespace writ::lower
