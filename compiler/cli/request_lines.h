// Requests as JSON: `{"principal":"User:alice","host":"10.0.0.1","operation":"Read",
// "resourceType":"Topic","resourceName":"orders"}`, optionally with `scope`, `groups`,
// `attributes`, `time`. Takes one object a line, gives a session and a request.
#pragma once

#include "runtime/base/error.h"
#include "runtime/ir/program.h"
#include "runtime/value/request.h"

#include <string>
#include <string_view>
#include <vector>

namespace writ::cli {

struct RequestLine {
  SessionFacts session;
  RequestFacts request;
  bool any_resource = false;  // `resourceName` is null: is there a resource of this type?
};

/// `program` tells attributes of a session from those of a request. A request that says no time is
/// asked at `now_us`. Errors: Malformed with the field and the cure.
[[nodiscard]] Result<RequestLine> parse_request(std::string_view json, const ir::Program& program,
                                                std::int64_t now_us);
/// Every line that is not empty. Errors: Malformed with file and line.
[[nodiscard]] Result<std::vector<RequestLine>> parse_requests(std::string_view text,
                                                              const std::string& file,
                                                              const ir::Program& program,
                                                              std::int64_t now_us);

}  // namespace writ::cli
