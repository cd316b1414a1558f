// Equal allows become one row with a count where the policy says so; denials and what somebody
// waits for never do, and the law of counts holds over what is left.
#include <filesystem>

#include <gtest/gtest.h>

#include "runtime/audit/drain/coalescer.h"
#include "runtime/audit/log/verify.h"
#include "tests/unit/audit_drain/world.h"

namespace writ::audit::drain {
namespace {

using ring::Folder;
using ring::plain_record;

std::vector<Entry> rows_of(std::initializer_list<std::pair<std::uint32_t, std::int64_t>> rows) {
  std::vector<Entry> out;
  for (const auto& [resource, time_us] : rows) {
    Entry& row = out.emplace_back();
    row.verdict = Verdict::Allow;
    row.resource = resource;
    row.time_us = time_us;
    row.sequence = 10 + out.size();
    row.decisions = 100 + out.size();
  }
  return out;
}

std::vector<Candidate> all_of(const std::vector<Entry>& rows, std::int64_t window_us) {
  std::vector<Candidate> out;
  for (std::size_t at = 0; at < rows.size(); ++at) out.push_back({at, window_us});
  return out;
}

TEST(Coalescer, MergesEqualRowsAndKeepsTheLaw) {
  std::vector<Entry> rows = rows_of({{1, 10}, {2, 20}, {1, 30}, {1, 40}, {3, 50}});
  Coalescer().merge(rows, 0, all_of(rows, 1'000));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].resource, 2U);
  EXPECT_EQ(rows[0].count, 1U);
  EXPECT_EQ(rows[0].sequence, 11U);
  EXPECT_EQ(rows[0].decisions, 101U);
  EXPECT_EQ(rows[1].resource, 1U);
  EXPECT_EQ(rows[1].count, 3U);
  EXPECT_EQ(rows[1].time_us, 10);
  EXPECT_EQ(rows[1].text, "40");
  EXPECT_EQ(rows[1].sequence, 14U);
  EXPECT_EQ(rows[1].decisions, 104U);
  EXPECT_EQ(rows[2].sequence, 15U);
  EXPECT_EQ(rows[2].decisions, 105U);
}

TEST(Coalescer, JoinsRowsWhereTheLogMayNotBeCut) {
  // A, B, A, then C: up to the merged A nobody but all three rows stands for the three records.
  std::vector<Entry> rows = rows_of({{1, 10}, {2, 20}, {1, 30}, {3, 40}});
  Coalescer().merge(rows, 0, all_of(rows, 1'000));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_TRUE(rows[0].joined);
  EXPECT_FALSE(rows[1].joined);
  EXPECT_FALSE(rows[2].joined);
}

TEST(Coalescer, AStretchEndsInTime) {
  std::vector<Entry> rows(5'000);
  for (std::size_t at = 0; at < rows.size(); ++at) {
    rows[at].verdict = Verdict::Allow;
    rows[at].resource = at % 2 == 0 ? 1 : 2;
    rows[at].sequence = rows[at].decisions = at + 1;
  }
  Coalescer().merge(rows, 0, all_of(rows, 1'000));
  EXPECT_EQ(rows.size(), 6U);
  std::size_t ends = 0;
  for (const Entry& row : rows) ends += row.joined ? 0 : 1;
  EXPECT_EQ(ends, 3U);
  EXPECT_EQ(rows.back().sequence, 5'000U);
}

TEST(Coalescer, TakesAnyTimes) {
  std::vector<Entry> rows = rows_of({{1, INT64_MIN}, {1, INT64_MAX}, {1, 0}});
  Coalescer().merge(rows, 0, all_of(rows, 1'000));
  std::uint64_t count = 0;
  for (const Entry& row : rows) count += row.count;
  EXPECT_EQ(count, 3U);
}

TEST(Coalescer, AWindowEndsAndTheNextBegins) {
  std::vector<Entry> rows = rows_of({{1, 0}, {1, 10}, {1, 11}, {1, 21}});
  Coalescer().merge(rows, 0, all_of(rows, 10));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].count, 2U);
  EXPECT_EQ(rows[1].count, 2U);
  EXPECT_EQ(rows[1].time_us, 11);
  EXPECT_EQ(rows[1].text, "21");
}

TEST(Coalescer, TellsApartWhateverDiffers) {
  std::vector<Entry> rows = rows_of({{1, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}});
  rows[1].session = 9;
  rows[2].question = 9;
  rows[3].reason = 9;
  rows[4].name = "orders";
  rows[5].attributes = "x";
  rows[6].purpose = Purpose::Probe;
  Coalescer().merge(rows, 0, all_of(rows, 10));
  EXPECT_EQ(rows.size(), 7U);
}

TEST(Coalescer, LeavesOtherRowsWhereTheyAreWithTheirNumbers) {
  std::vector<Entry> rows = rows_of({{1, 0}, {1, 1}, {1, 2}, {1, 3}});
  rows[1].kind = EntryKind::Unavailable;
  rows[1].count = 5;
  for (std::size_t at = 1; at < rows.size(); ++at) rows[at].decisions += 4;
  const std::vector<Candidate> candidates = {{0, 10}, {2, 10}, {3, 10}};
  Coalescer().merge(rows, 0, candidates);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].sequence, 11U);
  EXPECT_EQ(rows[1].kind, EntryKind::Unavailable);
  EXPECT_EQ(rows[1].sequence, 12U);
  EXPECT_EQ(rows[1].decisions, 106U);
  EXPECT_EQ(rows[2].count, 2U);
  EXPECT_EQ(rows[2].sequence, 14U);
  EXPECT_EQ(rows[2].decisions, 108U);
}

AuditPolicy reads_within(std::int64_t window_us) {
  AuditPolicy policy;
  policy.coalescing.push_back(
      {{.kind = "Topic", .operations = {"op 2"}, .scope = "acme"}, window_us});
  return policy;
}

TEST(Coalesce, TheLogHasEveryDecisionInFewRows) {
  const Folder folder;
  const TrailOptions options = trail_options(folder);
  const auto trail = open_trail(options);
  const auto words = std::make_shared<TestWords>(1, reads_within(3'600'000'000));
  const auto policy = trail->recorder().use_policy(words, {});
  const Opened orders = trail->recorder().open_resource("Topic", "orders");
  constexpr std::uint64_t kEach = 20'000;
  Record allow = plain_record(orders.id);
  allow.policy = &words->facts();
  Record other = allow;
  other.operation = 1;
  Record denial = allow;
  denial.decision = Decision{};
  for (std::uint64_t at = 0; at < kEach; ++at) {
    ASSERT_TRUE(trail->recorder().record(allow));
    ASSERT_TRUE(at % 10 != 0 || trail->recorder().record(denial));
    ASSERT_TRUE(at % 10 != 5 || trail->recorder().record(other));
  }
  allow.level = Level::Durable;
  ASSERT_TRUE(trail->recorder().record(allow));
  ASSERT_TRUE(trail->recorder().record(allow));
  ASSERT_TRUE(trail->close());

  const std::vector<Said> rows = read_log(options.log);
  expect_law(rows);
  std::uint64_t allows = 0, allow_rows = 0, denials = 0, others = 0;
  for (const Said& said : rows) {
    if (said.row.question == 0) continue;
    if (said.row.verdict == Verdict::Deny) {
      EXPECT_EQ(said.row.count, 1U);
      ++denials;
    } else if (said.operation == "op 1") {
      EXPECT_EQ(said.row.count, 1U);
      ++others;
    } else {
      allows += said.row.count;
      ++allow_rows;
    }
  }
  EXPECT_EQ(allows, kEach + 2);
  EXPECT_EQ(denials, kEach / 10);
  EXPECT_EQ(others, kEach / 10);
  EXPECT_LT(allow_rows, kEach / 2);

  // Whoever verifies the log counts as we do.
  const auto report = log::verify(options.log, {});
  ASSERT_TRUE(report) << report.error().message;
  for (const log::Finding& finding : report->findings) {
    ADD_FAILURE() << finding.message << " in " << finding.where;
  }
  EXPECT_EQ(report->decisions, kEach + 2 + 2 * (kEach / 10));
}

}  // namespace
}  // namespace writ::audit::drain
