// writ auditd as a process: what another process left in its rings reaches the log and the sinks.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "runtime/audit/ring/ring_recorder.h"
#include "tests/integration/run_command.h"
#include "tests/unit/audit_ring/world.h"

namespace writ::integration {
namespace {

class Auditd : public CommandTest {
 protected:
  /// As a process that decided and ended.
  void record(int count) const {
    audit::ring::RecorderOptions options = audit::ring::small(rings_);
    const auto recorder = audit::ring::open(options);
    ASSERT_NE(recorder, nullptr);
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(recorder->record(audit::ring::plain_record(0)));
    }
    recorder->close();
  }
  [[nodiscard]] Outcome auditd(const std::string& arguments) const {
    return writ("auditd --rings " + rings_.path() + " --log log --once " + arguments);
  }
  /// Ids of the decisions among the lines; each must be there once.
  static std::set<std::string> decisions(const std::string& text) {
    std::set<std::string> out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
      const auto event = nlohmann::json::parse(line, nullptr, false);
      if (!event.is_object() || !event["data"].contains("authorizationInfo")) continue;
      EXPECT_TRUE(out.insert(event["id"]).second) << line;
    }
    return out;
  }
  audit::ring::Folder rings_;
};

TEST_F(Auditd, FeedsEachSinkOnceOverRestarts) {
  record(10);
  const Outcome first = auditd("--to file:a.jsonl --to -");
  EXPECT_EQ(first.exit, 0) << first.err;
  EXPECT_EQ(decisions(read("a.jsonl")).size(), 10U);
  EXPECT_EQ(decisions(first.out).size(), 0U) << "the second gets what is routed there";
  record(5);
  EXPECT_EQ(auditd("--to file:a.jsonl").exit, 0);
  EXPECT_EQ(decisions(read("a.jsonl")).size(), 15U);
  const Outcome second = auditd("--to -");
  EXPECT_EQ(decisions(second.out).size(), 5U) << "its cursor stands behind the first ten";
}

TEST_F(Auditd, SaysWhichSinkItDoesNotKnow) {
  const char* rows[] = {"--to nowhere", "--to file:", "--to kafka:audit", "--to - --to -",
                        "--to kafka:a --brokers x:1 --kafka acks"};
  for (const char* arguments : rows) {
    const Outcome outcome = auditd(arguments);
    EXPECT_EQ(outcome.exit, 2) << arguments << outcome.out << outcome.err;
    EXPECT_FALSE(outcome.err.empty()) << arguments;
  }
}

}  // namespace
}  // namespace writ::integration
