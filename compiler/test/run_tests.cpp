#include "compiler/test/run_tests.h"

#include "runtime/reference/reference.h"

#include <fmt/format.h>

#include <algorithm>

namespace writ::test {
namespace {

std::string_view verdict_text(Verdict verdict) {
  return verdict == Verdict::Allow ? "allowed" : "denied";
}

std::string because_text(const Because& because, const Decision& decision) {
  std::string text(name_of(decision.reason));
  if (!because.statement.empty()) {
    text = because.statement;
  }
  if (!because.file.empty()) {
    text += fmt::format(" ({}:{})", because.file, because.line);
  }
  if (!because.error.empty()) {
    text += "; " + because.error;
  }
  return text;
}

/// A pattern as policy writes it.
std::string pattern_text(const ir::Program& program, const ir::Pattern& pattern) {
  const std::string quoted = to_text(Value::of_text(std::string(program.text(pattern.text))));
  switch (pattern.form) {
    case ir::PatternForm::Literal:
      return quoted;
    case ir::PatternForm::Prefix:
      return quoted + "*";
    case ir::PatternForm::Any:
      return "*";
    case ir::PatternForm::Suffix:
      return "*" + quoted;
    case ir::PatternForm::Contains:
      return "*" + quoted + "*";
  }
  return quoted;
}

// A statement makes several grants of one number: the claim may speak of any of them.
template <class Predicate>
bool any_of_statement(const ir::Program& program, std::uint32_t grant, Predicate&& holds) {
  if (grant >= program.grants.size()) {
    return false;
  }
  const std::uint32_t number = program.grants[grant].number;
  for (std::size_t i = grant; i < program.grants.size() && program.grants[i].number == number;
       ++i) {
    if (holds(program.grants[i])) {
      return true;
    }
  }
  return false;
}

bool has_rule(const ir::Program& program, std::uint32_t grant, std::string_view rule) {
  return any_of_statement(program, grant, [&](const ir::Grant& each) {
    const auto names = [&](ir::OriginId origin) {
      return origin.valid() && program.text(program.origins[origin.index].rule) == rule;
    };
    return names(each.origin) || names(each.role_origin);
  });
}

bool has_pattern(const ir::Program& program, std::uint32_t grant, std::string_view pattern) {
  return any_of_statement(program, grant, [&](const ir::Grant& each) {
    return each.pattern.valid() &&
           pattern_text(program, program.patterns[each.pattern.index]) == pattern;
  });
}

/// Why the decision is not what the claim says; empty: it is.
std::string difference(const ir::Program& program, const model::TestClaim& claim,
                       const Decision& decision, const std::string& because) {
  if (decision.verdict != claim.expected) {
    return fmt::format("claimed {}, is {}: {}", verdict_text(claim.expected),
                       verdict_text(decision.verdict), because);
  }
  if (claim.because_error && decision.error == 0) {
    return fmt::format("claimed to rest on an error, and does not: {}", because);
  }
  if (claim.expected == Verdict::Deny && decision.error != 0 && !claim.because_error) {
    return fmt::format(
        "denied, but only because of an error: {}; give what is missing, or claim "
        "`because error`",
        because);
  }
  if (claim.because && decision.reason != *claim.because) {
    return fmt::format("claimed because {}, is because {}: {}", name_of(*claim.because),
                       name_of(decision.reason), because);
  }
  if (!claim.because_rule.empty() && !has_rule(program, decision.grant, claim.because_rule)) {
    return fmt::format("claimed because of `{}`, is because of {}", claim.because_rule, because);
  }
  if (!claim.because_pattern.empty() &&
      !has_pattern(program, decision.grant, claim.because_pattern)) {
    return fmt::format("claimed because of a grant at {}, is because of {}", claim.because_pattern,
                       because);
  }
  return {};
}

ClaimResult run_claim(const ir::Program& program, const Engines& engines,
                      const model::TestBlock& block, const model::TestClaim& claim) {
  ClaimResult result{&block, &claim, false, {}, {}};
  result.decision = reference::decide(program, claim.session, claim.request);
  for (const Engine* engine : {engines.interpreter, engines.native}) {
    if (engine == nullptr) {
      continue;
    }
    const auto session = engine->open(claim.session);
    const Decision other = engine->authorize(*session, claim.request);
    if (!(other == result.decision)) {
      result.message = fmt::format(
          "the evaluators differ, which is a bug of Writ: the specification says {} by {}, {} "
          "says {} by {}",
          verdict_text(result.decision.verdict), name_of(result.decision.reason),
          engine == engines.native ? "native code" : "the interpreter", verdict_text(other.verdict),
          name_of(other.reason));
      return result;
    }
    if (result.message.empty()) {
      const Because because = engine->explain(*session, claim.request, result.decision);
      result.message =
          difference(program, claim, result.decision, because_text(because, result.decision));
    }
  }
  result.passed = result.message.empty();
  return result;
}

}  // namespace

std::vector<ClaimResult> run(const ir::Program& program, const Engines& engines,
                             const std::vector<model::TestBlock>& blocks, std::string_view filter) {
  std::vector<ClaimResult> results;
  for (const model::TestBlock& block : blocks) {
    const bool all = block.title.find(filter) != std::string::npos;
    for (const model::TestClaim& claim : block.claims) {
      if (all || claim.text.find(filter) != std::string::npos) {
        results.push_back(run_claim(program, engines, block, claim));
      }
    }
  }
  return results;
}

}  // namespace writ::test
