// Native code against the interpreter, before it decides anything: the frames are those of the
// bundle's golden decisions and of questions at the borders of its grants. Native code is a
// function of what it is given, so where it answers as the interpreter does, so do the decisions.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "runtime/engine/decide.h"
#include "runtime/engine/native.h"
#include "runtime/engine/questions.h"

namespace writ::engine {
namespace {

constexpr std::size_t kShapesMax = 256;  // a trial

Status differs(std::string_view what, std::size_t at) {
  return fail(ErrorCode::Internal, "self-test: native code and the interpreter differ",
              fmt::format("{} {}", what, at));
}

std::uint64_t packed(const Outcome& outcome) {
  return std::uint64_t{outcome.error} << 32 | outcome.truth;
}

/// One condition of each shape; another part of the shapes in each trial, where there are many.
Status shapes_agree(const Snapshot& snapshot, const Native& native, const Frame& frame,
                    std::size_t trial) {
  const ir::Program& p = snapshot.program;
  const std::size_t count = p.conditions.size();
  std::vector<bool> seen(p.shapes.size());
  std::size_t tested = 0;
  for (std::size_t step = 0; step < count && tested < kShapesMax; ++step) {
    const auto at = static_cast<std::uint32_t>((trial * kShapesMax + step) % count);
    const ir::Condition& condition = p.conditions[at];
    if (seen[condition.shape.index]) continue;
    seen[condition.shape.index] = true;
    ++tested;
    const std::uint64_t answer = native.shapes[condition.shape.index](
        &frame, snapshot.constants() + condition.first_constant);
    if (answer != packed(snapshot.interpret(at, frame))) return differs("condition", at);
  }
  return {};
}

/// What a decision function must answer for these rows: the same walk, by the interpreter.
std::uint64_t walk(const Snapshot& snapshot, const std::vector<interp::Unsettled>& grants,
                   std::uint64_t rows, const Frame& frame) {
  std::uint64_t failed = kNobody;
  for (std::uint64_t position = 0; position < grants.size(); ++position) {
    if ((rows >> position & 1) == 0) continue;
    const ir::Grant& grant = snapshot.program.grants[grants[position].grant];
    std::uint32_t error = 0;
    if (grant.validity.valid()) {
      const ir::Validity& limits = snapshot.program.validities[grant.validity.index];
      if (frame.now_known == 0) {
        error = make_error(EvalError::UnknownTime);
      } else if (frame.now_us < limits.not_before_us || frame.now_us >= limits.expires_us) {
        continue;
      }
    }
    if (grant.condition.valid()) {
      const Outcome met = snapshot.interpret(grant.condition.index, frame);
      if (met.truth == 0 && met.error == 0) continue;
      if (error == 0) error = met.error;
    }
    const std::uint64_t answer = std::uint64_t{error} << 32 | position;
    if (grants[position].stage != interp::Stage::Allow || error == 0) return answer;
    if (failed == kNobody) failed = answer | kFailed;
  }
  return failed;
}

Status kinds_agree(const Snapshot& snapshot, const Native& native, const Frame& frame) {
  const Moment moment{frame.request_slots, frame.request_presence, frame.now_us, frame.now_known,
                      {}};
  for (std::size_t kind = 0; kind < native.kinds.size(); ++kind) {
    if (native.kinds[kind] == nullptr) continue;
    const std::vector<interp::Unsettled>& grants = snapshot.unsettled[kind];
    if (grants.empty()) return differs("kind", kind);
    const auto agrees = [&](std::uint64_t rows) {
      return native.kinds[kind](&frame, &moment, snapshot.constants(), rows) ==
             walk(snapshot, grants, rows, frame);
    };
    const std::uint64_t all = ~std::uint64_t{0} >> (64 - grants.size());
    if (!agrees(all)) return differs("kind", kind);
    for (std::size_t at = 0; at < grants.size(); ++at) {
      if (!agrees(std::uint64_t{1} << at)) return differs("kind", kind);
    }
  }
  return {};
}

Status trial_agrees(const Snapshot& snapshot, const Native& native, const Trial& of,
                    std::size_t number) {
  const View view(snapshot, std::make_shared<const SessionFacts>(of.session),
                  of.request.scope.empty() ? of.session.scope : of.request.scope);
  Name name;
  name.text = of.request.name;
  name.kind = snapshot.find_kind(of.request.kind);
  if (refused(snapshot, view, name, 0)) return {};
  name.node = snapshot.tables.resolve(name.kind, name.text);
  Clock clock(Clock::Source::Said, of.request.time_us);
  Scratch scratch;
  Decider decider(snapshot, view, name, {&of.request.attributes}, clock, scratch);
  WRIT_TRY(shapes_agree(snapshot, native, decider.frame(), number));
  return kinds_agree(snapshot, native, decider.frame());
}

}  // namespace

Status native_agrees(const Snapshot& snapshot, const Native& native,
                     const std::vector<Trial>& trials) {
  const ir::Program& p = snapshot.program;
  if (native.shapes.size() != p.shapes.size() || native.kinds.size() != p.kinds.size()) {
    return fail(ErrorCode::Internal, "self-test: native code is of another program");
  }
  for (std::size_t at = 0; at < trials.size(); ++at) {
    WRIT_TRY(trial_agrees(snapshot, native, trials[at], at));
  }
  return {};
}

}  // namespace writ::engine
