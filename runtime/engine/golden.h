// Golden decisions: what the specification answered when the bundle was built, to be asked again of
// the tables and the code of the engine that loads it. A section of the bundle, `golden`.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/value/decision.h"
#include "runtime/value/request.h"

namespace writ::engine {

inline constexpr const char* kGoldenSection = "golden";
// A session is opened for each while a broker waits for its policy.
inline constexpr std::size_t kGoldenMax = 1'024;

struct GoldenDecision {
  SessionFacts session;
  RequestFacts request;
  Decision decision;
};

[[nodiscard]] std::vector<std::byte> encode_golden(std::span<const GoldenDecision> decisions);
/// *errors* Malformed: not what encode_golden writes; Limit: more than kGoldenMax.
[[nodiscard]] Result<std::vector<GoldenDecision>> decode_golden(std::span<const std::byte> bytes);

}  // namespace writ::engine
