// A verified program becomes the running snapshot: self-test, one pointer store, the old one
// freed after its last reader. Takes what load.cpp read from a bundle, or what a test built.
#pragma once

#include <span>
#include <vector>

#include "runtime/engine/golden.h"
#include "runtime/engine/state.h"

namespace writ::engine {

/// What a bundle brings beside its program and tables.
struct Loaded {
  std::span<const std::byte> file;         // for a recorder that keeps it
  std::span<const GoldenDecision> golden;  // asked again by the self-test
  bundle::Store* store = nullptr;          // keeps the file before it decides; null: it need not
};

/// What the store says of a bundle.
[[nodiscard]] bundle::Mark mark_of(const BundleInfo& info);

/// Fills info.generation. The running snapshot stays on any failure.
/// Errors: Malformed when the program or its tables do not verify or the self-test differs,
/// Version when info.version is older than what runs.
[[nodiscard]] Status activate(Engine& engine, ir::Program program, tables::Tables tables,
                              BundleInfo info, const Loaded& loaded = {});

/// The same for a program that ir::verify has passed; the tables are still to be checked.
[[nodiscard]] Status activate_verified(Engine& engine, ir::Program program, tables::Tables tables,
                                       BundleInfo info, const Loaded& loaded);

/// Has native code made of what was activated last, if it was asked for and is not being made yet.
/// activate() does so itself. Returns at once: the interpreter decides meanwhile.
void begin_native(Engine& engine);

/// A question at the border of a grant, and what the specification answers.
struct TestAnswer {
  std::size_t grant = 0;
  SessionFacts session;
  RequestFacts request;
  Decision decision;
};
/// Boundary questions of a verified program. Cost: the specification walks a million grants.
[[nodiscard]] std::vector<TestAnswer> test_answers(const ir::Program& program);
/// Asks the snapshot of the same program. Errors: Malformed with the question that differs.
[[nodiscard]] Status self_test(const Snapshot& snapshot, std::span<const TestAnswer> answers,
                               std::span<const GoldenDecision> golden);

}  // namespace writ::engine
