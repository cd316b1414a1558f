// The requests of tests/conformance/conditional in three forms: for the engine and by hand.
#pragma once

#include "runtime/base/error.h"
#include "runtime/value/request.h"
#include "tests/bench/floor/twenty_rules.h"

#include <vector>

namespace writ::bench {

struct Twenty {
  std::vector<SessionFacts> sessions;
  std::vector<RequestFacts> requests;
  std::vector<HandRequest> by_hand;
};
/// From the root of the repository. Errors: Unreadable.
[[nodiscard]] Result<Twenty> read_twenty();

}  // namespace writ::bench
