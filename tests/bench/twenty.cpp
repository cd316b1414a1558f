#include "tests/bench/twenty.h"

#include "tests/conformance/conditional_request.h"
#include "tests/conformance/lines.h"

#include <nlohmann/json.hpp>

#include <fstream>

namespace writ::bench {

Result<Twenty> read_twenty() {
  const std::string folder = "tests/conformance/conditional";
  WRIT_ASSIGN(lines, conformance::read_lines(folder + "/requests.jsonl.gz"));
  std::ifstream in(folder + "/directory.json");
  const nlohmann::json directory = nlohmann::json::parse(in, nullptr, false);
  if (!directory.is_object()) {
    return fail(ErrorCode::Unreadable, "run from the root of the repository", folder);
  }
  Twenty twenty;
  for (const std::string& line : lines) {
    const nlohmann::json request = nlohmann::json::parse(line, nullptr, false);
    const conformance::Question question = conformance::conditional_request(request);
    twenty.sessions.push_back(question.session);
    twenty.requests.push_back(question.request);
    twenty.by_hand.push_back(resolve(request, directory));
  }
  return twenty;
}

}  // namespace writ::bench
