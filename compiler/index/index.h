// The last step before packing: takes a verified program, gives the tables that the engine
// decides from. Deterministic: same program, same arrays.
#pragma once

#include "runtime/base/error.h"
#include "runtime/ir/program.h"
#include "runtime/tables/tables.h"

namespace writ::index {

struct Options {
  /// Rows of one cell that a decision may walk; more are looked up by what they test.
  std::size_t rows_walked = 8;
};

/// Cost: n log n in grants. Errors: Limit, when a cell, the nodes or the grants outgrow their ids.
[[nodiscard]] Result<tables::Tables> build(const ir::Program& program,
                                           const Options& options = {});

}  // namespace writ::index
