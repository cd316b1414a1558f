#include <gtest/gtest.h>

#include "runtime/ir/builder.h"
#include "runtime/ir/print.h"

namespace writ::ir {
namespace {

class Printed : public testing::Test {
 protected:
  Printed() {
    Program& p = b.program();
    p.operations.push_back({b.string("Read"), {}, 0});
    p.operations.push_back({b.string("Write"), {}, 0});
    p.kinds.push_back({b.string("Topic"), {}, 0, {OperationId(0), OperationId(1)}, 3, {1, 2}, 0});
    p.groups.push_back({b.string("sre"), false, {}});
    grant.kind = KindId(0);
    grant.operations = 1;
    grant.effect = Effect::Allow;
    grant.pattern = b.pattern(PatternForm::Prefix, "orders.");
    grant.subject = b.principal("User", "alice");
  }
  std::string text() { return grant_text(b.program(), grant); }
  Builder b;
  Grant grant;
};

TEST_F(Printed, GrantReadsAsPolicy) {
  grant.network = b.network({NetworkForm::Cidr, *parse_cidr("10.0.0.0/8", HostBits::Refuse), {}});
  EXPECT_EQ(text(), "allow Read on Topic \"orders.\"* to User:alice from 10.0.0.0/8");
}

TEST_F(Printed, AllOperationsAreAny) {
  grant.operations = 3;
  grant.effect = Effect::Deny;
  grant.pattern = b.pattern(PatternForm::Any, "");
  Subject any;
  any.form = SubjectForm::Any;
  any.except = {b.subject({SubjectForm::Group, {}, {}, GroupId(0), {}, {}})};
  grant.subject = b.subject(any);
  EXPECT_EQ(text(), "deny any on Topic * to any except sre");
}

TEST_F(Printed, OddNamesAreQuoted) {
  grant.subject = b.principal("User", "CN=alice,O=acme");
  grant.pattern = b.pattern(PatternForm::Literal, "a\"b\n");
  EXPECT_EQ(text(), "allow Read on Topic \"a\\\"b\\n\" to User:\"CN=alice,O=acme\"");
}

TEST_F(Printed, ValidityAndTagsAndConditions) {
  grant.except = b.pattern_set({b.string("pci"), KindId(0), {}, {}});
  grant.validity = b.validity({INT64_MIN, *parse_time("2027-01-01")});
  grant.condition = b.condition({{InstKind::Now, kTime, 0, 0, 0},
                                 {InstKind::Hour, kInt, 0, 0, 0},
                                 {InstKind::Const, kInt, 0, 0, 0},
                                 {InstKind::Lt, kBool, 1, 2, 0}},
                                {Value::of_int(8)});
  EXPECT_EQ(text(),
            "allow Read on Topic \"orders.\"* except tagged pci to User:alice when time.hour < 8 "
            "until 2027-01-01T00:00:00Z");
}

TEST_F(Printed, StatementIsTheOriginsOrTheGrants) {
  EXPECT_EQ(statement_text(b.program(), grant), text());
  Origin origin;
  origin.statement = b.string("allow Read on Topic * to sre");
  b.program().origins.push_back(origin);
  grant.origin = OriginId(0);
  EXPECT_EQ(statement_text(b.program(), grant), "allow Read on Topic * to sre");
}

}  // namespace
}  // namespace writ::ir
