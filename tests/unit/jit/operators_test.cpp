// Each operator on each type that it takes, in both tiers, against the interpreter: what values
// do, and what missing, absent and malformed ones do.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <set>

#include "runtime/interp/unsettled.h"
#include "runtime/ir/print.h"
#include "runtime/jit/jit.h"
#include "tests/unit/jit/rows.h"

namespace writ::jit {
namespace {

using ir::InstKind;

const std::deque<AskedFrame>& frames() {
  static const std::deque<AskedFrame> all = [] {
    std::deque<AskedFrame> made;
    for (const Said said : kSaid) made.emplace_back(said);
    return made;
  }();
  return all;
}

std::uint64_t packed(const Outcome& outcome) {
  return std::uint64_t{outcome.error} << 32 | outcome.truth;
}

/// All rows as one program: equal shapes are made once, as in a bundle.
struct World {
  ir::Program program;
  std::vector<ir::ConditionId> conditions;  // by row

  World() {
    ir::Builder builder;
    const Vocabulary vocabulary(builder);
    for (const Row& row : every_row()) {
      conditions.push_back(builder.condition(row.condition.insts, row.condition.constants));
    }
    program = builder.take();
  }
};
const World& world() {
  static const World made;
  return made;
}

class Tier : public testing::TestWithParam<bool> {};

TEST_P(Tier, AnswersEveryConditionAsTheInterpreterDoes) {
  const ir::Program& program = world().program;
  Options options;
  options.optimise = GetParam();
  const auto code = compile(program, options);
  ASSERT_TRUE(code) << code.error().message;
  const interp::Constants constants(program);
  for (std::size_t at = 0; at < every_row().size(); ++at) {
    const ir::ConditionId id = world().conditions[at];
    const Slot* row = constants.row(program.conditions[id.index]);
    const ShapeFn function = (*code)->shape(program.conditions[id.index].shape);
    for (std::size_t said = 0; said < frames().size(); ++said) {
      const Frame& frame = frames()[said].frame();
      EXPECT_EQ(function(&frame, row), packed(interp::evaluate(program, id, row, frame)))
          << every_row()[at].name << " where frame " << said << " is asked: "
          << ir::condition_text(program, id);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Both, Tier, testing::Bool(),
                         [](const auto& of) { return of.param ? "Optimised" : "Fast"; });

/// Grants of as many kinds as it takes, each with one of the conditions that stay open.
ir::Program in_kinds(ir::Effect effect) {
  constexpr std::size_t kGrantsAKind = 40;
  ir::Builder builder;
  const Vocabulary vocabulary(builder);
  ir::Program& p = builder.program();
  std::size_t open = 0;
  for (const Row& row : every_row()) {
    const bool reads = std::ranges::any_of(row.condition.insts, [&](const ir::Inst& inst) {
      const bool attribute = inst.kind == InstKind::LoadAttr || inst.kind == InstKind::HasAttr;
      return inst.kind == InstKind::Now || inst.kind == InstKind::SessionAge ||
             (attribute && p.attributes[inst.a].moment == ir::AttributeMoment::Request);
    });
    if (!reads) continue;
    if (open++ % kGrantsAKind == 0) p.kinds.emplace_back();
    ir::Grant grant;
    grant.layer = ir::Layer::Grant;
    grant.effect = effect;
    grant.kind = ir::KindId(p.kinds.size() - 1);
    grant.number = static_cast<std::uint32_t>(p.grants.size() + 1);
    grant.condition = builder.condition(row.condition.insts, row.condition.constants);
    p.grants.push_back(grant);
  }
  return builder.take();
}

class KindOf : public testing::TestWithParam<ir::Effect> {};

TEST_P(KindOf, DecidesByEveryConditionAsTheInterpreterDoes) {
  const ir::Program program = in_kinds(GetParam());
  const auto code = compile(program, {});
  ASSERT_TRUE(code) << code.error().message;
  const interp::Constants constants(program);
  const auto unsettled = interp::unsettled_grants(program, interp::reads_of(program));
  std::size_t functions = 0;
  for (std::size_t kind = 0; kind < program.kinds.size(); ++kind) {
    const KindFn function = (*code)->kind(ir::KindId(kind));
    if (function == nullptr) continue;
    ++functions;
    for (std::size_t at = 0; at < unsettled[kind].size(); ++at) {
      const ir::ConditionId id = program.grants[unsettled[kind][at].grant].condition;
      for (const AskedFrame& of : frames()) {
        const Frame& frame = of.frame();
        const Moment moment{frame.request_slots, frame.request_presence, frame.now_us,
                            frame.now_known, {}};
        const Outcome met = interp::evaluate(
            program, id, constants.row(program.conditions[id.index]), frame);
        std::uint64_t wanted = kNobody;
        if (met.truth != 0 || met.error != 0) wanted = std::uint64_t{met.error} << 32 | at;
        if (met.error != 0 && GetParam() == ir::Effect::Allow) wanted |= kFailed;
        EXPECT_EQ(function(&frame, &moment, constants.all(), std::uint64_t{1} << at), wanted)
            << ir::condition_text(program, id);
      }
    }
  }
  EXPECT_EQ(functions, program.kinds.size());
}

INSTANTIATE_TEST_SUITE_P(Either, KindOf, testing::Values(ir::Effect::Allow, ir::Effect::Deny),
                         [](const auto& of) {
                           return of.param == ir::Effect::Allow ? "Allow" : "Deny";
                         });

TEST(Rows, UseEveryInstruction) {
  std::set<InstKind> seen;
  for (const Row& row : every_row()) {
    for (const ir::Inst& inst : row.condition.insts) seen.insert(inst.kind);
  }
  for (std::size_t kind = 0; kind <= static_cast<std::size_t>(InstKind::Minute); ++kind) {
    EXPECT_TRUE(seen.contains(static_cast<InstKind>(kind))) << "instruction " << kind;
  }
}

TEST(Rows, ComeOutTrueFalseAndAsErrors) {
  const ir::Program& program = world().program;
  const interp::Constants constants(program);
  std::set<std::uint32_t> truths;
  std::set<EvalError> errors;
  for (const ir::ConditionId id : world().conditions) {
    for (const AskedFrame& of : frames()) {
      const Outcome met = interp::evaluate(
          program, id, constants.row(program.conditions[id.index]), of.frame());
      truths.insert(met.truth);
      if (met.error != 0) errors.insert(error_code(met.error));
    }
  }
  EXPECT_EQ(truths.size(), 2U);
  for (const EvalError error :
       {EvalError::MissingAttribute, EvalError::BadValue, EvalError::Overflow,
        EvalError::UnknownHost, EvalError::UnknownTime, EvalError::UnknownGroups,
        EvalError::UnlistedFact}) {
    EXPECT_TRUE(errors.contains(error)) << name_of(error);
  }
}

}  // namespace
}  // namespace writ::jit
