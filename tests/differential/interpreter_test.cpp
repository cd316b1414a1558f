// The interpreter against the specification's own evaluator, on random conditions.
#include <gtest/gtest.h>

#include "runtime/interp/interp.h"
#include "runtime/ir/print.h"
#include "runtime/ir/verify.h"
#include "runtime/reference/evaluate.h"
#include "tests/differential/frame_of_world.h"
#include "tests/support/random_program.h"

namespace writ {
namespace {

constexpr std::uint64_t kPrograms = 1'500;
constexpr int kSessions = 4;
constexpr int kRequests = 4;

TEST(Interpreter, AnswersAsTheSpecificationDoes) {
  std::uint64_t truths = 0;
  std::uint64_t errors = 0;
  std::uint64_t falses = 0;
  for (std::uint64_t seed = 1; seed <= kPrograms; ++seed) {
    const ir::Program program = tests::random_program(seed);
    const Status verified = ir::verify(program);
    ASSERT_TRUE(verified) << "seed " << seed << ": " << verified.error().message;
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
          const reference::Truth3 expected = reference::evaluate(world, id);
          const Outcome got = interp::evaluate(
              program, id, constants.row(program.conditions[at]), frame.frame());
          ASSERT_EQ(got.error, expected.error)
              << "seed " << seed << ": " << ir::condition_text(program, id);
          ASSERT_EQ(got.truth, expected.is_true() ? 1U : 0U)
              << "seed " << seed << ": " << ir::condition_text(program, id);
          ++(expected.error != 0 ? errors : expected.truth ? truths : falses);
        }
      }
    }
  }
  // A generator that only made errors would prove nothing.
  EXPECT_GT(truths, errors / 8);
  EXPECT_GT(falses, errors / 8);
}

}  // namespace
}  // namespace writ
