// Bundles that are really signed, of the small world of tests/unit/engine.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runtime/bundle/bundle.h"
#include "runtime/ir/program.h"

namespace writ::testing {

/// Line 1: User:alice may Read the topic orders, at payments.
[[nodiscard]] ir::Program small_program();
/// Signs program and tables under the manifest's version (3 unless it says another).
[[nodiscard]] std::vector<std::byte> bundle_of(const ir::Program& program,
                                               bundle::Manifest manifest,
                                               const std::string& private_pem);
/// A manifest of package `test`.
[[nodiscard]] bundle::Manifest manifest_of(std::uint64_t version);

}  // namespace writ::testing
