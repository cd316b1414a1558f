// The last step before packing: takes a verified program, gives the tables that the engine
// decides from. Deterministic: same program, same arrays.
#pragma once

#include "runtime/base/error.h"
#include "runtime/ir/program.h"
#include "runtime/tables/tables.h"

namespace writ::index {

/// Cost: n log n in grants. Errors: Limit, when a cell, the nodes or the grants outgrow their ids.
[[nodiscard]] Result<tables::Tables> build(const ir::Program& program);

}  // namespace writ::index
