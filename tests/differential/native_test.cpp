// Native code against the interpreter, which is held against the specification, on random
// conditions: both ways of making code, and the loader that says why there is none.
#include <gtest/gtest.h>

#include "runtime/interp/interp.h"
#include "runtime/ir/print.h"
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

INSTANTIATE_TEST_SUITE_P(BothWays, Native, testing::Bool(),
                         [](const testing::TestParamInfo<bool>& way) {
                           return std::string(way.param ? "Optimised" : "Fast");
                         });

}  // namespace
}  // namespace writ
