// Bundles through the command: who signed, what was altered, nothing half written.
#include "tests/integration/run_command.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace writ::integration {
namespace {

using Bundles = CommandTest;

const std::string kAsk = " --request '" + std::string(kAllowed) + "'";

TEST_F(Bundles, AreSignedLoadedAndAsked) {
  build_bundle();
  const Outcome allowed = writ("eval p.writb --trust k.pub.pem" + kAsk);
  EXPECT_EQ(allowed.exit, 0) << allowed.err;
  EXPECT_EQ(allowed.out.find("ALLOW"), 0U) << allowed.out;
  EXPECT_NE(allowed.out.find("p.writ:9"), std::string::npos) << allowed.out;
  EXPECT_EQ(writ("inspect p.writb --trust k.pub.pem").exit, 0);
  EXPECT_EQ(writ("inspect p.writb").exit, 0);
}

TEST_F(Bundles, WithoutTrustAreUsage) {
  build_bundle();
  const Outcome outcome = writ("eval p.writb" + kAsk);
  EXPECT_EQ(outcome.exit, 2);
  EXPECT_NE(outcome.err.find("--trust"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.out, "");
}

TEST_F(Bundles, OfAnotherKeyAreRefused) {
  build_bundle();
  ASSERT_EQ(writ("keys new other").exit, 0);
  for (const char* verb : {"eval", "bench"}) {
    const Outcome outcome = writ(std::string(verb) + " p.writb --trust other.pub.pem" +
                                 (std::string(verb) == "eval" ? kAsk : ""));
    EXPECT_EQ(outcome.exit, 3) << outcome.out;
    EXPECT_NE(outcome.err.find("sign"), std::string::npos) << outcome.err;
  }
  EXPECT_EQ(writ("inspect p.writb --trust other.pub.pem").exit, 3);
  EXPECT_EQ(writ("eval p.writb --trust p.writ" + kAsk).exit, 3);
}

TEST_F(Bundles, TruncatedAreRefused) {
  build_bundle();
  const std::string bytes = read("p.writb");
  for (const std::size_t size : {bytes.size() - 1, bytes.size() / 2, std::size_t{100},
                                 std::size_t{16}, std::size_t{1}, std::size_t{0}}) {
    write("cut.writb", bytes.substr(0, size));
    const Outcome outcome = writ("eval cut.writb --trust k.pub.pem" + kAsk);
    EXPECT_EQ(outcome.exit, 3) << size << ": " << outcome.out << outcome.err;
    EXPECT_NE(outcome.err.find("error: "), std::string::npos);
    EXPECT_EQ(outcome.out, "");
  }
}

TEST_F(Bundles, AlteredAreRefused) {
  build_bundle();
  const std::string bytes = read("p.writb");
  for (std::size_t at = 0; at < bytes.size(); at += bytes.size() / 24 + 1) {
    std::string altered = bytes;
    altered[at] = static_cast<char>(altered[at] ^ 0x10);
    write("altered.writb", altered);
    const Outcome outcome = writ("eval altered.writb --trust k.pub.pem" + kAsk);
    EXPECT_EQ(outcome.exit, 3) << at << ": " << outcome.out << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }
}

TEST_F(Bundles, AreTheSameBytesEveryTime) {
  build_bundle();
  ASSERT_EQ(writ("build p.writ -o again.writb --key k.pem --version 1").exit, 0);
  EXPECT_TRUE(read("p.writb") == read("again.writb"));
}

TEST_F(Bundles, GoBackUnderAHigherVersion) {
  build_bundle();
  const std::string again = "build --same-as p.writb --reason 'it was right' -o back.writb";
  ASSERT_EQ(writ("keys new other").exit, 0);
  EXPECT_EQ(writ(again + " --key k.pem --version 1").exit, 2);      // not higher
  EXPECT_EQ(writ(again + " --key other.pem --version 3").exit, 3);  // signed by nobody we trust
  EXPECT_EQ(writ(again + " p.writ --key k.pem --version 3").exit, 2);
  EXPECT_EQ(writ("build --same-as p.writb -o back.writb --key k.pem --version 3").exit, 2);
  EXPECT_EQ(writ("build -o back.writb --key k.pem --version 3").exit, 2);
  EXPECT_FALSE(exists("back.writb"));
  const Outcome made = writ(again + " --key other.pem --trust k.pub.pem --version 3");
  ASSERT_EQ(made.exit, 0) << made.err;
  const Outcome seen = writ("inspect back.writb --trust other.pub.pem");
  EXPECT_EQ(seen.exit, 0) << seen.err;
  EXPECT_NE(seen.out.find("version 3"), std::string::npos) << seen.out;
  EXPECT_NE(seen.out.find("it was right"), std::string::npos) << seen.out;
  const Outcome asked = writ("eval back.writb --trust other.pub.pem --audit a.jsonl" + kAsk);
  EXPECT_EQ(asked.out.find("ALLOW"), 0U) << asked.out << asked.err;
  EXPECT_NE(read("a.jsonl").find("bundle.rolled-back"), std::string::npos);
}

TEST_F(Bundles, AreValidFromAndUntil) {
  build_bundle();
  const std::string build = "build p.writ -o timed.writb --key k.pem --version 2 ";
  EXPECT_EQ(writ(build + "--expires tomorrow").exit, 2);
  EXPECT_EQ(
      writ(build + "--not-before 2031-01-01T00:00:00Z --expires 2030-01-01T00:00:00Z").exit, 2);
  EXPECT_FALSE(exists("timed.writb"));
  for (const char* past : {"--expires 2021-01-01T00:00:00Z", "--not-before 2999-01-01T00:00:00Z"}) {
    ASSERT_EQ(writ(build + past).exit, 0);
    EXPECT_EQ(writ("eval timed.writb --trust k.pub.pem" + kAsk).exit, 3) << past;
  }
  const std::string long_time = "--not-before 2021-01-01T00:00:00Z --expires 2999-01-01T00:00:00Z";
  ASSERT_EQ(writ(build + long_time).exit, 0);
  EXPECT_EQ(writ("eval timed.writb --trust k.pub.pem" + kAsk).exit, 0);
  EXPECT_NE(writ("inspect timed.writb").out.find("2999-01-01T00:00:00Z"), std::string::npos);
}

TEST_F(Bundles, LeaveNothingHalfWritten) {
  build_bundle();
  const std::string before = listing();
  const std::string bytes = read("p.writb");
  write("q.writ", "package q\nuse kafka\nnonsense\n");
  EXPECT_EQ(writ("build q.writ -o p.writb --key k.pem --version 2").exit, 3);
  EXPECT_EQ(writ("build p.writ -o nowhere/p.writb --key k.pem --version 2").exit, 3);
  EXPECT_EQ(writ("build p.writ -o p.writb --key k.pub.pem --version 2").exit, 3);
  EXPECT_TRUE(read("p.writb") == bytes);
  EXPECT_EQ(listing(), before + " q.writ");
}

TEST_F(Bundles, KeysAreSecretAndNeverOverwritten) {
  ASSERT_EQ(writ("keys new release --out keys").exit, 0);
  struct stat status{};
  ASSERT_EQ(stat((folder_ / "keys/release.pem").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const std::string key = read("keys/release.pem");
  EXPECT_EQ(writ("keys new release --out keys").exit, 3);
  EXPECT_EQ(read("keys/release.pem"), key);
  EXPECT_EQ(writ("keys new ../release").exit, 2);
}

}  // namespace
}  // namespace writ::integration
