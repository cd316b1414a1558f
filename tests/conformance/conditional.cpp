// The twenty rules: requests with attributes, verdicts and rules that another engine found.
#include "compiler/compile.h"
#include "tests/conformance/conditional_request.h"
#include "tests/conformance/conformance.h"
#include "tests/conformance/lines.h"
#include "tests/conformance/panel.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>

namespace writ::conformance {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

/// From the working directory, or from where the build put this command.
fs::path policy_folder() {
  const fs::path from_root = "policies/twenty-rules";
  std::error_code code;
  if (fs::exists(from_root, code)) {
    return from_root;
  }
  const fs::path binary = fs::read_symlink("/proc/self/exe", code);
  return binary.parent_path() / "../../.." / from_root;
}

std::string_view text(Verdict verdict) {
  return verdict == Verdict::Allow ? "ALLOW" : "DENY";
}

/// Empty where the answers are right and so is the rule that is named.
std::vector<std::string> differences(const Panel& panel, const Question& q, const Answers& answers,
                                     const Json& expected) {
  std::vector<std::string> found;
  const Verdict verdict = expected["verdict"] == "ALLOW" ? Verdict::Allow : Verdict::Deny;
  for (std::size_t e = 0; e < kEvaluators.size(); ++e) {
    if (answers[e].verdict != verdict) {
      found.push_back(fmt::format("{}: expected {}, is {} ({})", kEvaluators[e], text(verdict),
                                  text(answers[e].verdict), name_of(answers[e].reason)));
    } else if (!(answers[e] == answers[0])) {
      found.push_back(fmt::format("{}: {} by grant {}, by the reference {} by grant {}",
                                  kEvaluators[e], name_of(answers[e].reason), answers[e].grant,
                                  name_of(answers[0].reason), answers[0].grant));
    }
  }
  const std::string rule = panel.explain(q, answers[0]).rule;
  const Json& because = expected["because"];
  const bool named = because.empty()
                         ? answers[0].reason == ReasonClass::Default
                         : std::find(because.begin(), because.end(), rule) != because.end();
  if (found.empty() && !named) {
    found.push_back(fmt::format("because of `{}`, expected one of {}", rule, because.dump()));
  }
  return found;
}

Result<ir::Program> compile_rules() {
  WRIT_ASSIGN(compiled, compiler::compile({policy_folder().string()}));
  if (compiled.sink.errors() != 0) {
    return fail(
        ErrorCode::Malformed,
        diag::render_text(compiled.sink.sorted().front(), compiled.sources, diag::Colour::Off),
        policy_folder().string());
  }
  return std::move(compiled.program);
}

}  // namespace

Status run_conditional(const std::string& folder, Counts& counts) {
  const std::string requests_path = plain_or_gz(folder + "/requests.jsonl");
  WRIT_ASSIGN(requests, read_lines(requests_path));
  WRIT_ASSIGN(expected, read_lines(plain_or_gz(folder + "/expected.jsonl")));
  if (requests.size() != expected.size()) {
    return fail(ErrorCode::Malformed,
                fmt::format("{} requests, but {} verdicts", requests.size(), expected.size()),
                folder);
  }
  WRIT_ASSIGN(program, compile_rules());
  Panel panel;
  WRIT_TRY(panel.load(std::move(program)));
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const Json request = Json::parse(requests[i], nullptr, false);
    const Json verdict = Json::parse(expected[i], nullptr, false);
    if (!request.is_object() || !verdict.is_object() || !verdict.contains("because")) {
      return fail(ErrorCode::Malformed, "the line is no request with a verdict",
                  fmt::format("{}:{}", requests_path, i + 1));
    }
    const std::vector<Question> questions = {conditional_request(request)};
    const std::vector<Answers> answers = panel.ask(questions);
    const auto found = differences(panel, questions[0], answers[0], verdict);
    for (const std::string& difference : found) {
      fmt::print("{}: {}\n", request.value("id", Json(i)).dump(), difference);
    }
    ++(found.empty() ? counts.passed : counts.failed);
  }
  return {};
}

}  // namespace writ::conformance
