#include "tests/unit/expr/fixture.h"

#include <gtest/gtest.h>

namespace writ::check {
namespace {

struct Row {
  const char* name;
  const char* text;
  const char* code;
  const char* message;  // a part of it
  const char* help;     // a part of it
};

void PrintTo(const Row& row, std::ostream* out) {
  *out << row.text;
}

class ExprMistake : public testing::TestWithParam<Row> {};

TEST_P(ExprMistake, IsSaidOnceWithItsCure) {
  const Checked result = checked(GetParam().text);
  EXPECT_EQ(result.errors, 1U);
  EXPECT_EQ(result.code, GetParam().code);
  EXPECT_NE(result.message.find(GetParam().message), std::string::npos) << result.message;
  EXPECT_NE(result.help.find(GetParam().help), std::string::npos) << result.help;
  EXPECT_TRUE(result.tree.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Types, ExprMistake,
    testing::Values(
        Row{"VersionAsInt", "tls.version >= 2", "E0301",
            "`>=` cannot compare a Version with an Int", "2.0"},
        Row{"SetByEquality", "labels == \"a\"", "E0301", "a set of String with a String",
            "use `in`"},
        Row{"InForEquality", "ticket in \"a\"", "E0301", "`in` does not fit", "compare with `==`"},
        Row{"QuotedMember", "auth == \"scram\"", "E0301", "an Auth with a String",
            "without quotes: `scram`"},
        Row{"NetworkByEquality", "host == 10.0.0.0/8", "E0301", "an Ip with a Cidr", "use `in`"},
        Row{"QuotedAddress", "host == \"10.0.0.1\"", "E0301", "an Ip with a String", "10.0.0.1"},
        Row{"UnitlessDuration", "session.age < 8", "E0301", "a Duration with an Int", "8h"},
        Row{"NotABool", "retries", "E0301", "a Bool is expected here, not an Int", "compare it"},
        Row{"NotABoolInside", "break_glass and retries", "E0301", "a Bool is expected",
            "compare it"},
        Row{"BoolOrder", "break_glass < true", "E0301", "a Bool has no order", "`==`"},
        Row{"AddTimes", "time + time == time", "E0301", "`+` does not fit", "subtracted"},
        Row{"StartsWithInt", "retries startsWith \"1\"", "E0301", "`startsWith` tests a String",
            ""},
        Row{"QuantifierOverInt", "any x in retries: x == 1", "E0301", "`any` walks a set", "set"},
        Row{"ThenElse", "(if break_glass then 1 else \"x\") == 1", "E0301", "different types",
            "same type"},
        Row{"PrincipalAlone", "principal", "E0301", "not a value by itself", "principal in group"},
        Row{"PrincipalOrder", "principal < User:a", "E0301", "has no order", "`==`"},
        Row{"PrincipalIsText", "principal == \"alice\"", "E0301", "compared with one principal",
            "principal.name"},
        Row{"PrincipalIsGroup", "principal == sre", "E0301", "compared with one principal",
            "principal in sre"},
        Row{"StrayPrincipal", "ticket == User:alice", "E0301", "`principal` alone",
            "principal == "},
        Row{"NetworkIsAddress", "network == 10.0.0.0/8", "E0301", "asked for its class",
            "host in 10.0.0.0/8"},
        Row{"FieldOfInt", "retries.hour == 1", "E0301", "an Int has no field", "Time"},
        Row{"RangeOfTypes", "retries in 1..1.2", "E0301", "cannot compare an Int with a Version",
            "without a dot"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Names, ExprMistake,
    testing::Values(
        Row{"Typo", "tls.versoin >= 1.2", "E0201", "`tls.versoin` is not declared",
            "`tls.version`"},
        Row{"TimeTypo", "time.houre == 1", "E0201", "`houre`", "`hour`"},
        Row{"Group", "sre", "E0201", "`sre` is not declared", "principal in sre"},
        Row{"HostInClass", "host in private_link", "E0201", "private_link",
            "network == private_link"},
        Row{"Tag", "pci", "E0201", "`pci`", "t tagged pci"},
        Row{"UnquotedText", "ticket == zzzzzzzz", "E0201", "`zzzzzzzz`", "\"zzzzzzzz\""},
        Row{"UnknownGroup", "principal in onkall", "E0201", "`onkall`", "`oncall`"},
        Row{"UnknownClass", "network == peerin", "E0201", "network class `peerin`", "`peering`"},
        Row{"UnknownTag", "t tagged pcii", "E0201", "`pcii`", "`pci`"},
        Row{"UnknownMember", "auth == scran", "E0302", "`scran` is not a member of `Auth`",
            "`scram`"},
        Row{"MemberList", "auth == kerberos", "E0302", "`kerberos`", "mtls, oauth, scram"},
        Row{"ThreeQuantifiers", "any x in labels: any y in labels: any z in labels: x == z",
            "E0307",
            "more than 2", "statement of its own"},
        Row{"BareResource", "t == \"x\"", "E0303", "its name or its tags", "`t.name`"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Others, ExprMistake,
    testing::Values(
        Row{"Regex", "ticket matches \"(\"", "E0304", "not a usable regular expression", "RE2"},
        Row{"Backreference", "ticket matches \"(a)\\\\1\"", "E0304", "not a usable", "RE2"},
        Row{"VariableRegex", "ticket matches t.name", "E0308", "written out", "quotes"},
        Row{"Overflow", "retries > 9223372036854775807 + 1", "E0305", "64 bits", "smaller"},
        Row{"EmptyRange", "time.hour in 22..<6", "E0306", "nothing is in this range", "or x <"},
        Row{"Zone", "(time in \"Europe/Zurick\").hour < 8", "E0309", "Europe/Zurick",
            "Europe/Zurich"},
        Row{"StrayJoin", "any x in labels: (if break_glass then x + \"a\" else x) == x", "E0310",
            "joined only to be compared", "startsWith"},
        Row{"JoinedOrder", "ticket + \"a\" < \"b\"", "E0310", "joined", "=="},
        Row{"HostBits", "host in 10.1.0.0/8", "E0601", "host bits", "10.0.0.0/8"}),
    [](const auto& row) { return row.param.name; });

TEST(ExprMistakes, AreReportedEachOnce) {
  EXPECT_EQ(checked("nosuch == 1 and retries == \"x\"").errors, 2U);
  EXPECT_EQ(checked("nosuch + 1 > retries * 2 and break_glass").errors, 1U);
  EXPECT_EQ(checked("any x in nosuch: x == 1").errors, 1U);
}

TEST(ExprMistakes, ARequestIsNotReadInANetworkClass) {
  EXPECT_EQ(checked("retries == 1", Place::NetworkClass).code, "E0303");
  EXPECT_EQ(checked("time < 2027-01-01", Place::NetworkClass).code, "E0303");
  EXPECT_EQ(checked("network == peering", Place::NetworkClass).code, "E0303");
}

TEST(ExprMistakes, NothingElseIsReadInAPrincipalTest) {
  EXPECT_EQ(checked("host in 10.0.0.0/8", Place::PrincipalTest).code, "E0303");
  EXPECT_EQ(checked("principal in sre", Place::PrincipalTest).code, "E0303");
  EXPECT_EQ(checked("retries == 1", Place::PrincipalTest).code, "E0303");
}

TEST(ExprMistakes, TheResourceNeedsAName) {
  const Checked result = checked("t.name == \"x\"", Place::NoVariable);
  EXPECT_EQ(result.code, "E0201");
  EXPECT_NE(result.help.find("`as t`"), std::string::npos) << result.help;
  EXPECT_EQ(checked("t tagged pci", Place::NoVariable).code, "E0303");
}

TEST(ExprMistakes, AChainMayBeLongButAConditionHasALimit) {
  std::string chain = "break_glass";
  for (int i = 0; i < 2000; ++i)
    chain += " and break_glass";
  EXPECT_EQ(checked(chain).errors, 0U);
  for (int i = 0; i < 2000; ++i)
    chain += " and break_glass";
  EXPECT_EQ(checked(chain).code, "E0307");
}

}  // namespace
}  // namespace writ::check
