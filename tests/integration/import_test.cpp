// writ import: what is written where, and that nothing is written on a mistake.
#include "tests/integration/run_command.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace writ::integration {
namespace {

class Imports : public CommandTest {
 protected:
  void SetUp() override {
    CommandTest::SetUp();
    write("l.txt", kListing);
  }
  static constexpr std::string_view kListing =
      "Current ACLs for resource `ResourcePattern(resourceType=TOPIC, name=orders., "
      "patternType=PREFIXED)`: \n"
      " \t(principal=User:alice, host=*, operation=READ, permissionType=ALLOW)\n"
      "\t(principal=User:eve, host=*, operation=ALL, permissionType=DENY) \n\n";
};

TEST_F(Imports, TextIsCheckedAndDecides) {
  const Outcome outcome = writ("import kafka-acls l.txt -o p.writ");
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("p.writ: 2 ACLs, 2 different, 2 statements, 0 left out"),
            std::string::npos)
      << outcome.out;
  EXPECT_EQ(writ("check p.writ").exit, 0);
  EXPECT_EQ(writ("eval p.writ --request '" + std::string(kAllowed) + "'").exit, 0);
  EXPECT_EQ(writ("eval p.writ --request '" + std::string(kDenied) + "'").exit, 1);
}

TEST_F(Imports, DataComesWithTheBlockThatLoadsIt) {
  const Outcome outcome = writ("import kafka-acls l.txt --data -o a.jsonl --format json");
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  const std::string load = nlohmann::json::parse(outcome.out)["load"];
  EXPECT_NE(load.find("rows 2..2"), std::string::npos) << load;
  write("p.writ", "package d\nuse kafka\n" + load + "\n");
  const Outcome checked = writ("check p.writ");
  EXPECT_EQ(checked.exit, 0) << checked.out << checked.err;
  EXPECT_EQ(checked.err, "");
  EXPECT_EQ(writ("eval p.writ --request '" + std::string(kAllowed) + "'").exit, 0);
  // The block is pinned: a row less is an error.
  const std::string rows = read("a.jsonl");
  write("a.jsonl", rows.substr(0, rows.find('\n') + 1));
  EXPECT_EQ(writ("check p.writ").exit, 1);
}

TEST_F(Imports, StandsInAPackageAtAScope) {
  write("main.writ", "package acme\nuse kafka\ncluster payments = \"lkc-1\"\n");
  ASSERT_EQ(writ("import kafka-acls - --at payments --package acme -o acls.writ < l.txt").exit, 0);
  const Outcome checked = writ("check .");
  EXPECT_EQ(checked.exit, 0) << checked.err;
  EXPECT_NE(read("acls.writ").find("acl at payments {"), std::string::npos);
}

TEST_F(Imports, AnswersStandAloneOnStandardOutput) {
  const Outcome outcome = writ("import kafka-acls l.txt");
  EXPECT_EQ(outcome.out.find("// From a listing"), 0U) << outcome.out;
  EXPECT_EQ(outcome.out.find("left out"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.err.find("2 statements"), std::string::npos) << outcome.err;
}

TEST_F(Imports, MistakesHaveAPlaceAndNothingIsWritten) {
  write("l.txt", std::string(kListing) + "SLF4J: hello\n");
  const Outcome outcome = writ("import kafka-acls l.txt -o p.writ");
  EXPECT_EQ(outcome.exit, 3);
  EXPECT_NE(outcome.err.find("error[E1201]"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("l.txt:5:1"), std::string::npos) << outcome.err;
  EXPECT_FALSE(exists("p.writ"));
  write("l.txt", "\xFF\xFE");
  EXPECT_NE(writ("import kafka-acls l.txt").err.find("UTF-16"), std::string::npos);
  EXPECT_EQ(writ("import kafka-acls nowhere.txt").exit, 3);
  EXPECT_EQ(writ("import kafka-acls l.txt -o no/where.writ").exit, 3);
}

TEST_F(Imports, BadUsageIsTwo) {
  for (const char* arguments :
       {"import", "import zebra", "import kafka-acls", "import kafka-acls l.txt --at 'a b'",
        "import kafka-acls l.txt --package 1x", "import kafka-acls l.txt --at .a",
        "import kafka-acls l.txt --data --package p"}) {
    EXPECT_EQ(writ(arguments).exit, 2) << arguments;
  }
}

}  // namespace
}  // namespace writ::integration
