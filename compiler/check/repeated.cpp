// Statements that do nothing: said before in the same words, or with a condition that never holds.
#include "compiler/check/steps.h"

#include <fmt/format.h>

namespace writ::check {
namespace {

/// All that decides what a statement does, as text; its place and words are no part of it.
std::string meaning_of(const model::Statement& of, std::string_view rule) {
  std::string text = fmt::format("{};{};{};{};{};{};", rule, static_cast<int>(of.effect),
                                 static_cast<int>(of.layer), of.scope.index, of.condition.index,
                                 of.validity.index);
  for (const model::Target& target : of.targets) {
    text += fmt::format("k{},{},{}:", target.kind.index, target.operations, target.except.index);
    for (const model::Target::Cover& cover : target.covers) {
      text += fmt::format("p{},{},{}", cover.pattern.index, cover.within.index, cover.scope.index);
    }
  }
  for (const ir::SubjectId subject : of.subjects) {
    text += fmt::format("s{}", subject.index);
  }
  for (const ir::NetworkId network : of.networks) {
    text += fmt::format("n{}", network.index);
  }
  return text;
}

/// Whether the condition is the literal `false`, written or computed.
bool never_holds(const ir::Program& program, ir::ConditionId id) {
  if (!id.valid()) {
    return false;
  }
  const ir::Condition& condition = program.conditions[id.index];
  const std::vector<ir::Inst>& insts = program.shapes[condition.shape.index].insts;
  return insts.size() == 1 && insts.front().kind == ir::InstKind::Const &&
         program.constants[condition.first_constant + insts.front().a].integer == 0;
}

}  // namespace

void report_idle(const Policy& policy, source::Span span, std::string_view rule,
                 const model::Statement& made) {
  // What has a mistake is incomplete, and looks like what it is not.
  if (policy.sink.errors() != 0) {
    return;
  }
  if (never_holds(policy.program(), made.condition)) {
    policy.report(diag::Code::NeverApplies, span, "this statement never applies",
                  "its condition is false for every request",
                  "correct the condition, or remove the statement");
  }
  const auto [first, fresh] = policy.said.try_emplace(meaning_of(made, rule), span);
  if (!fresh) {
    policy.report(diag::Code::Repeated, span, "this statement was said before",
                  "changes nothing", "remove one of the two",
                  {{first->second, "the same is said here"}});
  }
}

}  // namespace writ::check
