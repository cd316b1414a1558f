// Whatever is wrong with the input: a clear error, the right exit code, nothing half written.
#include "tests/integration/run_command.h"

#include <gtest/gtest.h>

namespace writ::integration {
namespace {

using BadInput = CommandTest;

void expect_says(const Outcome& outcome, int exit, const std::string& words) {
  EXPECT_EQ(outcome.exit, exit) << outcome.out << outcome.err;
  EXPECT_NE((outcome.out + outcome.err).find(words), std::string::npos)
      << "looked for `" << words << "` in:\n"
      << outcome.out << outcome.err;
}

TEST_F(BadInput, AMissingFileIsNamed) {
  expect_says(writ("check nothing.writ"), 3, "nothing.writ");
  expect_says(writ("check nothing.writ"), 3, "E0101");
  expect_says(writ("build nothing.writ -o p.writb --key k.pem --version 1"), 3, "k.pem");
}

TEST_F(BadInput, AFolderWithoutPolicyIsNamed) {
  std::filesystem::create_directories(folder_ / "empty");
  EXPECT_EQ(writ("check empty").exit, 3);
}

TEST_F(BadInput, InvalidUtf8HasAPlace) {
  write("p.writ", "package p\n// caf\xE9\n");
  expect_says(writ("check p.writ"), 3, "E0102");
  expect_says(writ("check p.writ"), 3, "p.writ:2:");
}

TEST_F(BadInput, AHugeFileIsRefusedUnread) {
  write("p.writ", "package p\n");
  std::filesystem::resize_file(folder_ / "p.writ", 100ULL << 20);
  expect_says(writ("check p.writ"), 3, "E0106");
}

TEST_F(BadInput, AHugeTokenIsRefused) {
  write("p.writ", "package p \"" + std::string(1 << 20, 'x') + "\"\n");
  const Outcome outcome = writ("check p.writ");
  EXPECT_TRUE(outcome.exit == 1 || outcome.exit == 3) << outcome.exit;
  EXPECT_NE(outcome.err.find("E0105"), std::string::npos) << outcome.err;
}

TEST_F(BadInput, TenThousandParenthesesAreRefused) {
  write(
      "p.writ",
      "package p\nuse kafka\ncluster c = \"c\"\nacl at c {\n  allow Read on Topic * to any when " +
          std::string(10'000, '(') + "true" + std::string(10'000, ')') + "\n}\n");
  const Outcome outcome = writ("check p.writ");
  EXPECT_TRUE(outcome.exit == 1 || outcome.exit == 3) << outcome.exit;
  EXPECT_NE(outcome.err.find("E0104"), std::string::npos) << outcome.err;
}

TEST_F(BadInput, AMistakeHasItsPlaceAndCode) {
  write("p.writ",
        "package p\nuse kafka\ncluster c = \"c\"\nacl at c {\n  allow Raed on Topic * to any\n}\n");
  const Outcome text = writ("check p.writ");
  expect_says(text, 1, "p.writ:5:9");
  expect_says(text, 1, "Read");
  const Outcome json = writ("check p.writ --format json");
  expect_says(json, 1, "\"line\":5");
  expect_says(writ("build p.writ -o p.writb --key k.pem --version 1"), 3, "k.pem");
  ASSERT_EQ(writ("keys new k").exit, 0);
  expect_says(writ("build p.writ -o p.writb --key k.pem --version 1"), 3, "p.writ:5:9");
  EXPECT_FALSE(exists("p.writb"));
}

TEST_F(BadInput, AMissingDataFileIsNamed) {
  write("p.writ", "package p\nuse kafka\ncluster c = \"c\"\nacl at c load \"rows.jsonl\"\n");
  expect_says(writ("check p.writ"), 1, "rows.jsonl");
}

TEST_F(BadInput, AMalformedRowHasFileLineAndField) {
  write("p.writ", "package p\nuse kafka\ncluster c = \"c\"\nacl at c load \"rows.jsonl\"\n");
  const std::string good =
      R"({"principal":"User:a","host":"*","operation":"Read","permission":"Allow","resourceType":"Topic","patternType":"Literal","resourceName":"t"})";
  write(
      "rows.jsonl",
      good + "\n" +
          R"({"principal":"User:a","host":"*","operation":"Raed","permission":"Allow","resourceType":"Topic","patternType":"Literal","resourceName":"t"})" +
          "\n");
  const Outcome unknown = writ("check p.writ");
  expect_says(unknown, 1, "rows.jsonl:2");
  expect_says(unknown, 1, "Raed");
  write("rows.jsonl", good + "\n{\"principal\":\"User:a\"\n");
  expect_says(writ("check p.writ"), 1, "rows.jsonl:2");
}

TEST_F(BadInput, RequestsAreReadStrictly) {
  write_policy();
  struct Row {
    const char* name;
    std::string line;
    const char* says;
  };
  const Row rows[] = {
      {"no JSON", "{", "one JSON object"},
      {"no object", "[1]", "one JSON object"},
      {"no principal", R"({"operation":"Read","resourceType":"Topic","resourceName":"x"})",
       "principal"},
      {"no type",
       R"({"principal":"alice","operation":"Read","resourceType":"Topic","resourceName":"x"})",
       "User:alice"},
      {"misspelt field",
       R"({"principal":"User:a","hots":"x","operation":"Read","resourceType":"Topic","resourceName":"x"})",
       "hots"},
      {"field twice",
       R"({"principal":"User:a","principal":"User:b","operation":"Read","resourceType":"Topic","resourceName":"x"})",
       "the field `principal` stands twice"},
      {"attribute twice",
       R"({"principal":"User:a","operation":"Read","resourceType":"Topic","resourceName":"x","attributes":{"a":1,"a":2}})",
       "the field `a` stands twice"},
      {"fraction",
       R"({"principal":"User:a","operation":"Read","resourceType":"Topic","resourceName":"x","attributes":{"a":1.5}})",
       "attribute `a`"},
      {"time",
       R"({"principal":"User:a","operation":"Read","resourceType":"Topic","resourceName":"x","time":"noon"})",
       "time"},
      {"groups",
       R"({"principal":"User:a","operation":"Read","resourceType":"Topic","resourceName":"x","groups":"g"})",
       "groups"},
  };
  for (const Row& row : rows) {
    write("r.jsonl", std::string(kAllowed) + "\n" + row.line + "\n");
    const Outcome outcome = writ("eval p.writ --requests r.jsonl");
    SCOPED_TRACE(row.name);
    expect_says(outcome, 3, row.says);
    expect_says(outcome, 3, "r.jsonl:2");
    EXPECT_EQ(outcome.out, "");
  }
  expect_says(writ("eval p.writ --requests nowhere.jsonl"), 3, "nowhere.jsonl");
}

TEST_F(BadInput, AnUnknownKindOrOperationIsDenied) {
  write_policy();
  const Outcome kind = writ(
      R"(eval p.writ --request '{"principal":"User:alice","operation":"Read","resourceType":"Tropic","resourceName":"x"}')");
  expect_says(kind, 1, "DENY");
  expect_says(kind, 1, "unknown-kind");
  const Outcome operation = writ(
      R"(eval p.writ --request '{"principal":"User:alice","operation":"Fly","resourceType":"Topic","resourceName":"x"}')");
  expect_says(operation, 1, "unknown-operation");
}

TEST_F(BadInput, UsageIsTwo) {
  EXPECT_EQ(writ("").exit, 2);
  EXPECT_EQ(writ("fly").exit, 2);
  EXPECT_EQ(writ("check").exit, 2);
  EXPECT_EQ(writ("check --explain E9999").exit, 2);
  EXPECT_EQ(writ("build p.writ").exit, 2);
  EXPECT_EQ(writ("eval p.writ").exit, 2);
  EXPECT_EQ(writ("check --format xml p.writ").exit, 2);
}

TEST_F(BadInput, AFullDiskIsAnError) {
  build_bundle();
  expect_says(writ("build p.writ -o /dev/full --key k.pem --version 1"), 3, "/dev/full");
  expect_says(writ("inspect p.writb > /dev/full"), 3, "standard output");
  expect_says(writ("check --explain E0201 > /dev/full"), 3, "standard output");
  const Outcome audited =
      writ("eval p.writ --request '" + std::string(kAllowed) + "' --audit /dev/full");
  EXPECT_EQ(audited.exit, 3) << audited.out << audited.err;
  EXPECT_EQ(audited.out.find("ALLOW"), std::string::npos) << audited.out;
}

}  // namespace
}  // namespace writ::integration
