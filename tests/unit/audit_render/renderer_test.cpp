#include "runtime/audit/render/renderer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "runtime/audit/attributes.h"
#include "runtime/audit/facts.h"
#include "runtime/crypto/keys.h"
#include "tests/unit/audit_render/log_sample.h"

namespace writ::audit::render {
namespace {

using nlohmann::json;
using testing::allowed_row;

class Render : public ::testing::Test {
 protected:
  Render() { definitions_.add(testing::log_sample()); }

  std::string line(const Entry& row) {
    std::string out;
    renderer_.event(definitions_, row, out);
    EXPECT_EQ(out.find('\n'), out.size() - 1);
    return out;
  }
  json parsed(const Entry& row) { return json::parse(line(row)); }

  DefinitionTable definitions_;
  Renderer renderer_{EventOptions{}};
};

TEST_F(Render, OfADecisionIsThisLine) {
  EXPECT_EQ(
      line(allowed_row(9)),
      R"({"id":"0123456789abcdef0123456789abcdef-4-9","source":"crn:///kafka=lkc-7",)"
      R"("specversion":"1.0","type":"io.confluent.kafka.server/authorization",)"
      R"("datacontenttype":"application/json","time":"2026-01-01T12:00:00.000001Z",)"
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
      R"("statement":"bind LedgerWriter to writers at prod","statementScope":"acme.prod",)"
      R"("file":"teams/ledger.writ","line":12},"purpose":"enforce","timeUncertaintyMicros":150}})"
      "\n");
}

TEST_F(Render, SaysTheSameOfARowWhateverCameBefore) {
  const std::vector<Entry> rows = testing::a_row_of_each_kind();
  std::vector<std::string> first;
  for (const Entry& row : rows) first.push_back(line(row));
  for (std::size_t i = rows.size(); i-- > 0;) {
    EXPECT_EQ(line(rows[i]), first[i]);
    std::string fresh;
    event(definitions_, rows[i], EventOptions{}, fresh);
    EXPECT_EQ(fresh, first[i]);
  }
}

TEST_F(Render, AMaskIsOneEventWithAList) {
  Entry row = testing::a_row_of_each_kind()[1];
  const json info = parsed(row)["data"]["authorizationInfo"];
  EXPECT_EQ(info["granted"], false);
  EXPECT_FALSE(info.contains("operation"));
  const json expected = {{{"operation", "Read"}, {"granted", true}},
                         {{"operation", "Write"}, {"granted", true}},
                         {{"operation", "Delete"}, {"granted", false}}};
  EXPECT_EQ(info["operations"], expected);
  row.asked = 3;
  EXPECT_EQ(parsed(row)["data"]["authorizationInfo"]["granted"], true);
  EXPECT_EQ(parsed(row)["data"]["authorizationInfo"]["operations"].size(), 2U);
  row.asked = row.allowed = 0;
  EXPECT_EQ(parsed(row)["data"]["authorizationInfo"]["granted"], false);
}

TEST_F(Render, AFilterIsOneEventWithAList) {
  std::vector<Entry> rows;
  for (std::uint64_t i = 0; i < 5; ++i) {
    rows.push_back(allowed_row(20 + i));
    rows.back().purpose = Purpose::Filter;
    rows.back().resource = 0;
    rows.back().name = "t" + std::to_string(i);
  }
  rows[1].verdict = Verdict::Deny;
  rows[1].reason = testing::kDefault;
  rows[4].time_us += 1;  // of another question
  std::string out;
  ASSERT_EQ(renderer_.next(definitions_, rows, out), 4U);
  const json event = json::parse(out);
  EXPECT_EQ(event["id"], "0123456789abcdef0123456789abcdef-4-20");
  EXPECT_FALSE(event.contains("subject"));
  const json info = event["data"]["authorizationInfo"];
  EXPECT_EQ(info["granted"], false);
  ASSERT_EQ(info["resources"].size(), 4U);
  EXPECT_EQ(info["resources"][0],
            (json{{"resourceName", "t0"}, {"patternType", "LITERAL"}, {"granted", true},
                  {"reason", "allow"}, {"grant", 3}, {"file", "teams/ledger.writ"},
                  {"line", 12}}));
  EXPECT_EQ(info["resources"][1]["granted"], false);
  EXPECT_EQ(info["resources"][1]["reason"], "default");
  out.clear();
  EXPECT_EQ(renderer_.next(definitions_, std::span(rows).subspan(4), out), 1U);
}

TEST_F(Render, WhatIsEnforcedIsAnEventByItself) {
  const std::vector<Entry> rows = {allowed_row(1), allowed_row(2)};
  std::string out;
  EXPECT_EQ(renderer_.next(definitions_, rows, out), 1U);
}

TEST_F(Render, AListThatIsTooLongGoesOnInTheNextEvent) {
  std::vector<Entry> rows;
  for (std::uint64_t i = 0; i < 400; ++i) {
    rows.push_back(allowed_row(1 + i));
    rows.back().purpose = Purpose::Filter;
    rows.back().resource = 0;
    rows.back().name = std::string(1'000, 'n') + std::to_string(i);
  }
  std::size_t done = 0;
  std::size_t events = 0;
  while (done < rows.size()) {
    std::string out;
    const std::size_t count = renderer_.next(definitions_, std::span(rows).subspan(done), out);
    EXPECT_LE(out.size(), kEventBytesMax);
    const json info = json::parse(out)["data"]["authorizationInfo"];
    if (info.contains("resources")) {
      EXPECT_EQ(info["resources"].size(), count);
    }
    done += count;
    ++events;
  }
  EXPECT_EQ(done, rows.size());
  EXPECT_GT(events, 5U);
}

TEST_F(Render, ShowsWhatTheRequestSaid) {
  Entry row = allowed_row(1);
  encode_attributes({{"request.type", Value::of_text("Produce")},
                     {"client.id", Value::of_text("billing-7")}},
                    row.attributes);
  const json data = parsed(row)["data"];
  EXPECT_EQ(data["methodName"], "kafka.Produce");
  EXPECT_EQ(data["request"]["clientId"], "billing-7");
  EXPECT_EQ(parsed(allowed_row(2))["data"]["methodName"], "kafka.Authorize");
  row.attributes = "no attributes at all";
  EXPECT_EQ(parsed(row)["data"]["methodName"], "kafka.Authorize");
}

TEST_F(Render, ShowsALongNameByWhatTheRowKept) {
  const std::string name(5'000, 'n');
  Entry row = allowed_row(1);
  row.resource = 0;
  append_name(name, row.name);
  const json info = parsed(row)["data"]["authorizationInfo"];
  EXPECT_EQ(info["resourceName"], name.substr(0, kTextShownBytesMax));
  EXPECT_EQ(info["resourceNameBytes"], 5'000);
  EXPECT_EQ(info["resourceNameSha256"],
            crypto::hex(crypto::sha256(std::as_bytes(std::span(name)))));
}

TEST_F(Render, SaysWhatTheLogDidNotExplain) {
  const struct {
    const char* name;
    std::uint32_t Entry::*id;
  } rows[] = {{"session", &Entry::session},
              {"resource", &Entry::resource},
              {"question", &Entry::question},
              {"reason", &Entry::reason}};
  for (const auto& [name, id] : rows) {
    Entry row = allowed_row(1);
    row.*id = 99;
    EXPECT_EQ(parsed(row)["data"]["undefined"], name);
    EXPECT_EQ(parsed(row)["data"]["undefined"], name) << "the second time too";
  }
}

TEST_F(Render, ADefinitionThatComesLateIsSeen) {
  Entry row = allowed_row(1);
  row.session = 2;
  EXPECT_EQ(parsed(row)["data"]["undefined"], "session");
  Batch more = testing::log_sample();
  more.sessions[0].id = 2;
  more.sessions[0].facts.principal_name = "late";
  definitions_.add(more);
  EXPECT_EQ(parsed(row)["data"]["authenticationInfo"]["principal"], "User:late");
}

TEST_F(Render, AnIdOfAnotherInstanceIsAnotherSession) {
  EXPECT_EQ(parsed(allowed_row(1))["data"]["authenticationInfo"]["principal"], "User:sa-ledger");
  Batch other = testing::log_sample();
  other.instance.id = std::string(32, 'f');
  other.sessions[0].facts.principal_name = "other";
  definitions_.add(other);
  const json event = parsed(allowed_row(1));
  EXPECT_EQ(event["data"]["authenticationInfo"]["principal"], "User:other");
  EXPECT_EQ(event["id"], std::string(32, 'f') + "-4-1");
}

TEST_F(Render, TimesOfAllYearsAndFractions) {
  constexpr std::int64_t kSecond = 1'000'000;
  const std::int64_t times[] = {0, 1, 999'999, kSecond, -1, -kSecond, 1'767'268'800'123'456,
                                1'767'268'800'000'007, INT64_MAX, INT64_MIN, INT64_MAX - 1};
  for (const std::int64_t time : times) {
    Entry row = allowed_row(1);
    row.time_us = time;
    EXPECT_EQ(parsed(row)["time"], event_time(time));
  }
}

TEST_F(Render, CountsAndOtherEventsSayWhatTheyAreOf) {
  const std::vector<Entry> rows = testing::a_row_of_each_kind();
  EXPECT_EQ(parsed(rows[3])["type"], "io.writ.engine/audit.unavailable");
  EXPECT_EQ(parsed(rows[3])["data"]["count"], 17);
  EXPECT_EQ(parsed(rows[4])["type"], "io.writ.engine/audit.infrastructure");
  EXPECT_EQ(parsed(rows[5])["data"]["result"]["message"], "no such key");
  EXPECT_EQ(parsed(rows[5])["data"]["clientAddress"][0]["port"], 51'000);
  EXPECT_EQ(parsed(rows[6])["type"], "io.writ.engine/bundle.activated");
  EXPECT_EQ(parsed(rows[6])["data"]["message"], "acme version 7");
  EXPECT_EQ(parsed(rows[7])["data"]["detail"]["rings"][0]["from"], 9);
  EXPECT_EQ(parsed(rows[8])["data"]["detail"]["id"], "0123456789abcdef0123456789abcdef-0-3");
  Entry coalesced = allowed_row(1);
  coalesced.count = 250;
  EXPECT_EQ(parsed(coalesced)["data"]["count"], 250);
  EXPECT_FALSE(parsed(coalesced)["data"].contains("lastTime"));
  coalesced.text = "1767268800900000";
  EXPECT_EQ(parsed(coalesced)["data"]["lastTime"], "2026-01-01T12:00:00.900000Z");
}

}  // namespace
}  // namespace writ::audit::render
