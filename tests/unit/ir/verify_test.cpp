#include <gtest/gtest.h>

#include <functional>

#include "runtime/ir/builder.h"
#include "runtime/ir/verify.h"

namespace writ::ir {
namespace {

/// One of everything, sound.
Program sound() {
  Builder b;
  Program& p = b.program();
  p.package = b.string("p");
  p.models.push_back({b.string("m"), make_version(1, 0, 0)});
  p.operations.push_back({b.string("Read"), ModelId(0), 0});
  p.operations.push_back({b.string("Write"), ModelId(0), 0});
  p.kinds.push_back({b.string("Topic"), ModelId(0), 0, {OperationId(0), OperationId(1)}, 3,
                     {3, 2}, 1});
  p.kinds.push_back({b.string("Key"), ModelId(0), 0, {OperationId(0)}, 1, {1}, 0});
  p.enumerations.push_back({b.string("auth"), {b.string("scram"), b.string("mtls")}});
  p.enumerations.push_back({b.string("tier"), {b.string("basic")}});
  p.attributes.push_back({b.string("tls"), kVersion, AttributeSource::Observed,
                          AttributeMoment::Session, 0});
  p.attributes.push_back({b.string("auth"), {TypeKind::Enum, true, false, 0},
                          AttributeSource::Observed, AttributeMoment::Session, 1});
  p.attributes.push_back({b.string("labels"), {TypeKind::String, false, true},
                          AttributeSource::Asserted, AttributeMoment::Request, 0});
  p.attributes.push_back({b.string("purpose"), kString, AttributeSource::Declared,
                          AttributeMoment::Resource, 0});
  p.principal_types.push_back({b.string("User"), {}, {}});
  p.scopes.push_back({b.string("acme"), {}, b.string("organization"), {}, false});
  p.scopes.push_back({b.string("prod"), b.string("lkc-1"), b.string("cluster"), ScopeId(0), true});
  p.groups.push_back({b.string("sre"), false, {GroupId(1)}});
  p.groups.push_back({b.string("staff"), true, {}});
  const SubjectId alice = b.principal("User", "alice");
  Subject any;
  any.form = SubjectForm::Any;
  any.except = {alice};
  b.subject(any);
  p.members = {{alice, GroupId(0)}, {alice, GroupId(1)}};
  b.membership(alice);
  b.pattern(PatternForm::Prefix, "a");
  b.pattern(PatternForm::Suffix, "z");
  b.pattern_set({b.string("pci"), KindId(0), {}, {PatternId(0), PatternId(1)}});
  b.network({NetworkForm::Cidr, *parse_cidr("10.0.0.0/8", HostBits::Refuse), {}});
  p.facts.push_back({KindId(1), ScopeId(1), b.string("cmk"),
                     {{AttributeId(3), Value::of_text("signing")}}});
  b.dfa({b.string("a*"), std::vector<std::uint8_t>(256, 0), 1, 1, {0, 1}, {0, 1}});
  b.zone({b.string("Z"), {0, 5}, {0, 60, 120}});
  b.condition({{InstKind::LoadAttr, kVersion, 0, 0, 0},
               {InstKind::Const, kVersion, 0, 0, 0},
               {InstKind::Ge, kBool, 0, 1, 0}},
              {Value::of(TypeKind::Version, 5)});
  b.validity({0, 10});
  Origin origin;
  origin.file = b.string("p.writ");
  p.origins.push_back(origin);
  Grant grant;
  grant.kind = KindId(0);
  grant.operations = 3;
  grant.subject = SubjectId(1);
  grant.pattern = PatternId(0);
  grant.within = PatternSetId(0);
  grant.scope = ScopeId(0);
  grant.network = NetworkId(0);
  grant.condition = ConditionId(0);
  grant.validity = ValidityId(0);
  grant.origin = OriginId(0);
  grant.number = 1;
  p.grants = {grant, grant};
  return b.take();
}

struct Break {
  const char* name;
  std::function<void(Program&)> alter;
  const char* message;
};
void PrintTo(const Break& row, std::ostream* out) { *out << row.name; }

class Verifier : public testing::TestWithParam<Break> {};

TEST(Verify, AcceptsASoundProgram) {
  const Status status = verify(sound());
  EXPECT_TRUE(status) << status.error().message;
}

TEST_P(Verifier, RefusesAndNames) {
  Program program = sound();
  GetParam().alter(program);
  const Status status = verify(program);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, GetParam().message);
}

constexpr auto kName = [](const auto& row) { return row.param.name; };

INSTANTIATE_TEST_SUITE_P(
    Stores, Verifier,
    testing::Values(
        Break{"EqualStrings", [](Program& p) { p.strings[1] = p.strings[0]; },
              "string 1: says what another string says"},
        Break{"TooManyOperations", [](Program& p) { p.kinds[0].operations.resize(33); },
              "kind 0: has more than 32 operations"},
        Break{"ImpliesNotItself", [](Program& p) { p.kinds[0].implied_by[0] = 2; },
              "kind 0: has an operation that does not imply itself"},
        Break{"BitsBeyond", [](Program& p) { p.kinds[0].infrastructure = 4; },
              "kind 0: has bits beyond its operations"},
        Break{"KindTwice", [](Program& p) { p.kinds[1].name = p.kinds[0].name; },
              "kind 0: two have one name"},
        Break{"AttributeSlot", [](Program& p) { p.attributes[1].slot = 0; },
              "attribute 1: is not in the next slot of its moment"},
        Break{"AttributeType", [](Program& p) { p.attributes[1].type.enumeration = 2; },
              "attribute 1: has no sound type"},
        Break{"ScopeOrder", [](Program& p) { p.scopes[0].parent = ScopeId(1); },
              "scope 0: stands before its parent"},
        Break{"ScopeIdTwice", [](Program& p) { p.scopes[0].id = p.scopes[1].id; },
              "scope 0: two have one id"},
        Break{"HostBits", [](Program& p) { p.networks[0].cidr.base.low |= 1; },
              "network 0: has host bits set or a length that no address has"},
        Break{"GroupInItself", [](Program& p) { p.groups[1].within = {GroupId(1)}; },
              "group 1: contains itself"},
        Break{"ExceptOrder", [](Program& p) { p.subjects[1].except = {SubjectId(1)}; },
              "subject 1: stands before its exception"},
        Break{"MemberOrder", [](Program& p) { std::swap(p.members[0], p.members[1]); },
              "member 0: members do not ascend"},
        Break{"EmptySuffix", [](Program& p) {
                p.strings.emplace_back();
                p.patterns[1].text = StringId(p.strings.size() - 1);
              }, "pattern 1: would cover every name"},
        Break{"SetOrder", [](Program& p) { std::swap(p.pattern_sets[0].patterns[0],
                                                     p.pattern_sets[0].patterns[1]); },
              "pattern set 0: its patterns do not ascend"},
        Break{"FactType", [](Program& p) { p.facts[0].values[0].second = Value::of_int(1); },
              "facts 0: say a value that does not fit its attribute"},
        Break{"DfaTransition", [](Program& p) { p.dfas[0].transitions[1] = 2; },
              "automaton 0: goes to an unknown state, or leaves the dead one"},
        Break{"DfaSize", [](Program& p) { p.dfas[0].accepting.resize(1'025); },
              "automaton 0: has over 1,024 states"},
        Break{"ZoneOrder", [](Program& p) { p.zones[0].at_seconds = {5, 0}; },
              "zone 0: its transitions do not ascend"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Conditions, Verifier,
    testing::Values(
        Break{"OperandAfter", [](Program& p) { p.shapes[0].insts[2].b = 2; },
              "shape 0: is not a tree in post-order"},
        Break{"OperandTwice", [](Program& p) { p.shapes[0].insts[2].a = 1; },
              "shape 0: is not a tree in post-order"},
        Break{"Unused", [](Program& p) {
                p.shapes[0].insts.insert(p.shapes[0].insts.begin(),
                                         {InstKind::Now, kTime, 0, 0, 0});
                p.shapes[0].insts[3].a = 1;
                p.shapes[0].insts[3].b = 2;
              }, "shape 0: has instructions that nothing uses"},
        Break{"WrongOperand", [](Program& p) { p.shapes[0].insts[0] =
                                                  {InstKind::Host, kIp, 0, 0, 0}; },
              "shape 0: has an instruction whose operands or type do not fit"},
        Break{"VarOutside", [](Program& p) { p.shapes[0].insts[0] =
                                                {InstKind::Var, kVersion, 0, 0, 0}; },
              "shape 0: has an instruction whose operands or type do not fit"},
        Break{"VarTooFarOut", [](Program& p) {
                constexpr Type ints{TypeKind::Int, false, true};
                p.constants[0] = {ints, 0, {}, {}, {}};
                p.shapes[0].constant_types = {ints};
                p.shapes[0].insts = {{InstKind::Const, ints, 0, 0, 0},
                                     {InstKind::Var, kInt, 1, 0, 0},
                                     {InstKind::Var, kInt, 0, 0, 0},
                                     {InstKind::Gt, kBool, 1, 2, 0},
                                     {InstKind::AnyOf, kBool, 0, 3, 0}};
              }, "shape 0: has an instruction whose operands or type do not fit"},
        Break{"NotABool", [](Program& p) {
                p.shapes[0].insts = {{InstKind::SessionAge, kDuration, 0, 0, 0}};
              }, "shape 0: does not answer a Bool"},
        Break{"SessionFlag", [](Program& p) { p.shapes[0].session_only = false; },
              "shape 0: does not say truly whether it reads the session alone"},
        Break{"ConstantType", [](Program& p) { p.constants[0] = Value::of_int(5); },
              "condition 0: has a constant of another type than its shape"},
        Break{"ConstantPast", [](Program& p) { p.conditions[0].first_constant = 1; },
              "condition 0: reads past the constants"},
        Break{"TwoEnums", [](Program& p) {
                const Type auth{TypeKind::Enum, false, false, 0};
                const Type tier{TypeKind::Enum, false, false, 1};
                p.shapes[0] = {{{InstKind::Const, auth, 0, 0, 0}, {InstKind::Const, tier, 1, 0, 0},
                                {InstKind::Eq, kBool, 0, 1, 0}}, {auth, tier}, true};
              }, "shape 0: has an instruction whose operands or type do not fit"},
        Break{"JoinedTextInContains", [](Program& p) {
                const Inst name{InstKind::PrincipalName, kString, 0, 0, 0};
                p.shapes[0] = {{name, name, {InstKind::Concat, kString, 0, 1, 0}, name,
                                {InstKind::Contains, kBool, 2, 3, 0}}, {kVersion}, true};
              }, "shape 0: has an instruction whose operands or type do not fit"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Grants, Verifier,
    testing::Values(
        Break{"Numbers", [](Program& p) { p.grants[0].number = 2; },
              "grant 1: has a lower number than the one before"},
        Break{"AllowingGuard", [](Program& p) {
                p.grants[0].layer = Layer::Guard;
                p.grants[0].effect = Effect::Allow;
              }, "grant 0: is a guard that allows"},
        Break{"Operations", [](Program& p) {
                p.grants[0].operations = 4;
                p.grants[0].effect = Effect::Allow;
              },
              "grant 0: allows operations beyond those of its kind"},
        Break{"LoosePattern", [](Program& p) { p.grants[0].pattern = PatternId(1); },
              "grant 0: its pattern may stand in a set of patterns only"},
        Break{"OtherKind", [](Program& p) { p.pattern_sets[0].kind = KindId(1); },
              "grant 0: its set of patterns is of another kind"},
        Break{"Subject", [](Program& p) { p.grants[1].subject = {}; },
              "grant 1: its subject is unknown"},
        Break{"ConditionalSuperuser", [](Program& p) {
                p.grants[0].layer = Layer::Superuser;
                p.grants[0].effect = Effect::Allow;
              }, "grant 0: limits infrastructure or superusers by what they ask"}),
    kName);

TEST(Verify, KeepsTheLimitOfInstructions) {
  const auto chain = [](std::size_t nots) {
    Program p = sound();
    p.shapes[0] = {{{InstKind::Const, kBool, 0, 0, 0}}, {kBool}, true};
    p.constants[0] = Value::boolean(true);
    for (std::uint32_t i = 0; i < nots; ++i) {
      p.shapes[0].insts.push_back({InstKind::Not, kBool, i, 0, 0});
    }
    return p;
  };
  EXPECT_TRUE(verify(chain(4'095)));
  const Status above = verify(chain(4'096));
  ASSERT_FALSE(above);
  EXPECT_EQ(above.error().code, ErrorCode::Limit);
}

TEST(Cost, CountsTheLongestChain) {
  Builder b;
  Program& p = b.program();
  p.kinds.push_back({b.string("Topic"), {}, 0, {}, 0, {}, 0});
  for (const auto& [form, text] : {std::pair{PatternForm::Any, ""}, {PatternForm::Prefix, "a"},
                                   {PatternForm::Prefix, "a.b"}, {PatternForm::Literal, "a.b"},
                                   {PatternForm::Literal, "a.b.c"}, {PatternForm::Prefix, "b"},
                                   {PatternForm::Literal, "b"}}) {
    Grant grant;
    grant.kind = KindId(0);
    grant.pattern = b.pattern(form, text);
    p.grants.push_back(grant);
  }
  EXPECT_EQ(cost(b.take()).chain_length, 4U);
}

}  // namespace
}  // namespace writ::ir
