// A request of the twenty rules in the words of policies/twenty-rules.
#pragma once

#include "runtime/value/request.h"
#include "tests/conformance/question.h"

#include <nlohmann/json_fwd.hpp>

namespace writ::conformance {

/// `json` has every field that tests/conformance/README.md names.
[[nodiscard]] Question conditional_request(const nlohmann::json& json);

}  // namespace writ::conformance
