// The last step: a verified program → one signed bundle. The manifest is told from the program;
// tables come from compiler/index. Same input, same bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/bundle/bundle.h"
#include "runtime/ir/program.h"

namespace writ::pack {

struct PackOptions {
  std::uint64_t version = 0;                       // of this build; 0 is refused
  std::span<const std::string> private_keys_pem;   // each signs
  std::int64_t not_before_us = INT64_MIN;
  std::int64_t expires_us = INT64_MAX;             // exclusive
  std::int64_t built_us = 0;                       // 0: not said, so that bytes are reproducible
  std::span<const bundle::Part> extra;             // further sections (golden decisions)
};

/// Names of the sections that a bundle always has.
inline constexpr const char* kProgramSection = "program";
inline constexpr const char* kTablesSection = "tables";

/// Verifies the program, builds its tables, lays out and signs.
/// *errors* Usage: version 0, no key, an empty validity; Internal: a program that does not verify
/// (the compiler's bug); Limit: more grants than tables hold.
[[nodiscard]] Result<std::vector<std::byte>> pack(const ir::Program& program,
                                                  const PackOptions& options);

/// What the manifest says of the program; without sections, which bundle::write fills in, and
/// without cost.cell_rows, which the tables tell.
[[nodiscard]] bundle::Manifest manifest_of(const ir::Program& program, const PackOptions& options);

}  // namespace writ::pack
