// A verified program becomes the running snapshot: self-test, one pointer store, the old one
// freed after its last reader. Takes what load.cpp read from a bundle, or what a test built.
#pragma once

#include "runtime/engine/state.h"

namespace writ::engine {

/// Fills info.generation. `bundle` is the file, for a recorder that keeps it. The running snapshot
/// stays on any failure.
/// Errors: Malformed when the program or its tables do not verify or the self-test differs,
/// Version when info.version is older than what runs.
[[nodiscard]] Status activate(Engine& engine, ir::Program program, tables::Tables tables,
                              BundleInfo info, std::span<const std::byte> bundle = {});

/// Asks boundary questions of a snapshot, by cells and by the specification, by native code and
/// by the interpreter. Errors: Malformed with the question that differs.
[[nodiscard]] Status self_test(const Snapshot& snapshot);

}  // namespace writ::engine
