#include "tests/unit/expr/fixture.h"

#include <gtest/gtest.h>

namespace writ::check {
namespace {

struct Row {
  const char* name;
  const char* text;
  const char* tree;
};

void PrintTo(const Row& row, std::ostream* out) {
  *out << row.text;
}

class ExprTree : public testing::TestWithParam<Row> {};

TEST_P(ExprTree, IsAsWritten) {
  const Checked result = checked(GetParam().text);
  EXPECT_EQ(result.message, "") << result.help;
  EXPECT_EQ(result.tree, GetParam().tree);
}

INSTANTIATE_TEST_SUITE_P(
    Values, ExprTree,
    testing::Values(Row{"BareBool", "break_glass", "break_glass"},
                    Row{"NotBool", "not break_glass", "(not break_glass)"},
                    Row{"Version", "tls.version >= 1.2", "(ge tls.version 1.2)"},
                    Row{"Int", "retries != 3", "(ne retries 3)"},
                    Row{"EnumMember", "auth == scram", "(eq auth 2)"},
                    Row{"EnumMemberFirst", "mtls == auth", "(eq 0 auth)"},
                    Row{"EnumOrder", "auth < second", "(lt auth second)"},
                    Row{"Date", "time < 2026-12-20", "(lt now 2026-12-20T00:00:00Z)"},
                    Row{"Duration", "session.age <= 8h", "(le session.age 8h)"},
                    Row{"Host", "host == 10.0.0.1", "(eq host 10.0.0.1)"},
                    Row{"PrincipalName", "principal.name == \"x\"", "(eq principal.name \"x\")"},
                    Row{"PrincipalType", "principal.type != \"User\"",
                        "(ne principal.type \"User\")"},
                    Row{"ResourceName", "t.name == ticket", "(eq resource.name ticket)"},
                    Row{"Fact", "key.cluster == \"lkc-1\"", "(eq key.cluster \"lkc-1\")"},
                    Row{"Has", "has tls.version", "has:tls.version"},
                    Row{"Tagged", "t tagged pci", "covered:0"},
                    Row{"FoldedComparison", "1 < 2", "true"},
                    Row{"FoldedNot", "not true", "false"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Joins, ExprTree,
    testing::Values(Row{"AndChain", "break_glass and retries > 1 and size < 2",
                        "(and (and break_glass (gt retries 1)) (lt size 2))"},
                    Row{"OrUnderAnd", "(break_glass or retries > 1) and size < 2",
                        "(and (or break_glass (gt retries 1)) (lt size 2))"},
                    Row{"If", "if break_glass then retries > 1 else size < 2",
                        "(if break_glass (gt retries 1) (lt size 2))"},
                    Row{"IfOfEnum", "auth == (if break_glass then mtls else second)",
                        "(eq auth (if break_glass 0 second))"},
                    Row{"AnyOfAttribute", "any l in labels: l startsWith \"a\"",
                        "(any labels (starts_with var \"a\"))"},
                    Row{"AllOfEnum", "all m in methods: m == mtls", "(all methods (eq var 0))"},
                    Row{"OuterVariable", "any a in labels: all b in labels: a == b",
                        "(any labels (all labels (eq var^ var)))"},
                    Row{"OuterVariableWalked", "all n in { 1, 2 }: any m in { 3 }: n < m and n > 0",
                        "(all { 1, 2 } (any { 3 } (and (lt var^ var) (gt var^ 0))))"},
                    Row{"AnyOfLiterals", "any n in { 1, 2 }: n == retries",
                        "(any { 1, 2 } (eq var retries))"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Arithmetic, ExprTree,
    testing::Values(
        Row{"Add", "retries + 1 > size", "(gt (add retries 1) size)"},
        Row{"Folded", "retries > 2 * 3 + 1", "(gt retries 7)"},
        Row{"TimeMinusDuration", "time - 1h < auth.expires", "(lt (sub now 1h) auth.expires)"},
        Row{"TimeMinusTime", "auth.expires - time > 15m", "(gt (sub auth.expires now) 15m)"},
        Row{"DurationPlusTime", "1h + time < auth.expires", "(lt (add now 1h) auth.expires)"},
        Row{"IntTimesDuration", "session.age < retries * window",
            "(lt session.age (mul window retries))"},
        Row{"JoinedText", "t.name startsWith principal.name + \".\"",
            "(starts_with resource.name (concat principal.name \".\"))"},
        Row{"JoinedTwice", "t.name == \"a\" + principal.name + \"z\"",
            "(eq resource.name (concat (concat \"a\" principal.name) \"z\"))"},
        Row{"FoldedText", "t.name == \"a\" + \"b\"", "(eq resource.name \"ab\")"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Membership, ExprTree,
    testing::Values(
        Row{"Closed", "retries in 1..3", "(and (ge retries 1) (le retries 3))"},
        Row{"HalfOpen", "time.hour in 8..<18", "(and (ge (hour now) 8) (lt (hour now) 18))"},
        Row{"Dates", "time in 2026-12-20 ..< 2027-01-04",
            "(and (ge now 2026-12-20T00:00:00Z) (lt now 2027-01-04T00:00:00Z))"},
        Row{"Weekdays", "time.weekday in Monday..Friday",
            "(and (ge (weekday now) 1) (le (weekday now) 5))"},
        Row{"WeekdaySet", "time.weekday in { Saturday, Sunday }",
            "(in_set (weekday now) { 6, 7 })"},
        Row{"OneWeekday", "time.weekday == Monday", "(eq (weekday now) 1)"},
        Row{"SortedOnce", "retries in { 3, 1, 3 }", "(in_set retries { 1, 3 })"},
        Row{"EnumSet", "auth in { mtls, oauth }", "(in_set auth { 0, 1 })"},
        Row{"NotIn", "auth not in { mtls }", "(not (in_set auth { 0 }))"},
        Row{"MixedSet", "retries in { 1, size }", "(or (in_set retries { 1 }) (eq retries size))"},
        Row{"Network", "host in 10.0.0.0/8", "(in_cidr host 10.0.0.0/8)"},
        Row{"NetworkAttribute", "host in home", "(in_cidr host home)"},
        Row{"Networks", "host in { 10.0.0.0/8, 192.0.2.1 }",
            "(in_set host { 10.0.0.0/8, 192.0.2.1/32 })"},
        Row{"NetworkSet", "host in nets", "(in_set host nets)"},
        Row{"Address", "host in 10.0.0.1", "(eq host 10.0.0.1)"},
        Row{"Attribute", "ticket in labels", "(in_set ticket labels)"},
        Row{"BareInAttribute", "scram in methods", "(in_set 2 methods)"},
        Row{"Class", "network == private_link", "network:0"},
        Row{"OtherClass", "network != peering", "(not network:1)"},
        Row{"Classes", "network in { private_link, peering }", "(or network:0 network:1)"},
        Row{"Group", "principal in oncall", "member:group:oncall"},
        Row{"NotGroup", "principal not in sre", "(not member:group:sre)"},
        Row{"Groups", "principal in { sre, User:alice }",
            "(or member:group:sre member:User:alice)"},
        Row{"Principal", "principal == User:alice", "member:User:alice"},
        Row{"OtherPrincipal", "principal != User:alice", "(not member:User:alice)"},
        Row{"PrincipalType", "principal in Human", "member:type:Human"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Texts, ExprTree,
    testing::Values(Row{"EndsWith", "t.name endsWith \"-x\"", "(ends_with resource.name \"-x\")"},
                    Row{"Contains", "ticket contains \"INC\"", "(contains ticket \"INC\")"},
                    Row{"SetContains", "labels contains \"a\"", "(set_contains labels \"a\")"},
                    Row{"EnumSetContains", "methods contains oauth", "(set_contains methods 1)"},
                    Row{"Matches", "ticket matches \"INC-[0-9]+\"", "(matches ticket)"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Times, ExprTree,
    testing::Values(
        Row{"Zoned", "(time in \"Europe/Zurich\").hour < 8", "(lt (hour (local now)) 8)"},
        Row{"ZonedWeekday", "(time in \"Europe/Zurich\").weekday in Monday..Friday",
            "(and (ge (weekday (local now)) 1) (le (weekday (local now)) 5))"},
        Row{"FieldOfAttribute", "auth.expires.year == 2027", "(eq (year auth.expires) 2027)"},
        Row{"Minute", "time.minute == 0", "(eq (minute now) 0)"}),
    [](const auto& row) { return row.param.name; });

TEST(Expr, NumbersConstantsInReadingOrder) {
  const Checked result = checked("retries in 5..9 and size != 5");
  ASSERT_EQ(result.typed.constants.size(), 3U);
  EXPECT_EQ(result.typed.constants[0].integer, 5);
  EXPECT_EQ(result.typed.constants[1].integer, 9);
  EXPECT_EQ(result.typed.constants[2].integer, 5);
}

TEST(Expr, NamesTheAssertedAttribute) {
  EXPECT_FALSE(checked("retries > 1").typed.reads_asserted);
  const Checked result = checked("retries > 1 and break_glass and has ticket");
  EXPECT_TRUE(result.typed.reads_asserted);
  EXPECT_EQ(result.typed.asserted_name, "break_glass");
}

TEST(Expr, ReadsTheParametersOfARole) {
  EXPECT_EQ(checked("t.name startsWith ns + \".\"", Place::Role).tree,
            "(starts_with resource.name \"ledger.\")");
}

TEST(Expr, ReadsTheNameAloneInAPrincipalTest) {
  EXPECT_EQ(checked("name startsWith \"sa-\"", Place::PrincipalTest).tree,
            "(starts_with principal.name \"sa-\")");
}

TEST(Expr, ReadsTheSessionInANetworkClass) {
  EXPECT_EQ(checked("listener == \"PLINK\" and host in 10.20.0.0/16", Place::NetworkClass).tree,
            "(and (eq listener \"PLINK\") (in_cidr host 10.20.0.0/16))");
}

TEST(Expr, JoinsTwoConditions) {
  const Checked a = checked("retries == 1");
  const Checked b = checked("retries == 2 or retries == 3");
  const TypedExpr both = conjunction(a.typed, b.typed);
  ASSERT_EQ(both.insts.size(), 3U + 7U + 1U);
  EXPECT_EQ(both.insts.back().kind, ir::InstKind::And);
  EXPECT_EQ(both.insts.back().a, 2U);
  EXPECT_EQ(both.insts.back().b, 9U);
  ASSERT_EQ(both.constants.size(), 3U);
  EXPECT_EQ(both.insts[4].a, 1U);
  EXPECT_EQ(conjunction(a.typed, TypedExpr{kBool, {}, {}, false, ""}).insts, a.typed.insts);
  EXPECT_EQ(conjunction(TypedExpr{kBool, {}, {}, false, ""}, a.typed).insts, a.typed.insts);
  EXPECT_TRUE(conjunction(a.typed, TypedExpr{}).insts.empty());
}

TEST(Constant, IsOfTheTypeThatIsExpected) {
  EXPECT_EQ(constant("1 + 2", kInt), "3");
  EXPECT_EQ(constant("oauth", auth_type()), "1");
  EXPECT_EQ(constant("1.3", kVersion), "1.3");
  EXPECT_EQ(constant("{ 2, 1 }", {TypeKind::Int, false, true}), "{ 1, 2 }");
  EXPECT_EQ(constant("2", kVersion), "E0301");
  EXPECT_EQ(constant("retries", kInt), "E0308");
}

}  // namespace
}  // namespace writ::check
