#include <gtest/gtest.h>

#include "runtime/interp/interp.h"
#include "runtime/ir/builder.h"
#include "runtime/ir/verify.h"

namespace writ::interp {
namespace {

using ir::Inst;
using ir::InstKind;

constexpr std::uint32_t kMissing = make_error(EvalError::MissingAttribute, 0);
constexpr std::uint32_t kOverflow = make_error(EvalError::Overflow);

struct Row {
  const char* name;
  std::vector<Inst> insts;
  std::vector<Value> constants;
  std::uint32_t truth;
  std::uint32_t error;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

/// Attribute 0 is a Bool that nobody said.
class Condition : public testing::TestWithParam<Row> {};

TEST_P(Condition, ComesTo) {
  ir::Builder builder;
  builder.program().attributes.push_back({builder.string("flag"), kBool,
                                          ir::AttributeSource::Observed,
                                          ir::AttributeMoment::Session, 0});
  const ir::ConditionId id = builder.condition(GetParam().insts, GetParam().constants);
  const ir::Program program = builder.take();
  const Status sound = ir::verify(program);
  ASSERT_TRUE(sound) << sound.error().message;
  const Constants constants(program);
  Frame frame;
  const Slot slot;
  const std::uint8_t presence = 0;
  frame.session_slots = &slot;
  frame.session_presence = &presence;
  const std::string_view name = "alice";
  frame.principal_name = name.data();
  frame.principal_name_bytes = name.size();
  const Outcome got =
      evaluate(program, id, constants.row(program.conditions[id.index]), frame);
  EXPECT_EQ(got.truth, GetParam().truth);
  EXPECT_EQ(got.error, GetParam().error);
}

Inst constant(Type type, std::uint32_t at) { return {InstKind::Const, type, at, 0, 0}; }
Inst two(InstKind kind, std::uint32_t a, std::uint32_t b, Type type = kBool) {
  return {kind, type, a, b, 0};
}
const Inst kFlag{InstKind::LoadAttr, kBool, 0, 0, 0};
const Inst kNow{InstKind::Now, kTime, 0, 0, 0};
const Inst kName{InstKind::PrincipalName, kString, 0, 0, 0};
const Value kTrueValue = Value::boolean(true);
const Value kFalseValue = Value::boolean(false);
constexpr Type kInts{TypeKind::Int, false, true};

Value ints(std::initializer_list<std::int64_t> items) {
  Value set{kInts, 0, {}, {}, {}};
  for (const std::int64_t item : items) set.elements.push_back(Value::of_int(item));
  return set;
}

/// any/all x in set: 10 / … is not there, so 9223372036854775807 + x > 0 stands for a body that
/// fails for x above 0 and holds for x at 0.
std::vector<Inst> adds_to_the_largest(InstKind quantifier) {
  return {constant(kInts, 0), {InstKind::Var, kInt, 0, 0, 0}, constant(kInt, 1),
          two(InstKind::Add, 1, 2, kInt), constant(kInt, 2), two(InstKind::Gt, 3, 4),
          two(quantifier, 0, 5)};
}

INSTANTIATE_TEST_SUITE_P(
    ThreeValues, Condition,
    testing::Values(
        Row{"FalseAndError", {constant(kBool, 0), kFlag, two(InstKind::And, 0, 1)}, {kFalseValue},
            0, 0},
        Row{"ErrorAndFalse", {kFlag, constant(kBool, 0), two(InstKind::And, 0, 1)}, {kFalseValue},
            0, 0},
        Row{"TrueAndError", {constant(kBool, 0), kFlag, two(InstKind::And, 0, 1)}, {kTrueValue}, 0,
            kMissing},
        Row{"TrueOrError", {constant(kBool, 0), kFlag, two(InstKind::Or, 0, 1)}, {kTrueValue}, 1,
            0},
        Row{"ErrorOrTrue", {kFlag, constant(kBool, 0), two(InstKind::Or, 0, 1)}, {kTrueValue}, 1,
            0},
        Row{"ErrorOrFalse", {kFlag, constant(kBool, 0), two(InstKind::Or, 0, 1)}, {kFalseValue}, 0,
            kMissing},
        Row{"NotError", {kFlag, {InstKind::Not, kBool, 0, 0, 0}}, {}, 0, kMissing},
        Row{"HasNeverFails", {{InstKind::HasAttr, kBool, 0, 0, 0}}, {}, 0, 0},
        Row{"IfError", {kFlag, constant(kBool, 0), constant(kBool, 0),
                        {InstKind::If, kBool, 0, 1, 2}}, {kTrueValue}, 0, kMissing},
        Row{"IfTakesOneArm", {constant(kBool, 0), constant(kBool, 0), kFlag,
                              {InstKind::If, kBool, 0, 1, 2}}, {kTrueValue}, 1, 0},
        Row{"LeftmostError", {kNow, kNow, two(InstKind::Lt, 0, 1), kFlag,
                              two(InstKind::And, 2, 3)}, {}, 0,
            make_error(EvalError::UnknownTime)}),
    [](const auto& row) { return row.param.name; });

/// any x in a: all y in b: x > y
std::vector<Inst> above_all() {
  return {constant(kInts, 0), constant(kInts, 1), {InstKind::Var, kInt, 1, 0, 0},
          {InstKind::Var, kInt, 0, 0, 0}, two(InstKind::Gt, 2, 3), two(InstKind::AllOf, 1, 4),
          two(InstKind::AnyOf, 0, 5)};
}

INSTANTIATE_TEST_SUITE_P(
    Quantifiers, Condition,
    testing::Values(
        Row{"AnyOfNothing", adds_to_the_largest(InstKind::AnyOf),
            {ints({}), Value::of_int(INT64_MAX), Value::of_int(0)}, 0, 0},
        Row{"AllOfNothing", adds_to_the_largest(InstKind::AllOf),
            {ints({}), Value::of_int(INT64_MAX), Value::of_int(0)}, 1, 0},
        Row{"AnySettlesPastAnError", adds_to_the_largest(InstKind::AnyOf),
            {ints({0, 1}), Value::of_int(INT64_MAX), Value::of_int(0)}, 1, 0},
        Row{"AnyOfErrors", adds_to_the_largest(InstKind::AnyOf),
            {ints({1, 2}), Value::of_int(INT64_MAX), Value::of_int(0)}, 0, kOverflow},
        Row{"AllWithAnError", adds_to_the_largest(InstKind::AllOf),
            {ints({0, 1}), Value::of_int(INT64_MAX), Value::of_int(0)}, 0, kOverflow},
        Row{"OuterElement", above_all(),
            {ints({1, 5}), ints({2, 3})}, 1, 0},
        Row{"OuterElementNever", above_all(),
            {ints({1, 2}), ints({2, 3})}, 0, 0},
        Row{"AllSettlesPastAnError", adds_to_the_largest(InstKind::AllOf),
            {ints({0, 1}), Value::of_int(INT64_MAX), Value::of_int(INT64_MAX)}, 0, 0}),
    [](const auto& row) { return row.param.name; });

std::vector<Inst> joined(InstKind test) {
  return {kName, constant(kString, 0), two(InstKind::Concat, 0, 1, kString), kName,
          two(InstKind::Concat, 2, 3, kString), constant(kString, 1), two(test, 4, 5)};
}
Value text(const char* of) { return Value::of_text(of); }

INSTANTIATE_TEST_SUITE_P(
    JoinedTexts, Condition,
    testing::Values(
        Row{"Equal", joined(InstKind::Eq), {text("."), text("alice.alice")}, 1, 0},
        Row{"NotEqual", joined(InstKind::Ne), {text("."), text("alice.alicE")}, 1, 0},
        Row{"StartsWith", joined(InstKind::StartsWith), {text("."), text("alice.al")}, 1, 0},
        Row{"StartsWithLonger", joined(InstKind::StartsWith), {text("."), text("alice.alice!")},
            0, 0},
        Row{"EndsWith", joined(InstKind::EndsWith), {text("."), text("e.alice")}, 1, 0},
        Row{"EndsWithOther", joined(InstKind::EndsWith), {text("."), text("x.alice")}, 0, 0},
        Row{"EmptyPiece", joined(InstKind::Eq), {text(""), text("alicealice")}, 1, 0},
        Row{"EmptyEnd", joined(InstKind::EndsWith), {text("."), text("")}, 1, 0}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Numbers, Condition,
    testing::Values(
        Row{"AddOverflows", {constant(kInt, 0), constant(kInt, 1), two(InstKind::Add, 0, 1, kInt),
                             constant(kInt, 1), two(InstKind::Gt, 2, 3)},
            {Value::of_int(INT64_MAX), Value::of_int(1)}, 0, kOverflow},
        Row{"SubOverflows", {constant(kInt, 0), constant(kInt, 1), two(InstKind::Sub, 0, 1, kInt),
                             constant(kInt, 1), two(InstKind::Gt, 2, 3)},
            {Value::of_int(INT64_MIN), Value::of_int(1)}, 0, kOverflow},
        Row{"MulOverflows", {constant(kInt, 0), constant(kInt, 1), two(InstKind::Mul, 0, 1, kInt),
                             constant(kInt, 1), two(InstKind::Gt, 2, 3)},
            {Value::of_int(INT64_MIN), Value::of_int(-1)}, 0, kOverflow},
        Row{"Negative", {constant(kInt, 0), constant(kInt, 1), two(InstKind::Lt, 0, 1)},
            {Value::of_int(-1), Value::of_int(1)}, 1, 0},
        Row{"InSet", {constant(kInt, 0), constant(kInts, 1), two(InstKind::InSet, 0, 1)},
            {Value::of_int(-1), ints({-1, 4})}, 1, 0},
        Row{"SetContains", {constant(kInts, 0), constant(kInt, 1),
                            two(InstKind::SetContains, 0, 1)}, {ints({-1, 4}), Value::of_int(3)},
            0, 0}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace writ::interp
