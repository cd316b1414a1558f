// What the numbers of a snapshot mean in words: for records that carry words, and for drains that
// ask long after the decision.
#pragma once

#include <memory>

#include "runtime/audit/recorder.h"
#include "runtime/engine/snapshot.h"

namespace writ::engine {

/// Numbers that the program does not have give empty texts.
[[nodiscard]] audit::Question question_of(const Snapshot& snapshot, std::uint32_t kind,
                                          std::uint32_t operation, std::uint32_t scope);
[[nodiscard]] audit::Explained explained(const Snapshot& snapshot, const Decision& decision);
/// Keeps the snapshot as long as itself.
[[nodiscard]] std::shared_ptr<const audit::PolicyWords> policy_words(
    std::shared_ptr<const Snapshot> snapshot);

}  // namespace writ::engine
