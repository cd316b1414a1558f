// Every kind of event against event.schema.json; and that the schema refuses what is none.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "runtime/audit/render/renderer.h"
#include "tests/unit/audit_render/log_sample.h"
#include "tests/unit/audit_render/schema.h"

namespace writ::audit::render {
namespace {

using nlohmann::json;
using testing::against_schema;

class Schema : public ::testing::Test {
 protected:
  Schema() { definitions_.add(testing::log_sample()); }
  std::string line(const Entry& row) {
    std::string out;
    event(definitions_, row, EventOptions{}, out);
    return out;
  }
  DefinitionTable definitions_;
};

TEST_F(Schema, HoldsForEveryKindOfRow) {
  for (const Entry& row : testing::a_row_of_each_kind()) {
    EXPECT_EQ(against_schema(line(row)), "") << line(row);
  }
}

TEST_F(Schema, HoldsForEveryServicePurposeAndReason) {
  Batch all = testing::log_sample();
  const struct {
    const char* model;
    const char* kind;
  } kinds[] = {{"kafka", "Topic"},      {"confluent", "Connector"}, {"confluent", "Subject"},
               {"confluent", "KsqlCluster"}, {"kms", "Key"},       {"", ""}};
  for (const auto& kind : kinds) {
    for (std::uint8_t reason = 0; reason <= static_cast<std::uint8_t>(ReasonClass::Unlisted);
         ++reason) {
      for (const Purpose purpose : {Purpose::Enforce, Purpose::Probe, Purpose::Filter}) {
        all.questions[0].model = kind.model;
        all.questions[0].kind = kind.kind;
        all.reasons[0].reason = static_cast<ReasonClass>(reason);
        all.reasons[0].why.role = purpose == Purpose::Probe ? "" : "LedgerWriter";
        definitions_.clear();
        definitions_.add(all);
        Entry row = testing::allowed_row(1);
        row.purpose = purpose;
        ASSERT_EQ(against_schema(line(row)), "") << line(row);
      }
    }
  }
}

TEST_F(Schema, HoldsForALists) {
  std::vector<Entry> rows(3, testing::allowed_row(1));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].sequence = i + 1;
    rows[i].purpose = Purpose::Filter;
  }
  for (const std::uint32_t question : {testing::kTopicQuestion, testing::kKeyQuestion}) {
    for (Entry& row : rows) row.question = question;
    std::string out;
    ASSERT_EQ(Renderer(EventOptions{}).next(definitions_, rows, out), 3U);
    EXPECT_EQ(against_schema(out), "") << out;
  }
}

TEST_F(Schema, HoldsForWhatIsNotExplained) {
  Entry row;
  row.sequence = 1;
  EXPECT_EQ(against_schema(line(row)), "") << line(row);
}

TEST_F(Schema, RefusesWhatIsNone) {
  const json good = json::parse(line(testing::allowed_row(1)));
  const struct {
    const char* what;
    const char* path;
    json value;  // null: taken away
  } rows[] = {
      {"no id", "/id", nullptr},
      {"an id of nothing", "/id", ""},
      {"another version", "/specversion", "0.3"},
      {"a type that nobody knows", "/type", "io.example/other"},
      {"a time without a zone", "/time", "2026-01-01T12:00:00.000001"},
      {"no verdict", "/data/authorizationInfo/granted", nullptr},
      {"a verdict in words", "/data/authorizationInfo/granted", "yes"},
      {"no operation", "/data/authorizationInfo/operation", nullptr},
      {"two grounds", "/data/authorizationInfo/superUserAuthorization", true},
      {"a scope as text", "/data/authorizationInfo/rbacAuthorization/scope", "acme"},
      {"no principal", "/data/authenticationInfo/principal", nullptr},
      {"a reason that nobody gives", "/data/policyInfo/reason", "because"},
      {"a member that nobody knows", "/data/policyInfo/author", "x"},
      {"no purpose", "/data/purpose", nullptr},
      {"a port as an address", "/data/clientAddress/0/ip", 7},
  };
  ASSERT_EQ(against_schema(good.dump()), "");
  for (const auto& row : rows) {
    json bad = good;
    const json::json_pointer path(row.path);
    if (row.value.is_null()) {
      bad[path.parent_pointer()].erase(path.back());
    } else {
      bad[path] = row.value;
    }
    EXPECT_NE(against_schema(bad.dump()), "") << row.what;
  }
}

}  // namespace
}  // namespace writ::audit::render
