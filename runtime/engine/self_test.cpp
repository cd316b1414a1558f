// Before a snapshot runs, a few questions at the borders of its own grants are put to the cells
// and to the specification, and the bundle's golden decisions are asked again. Native code is tried
// when it is there (native_agrees.cpp).
#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "runtime/engine/activate.h"
#include "runtime/engine/questions.h"
#include "runtime/reference/reference.h"

namespace writ::engine {
namespace {

// The specification walks every grant: the more there are, the fewer questions.
constexpr std::size_t kGrantsWalkedMax = 1'000'000;
constexpr std::size_t kQuestionsMax = 32;
// 2026-01-01: any fixed time will do.
constexpr std::int64_t kTestTimeUs = 1'767'225'600'000'000;

std::string scope_path(const ir::Program& program, ir::ScopeId scope) {
  std::string path(program.text(program.scopes[scope.index].name));
  for (ir::ScopeId above = program.scopes[scope.index].parent; above.valid();
       above = program.scopes[above.index].parent) {
    path = fmt::format("{}.{}", program.text(program.scopes[above.index].name), path);
  }
  return path;
}

/// A session and request that the grant speaks of, or nearly.
void aim(const ir::Program& p, const ir::Grant& grant, SessionFacts& session,
         RequestFacts& request) {
  const ir::Subject& subject = p.subjects[grant.subject.index];
  // A type that the system says comes before its subtypes.
  if (!p.principal_types.empty()) session.principal_type = p.text(p.principal_types.front().name);
  session.principal_name = "self-test";
  session.groups.emplace();
  session.host = "192.0.2.1";
  if (subject.form == ir::SubjectForm::Principal) {
    session.principal_type = p.text(subject.type_name);
    session.principal_name = p.text(subject.name);
  } else if (subject.form == ir::SubjectForm::Group) {
    session.groups->emplace_back(p.text(p.groups[subject.group.index].name));
  }
  session.scope = scope_path(p, grant.scope);
  const bool named = grant.kind.valid() && grant.pattern.valid() && grant.operations != 0;
  const ir::Kind& kind = p.kinds[named ? grant.kind.index : 0];
  const auto bit = named ? static_cast<std::size_t>(std::countr_zero(grant.operations)) : 0;
  request.kind = p.text(kind.name);
  if (bit < kind.operations.size()) {
    request.operation = p.text(p.operations[kind.operations[bit].index].name);
  }
  request.name = named ? std::string(p.text(p.patterns[grant.pattern.index].text)) : "self-test";
  request.time_us = kTestTimeUs;
}

Decision by_cells(const Snapshot& snapshot, const SessionFacts& session,
                  const RequestFacts& request) {
  const View view(snapshot, std::make_shared<const SessionFacts>(session),
                  request.scope.empty() ? session.scope : request.scope);
  Name name;
  name.text = request.name;
  name.kind = snapshot.find_kind(request.kind);
  const std::uint32_t operation =
      name.kind == kNone ? kNone : snapshot.find_operation(name.kind, request.operation);
  if (const auto reason = refused(snapshot, view, name, operation)) return refusal(*reason);
  name.node = snapshot.tables.resolve(name.kind, name.text);
  Clock clock(Clock::Source::Said, request.time_us);
  Scratch scratch;
  return Decider(snapshot, view, name, {&request.attributes}, clock, scratch).decide(operation);
}

Status cells_agree(const Snapshot& snapshot, std::span<const TestAnswer> answers) {
  for (const TestAnswer& answer : answers) {
    if (by_cells(snapshot, answer.session, answer.request) == answer.decision) continue;
    return fail(ErrorCode::Malformed,
                fmt::format("self-test: the tables do not answer as the program does, for `{}` on "
                            "`{} {}`",
                            answer.request.operation, answer.request.kind, answer.request.name),
                fmt::format("grant {}", answer.grant));
  }
  return {};
}

Status golden_agree(const Snapshot& snapshot, std::span<const GoldenDecision> golden) {
  for (std::size_t at = 0; at < golden.size(); ++at) {
    const GoldenDecision& of = golden[at];
    if (by_cells(snapshot, of.session, of.request) == of.decision) continue;
    return fail(ErrorCode::Malformed,
                fmt::format("self-test: a golden decision comes out differently, for `{}` on "
                            "`{} {}` by `{}:{}`",
                            of.request.operation, of.request.kind, of.request.name,
                            of.session.principal_type, of.session.principal_name),
                fmt::format("golden decision {}", at));
  }
  return {};
}

}  // namespace

std::vector<TestAnswer> test_answers(const ir::Program& program) {
  std::vector<TestAnswer> answers;
  const std::vector<ir::Grant>& grants = program.grants;
  if (grants.empty() || program.kinds.empty()) return answers;
  const std::size_t questions = std::min(
      {kQuestionsMax, grants.size(), std::max<std::size_t>(kGrantsWalkedMax / grants.size(), 1)});
  for (std::size_t at = 0; at < questions; ++at) {
    TestAnswer& answer = answers.emplace_back();
    answer.grant = at * grants.size() / questions;
    aim(program, grants[answer.grant], answer.session, answer.request);
    answer.decision = reference::decide(program, answer.session, answer.request);
  }
  return answers;
}

Status self_test(const Snapshot& snapshot, std::span<const TestAnswer> answers,
                 std::span<const GoldenDecision> golden) {
  WRIT_TRY(cells_agree(snapshot, answers));
  return golden_agree(snapshot, golden);
}

}  // namespace writ::engine
