// What came closest to allowing what nothing allowed: one grant that differs from the question in
// one respect. Slow; for drains.
#pragma once

#include <string>
#include <string_view>

#include "runtime/audit/recorder.h"
#include "runtime/engine/snapshot.h"

namespace writ::engine {

/// `another operation: allow Read on Topic "x" to User:y, team.writ:12`; empty: nothing is close.
[[nodiscard]] std::string nearest_miss(const Snapshot& snapshot, const audit::Question& question,
                                       const SessionFacts& session, std::string_view name);

}  // namespace writ::engine
