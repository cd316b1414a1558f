// What each verb says when all is well.
#include "tests/integration/run_command.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace writ::integration {
namespace {

using Verbs = CommandTest;
using Json = nlohmann::json;

TEST_F(Verbs, HelpTeaches) {
  const Outcome all = writ("--help");
  EXPECT_EQ(all.exit, 0);
  for (const char* verb : {"keys", "check", "test", "build", "inspect", "eval", "import", "bench"}) {
    EXPECT_NE(all.out.find(verb), std::string::npos) << verb;
    const Outcome one = writ(std::string(verb) + " --help");
    EXPECT_EQ(one.exit, 0);
    const std::string example = std::string(verb) == "keys" ? "new" : "writ " + std::string(verb);
    EXPECT_NE(one.out.find(example), std::string::npos) << one.out;
  }
}

TEST_F(Verbs, CheckSaysWhatItRead) {
  write_policy();
  const Outcome outcome = writ("check p.writ");
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("0 errors"), std::string::npos) << outcome.out;
  EXPECT_NE(writ("check --explain E0201").out.find("# E0201"), std::string::npos);
}

TEST_F(Verbs, TestCountsAndFilters) {
  write_policy();
  const Outcome outcome = writ("test p.writ");
  EXPECT_EQ(outcome.exit, 0) << outcome.out << outcome.err;
  EXPECT_NE(outcome.out.find("2 passed, 0 failed\n"), std::string::npos) << outcome.out;
  EXPECT_EQ(writ("test p.writ --filter zebra").exit, 1);
  EXPECT_NE(writ("test p.writ --format junit").out.find("<testsuite "), std::string::npos);
}

TEST_F(Verbs, AFailingTestSaysWhatIsSo) {
  write_policy();
  write("t.writ", read("p.writ") +
                      "test \"wrong\" at main {\n"
                      "  User:alice from 10.0.0.1 may Write on Topic \"orders.eu\"\n"
                      "  User:alice may not Read on Topic \"orders.eu\"\n}\n");
  const Outcome outcome = writ("test t.writ");
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_NE(outcome.out.find("t.writ:18"), std::string::npos) << outcome.out;
  // The host was not given: the denial rests on an error.
  EXPECT_NE(outcome.out.find("error"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("2 passed, 2 failed\n"), std::string::npos) << outcome.out;
}

TEST_F(Verbs, EvalAnswersInOrderByEveryEvaluator) {
  write_policy();
  write(
      "r.jsonl",
      std::string(kAllowed) + "\n" + std::string(kDenied) + "\n\n" +
          R"({"principal":"User:bob","operation":"Write","resourceType":"Topic","resourceName":"orders.audit"})" +
          "\n");
  std::string first;
  for (const char* evaluator : {"reference", "interpreter", "native"}) {
    const Outcome outcome =
        writ(std::string("eval p.writ --requests r.jsonl --format json --evaluator ") + evaluator);
    // A build without LLVM says so, and never answers as if it had it.
    if (outcome.err.find("there is no native code: this build has no LLVM") != std::string::npos) {
      EXPECT_NE(outcome.exit, 0);
      continue;
    }
    ASSERT_EQ(outcome.exit, 0) << outcome.err;
    first = first.empty() ? outcome.out : first;
    EXPECT_EQ(outcome.out, first) << evaluator;
  }
  const std::size_t second = first.find('\n') + 1;
  const Json allowed = Json::parse(first.substr(0, second));
  EXPECT_EQ(allowed["verdict"], "ALLOW");
  EXPECT_EQ(allowed["because"]["file"], "p.writ");
  EXPECT_EQ(allowed["because"]["line"], 9);
  const Json denied = Json::parse(first.substr(second, first.find('\n', second) - second));
  EXPECT_EQ(denied["verdict"], "DENY");
  EXPECT_NE(first.find("\"line\":10"), std::string::npos) << first;
}

TEST_F(Verbs, EvalWritesOneAuditEventADecision) {
  build_bundle();
  write("r.jsonl", std::string(kAllowed) + "\n" + std::string(kDenied) + "\n");
  ASSERT_EQ(writ("eval p.writb --trust k.pub.pem --requests r.jsonl --audit a.jsonl").exit, 0);
  const std::string log = read("a.jsonl");
  std::size_t decisions = 0;
  for (std::size_t begin = 0; begin < log.size();) {
    const std::size_t end = log.find('\n', begin);
    const Json event = Json::parse(log.substr(begin, end - begin));
    EXPECT_EQ(event["specversion"], "1.0");
    decisions += event["data"].contains("authorizationInfo") ? 1 : 0;
    begin = end + 1;
  }
  EXPECT_EQ(decisions, 2U) << log;
}

TEST_F(Verbs, AuditEventsFollowThePolicysAuditBlock) {
  write_policy();
  write("p.writ", read("p.writ") + "audit \"mds.corp\" { redact sasl.mechanism omit }\n");
  write("r.jsonl", std::string(kDenied) + "\n");
  ASSERT_EQ(writ("eval p.writ --requests r.jsonl --audit a.jsonl").exit, 0);
  EXPECT_NE(read("a.jsonl").find("\"source\":\"crn://mds.corp/"), std::string::npos)
      << read("a.jsonl");
}

TEST_F(Verbs, ASingleDenialIsOne) {
  write_policy();
  EXPECT_EQ(writ("eval p.writ --request '" + std::string(kDenied) + "'").exit, 1);
  EXPECT_EQ(writ("eval p.writ --request '" + std::string(kAllowed) + "'").exit, 0);
}

TEST_F(Verbs, ASingleRequestMayBeFolded) {
  write_policy();
  std::string folded(kAllowed);
  folded.insert(folded.find(",\"host\"") + 1, "\n ");
  const Outcome outcome = writ("eval p.writ --request '" + folded + "'");
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
}

TEST_F(Verbs, DiagnosticsNeverStandAmongAnswers) {
  write("w.writ",
        "package w\nuse kafka\nacl load \"rows.jsonl\"\n");
  write("rows.jsonl",
        R"({"principal":"User:a","host":"*","operation":"Read","permission":"Deny",)"
        R"("resourceType":"Topic","patternType":"Literal","resourceName":"x"})"
        "\n");
  const Outcome outcome =
      writ("eval w.writ --format json --request '" + std::string(kDenied) + "'");
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_NE(outcome.err.find("W0807"), std::string::npos) << outcome.err;
  EXPECT_TRUE(Json::parse(outcome.out).contains("verdict")) << outcome.out;
}

TEST_F(Verbs, BenchHasItsRows) {
  write_policy();
  const Outcome outcome = writ("bench p.writ --format json");
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  ASSERT_FALSE(json["rows"].empty());
  for (const Json& row : json["rows"]) {
    for (const char* field : {"question", "ns", "ns_without_record", "floor_ns", "ratio"}) {
      EXPECT_TRUE(row.contains(field)) << field;
    }
  }
}

TEST_F(Verbs, InspectSaysWhatIsInside) {
  build_bundle();
  const Json json = Json::parse(writ("inspect p.writb --trust k.pub.pem --format json").out);
  EXPECT_EQ(json["package"], "sample");
  EXPECT_EQ(json["version"], 1);
  EXPECT_EQ(json["trusted"], true);
  EXPECT_EQ(json["signatures"][0]["trusted"], true);
  EXPECT_GE(json["sections"].size(), 2U);
}

}  // namespace
}  // namespace writ::integration
