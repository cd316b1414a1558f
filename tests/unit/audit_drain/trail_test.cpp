#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "runtime/audit/ring/clock.h"
#include "tests/unit/audit_drain/world.h"

namespace writ::audit::drain {
namespace {

using ring::Folder;
using ring::plain_record;

SessionFacts user(std::string name) {
  SessionFacts facts;
  facts.principal_type = "User";
  facts.principal_name = std::move(name);
  return facts;
}

TEST(Trail, RowsSayWhoAskedWhatAndWhy) {
  const Folder folder;
  const TrailOptions options = trail_options(folder);
  const auto trail = open_trail(options);
  ring::RingRecorder& recorder = trail->recorder();
  const auto words = std::make_shared<TestWords>(5);
  const auto policy = recorder.use_policy(words, {});
  const SessionFacts ada = user("ada");
  const Opened session = recorder.open_session(ada);
  const Opened orders = recorder.open_resource("Topic", "orders");
  Record record = plain_record(orders.id);
  record.session = &ada;
  record.session_id = session.id;
  record.policy = &words->facts();
  record.time_us = Record::kNoTime;
  ASSERT_TRUE(recorder.record(record));
  record.resource_id = 0;
  record.name = "invoices";
  record.operation = 1;
  record.decision = Decision{};
  ASSERT_TRUE(recorder.record(record));
  record.asked = 0b111;
  record.allowed = 0b010;
  ASSERT_TRUE(recorder.record(record));
  const std::int64_t now = ring::utc_us();
  ASSERT_TRUE(trail->close());

  const std::vector<Said> rows = read_log(options.log);
  expect_law(rows);
  std::vector<Said> decisions;
  for (const Said& said : rows) {
    if (said.row.question != 0) decisions.push_back(said);
  }
  ASSERT_EQ(decisions.size(), 3U);
  EXPECT_EQ(decisions[0].principal, "ada");
  EXPECT_EQ(decisions[0].resource, "orders");
  EXPECT_EQ(decisions[0].operation, "op 2");
  EXPECT_EQ(decisions[0].rule, "grant 7");
  EXPECT_EQ(decisions[0].row.verdict, Verdict::Allow);
  EXPECT_LT(std::abs(decisions[0].row.time_us - now), 60'000'000);
  EXPECT_LT(decisions[0].row.uncertainty_us, 1'000'000U);
  EXPECT_EQ(decisions[1].resource, "invoices");
  EXPECT_EQ(decisions[1].nearest, "near invoices");
  EXPECT_EQ(decisions[2].row.kind, EntryKind::Mask);
  EXPECT_EQ(decisions[2].row.asked, 0b111U);
  EXPECT_EQ(decisions[2].row.allowed, 0b010U);
  EXPECT_EQ(decisions[2].operation, "op 0,op 1,op 2,op 3");
  EXPECT_EQ(rows.back().row.text, "audit.drained\nthe process closed in order");
  EXPECT_TRUE(ring::find_regions(options.rings).empty());
}

TEST(Trail, ManyThreadsLoseNothing) {
  const Folder folder;
  const TrailOptions options = trail_options(folder);
  const auto trail = open_trail(options);
  constexpr std::uint64_t kEach = 20'000;
  std::vector<std::thread> threads;
  for (std::uint32_t at = 0; at < 8; ++at) {
    threads.emplace_back([&] {
      Record record = plain_record(0);
      record.name = "orders";
      record.time_us = Record::kNoTime;
      for (std::uint64_t one = 0; one < kEach; ++one) {
        EXPECT_TRUE(trail->recorder().record(record));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(trail->close());
  const std::vector<Said> rows = read_log(options.log);
  expect_law(rows);
  EXPECT_EQ(count_of(rows, EntryKind::Decision), 8 * kEach);
}

TEST(Trail, ADurableDecisionIsOnDiskWhenItIsReleased) {
  const Folder folder;
  const TrailOptions options = trail_options(folder);
  const auto trail = open_trail(options);
  Record record = plain_record(0);
  record.name = "orders";
  record.level = Level::Durable;
  for (std::size_t at = 1; at <= 20; ++at) {
    ASSERT_TRUE(trail->recorder().record(record));
    EXPECT_EQ(count_of(read_log(options.log), EntryKind::Decision), at);
  }
}

TEST(Trail, AReplicatedDecisionWaitsForTheSink) {
  const Folder folder;
  TrailOptions options = trail_options(folder);
  options.waits.wait_durable = std::chrono::milliseconds(200);
  const auto trail = open_trail(options);
  Record record = plain_record(0);
  record.level = Level::Replicated;
  EXPECT_FALSE(trail->recorder().record(record));
  trail->drain().replicated(trail->recorder().region()->facts().instance, 0, 1'000);
  EXPECT_TRUE(trail->recorder().record(record));
  ASSERT_TRUE(trail->close());
  const std::vector<Said> rows = read_log(options.log);
  expect_law(rows);
  ASSERT_EQ(count_of(rows, EntryKind::Withdrawn), 1U);
}

TEST(Trail, DeniedForWantOfARingIsCounted) {
  const Folder folder;
  TrailOptions options = trail_options(folder);
  options.sizes.rings = 1;
  const auto trail = open_trail(options);
  ASSERT_TRUE(trail->recorder().record(plain_record(0)));
  std::thread([&] {
    for (int at = 0; at < 3; ++at) EXPECT_FALSE(trail->recorder().record(plain_record(0)));
  }).join();
  ASSERT_TRUE(trail->close());
  const std::vector<Said> rows = read_log(options.log);
  expect_law(rows);
  std::uint64_t denied = 0;
  for (const Said& said : rows) {
    if (said.row.kind == EntryKind::Unavailable) denied += said.row.count;
  }
  EXPECT_EQ(denied, 3U);
}

TEST(Trail, WordsThatNoBundleKnowsStandAsTheyWereAsked) {
  const Folder folder;
  const TrailOptions options = trail_options(folder);
  const auto trail = open_trail(options);
  class Asked final : public Words {
   public:
    [[nodiscard]] Question question() const override {
      Question out;
      out.kind = "Nonsense";
      out.operation = "Frobnicate";
      return out;
    }
    [[nodiscard]] Explained explain() const override { return {}; }
  };
  const Asked asked;
  Record record = plain_record(0);
  record.kind = Record::kNoKind;
  record.operation = Record::kNoOperation;
  record.words = &asked;
  record.name = "x";
  ASSERT_TRUE(trail->recorder().record(record));
  ASSERT_TRUE(trail->close());
  for (const Said& said : read_log(options.log)) {
    EXPECT_TRUE(said.row.kind != EntryKind::Decision || said.operation == "Frobnicate");
  }
}

TEST(Trail, TwentyThousandSessionsComeAndGo) {
  const Folder folder;
  const TrailOptions options = trail_options(folder);
  const auto trail = open_trail(options);
  for (int at = 0; at < 20'000; ++at) {
    const SessionFacts facts = user("u" + std::to_string(at));
    const Opened session = trail->recorder().open_session(facts);
    Record record = plain_record(0);
    record.name = facts.principal_name;
    record.session = &facts;
    record.session_id = session.id;
    ASSERT_TRUE(trail->recorder().record(record)) << at;
  }
  ASSERT_TRUE(trail->close());
  const std::vector<Said> rows = read_log(options.log);
  expect_law(rows);
  EXPECT_EQ(count_of(rows, EntryKind::Decision), 20'000U);
  for (const Said& said : rows) {
    ASSERT_TRUE(said.row.kind != EntryKind::Decision || said.principal == said.resource);
  }
}

}  // namespace
}  // namespace writ::audit::drain
