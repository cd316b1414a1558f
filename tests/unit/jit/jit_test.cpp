// Native code by hand: conditions whose answers are plain to see, in both modes, and what the
// facade promises about dumps, lifetimes and threads.
#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "runtime/interp/interp.h"
#include "runtime/ir/builder.h"
#include "runtime/jit/jit.h"

namespace writ::jit {
namespace {

using ir::InstKind;
constexpr std::uint32_t kOverflow = make_error(EvalError::Overflow);
constexpr std::uint32_t kUnknownHost = make_error(EvalError::UnknownHost);

struct Row {
  const char* name;
  std::vector<ir::Inst> insts;
  std::vector<Value> constants;
  bool truth;
  std::uint32_t error;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

ir::Inst leaf(InstKind kind, Type type, std::uint32_t a = 0) { return {kind, type, a, 0, 0}; }
ir::Inst two(InstKind kind, Type type, std::uint32_t a, std::uint32_t b) {
  return {kind, type, a, b, 0};
}

class Native : public testing::TestWithParam<Row> {};

TEST_P(Native, AnswersInBothModes) {
  const Row& row = GetParam();
  ir::Builder builder;
  const ir::ConditionId id = builder.condition(row.insts, row.constants);
  const ir::Program program = builder.take();
  const interp::Constants constants(program);
  const Slot* slots = constants.row(program.conditions[id.index]);
  Frame frame;
  frame.resource_name = "orders.eu";
  frame.resource_name_bytes = 9;
  const Outcome interpreted = interp::evaluate(program, id, slots, frame);
  EXPECT_EQ(interpreted.truth != 0, row.truth);
  EXPECT_EQ(interpreted.error, row.error);
  for (const bool optimise : {false, true}) {
    const auto code = compile(program, {optimise, nullptr});
    ASSERT_TRUE(code) << code.error().message;
    const std::uint64_t answer =
        (*code)->shape(program.conditions[id.index].shape)(&frame, slots);
    EXPECT_EQ((answer & 1) != 0, row.truth) << optimise;
    EXPECT_EQ(static_cast<std::uint32_t>(answer >> 32), row.error) << optimise;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Conditions, Native,
    testing::Values(
        Row{"True", {leaf(InstKind::Const, kBool)}, {Value::boolean(true)}, true, 0},
        Row{"NameStartsWith",
            {leaf(InstKind::ResourceName, kString), leaf(InstKind::Const, kString),
             two(InstKind::StartsWith, kBool, 0, 1)},
            {Value::of_text("orders.")}, true, 0},
        Row{"SumOverflows",
            {leaf(InstKind::Const, kInt, 0), leaf(InstKind::Const, kInt, 1),
             two(InstKind::Add, kInt, 0, 1), leaf(InstKind::Const, kInt, 2),
             two(InstKind::Gt, kBool, 2, 3)},
            {Value::of_int(INT64_MAX), Value::of_int(1), Value::of_int(0)}, false, kOverflow},
        Row{"HostUnknown",
            {leaf(InstKind::Host, kIp), leaf(InstKind::Const, kCidr),
             two(InstKind::InCidr, kBool, 0, 1)},
            {Value::of_cidr(*parse_cidr("10.0.0.0/8", HostBits::Refuse))}, false, kUnknownHost},
        Row{"FalseAndErrorIsFalse",
            {leaf(InstKind::Host, kIp), leaf(InstKind::Const, kCidr, 0),
             two(InstKind::InCidr, kBool, 0, 1), leaf(InstKind::Const, kBool, 1),
             two(InstKind::And, kBool, 2, 3)},
            {Value::of_cidr(*parse_cidr("10.0.0.0/8", HostBits::Refuse)), Value::boolean(false)},
            false, 0},
        Row{"ErrorOrTrueIsTrue",
            {leaf(InstKind::Host, kIp), leaf(InstKind::Const, kCidr, 0),
             two(InstKind::InCidr, kBool, 0, 1), leaf(InstKind::Const, kBool, 1),
             two(InstKind::Or, kBool, 2, 3)},
            {Value::of_cidr(*parse_cidr("10.0.0.0/8", HostBits::Refuse)), Value::boolean(true)},
            true, 0}),
    [](const auto& one) { return one.param.name; });

ir::Program many_shapes(std::size_t count) {
  ir::Builder builder;
  for (std::size_t depth = 0; depth < count; ++depth) {
    std::vector<ir::Inst> insts = {leaf(InstKind::Const, kBool)};
    for (std::uint32_t at = 0; at < depth; ++at) {
      insts.push_back({InstKind::Not, kBool, at, 0, 0});
    }
    static_cast<void>(builder.condition(insts, {Value::boolean(true)}));
  }
  return builder.take();
}

TEST(Compile, GivesTheTextOfItsCode) {
  std::string text;
  ASSERT_TRUE(compile(many_shapes(1), {true, &text}));
  EXPECT_NE(text.find("define"), std::string::npos);
}

TEST(Compile, HandlesMoreShapesThanOneModule) {
  const ir::Program program = many_shapes(70);
  const auto code = compile(program, {});
  ASSERT_TRUE(code) << code.error().message;
  const interp::Constants constants(program);
  const Frame frame;
  for (std::size_t at = 0; at < program.conditions.size(); ++at) {
    const std::uint64_t answer = (*code)->shape(program.conditions[at].shape)(
        &frame, constants.row(program.conditions[at]));
    EXPECT_EQ(answer & 1, at % 2 == 0 ? 1U : 0U) << at;
  }
}

TEST(Compile, MayBeDoneByTwoThreadsAtOnce) {
  const auto work = [] {
    const ir::Program program = many_shapes(3);
    for (int round = 0; round < 20; ++round) {
      ASSERT_TRUE(compile(program, {false, nullptr}));
    }
  };
  std::thread other(work);
  work();
  other.join();
}

}  // namespace
}  // namespace writ::jit
