#include "runtime/audit/query/query.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/unit/audit_log/sample.h"

namespace writ::audit::query {
namespace {

using log::testing::Folder;
using log::testing::read_all;
using log::testing::Rows;
using log::testing::write_all;

struct Log {
  Folder folder;
  Log() {
    Rows rows;
    log::WriterOptions with = log::testing::options();
    with.segment_bytes_max = 6'000;
    auto writer = log::Writer::open(folder.path(), with);
    for (int i = 0; i < 40; ++i) {
      EXPECT_TRUE((*writer)->append(rows.batch(60, static_cast<std::uint16_t>(i % 3))));
      EXPECT_TRUE((*writer)->seal());
    }
    Batch mask = rows.batch(1);
    QuestionDef& question = mask.questions.emplace_back();
    question.id = 9;
    question.kind = "Group";
    question.operations = {"Read", "Delete"};
    mask.entries[0].kind = EntryKind::Mask;
    mask.entries[0].question = 9;
    mask.entries[0].asked = 3;
    mask.entries[0].allowed = 1;
    mask.entries[0].count = 2;
    EXPECT_TRUE((*writer)->append(mask));
    EXPECT_TRUE((*writer)->close());
  }
};

/// `ring-sequence` of the rows found, in order.
std::vector<std::string> ask(const Log& log, const Filter& filter, UseIndex index) {
  std::vector<std::string> found;
  Options options;
  options.index = index;
  const Found keep = [&](const Definitions& definitions, const Entry& row) {
    EXPECT_TRUE(row.session == 0 || definitions.session(row.session) != nullptr);
    found.push_back(std::to_string(row.ring) + "-" + std::to_string(row.sequence));
    return true;
  };
  const auto counts = run(log.folder.path(), filter, options, keep);
  EXPECT_TRUE(counts) << counts.error().message << counts.error().where;
  EXPECT_TRUE(counts && counts->matched == found.size());
  return found;
}

struct Named {
  const char* name;
  Filter filter;
  std::size_t count;
};

std::vector<Named> filters() {
  std::vector<Named> rows;
  rows.push_back({"everything", {}, 2'401});
  rows.push_back({"principal", {.principals = {"User:user-2"}}, 801});
  rows.push_back({"two principals", {.principals = {"User:user-2", "User:user-3"}}, 1'601});
  rows.push_back({"prefix of principals", {.principals = {"User:*"}}, 2'401});
  rows.push_back({"resource with a number", {.resources = {"topic-1"}}, 600});
  rows.push_back({"resource by name", {.resources = {"name-400"}}, 3});
  rows.push_back({"names by prefix", {.resources = {"name-*"}}, 600});
  rows.push_back({"operation", {.operations = {"Write"}}, 1'200});
  rows.push_back({"operation of a mask", {.operations = {"Delete"}}, 1});
  rows.push_back({"allowed operation of a mask",
                  {.operations = {"Delete"}, .verdict = Verdict::Allow}, 0});
  rows.push_back({"kind", {.kinds = {"Group"}}, 1});
  rows.push_back({"reason", {.reasons = {"default"}}, 1'201});
  rows.push_back({"verdict", {.verdict = Verdict::Allow}, 1'201});
  rows.push_back({"nobody", {.principals = {"User:nobody"}}, 0});
  rows.push_back({"before all", {.until_us = 1'767'268'800'000'000}, 0});
  rows.push_back({"after all", {.since_us = 1'900'000'000'000'000}, 0});
  return rows;
}

TEST(Query, AnIndexFindsWhatAScanFinds) {
  const Log log;
  ASSERT_GT(log::list_segments(log.folder.path())->size(), 3U);
  for (const Named& row : filters()) {
    const auto scanned = ask(log, row.filter, UseIndex::No);
    EXPECT_EQ(scanned.size(), row.count) << row.name;
    EXPECT_EQ(ask(log, row.filter, UseIndex::Make), scanned) << row.name;
    EXPECT_EQ(ask(log, row.filter, UseIndex::Read), scanned) << row.name;
  }
}

TEST(Query, ReadsFewBlocksWhenTheIndexSaysSo) {
  const Log log;
  Filter filter;
  filter.resources = {"name-400"};
  Options options;
  const Found all = [](const Definitions&, const Entry&) { return true; };
  const auto first = run(log.folder.path(), filter, options, all);
  ASSERT_TRUE(first);
  EXPECT_GT(first->indexes_made, 2U);
  const auto second = run(log.folder.path(), filter, options, all);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->indexes_made, 0U);
  EXPECT_LT(second->blocks_read, second->blocks / 2);
  EXPECT_EQ(second->rows, first->rows);
}

TEST(Query, StopsWhenItIsEnough) {
  const Log log;
  int seen = 0;
  const auto counts = run(log.folder.path(), {}, {}, [&](const Definitions&, const Entry&) {
    return ++seen < 5;
  });
  ASSERT_TRUE(counts);
  EXPECT_EQ(seen, 5);
}

TEST(Query, MakesAnIndexAgainThatIsNoneOfTheSegment) {
  const Log log;
  const Filter filter{.principals = {"User:user-2"}};
  const auto scanned = ask(log, filter, UseIndex::No);
  static_cast<void>(ask(log, filter, UseIndex::Make));
  const std::string first = log::index_path(log.folder.path(), 1);
  const std::string second = log::index_path(log.folder.path(), 2);
  const std::string whole = read_all(first);
  ASSERT_FALSE(whole.empty());
  for (const std::string& altered :
       {std::string(), whole.substr(0, whole.size() / 2), read_all(second), whole + "x",
        std::string(1'000, 'x')}) {
    write_all(first, altered);
    EXPECT_EQ(ask(log, filter, UseIndex::Read), scanned);
    EXPECT_EQ(ask(log, filter, UseIndex::Make), scanned);
    EXPECT_EQ(read_all(first), whole);
  }
  for (std::size_t bit = 0; bit < whole.size() * 8; bit += 7) {
    std::string altered = whole;
    altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(decode_index(std::as_bytes(std::span(altered)))) << bit;
  }
}

TEST(Stats, CountWhatIsThere) {
  const Log log;
  const auto stats = count(log.folder.path(), {});
  ASSERT_TRUE(stats) << stats.error().message;
  EXPECT_EQ(stats->rows, 2'401U);
  EXPECT_EQ(stats->decisions, 2'402U);
  EXPECT_EQ(stats->allowed, 1'201U);
  EXPECT_EQ(stats->denied, 1'201U);
  EXPECT_EQ(stats->principals.at("User:user-2"), 802U);
  EXPECT_EQ(stats->operations.at("Topic Write"), 1'200U);
  EXPECT_EQ(stats->operations.at("Group (several)"), 2U);
  EXPECT_EQ(most(stats->principals, 1).size(), 1U);
}

}  // namespace
}  // namespace writ::audit::query
