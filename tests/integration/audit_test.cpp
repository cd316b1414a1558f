// writ audit: a log that is read, searched, proved and decided again, as a process.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/integration/run_command.h"
#include "tests/unit/audit_log/sample.h"

namespace writ::integration {
namespace {

namespace log = audit::log;

class AuditCommand : public CommandTest {
 protected:
  void SetUp() override {
    CommandTest::SetUp();
    write("audit.pub.pem", crypto::public_part(log::testing::kPrivateKey).value());
    write_log(5);
  }

  void write_log(int batches) {
    log::WriterOptions options = log::testing::options(now_us_ += 1'000'000'000);
    options.segment_bytes_max = 4'000;
    auto writer = log::Writer::open(path(), options);
    ASSERT_TRUE(writer) << writer.error().message;
    rows_.attach_again();
    for (int i = 0; i < batches; ++i) {
      ASSERT_TRUE((*writer)->append(rows_.batch(30)));
      ASSERT_TRUE((*writer)->seal());
    }
    ASSERT_TRUE((*writer)->close());
  }
  [[nodiscard]] std::string path() const { return (folder_ / "log").string(); }
  static std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
  }

  log::testing::Rows rows_;
  std::int64_t now_us_ = 1'767'268'800'000'000;
};

TEST_F(AuditCommand, CatShowsEveryRowInOrder) {
  const Outcome text = writ("audit cat log");
  EXPECT_EQ(text.exit, 0) << text.err;
  const auto shown = lines(text.out);
  ASSERT_EQ(shown.size(), 150U);
  EXPECT_NE(shown[0].find("DENY   User:user-2@10.0.0.2"), std::string::npos) << shown[0];
  EXPECT_NE(shown[0].find("Write Topic \"topic-2\" at acme.prod"), std::string::npos) << shown[0];
  EXPECT_NE(shown[1].find("allow: allow Read (a.writ:1)"), std::string::npos) << shown[1];
  const Outcome json = writ("audit cat log --format json");
  ASSERT_EQ(lines(json.out).size(), 150U);
  const auto event = nlohmann::json::parse(lines(json.out)[7]);
  EXPECT_EQ(event["id"], std::string(log::testing::kInstance) + "-0-8");
  EXPECT_EQ(event["data"]["authorizationInfo"]["resourceName"], "name-8");
}

TEST_F(AuditCommand, TailShowsTheLastRows) {
  const Outcome tail = writ("audit tail -n 3 log --format json");
  EXPECT_EQ(tail.exit, 0) << tail.err;
  ASSERT_EQ(lines(tail.out).size(), 3U);
  EXPECT_EQ(nlohmann::json::parse(lines(tail.out)[2])["id"],
            std::string(log::testing::kInstance) + "-0-150");
  EXPECT_EQ(lines(writ("audit tail -n 1000 log").out).size(), 150U);
}

TEST_F(AuditCommand, QueryFindsAndSaysSoByItsExit) {
  const Outcome found = writ("audit query log --principal User:user-2 --verdict deny");
  EXPECT_EQ(found.exit, 0) << found.err;
  EXPECT_EQ(lines(found.out).size(), 25U);
  EXPECT_EQ(writ("audit query log --principal User:user-2 --count").out, "50\n");
  EXPECT_EQ(writ("audit query log --principal User:user-2 --count --scan").out, "50\n");
  EXPECT_EQ(writ("audit query log --resource 'name-*' --limit 4 --format json").exit, 0);
  EXPECT_EQ(writ("audit query log --principal User:nobody").exit, 1);
  EXPECT_EQ(writ("audit query log --since yesterday").exit, 2);
  EXPECT_EQ(writ("audit query log --verdict perhaps").exit, 2);
  EXPECT_EQ(writ("audit query nowhere").exit, 3);
}

TEST_F(AuditCommand, StatsCount) {
  const Outcome stats = writ("audit stats log --format json");
  EXPECT_EQ(stats.exit, 0) << stats.err;
  const auto json = nlohmann::json::parse(stats.out);
  EXPECT_EQ(json["decisions"], 150);
  EXPECT_EQ(json["denied"], 75);
  EXPECT_EQ(json["principals"]["User:user-1"], 50);
  EXPECT_NE(writ("audit stats log").out.find("75 allowed, 75 denied"), std::string::npos);
}

TEST_F(AuditCommand, VerifyProvesAndKeepsAHead) {
  EXPECT_EQ(writ("audit verify log").exit, 2);
  const Outcome whole = writ("audit verify log --trust audit.pub.pem --head-out head.txt");
  EXPECT_EQ(whole.exit, 0) << whole.out << whole.err;
  EXPECT_NE(whole.out.find("no witness"), std::string::npos);
  write_log(2);
  const Outcome later =
      writ("audit verify log --trust audit.pub.pem --head head.txt --format json");
  EXPECT_EQ(later.exit, 0) << later.out;
  EXPECT_EQ(nlohmann::json::parse(later.out)["head"], "held");
  EXPECT_EQ(writ("audit verify log --trust audit.pub.pem --head-out head.txt").exit, 0);

  const auto numbers = log::list_segments(path());
  ASSERT_TRUE(numbers);
  ASSERT_TRUE(exists("head.txt"));
  for (std::size_t i = 1; i < numbers->size(); ++i) {
    std::filesystem::remove(log::segment_path(path(), (*numbers)[i]));
  }
  const Outcome cut = writ("audit verify log --trust audit.pub.pem --head head.txt");
  EXPECT_EQ(cut.exit, 1) << cut.out;
  EXPECT_NE(cut.out.find("WRONG      head: the log does not hold the seal of the head"),
            std::string::npos)
      << cut.out;
  write("bad.txt", "hello");
  EXPECT_EQ(writ("audit verify log --trust audit.pub.pem --head bad.txt").exit, 3);
}

TEST_F(AuditCommand, VerifySaysWhereAByteWasAltered) {
  log::testing::flip_bit(log::segment_path(path(), 1), 1'000 * 8);
  const Outcome wrong = writ("audit verify log --trust audit.pub.pem");
  EXPECT_EQ(wrong.exit, 1);
  EXPECT_NE(wrong.out.find("damaged"), std::string::npos) << wrong.out;
  EXPECT_NE(wrong.out.find("segment 1, block 2, offset"), std::string::npos) << wrong.out;
  EXPECT_EQ(writ("audit cat log").exit, 3);
}

TEST_F(AuditCommand, ReplayListsWhatWouldChange) {
  build_bundle();
  const Outcome replayed =
      writ("audit replay log --against p.writb --trust k.pub.pem --format json");
  EXPECT_EQ(replayed.exit, 1) << replayed.err;
  const auto json = nlohmann::json::parse(replayed.out);
  EXPECT_EQ(json["decisions"], 150);
  EXPECT_EQ(json["changed"], 75);
  EXPECT_EQ(json["changes"].size(), 3U);
  EXPECT_EQ(json["changes"][0]["before"], "ALLOW");
  EXPECT_EQ(writ("audit replay log --against p.writb").exit, 2);
}

TEST_F(AuditCommand, HostileNamesBreakNoLine) {
  log::WriterOptions options = log::testing::options(now_us_ += 1'000'000'000);
  auto writer = log::Writer::open(path(), options);
  ASSERT_TRUE(writer);
  rows_.attach_again();
  audit::Batch batch = rows_.batch(1);
  batch.entries[0].resource = 0;
  batch.entries[0].name = "a\nALLOW \x1b[2J\xE2\x80\xAE";
  ASSERT_TRUE((*writer)->append(batch));
  ASSERT_TRUE((*writer)->close());
  const Outcome tail = writ("audit tail -n 1 log");
  EXPECT_EQ(lines(tail.out).size(), 1U);
  EXPECT_EQ(tail.out.find('\x1b'), std::string::npos);
  EXPECT_EQ(tail.out.find("\xE2\x80\xAE"), std::string::npos);
}

}  // namespace
}  // namespace writ::integration
