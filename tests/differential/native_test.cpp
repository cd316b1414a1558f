// Native code against the interpreter, which is held against the specification, on random
// conditions: both ways of making code, and the loader that says why there is none.
#include <gtest/gtest.h>

#include "runtime/interp/interp.h"
#include "runtime/ir/print.h"
#include "runtime/interp/unsettled.h"
#include "runtime/jit/jit.h"
#include "tests/differential/frame_of_world.h"
#include "tests/support/random_program.h"

namespace writ {
namespace {

constexpr std::uint64_t kPrograms = 150;
constexpr int kSessions = 6;
constexpr int kRequests = 6;

class Native : public testing::TestWithParam<bool> {};

TEST_P(Native, AnswersAsTheInterpreterDoes) {
  std::uint64_t truths = 0;
  std::uint64_t errors = 0;
  for (std::uint64_t seed = 1; seed <= kPrograms; ++seed) {
    const ir::Program program = tests::random_program(seed);
    jit::Options options;
    options.optimise = GetParam();
    const auto code = jit::compile(program, options);
    ASSERT_TRUE(code) << "seed " << seed << ": " << code.error().message;
    const interp::Constants constants(program);
    tests::Random random(seed);
    for (int s = 0; s < kSessions; ++s) {
      const SessionFacts session = tests::random_session(program, random);
      for (int r = 0; r < kRequests; ++r) {
        const RequestFacts request = tests::random_request(program, random);
        const reference::World world(program, session, request);
        const FrameOfWorld frame(world);
        for (std::size_t at = 0; at < program.conditions.size(); ++at) {
          const ir::ConditionId id(at);
          const Slot* row = constants.row(program.conditions[at]);
          const Outcome expected = interp::evaluate(program, id, row, frame.frame());
          const ShapeFn function = (*code)->shape(program.conditions[at].shape);
          const std::uint64_t got = function(&frame.frame(), row);
          ASSERT_EQ(got, std::uint64_t{expected.error} << 32 | expected.truth)
              << "seed " << seed << ": " << ir::condition_text(program, id);
          truths += expected.truth;
          errors += expected.error != 0 ? 1 : 0;
        }
      }
    }
  }
  EXPECT_GT(truths, 0U);
  EXPECT_GT(errors, 0U);
}

/// What a decision function must answer, by the interpreter.
std::uint64_t by_interpreter(const ir::Program& program, const interp::Constants& constants,
                             const std::vector<interp::Unsettled>& grants, const Frame& frame,
                             std::uint64_t rows) {
  std::uint64_t failed = kNobody;
  for (std::size_t at = 0; at < grants.size(); ++at) {
    if ((rows >> at & 1) == 0) continue;
    const ir::Grant& grant = program.grants[grants[at].grant];
    std::uint32_t error = 0;
    if (grant.validity.valid()) {
      const ir::Validity& limits = program.validities[grant.validity.index];
      const bool within = frame.now_us >= limits.not_before_us && frame.now_us < limits.expires_us;
      if (frame.now_known != 0 && !within) continue;
      if (frame.now_known == 0) error = make_error(EvalError::UnknownTime);
    }
    if (grant.condition.valid()) {
      const Outcome met =
          interp::evaluate(program, grant.condition,
                           constants.row(program.conditions[grant.condition.index]), frame);
      if (met.truth == 0 && met.error == 0) continue;
      if (error == 0) error = met.error;
    }
    const std::uint64_t answer = std::uint64_t{error} << 32 | at;
    if (error == 0 || grants[at].stage != interp::Stage::Allow) return answer;
    if (failed == kNobody) failed = answer | kFailed;
  }
  return failed;
}

TEST(NativeKinds, DecideAsTheInterpreterDoes) {
  std::uint64_t asked = 0;
  for (std::uint64_t seed = 1; seed <= kPrograms; ++seed) {
    const ir::Program program = tests::random_program(seed);
    const auto code = jit::compile(program, {});
    ASSERT_TRUE(code) << "seed " << seed << ": " << code.error().message;
    const interp::Constants constants(program);
    const auto unsettled = interp::unsettled_grants(program, interp::reads_of(program));
    tests::Random random(seed);
    for (int question = 0; question < kSessions * kRequests; ++question) {
      const SessionFacts session = tests::random_session(program, random);
      const RequestFacts request = tests::random_request(program, random);
      const reference::World world(program, session, request);
      const FrameOfWorld of_world(world);
      Frame frame = of_world.frame();
      const Moment moment{frame.request_slots, frame.request_presence, frame.now_us,
                          frame.now_known, {}};
      for (std::size_t kind = 0; kind < unsettled.size(); ++kind) {
        const KindFn function = (*code)->kind(ir::KindId(kind));
        if (function == nullptr) continue;
        const std::size_t count = unsettled[kind].size();
        const std::uint64_t all = count == 64 ? ~std::uint64_t{0} : (1ULL << count) - 1;
        for (const std::uint64_t rows : {all, random.next() & all, std::uint64_t{0}}) {
          const std::uint64_t wanted =
              by_interpreter(program, constants, unsettled[kind], of_world.frame(), rows);
          // What the moment says, the frame must not have to.
          frame.request_slots = nullptr;
          frame.request_presence = nullptr;
          frame.now_known = 0;
          ASSERT_EQ(function(&frame, &moment, constants.all(), rows), wanted)
              << "seed " << seed << ", kind " << kind << ", rows " << rows;
          ++asked;
        }
      }
    }
  }
  EXPECT_GT(asked, 0U);
}

INSTANTIATE_TEST_SUITE_P(BothWays, Native, testing::Bool(),
                         [](const testing::TestParamInfo<bool>& way) {
                           return std::string(way.param ? "Optimised" : "Fast");
                         });

}  // namespace
}  // namespace writ
