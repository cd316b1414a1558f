// LANGUAGE.md section 3, rule by rule.
#include <gtest/gtest.h>

#include <functional>

#include "runtime/base/limits.h"
#include "runtime/reference/reference.h"
#include "tests/unit/reference/policy.h"

namespace writ::reference {
namespace {

using ir::Layer;

struct Row {
  const char* name;
  std::function<void(Policy&)> policy;
  std::function<void(SessionFacts&, RequestFacts&)> ask;
  const char* said;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
const auto kAsIs = [](SessionFacts&, RequestFacts&) {};
const auto kNoGroups = [](SessionFacts& s, RequestFacts&) { s.groups.reset(); };
const auto kNoHost = [](SessionFacts& s, RequestFacts&) { s.host.reset(); };
const auto kNoTime = [](SessionFacts&, RequestFacts& r) { r.time_us.reset(); };

std::function<void(SessionFacts&, RequestFacts&)> as(const char* type, const char* name) {
  return [type, name](SessionFacts& s, RequestFacts&) {
    s.principal_type = type;
    s.principal_name = name;
  };
}
std::function<void(SessionFacts&, RequestFacts&)> from(const char* host) {
  return [host](SessionFacts& s, RequestFacts&) { s.host = host; };
}
std::function<void(SessionFacts&, RequestFacts&)> in_group(const char* group) {
  return [group](SessionFacts& s, RequestFacts&) {
    s.principal_name = "carol";
    s.groups = {group};
  };
}
std::function<void(SessionFacts&, RequestFacts&)> at(const char* scope) {
  return [scope](SessionFacts& s, RequestFacts&) { s.scope = scope; };
}
std::function<void(SessionFacts&, RequestFacts&)> named(const char* name) {
  return [name](SessionFacts&, RequestFacts& r) { r.name = name; };
}
std::function<void(SessionFacts&, RequestFacts&)> operation(const char* name) {
  return [name](SessionFacts&, RequestFacts& r) { r.operation = name; };
}
std::function<void(SessionFacts&, RequestFacts&)> flag(std::optional<Value> value) {
  return [value](SessionFacts& s, RequestFacts&) { s.attributes = {{"flag", value}}; };
}

class Decide : public testing::TestWithParam<Row> {};

TEST_P(Decide, AsTheLanguageSays) {
  Policy policy;
  GetParam().policy(policy);
  SessionFacts session = alice();
  RequestFacts request = read_a();
  GetParam().ask(session, request);
  const ir::Program program = policy.program();
  EXPECT_EQ(said(program, decide(program, session, request)), GetParam().said);
}

constexpr auto kName = [](const auto& row) { return row.param.name; };
const auto kAllow = [](Policy& p) { p.allow({}); };

INSTANTIATE_TEST_SUITE_P(
    Rule3_2_Applies, Decide,
    testing::Values(
        Row{"Nothing", [](Policy&) {}, kAsIs, "deny default"},
        Row{"Allow", kAllow, kAsIs, "allow allow#1"},
        Row{"OtherOperation", kAllow, operation("Write"), "deny default"},
        Row{"AllowImplies", kAllow, operation("Describe"), "allow allow#1"},
        Row{"DenyImpliesNothing", [](Policy& p) { p.deny({}); p.allow({.operations = "any"}); },
            operation("Describe"), "allow allow#2"},
        Row{"OtherPrincipal", kAllow, as("User", "bob"), "deny default"},
        Row{"OtherType", kAllow, as("Group", "alice"), "deny default"},
        Row{"Literal", [](Policy& p) { p.allow({.pattern = "a"}); }, named("ab"), "deny default"},
        Row{"Prefix", [](Policy& p) { p.allow({.pattern = "a*"}); }, named("ab"),
            "allow allow#1"},
        Row{"PrefixItself", [](Policy& p) { p.allow({.pattern = "a*"}); }, kAsIs,
            "allow allow#1"},
        Row{"ScopeAbove", kAllow, at("test.orders"), "allow allow#1"},
        Row{"ScopeBeside", [](Policy& p) { p.allow({.scope = "test"}); }, kAsIs, "deny default"},
        Row{"Network", [](Policy& p) { p.allow({.from = "10.0.0.0/8"}); }, kAsIs,
            "allow allow#1"},
        Row{"OtherNetwork", [](Policy& p) { p.allow({.from = "10.0.0.0/8"}); }, from("11.0.0.1"),
            "deny default"},
        Row{"MappedHost", [](Policy& p) { p.allow({.from = "10.0.0.0/8"}); },
            from("::ffff:10.0.0.1"), "allow allow#1"},
        Row{"ZoneIgnoredByNetwork", [](Policy& p) { p.allow({.from = "fe80::/10"}); },
            from("fe80::1%eth0"), "allow allow#1"},
        Row{"ZoneAgainstExact", [](Policy& p) { p.allow({.from = "exact:fe80::1"}); },
            from("fe80::1%eth0"), "deny default"},
        Row{"Exact", [](Policy& p) { p.allow({.from = "exact:fe80::1"}); },
            from("fe80:0::0001"), "allow allow#1"},
        Row{"Text", [](Policy& p) { p.allow({.from = "text:fe80::1%eth0"}); },
            from("fe80::1%eth0"), "allow allow#1"},
        Row{"Never", [](Policy& p) { p.deny({.from = "never"}); }, kAsIs, "deny default"},
        Row{"ConditionFalse", [](Policy& p) { p.allow({.when = "false"}); }, kAsIs,
            "deny default"},
        Row{"Expired", [](Policy& p) {
              p.allow({.validity = p.builder.validity({INT64_MIN, *parse_time("2026-11-24")})});
            }, kAsIs, "deny default"},
        Row{"NotBefore", [](Policy& p) {
              p.allow({.validity = p.builder.validity({*parse_time("2026-11-24"), INT64_MAX})});
            }, kAsIs, "allow allow#1"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Who, Decide,
    testing::Values(
        Row{"ClosedGroup", [](Policy& p) { p.allow({.subject = "sre"}); }, kAsIs,
            "allow allow#1"},
        Row{"ClosedGroupIsNotVouchedFor", [](Policy& p) { p.allow({.subject = "sre"}); },
            in_group("sre"), "deny default"},
        Row{"ClosedGroupIsKnown", [](Policy& p) { p.allow({.subject = "sre"}); }, kNoGroups,
            "allow allow#1"},
        Row{"NestedGroup", [](Policy& p) { p.allow({.subject = "staff"}); }, kNoGroups,
            "allow allow#1"},
        Row{"ExternalGroup", [](Policy& p) { p.allow({.subject = "staff"}); }, in_group("staff"),
            "allow allow#1"},
        Row{"ExternalGroupWithin", [](Policy& p) { p.allow({.subject = "staff"}); },
            in_group("vendors"), "allow allow#1"},
        Row{"ClosedGroupLeadsNowhere", [](Policy& p) { p.allow({.subject = "staff"}); },
            in_group("sre"), "deny default"},
        Row{"UnknownGroups", [](Policy& p) { p.allow({.subject = "vendors"}); }, kNoGroups,
            "deny default unknown-groups@1"},
        Row{"UnknownGroupsDeny", [](Policy& p) { p.deny({.subject = "vendors"}); }, kNoGroups,
            "deny deny#1 unknown-groups@1"},
        Row{"SubtypeIsItsBase", [](Policy& p) { p.allow({.subject = "User:sa-1"}); },
            as("Service", "sa-1"), "allow allow#1"},
        Row{"SubtypeCovers", [](Policy& p) { p.allow({.subject = "any Service"}); },
            as("User", "sa-1"), "allow allow#1"},
        Row{"SubtypeTestFails", [](Policy& p) { p.allow({.subject = "any User"}); },
            as("Service", "x"), "deny bad-principal"},
        Row{"TypeCovers", [](Policy& p) { p.allow({.subject = "any User"}); },
            as("Service", "sa-1"), "allow allow#1"},
        Row{"AnyIsAuthenticated", [](Policy& p) { p.allow({.subject = "any"}); },
            as("User", "ANONYMOUS"), "deny default"},
        Row{"Anybody", [](Policy& p) { p.allow({.subject = "anybody"}); },
            as("User", "ANONYMOUS"), "allow allow#1"},
        Row{"Except", [](Policy& p) { p.allow({.subject = "any", .except = "sre"}); }, kAsIs,
            "deny default"},
        Row{"ExceptUnknown", [](Policy& p) { p.deny({.subject = "any", .except = "vendors"}); },
            kNoGroups, "deny deny#1 unknown-groups@1"},
        Row{"StarPrincipal", [](Policy& p) { p.allow({.subject = "anybody"}); }, as("User", "*"),
            "deny bad-principal"}),
    kName);

const auto kSuper = [](Policy& p) { p.allow({.layer = Layer::Superuser}); };
const auto kBroker = [](Policy& p) { p.allow({.layer = Layer::Infrastructure}); };

INSTANTIATE_TEST_SUITE_P(
    Rule3_3_Order, Decide,
    testing::Values(
        Row{"DenyOverAllow", [](Policy& p) { p.allow({}); p.deny({.pattern = "a"}); }, kAsIs,
            "deny deny#2"},
        Row{"GuardOverSuperuser", [](Policy& p) {
              p.deny({.layer = Layer::Guard, .subject = "any"});
              kSuper(p);
            }, kAsIs, "deny guard#1"},
        Row{"SuperuserOverDeny", [](Policy& p) { p.deny({}); kSuper(p); }, kAsIs,
            "allow superuser#2"},
        Row{"SuperuserFromHisNetwork", [](Policy& p) {
              p.allow({.layer = Layer::Superuser, .from = "11.0.0.0/8"});
            }, kAsIs, "deny default"},
        Row{"SuperuserFromUnknown", [](Policy& p) {
              p.allow({.layer = Layer::Superuser, .from = "10.0.0.0/8"});
            }, kNoHost, "deny default"},
        Row{"InfrastructureOverGuard", [](Policy& p) {
              p.deny({.layer = Layer::Guard, .operations = "any", .subject = "any"});
              kBroker(p);
            }, operation("Describe"), "allow infrastructure#2"},
        Row{"InfrastructureForItsOperations", kBroker, kAsIs, "deny default"},
        Row{"Unlisted", [](Policy& p) {
              p.builder.program().unlisted_defaults.push_back({p.scope("payments"), {}});
            }, kAsIs, "allow unlisted"},
        Row{"UnlistedElsewhere", [](Policy& p) {
              p.builder.program().unlisted_defaults.push_back({p.scope("test"), {}});
            }, kAsIs, "deny default"},
        Row{"ListedByAnybodysGrant", [](Policy& p) {
              p.builder.program().unlisted_defaults.push_back({p.scope("payments"), {}});
              p.allow({.operations = "Write", .pattern = "a*", .subject = "User:bob"});
            }, kAsIs, "deny default"},
        Row{"ListedByAnotherKindIsNot", [](Policy& p) {
              p.builder.program().unlisted_defaults.push_back({p.scope("payments"), {}});
              p.allow({.operations = "Use", .kind = "Key", .subject = "User:bob"});
            }, kAsIs, "allow unlisted"},
        Row{"GuardsDoNotList", [](Policy& p) {
              p.builder.program().unlisted_defaults.push_back({p.scope("payments"), {}});
              p.deny({.layer = Layer::Guard, .subject = "User:bob"});
            }, kAsIs, "allow unlisted"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Rule3_1_Errors, Decide,
    testing::Values(
        Row{"AllowDoesNot", [](Policy& p) { p.allow({.when = "flag"}); }, kAsIs,
            "deny default missing-attribute@1"},
        Row{"DenyDoes", [](Policy& p) { p.deny({.when = "not flag"}); p.allow({}); }, kAsIs,
            "deny deny#1 missing-attribute@1"},
        Row{"GuardDoes", [](Policy& p) {
              p.deny({.layer = Layer::Guard, .when = "not flag"});
              kSuper(p);
            }, kAsIs, "deny guard#1 missing-attribute@1"},
        Row{"Absent", [](Policy& p) { p.deny({.when = "flag"}); }, flag(std::nullopt),
            "deny deny#1 missing-attribute@1"},
        Row{"BadValue", [](Policy& p) { p.deny({.when = "flag"}); }, flag(Value::of_int(1)),
            "deny deny#1 bad-value@1"},
        Row{"Given", [](Policy& p) { p.deny({.when = "flag"}); }, flag(Value::boolean(false)),
            "deny default"},
        Row{"FalseNetworkOutweighs", [](Policy& p) {
              p.deny({.from = "11.0.0.0/8", .when = "flag"});
            }, kAsIs, "deny default"},
        Row{"LeftmostIsTheNetwork", [](Policy& p) {
              p.deny({.from = "11.0.0.0/8", .when = "flag"});
            }, kNoHost, "deny deny#1 unknown-host@1"},
        Row{"NeverFromUnknownHost", [](Policy& p) { p.deny({.from = "never"}); }, kNoHost,
            "deny deny#1 unknown-host@1"},
        Row{"UnparsableHost", [](Policy& p) { p.deny({.from = "text:odd"}); }, from("odd"),
            "deny deny#1 unknown-host@1"},
        Row{"NoNetworkNeedsNoHost", kAllow, kNoHost, "allow allow#1"},
        Row{"UnknownTime", [](Policy& p) { p.deny({.validity = p.builder.validity({0, 1})}); },
            kNoTime, "deny deny#1 unknown-time@1"},
        Row{"FactOfNothing", [](Policy& p) { p.deny({.when = "purpose signing"}); }, kAsIs,
            "deny deny#1 unlisted-fact@1"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Rule3_4_Because, Decide,
    testing::Values(
        Row{"LowestNumber", [](Policy& p) { p.allow({}); p.allow({.pattern = "a"}); }, kAsIs,
            "allow allow#1"},
        Row{"PlainBeforeOthers", [](Policy& p) { p.allow({.from = "10.0.0.0/8"}); p.allow({}); },
            kAsIs, "allow allow#2"},
        Row{"PlainDenyBeforeOtherGuard", [](Policy& p) {
              p.deny({.layer = Layer::Guard, .from = "10.0.0.0/8"});
              p.deny({});
            }, kAsIs, "deny deny#2"},
        Row{"PlainGuardFirst", [](Policy& p) { p.deny({}); p.deny({.layer = Layer::Guard}); },
            kAsIs, "deny guard#2"},
        Row{"SuperuserIsToldOfGuardsAlone", [](Policy& p) {
              p.deny({});
              p.deny({.layer = Layer::Guard, .from = "10.0.0.0/8"});
              kSuper(p);
            }, kAsIs, "deny guard#2"},
        Row{"ExceptionsStayPlain", [](Policy& p) {
              p.allow({.from = "10.0.0.0/8"});
              p.allow({.except_set = p.builder.pattern_set(
                           {{}, p.kind("Topic"), {}, {p.pattern("b")}})});
            }, kAsIs, "allow allow#2"},
        Row{"ErrorOfTheLowestAllow", [](Policy& p) {
              p.allow({.from = "12.0.0.0/8"});
              p.allow({.when = "flag"});
              p.allow({.when = "not flag"});
            }, kAsIs, "deny default missing-attribute@2"},
        Row{"WithoutErrorWinsWithinANumber", [](Policy& p) {
              p.deny({.when = "flag", .number = 1});
              p.deny({.from = "10.0.0.0/8", .number = 1});
            }, kAsIs, "deny deny#1"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Rule3_5_NothingFailsOpen, Decide,
    testing::Values(
        Row{"UnknownKind", kSuper, [](SessionFacts&, RequestFacts& r) { r.kind = "Nothing"; },
            "deny unknown-kind"},
        Row{"UnknownOperation", kSuper, operation("Use"), "deny unknown-operation"},
        Row{"LowerCase", kSuper, operation("read"), "deny unknown-operation"},
        Row{"LongestName", kAllow, [](SessionFacts&, RequestFacts& r) {
              r.name.assign(limits::kNameBytesMax, 'a');
            }, "allow allow#1"},
        Row{"NameTooLong", kSuper, [](SessionFacts&, RequestFacts& r) {
              r.name.assign(limits::kNameBytesMax + 1, 'a');
            }, "deny name-too-long"},
        Row{"NoScope", kSuper, at(""), "deny scope-missing"},
        Row{"UnknownScope", kSuper, at("nowhere"), "deny unknown-scope"},
        Row{"HalfASegment", kSuper, at("ments"), "deny unknown-scope"},
        Row{"AmbiguousSuffix", kSuper, at("orders"), "deny unknown-scope"},
        Row{"LongerSuffix", kAllow, at("test.orders"), "allow allow#1"},
        Row{"Id", kAllow, at("lkc-1"), "allow allow#1"},
        Row{"InnerScope", kAllow, at("prod"), "allow allow#1"},
        Row{"RequestsScopeStands", [](Policy& p) { p.allow({.scope = "test"}); },
            [](SessionFacts& s, RequestFacts& r) {
              s.scope = "nowhere";
              r.scope = "test.orders";
            }, "allow allow#1"},
        Row{"AuthExpired", kSuper, [](SessionFacts& s, RequestFacts& r) {
              s.attributes = {{"auth.expires", Value::of(TypeKind::Time, *r.time_us)}};
            }, "deny auth-expired"},
        Row{"AuthStillValid", kAllow, [](SessionFacts& s, RequestFacts& r) {
              s.attributes = {{"auth.expires", Value::of(TypeKind::Time, *r.time_us + 1)}};
            }, "allow allow#1"},
        Row{"AuthWithoutAClock", kAllow, [](SessionFacts& s, RequestFacts& r) {
              s.attributes = {{"auth.expires", Value::of_text("2030-01-01")}};
              r.time_us.reset();
            }, "deny auth-expired"},
        Row{"AuthThatMakesNoSense", kAllow, [](SessionFacts& s, RequestFacts&) {
              s.attributes = {{"auth.expires", Value::of_text("garbage")}};
            }, "deny auth-expired"},
        Row{"AuthThatNeverEnds", kAllow, [](SessionFacts& s, RequestFacts&) {
              s.attributes = {{"auth.expires", std::nullopt}};
            }, "allow allow#1"}),
    kName);

}  // namespace
}  // namespace writ::reference
