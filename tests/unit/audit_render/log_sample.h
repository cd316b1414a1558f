// A small log: definitions of everything once, and a row of each kind to be changed by tests.
#pragma once

#include <string>
#include <vector>

#include "runtime/audit/definitions.h"

namespace writ::audit::testing {

inline constexpr std::uint32_t kTopicQuestion = 1;
inline constexpr std::uint32_t kKeyQuestion = 2;
inline constexpr std::uint32_t kMaskQuestion = 3;
inline constexpr std::uint32_t kBinding = 1;
inline constexpr std::uint32_t kDefault = 2;

/// The definitions that the rows below refer to.
[[nodiscard]] Batch log_sample();
/// The row number `sequence`: an allowed write to the topic `ledger.postings`.
[[nodiscard]] Entry allowed_row(std::uint64_t sequence);
/// One row of every kind, with sequences from 1.
[[nodiscard]] std::vector<Entry> a_row_of_each_kind();

}  // namespace writ::audit::testing
