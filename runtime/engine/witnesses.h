// Names that answer "is there a resource of this kind?" for every session: each pattern, a fresh
// extension of each prefix, and so on, as runtime/reference makes them. Made once a snapshot
// and kind, when first asked for.
#pragma once

#include <string>
#include <vector>

#include "runtime/ir/program.h"
#include "runtime/tables/tables.h"

namespace writ::engine {

/// Sorted, without repeats. Cost: n log n in the patterns of the kind.
[[nodiscard]] std::vector<std::string> witnesses_of(const ir::Program& program,
                                                    const tables::Tables& tables,
                                                    std::uint32_t kind);

/// By KindId: does some condition on the kind tell names apart? Then its witnesses depend on the
/// session too.
[[nodiscard]] std::vector<std::uint8_t> kinds_with_names_read(const ir::Program& program);

}  // namespace writ::engine
