#include "runtime/audit/event.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "runtime/crypto/base64.h"
#include "runtime/crypto/keys.h"
#include "tests/unit/audit/sample.h"

namespace writ::audit {
namespace {

using nlohmann::json;
using testing::Sample;

std::string line_of(const Sample& sample) {
  std::string line;
  EXPECT_EQ(encode(sample.record, sample.options, 5, line), Encoded::Whole);
  return line;
}

/// The event, after checks that hold for every line.
json event_of(const Sample& sample) {
  const std::string line = line_of(sample);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_LE(line.size(), kEventBytesMax);
  json event = json::parse(line, nullptr, false);
  EXPECT_FALSE(event.is_discarded()) << line;
  for (const char* name : {"id", "source", "specversion", "type", "subject", "time"}) {
    EXPECT_TRUE(event.contains(name) && event[name].is_string() && event[name] != "") << name;
  }
  return event;
}

TEST(Event, OfABindingIsThisLine) {
  EXPECT_EQ(
      line_of(Sample()),
      R"({"id":"i-1-5","source":"crn:///kafka=lkc-7","specversion":"1.0",)"
      R"("type":"io.confluent.kafka.server/authorization","datacontenttype":"application/json",)"
      R"("time":"2026-01-01T12:00:00.000001Z",)"
      R"("subject":"crn:///kafka=lkc-7/topic=ledger.postings",)"
      R"("data":{"serviceName":"crn:///kafka=lkc-7","methodName":"kafka.Authorize",)"
      R"("resourceName":"crn:///kafka=lkc-7/topic=ledger.postings",)"
      R"("authenticationInfo":{"principal":"User:sa-ledger","principalResourceId":"sa-ledger",)"
      R"("metadata":{"mechanism":"PLAIN"}},)"
      R"("authorizationInfo":{"granted":true,"operation":"Write","resourceType":"Topic",)"
      R"("resourceName":"ledger.postings","patternType":"LITERAL",)"
      R"("rbacAuthorization":{"role":"LedgerWriter",)"
      R"("scope":{"outerScope":["organization=acme","environment=prod"],"clusters":{}},)"
      R"("patternType":"PREFIX","patternName":"ledger.","actingPrincipal":"Group:writers"},)"
      R"("assignedPrincipals":["User:sa-ledger","Group:writers"]},)"
      R"("request":{},"clientAddress":[{"ip":"10.1.2.3"}],)"
      R"("policyInfo":{"bundle":"ab12","package":"acme","version":7,"generation":2,)"
      R"("scope":"acme.prod.payments","grant":3,"reason":"allow","rule":"LedgerWriter",)"
      R"("statement":"bind LedgerWriter to writers at prod.payments",)"
      R"("statementScope":"acme.prod","file":"teams/ledger.writ","line":12},)"
      R"("purpose":"enforce"}})"
      "\n");
}

TEST(Event, OfALifecycleIsThisLine) {
  EventOptions options;
  options.instance = "i-1";
  options.authority = "mds.corp";
  std::string line;
  ASSERT_EQ(encode(Lifecycle{"bundle.activated", "acme version 7", 0}, options, 0, line),
            Encoded::Whole);
  EXPECT_EQ(line,
            R"({"id":"i-1-0","source":"crn://mds.corp/","specversion":"1.0",)"
            R"("type":"io.writ.engine/bundle.activated","time":"1970-01-01T00:00:00.000000Z",)"
            R"("datacontenttype":"application/json","data":{"message":"acme version 7"}})"
            "\n");
}

TEST(Event, SaysTheGroundsOfEachReason) {
  const struct {
    ReasonClass reason;
    Verdict verdict;
    const char* role;
    const char* grounds;  // the one member of the three that is there
  } rows[] = {
      {ReasonClass::Allow, Verdict::Allow, "R", "rbacAuthorization"},
      {ReasonClass::Allow, Verdict::Allow, "", "aclAuthorization"},
      {ReasonClass::Deny, Verdict::Deny, "", "aclAuthorization"},
      {ReasonClass::Superuser, Verdict::Allow, "", "superUserAuthorization"},
      {ReasonClass::Infrastructure, Verdict::Allow, "", "superUserAuthorization"},
      {ReasonClass::Default, Verdict::Deny, "", ""},
      {ReasonClass::Guard, Verdict::Deny, "", ""},
      {ReasonClass::Unlisted, Verdict::Allow, "", ""},
      {ReasonClass::NoBundle, Verdict::Deny, "", ""},
  };
  for (const auto& row : rows) {
    Sample sample;
    sample.record.decision = {row.verdict, row.reason, 0, 0, kNoGrant};
    sample.words.answer.role = row.role;
    const json info = event_of(sample)["data"]["authorizationInfo"];
    EXPECT_EQ(info["granted"], row.verdict == Verdict::Allow);
    for (const std::string name :
         {"rbacAuthorization", "aclAuthorization", "superUserAuthorization"}) {
      EXPECT_EQ(info.contains(name), name == row.grounds) << name_of(row.reason) << " " << name;
    }
  }
  Sample denied;
  denied.record.decision = {Verdict::Deny, ReasonClass::Deny, 0, 0, kNoGrant};
  denied.words.answer.role.clear();
  const json acl = event_of(denied)["data"]["authorizationInfo"]["aclAuthorization"];
  EXPECT_EQ(acl["permissionType"], "DENY");
  EXPECT_EQ(acl["host"], "*");
  EXPECT_EQ(acl["patternName"], "ledger.");
}

TEST(Event, HoldsHostileNamesWithinTheirString) {
  const std::string rows[] = {
      "a\nb",       "a\r\n{\"id\":\"forged\"}",  "\",\"granted\":true,\"x\":\"",
      "back\\",     std::string("n\0l", 3),      "\x1b[2J",
      "\u202Egpj",  "\u2066\u2069\u200B\u2028",  "\U000E0041 tag",
      "\u0085\x7F", "caf\u00E9 \u65E5\U0001F600", "",
  };
  for (const std::string& name : rows) {
    Sample sample;
    sample.record.name = name;
    sample.session.principal_name = name;
    sample.session.host = name;
    const json data = event_of(sample)["data"];
    EXPECT_EQ(data["authorizationInfo"]["resourceName"], name);
    EXPECT_EQ(data["authorizationInfo"]["granted"], true);
    EXPECT_EQ(data["authenticationInfo"]["principal"], "User:" + name);
    EXPECT_EQ(data["clientAddress"][0]["ip"], name);
    EXPECT_EQ(data["policyInfo"]["line"], 12);
  }
}

TEST(Event, ShowsNothingThatMovesTheCursorOrTheOrder) {
  Sample sample;
  sample.record.name = "\u202E\u2066\u200B\x1b\u009B\uFEFF";
  const std::string line = line_of(sample);
  for (const char* raw : {"\u202E", "\u2066", "\u200B", "\x1b", "\u009B", "\uFEFF"}) {
    EXPECT_EQ(line.find(raw), std::string::npos);
  }
  EXPECT_NE(line.find("\\u202e\\u2066\\u200b\\u001b\\u009b\\ufeff"), std::string::npos);
}

TEST(Event, KeepsBytesThatAreNoTextBesideWhatIsShown) {
  Sample sample;
  const std::string name = "a\xFF\xC0\xAF\xED\xA0\x80z";
  sample.record.name = name;
  const json info = event_of(sample)["data"]["authorizationInfo"];
  const std::string shown = info["resourceName"];
  EXPECT_EQ(shown.substr(0, 4), "a\uFFFD");
  const auto kept = crypto::from_base64(info["resourceNameBase64"].get<std::string>());
  ASSERT_TRUE(kept);
  EXPECT_TRUE(std::ranges::equal(*kept, std::as_bytes(std::span(name))));
}

TEST(Event, ShortensLongNamesAndSaysWhichTheyWere) {
  constexpr std::size_t kLengths[] = {kNameShownBytesMax, kNameShownBytesMax + 1, 70'000};
  for (const std::size_t bytes : kLengths) {
    Sample sample;
    const std::string name(bytes, 'n');
    sample.record.name = name;
    const json info = event_of(sample)["data"]["authorizationInfo"];
    if (bytes <= kNameShownBytesMax) {
      EXPECT_EQ(info["resourceName"], name);
      EXPECT_FALSE(info.contains("resourceNameSha256"));
      continue;
    }
    EXPECT_EQ(info["resourceName"], name.substr(0, kTextShownBytesMax));
    EXPECT_EQ(info["resourceNameBytes"], bytes);
    EXPECT_EQ(info["resourceNameSha256"],
              crypto::hex(crypto::sha256(std::as_bytes(std::span(name)))));
  }
}

TEST(Event, IsWholeThoughEverythingIsAsLongAndAsWideAsCanBe) {
  for (const std::size_t bytes : {kTextShownBytesMax, kNameShownBytesMax, std::size_t{70'000}}) {
    Sample sample;
    const std::string wide(bytes, '\x01');
    sample.session.principal_type = wide;
    sample.session.principal_name = wide;
    sample.session.groups = std::vector<std::string>(300, wide);
    sample.session.host = wide;
    sample.session.attributes = {{"sasl.mechanism", Value::of_text(wide)},
                                 {"client.id", Value::of_text(wide)}};
    sample.words.answer = {wide, wide, wide, wide, 1,    wide, wide,
                           wide, wide, wide, wide, wide, wide};
    sample.words.asked = {wide, wide, wide, wide, wide, wide};
    sample.record.name = wide;
    sample.policy.digest = sample.policy.package = wide;
    const json info = event_of(sample)["data"]["authorizationInfo"];
    EXPECT_GE(info["assignedPrincipalsLeftOut"], 290);
  }
}

TEST(Event, TellsAByKindQuestionFromAResourceNamedStar) {
  Sample any;
  any.record.by_kind = true;
  any.record.name = {};
  const json of_any = event_of(any);
  EXPECT_EQ(of_any["subject"], "crn:///kafka=lkc-7/topic=*");
  EXPECT_EQ(of_any["data"]["authorizationInfo"]["patternType"], "ANY");
  Sample star;
  star.record.name = "*";
  const json of_star = event_of(star);
  EXPECT_EQ(of_star["subject"], "crn:///kafka=lkc-7/topic=%2A");
  EXPECT_EQ(of_star["data"]["authorizationInfo"]["patternType"], "LITERAL");
}

TEST(Event, OfAnotherModelIsThisLine) {
  Sample sample;
  sample.words.asked.model = "kms";
  sample.words.asked.kind = "Key";
  sample.words.asked.operation = "Decrypt";
  sample.record.name = "pan-key";
  sample.session.principal_name = "settlement";
  sample.words.answer.scope_levels = "organization=acme/cluster=lkc%2D7";
  EXPECT_EQ(
      line_of(sample),
      R"({"id":"i-1-5","source":"crn:///kms=lkc-7","specversion":"1.0",)"
      R"("type":"io.writ.kms/authorization","datacontenttype":"application/json",)"
      R"("time":"2026-01-01T12:00:00.000001Z","subject":"crn:///kms=lkc-7/key=pan-key",)"
      R"("data":{"serviceName":"crn:///kms=lkc-7","methodName":"kms.Authorize",)"
      R"("resourceName":"crn:///kms=lkc-7/key=pan-key",)"
      R"("cloudResources":[{"scope":{"resources":[{"type":"ORGANIZATION","resourceId":"acme"},)"
      R"({"type":"ENVIRONMENT","resourceId":"prod"},)"
      R"({"type":"KAFKA_CLUSTER","resourceId":"lkc-7"}]},)"
      R"("resource":{"type":"KEY","resourceId":"pan-key"}}],)"
      R"("authenticationInfo":{"principal":{"externalAccount":{"subject":"User:settlement"}}},)"
      R"("authorizationInfo":{"result":"ALLOW","operation":"Decrypt","resourceType":"Key",)"
      R"("resourceName":"pan-key","patternType":"LITERAL",)"
      R"("rbacAuthorization":{"role":"LedgerWriter",)"
      R"("cloudScope":{"resources":[{"type":"ORGANIZATION","resourceId":"acme"},)"
      R"({"type":"KAFKA_CLUSTER","resourceId":"lkc-7"}]},)"
      R"("patternType":"PREFIX","patternName":"ledger.",)"
      R"("actingPrincipal":{"group":{"resourceId":"writers"}}},)"
      R"("assignedPrincipals":[{"externalAccount":{"subject":"User:settlement"}},)"
      R"({"group":{"resourceId":"writers"}}]},)"
      R"("requestMetadata":{"clientAddress":[{"ip":"10.1.2.3"}]},)"
      R"("policyInfo":{"bundle":"ab12","package":"acme","version":7,"generation":2,)"
      R"("scope":"acme.prod.payments","grant":3,"reason":"allow","rule":"LedgerWriter",)"
      R"("statement":"bind LedgerWriter to writers at prod.payments",)"
      R"("statementScope":"acme.prod","file":"teams/ledger.writ","line":12},)"
      R"("purpose":"enforce"}})"
      "\n");
}

TEST(Event, TakesItsNamesFromTheRowThatSpeaksMostExactly) {
  const struct {
    const char* model;
    const char* kind;
    const char* type;
  } rows[] = {
      {"kafka", "Topic", "io.confluent.kafka.server/authorization"},
      {"confluent", "Connector", "io.confluent.cloud/authorization"},
      {"confluent", "Subject", "io.confluent.sg.server/authorization"},
      {"kms", "Key", "io.writ.kms/authorization"},
      {"vault", "Secret", "io.example.vault/authorization"},
      {"vault", "Lease", "io.writ.vault/authorization"},
      {"", "Nothing", "io.confluent.kafka.server/authorization"},
  };
  for (const auto& row : rows) {
    Sample sample;
    sample.options.services.push_back(
        {"vault.Secret", {"io.example.vault/", "vault", "vault.", Shape::General}});
    sample.words.asked.model = row.model;
    sample.words.asked.kind = row.kind;
    EXPECT_EQ(event_of(sample)["type"], row.type) << row.model << " " << row.kind;
  }
}

TEST(Event, NamesTheApiThatTheRequestSays) {
  Sample sample;
  const std::vector<NamedValue> said = {{"request.type", Value::of_text("CreateTopics")},
                                        {"client.id", Value::of_text("billing-7")}};
  sample.record.attributes = &said;
  const json data = event_of(sample)["data"];
  EXPECT_EQ(data["methodName"], "kafka.CreateTopics");
  EXPECT_EQ(data["request"]["clientId"], "billing-7");
}

TEST(Event, ShowsNoAttributeThatIsOmitted) {
  Sample sample;
  const std::vector<NamedValue> said = {{"request.type", Value::of_text("CreateTopics")},
                                        {"client.id", Value::of_text("hidden")}};
  sample.record.attributes = &said;
  sample.options.omitted = {"client.id", "request.type", "sasl.mechanism"};
  const json data = event_of(sample)["data"];
  EXPECT_EQ(data["methodName"], "kafka.Authorize");
  EXPECT_FALSE(data["request"].contains("clientId"));
  EXPECT_FALSE(data["authenticationInfo"]["metadata"].contains("mechanism"));
  EXPECT_EQ(data.dump().find("hidden"), std::string::npos);
}

TEST(Event, ShowsNoAttributeWhereThePolicyIsNotKnown) {
  Sample sample;
  const std::vector<NamedValue> said = {{"client.id", Value::of_text("hidden")}};
  sample.record.attributes = &said;
  sample.options.omitted = {std::string(kEveryAttribute)};
  const json event = event_of(sample);
  EXPECT_EQ(event.dump().find("hidden"), std::string::npos);
  EXPECT_FALSE(event["data"]["authenticationInfo"]["metadata"].contains("mechanism"));
}

TEST(Event, SaysWhatCameClosestToAnAllow) {
  Sample sample;
  sample.record.decision = {};
  sample.words.answer = {};
  sample.words.answer.nearest = "allow Write on Topic \"ledger.\"* to writers: from 10.0.0.0/8";
  const json policy = event_of(sample)["data"]["policyInfo"];
  EXPECT_EQ(policy["nearest"], sample.words.answer.nearest);
  EXPECT_EQ(policy["reason"], "default");
  EXPECT_FALSE(policy.contains("grant"));
}

TEST(Event, SaysWhatWasNotKnown) {
  Sample sample;
  sample.session.groups.reset();
  sample.session.host.reset();
  sample.words.asked.scope = sample.words.asked.scope_id = {};
  sample.words.answer.error = "the principal's groups are not known";
  const json data = event_of(sample)["data"];
  EXPECT_EQ(data["authorizationInfo"]["groupsKnown"], false);
  EXPECT_FALSE(data.contains("clientAddress"));
  EXPECT_EQ(data["policyInfo"]["error"], "the principal's groups are not known");
  EXPECT_EQ(data["serviceName"], "crn:///");
}

TEST(Event, TimeHasFourDigitsOfYearWhateverIsSaid) {
  EXPECT_EQ(event_time(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(event_time(-1), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(event_time(INT64_MAX), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(event_time(INT64_MIN), "0000-01-01T00:00:00.000000Z");
}

}  // namespace
}  // namespace writ::audit
