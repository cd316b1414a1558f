// What verify() finds: honest logs pass, and each alteration is found, with what and where.
#include "runtime/audit/log/verify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "runtime/audit/log/segment.h"
#include "tests/unit/audit_log/sample.h"

namespace writ::audit::log {
namespace {

using testing::Folder;
using testing::options;
using testing::read_all;
using testing::Rows;
using testing::write_all;

constexpr std::int64_t kLater = 1'800'000'000'000'000;

std::string public_key() { return crypto::public_part(testing::kPrivateKey).value(); }

Report prove(const std::string& folder, std::optional<Seal> head = std::nullopt) {
  VerifyOptions how;
  how.public_keys_pem = {public_key()};
  how.head = std::move(head);
  auto report = verify(folder, how);
  EXPECT_TRUE(report) << report.error().message;
  return report ? std::move(*report) : Report{};
}

std::string text_of(const Report& report) {
  std::string text;
  for (const Finding& finding : report.findings) {
    text += std::string(name_of(finding.wrong)) + ": " + finding.message;
    text += " (" + finding.where + ")\n";
  }
  for (const Note& note : report.notes) text += "note: " + note.message + " (" + note.where + ")\n";
  return text;
}

bool finds(const Report& report, Wrong wrong) {
  return std::ranges::any_of(report.findings, [&](const Finding& finding) {
    return finding.wrong == wrong && !finding.message.empty() && !finding.where.empty();
  });
}

/// Several segments, several rings, seals, closed.
struct Sample {
  Folder folder;
  Rows rows;
  WriterOptions with = options();

  explicit Sample(int batches = 6) {
    with.segment_bytes_max = 4'000;
    auto writer = Writer::open(folder.path(), with);
    for (int i = 0; i < batches; ++i) {
      EXPECT_TRUE((*writer)->append(rows.batch(20)));
      EXPECT_TRUE((*writer)->append(rows.batch(5, 3)));
      EXPECT_TRUE((*writer)->seal());
    }
    if (batches == 0) {
      EXPECT_TRUE((*writer)->append(rows.batch(3)));
    }
    EXPECT_TRUE((*writer)->close());
  }
  [[nodiscard]] std::string path() const { return folder.path(); }
  [[nodiscard]] std::string segment(std::uint64_t number) const {
    return segment_path(folder.path(), number);
  }
};

TEST(Verify, AnHonestLogPasses) {
  const Sample sample;
  const Report report = prove(sample.path());
  EXPECT_TRUE(report.findings.empty()) << text_of(report);
  EXPECT_TRUE(report.notes.empty()) << text_of(report);
  EXPECT_GE(report.segments, 2U);
  EXPECT_EQ(report.rows, 150U);
  EXPECT_EQ(report.decisions, 150U);
  EXPECT_EQ(report.rings, 2U);
  EXPECT_EQ(report.rows_after_seal, 0U);
  ASSERT_TRUE(report.last_seal);
  EXPECT_EQ(report.last_seal->at, SealedAt::Close);
  const auto head = parse_head(head_text(*report.last_seal));
  ASSERT_TRUE(head);
  const Report again = prove(sample.path(), *head);
  EXPECT_TRUE(again.findings.empty()) << text_of(again);
  EXPECT_TRUE(again.head_found);
}

TEST(Verify, ARecoveredCrashIsANote) {
  Sample sample;
  {
    auto writer = Writer::open(sample.path(), options(kLater));
    sample.rows.attach_again();
    ASSERT_TRUE((*writer)->append(sample.rows.batch(10)));
    ASSERT_TRUE((*writer)->sync());
    // Died in the midst of the next block.
    ASSERT_TRUE((*writer)->append(sample.rows.batch(10)));
  }
  const auto numbers = list_segments(sample.path());
  const std::string last = sample.segment(numbers->back());
  const std::string bytes = read_all(last);
  write_all(last, bytes.substr(0, bytes.size() - 50));
  const Report torn = prove(sample.path());
  EXPECT_EQ(torn.findings_count, 1U) << text_of(torn);
  EXPECT_TRUE(finds(torn, Wrong::UnfinishedEnd)) << text_of(torn);

  auto writer = Writer::open(sample.path(), options(kLater + kLater / 1'000));
  ASSERT_TRUE(writer);
  EXPECT_TRUE(prove(sample.path()).being_written);
  ASSERT_TRUE((*writer)->close());
  const Report report = prove(sample.path());
  EXPECT_TRUE(report.findings.empty()) << text_of(report);
  ASSERT_EQ(report.notes.size(), 1U) << text_of(report);
  EXPECT_NE(report.notes[0].message.find("bytes at the end do not count"), std::string::npos);
}

TEST(Verify, FindsEveryBitThatWasFlipped) {
  const Sample sample(0);
  const Report honest = prove(sample.path());
  ASSERT_TRUE(honest.findings.empty()) << text_of(honest);
  const auto numbers = list_segments(sample.path());
  for (const std::uint64_t number : *numbers) {
    const std::string path = sample.segment(number);
    const std::size_t bits = read_all(path).size() * 8;
    for (std::size_t bit = 0; bit < bits; ++bit) {
      testing::flip_bit(path, bit);
      const Report report = prove(sample.path(), honest.last_seal);
      ASSERT_FALSE(report.findings.empty()) << "segment " << number << ", bit " << bit;
      const std::string& where = report.findings[0].where;
      ASSERT_NE(where.find("segment"), std::string::npos) << where;
      testing::flip_bit(path, bit);
    }
  }
  EXPECT_TRUE(prove(sample.path(), honest.last_seal).findings.empty());
}

/// Where the blocks of a segment's file begin, and its end.
std::vector<std::size_t> offsets(const std::string& folder, std::uint64_t number) {
  Files files;
  auto segment = Segment::open(files, folder, number, Check::Chain);
  std::vector<std::size_t> out = {kSegmentHeaderBytes};
  for (auto block = segment->next(); block && *block; block = segment->next()) {
    out.push_back(static_cast<std::size_t>(segment->place().offset));
  }
  return out;
}

TEST(Verify, FindsBlocksThatWereMovedRemovedOrRepeated) {
  const Sample sample;
  const Seal head = *prove(sample.path()).last_seal;
  const auto numbers = list_segments(sample.path());
  for (const std::uint64_t number : *numbers) {
    const std::string path = sample.segment(number);
    const std::string whole = read_all(path);
    const auto at = offsets(sample.path(), number);
    const auto block = [&](std::size_t i) { return whole.substr(at[i], at[i + 1] - at[i]); };
    const auto expect_found = [&](const std::string& altered, const std::string& what) {
      write_all(path, altered);
      const Report report = prove(sample.path(), head);
      EXPECT_FALSE(report.findings.empty()) << what << " in segment " << number;
      write_all(path, whole);
    };
    for (std::size_t i = 0; i + 1 < at.size(); ++i) {
      const std::string before = whole.substr(0, at[i]);
      const std::string after = whole.substr(at[i + 1]);
      expect_found(before + after, "block removed");
      expect_found(before + block(i) + block(i) + after, "block repeated");
      expect_found(before, "cut before a block");
      expect_found(before + block(i).substr(0, block(i).size() / 2), "cut within a block");
      if (i + 2 < at.size()) {
        expect_found(before + block(i + 1) + block(i) + whole.substr(at[i + 2]), "blocks swapped");
      }
    }
    EXPECT_TRUE(prove(sample.path(), head).findings.empty());
  }
}

TEST(Verify, FindsSegmentsThatWereMovedOrRemoved) {
  const Sample sample(24);
  const Seal head = *prove(sample.path()).last_seal;
  const auto numbers = list_segments(sample.path());
  ASSERT_GE(numbers->size(), 4U);
  for (std::size_t i = 0; i < numbers->size(); ++i) {
    const std::string path = sample.segment((*numbers)[i]);
    const std::string whole = read_all(path);
    std::filesystem::remove(path);
    const Report report = prove(sample.path(), head);
    EXPECT_FALSE(report.findings.empty()) << (*numbers)[i];
    EXPECT_TRUE(finds(report, i + 1 == numbers->size() ? Wrong::Head : Wrong::Missing))
        << text_of(report);
    if (i > 0) {
      const std::string other = sample.segment((*numbers)[i - 1]);
      const std::string before = read_all(other);
      write_all(path, before);
      write_all(other, whole);
      EXPECT_TRUE(finds(prove(sample.path(), head), Wrong::Damaged));
      write_all(other, before);
    }
    write_all(path, whole);
  }
}

TEST(Verify, FindsSealsOfAnotherKeyOrAnotherLog) {
  const Sample sample;
  Sample other_key;
  const auto pair = crypto::new_key();
  ASSERT_TRUE(pair);
  VerifyOptions stranger;
  stranger.public_keys_pem = {pair->public_pem};
  const auto report = verify(sample.path(), stranger);
  ASSERT_TRUE(report);
  EXPECT_TRUE(finds(*report, Wrong::Seal)) << text_of(*report);
  EXPECT_TRUE(finds(*report, Wrong::Unsealed));

  Folder folder;
  WriterOptions with = options();
  with.new_log_id = id_of("ffffffffffffffffffffffffffffffff");
  Rows rows;
  auto writer = Writer::open(folder.path(), with);
  ASSERT_TRUE((*writer)->append(rows.batch(20)));
  ASSERT_TRUE((*writer)->close());
  const Seal foreign = *prove(folder.path()).last_seal;
  EXPECT_TRUE(finds(prove(sample.path(), foreign), Wrong::Head));
}

TEST(Verify, FindsAHeadThatTheLogDoesNotHold) {
  const Sample sample;
  const Seal head = *prove(sample.path()).last_seal;
  // The same history up to there, and another one behind: a log that was written anew.
  Sample anew(5);
  EXPECT_TRUE(finds(prove(anew.path(), head), Wrong::Head));
  Seal forged = head;
  forged.chain[0] ^= std::byte{1};
  EXPECT_TRUE(finds(prove(sample.path(), forged), Wrong::Head));
  Seal later = head;
  later.block += 1;
  EXPECT_TRUE(finds(prove(sample.path(), later), Wrong::Head));
}

TEST(Verify, SaysWhatRetentionRemovedAndWhatNobodyDid) {
  Folder folder;
  Rows rows;
  WriterOptions small = options();
  small.segment_bytes_max = 2'000;
  small.keep_bytes_max = 8'000;
  auto writer = Writer::open(folder.path(), small);
  for (int i = 0; i < 60; ++i) ASSERT_TRUE((*writer)->append(rows.batch(40)));
  ASSERT_TRUE((*writer)->close());
  const Report report = prove(folder.path());
  EXPECT_TRUE(report.findings.empty()) << text_of(report);
  EXPECT_FALSE(report.notes.empty());
  std::filesystem::remove(segment_path(folder.path(), report.first_segment));
  EXPECT_TRUE(finds(prove(folder.path()), Wrong::Missing));
}

TEST(Verify, FindsRowsThatADrainLeftOut) {
  Folder folder;
  Rows rows;
  auto writer = Writer::open(folder.path(), options());
  ASSERT_TRUE((*writer)->append(rows.batch(5)));
  Batch jump = rows.batch(5);
  jump.entries.erase(jump.entries.begin(), jump.entries.begin() + 2);
  ASSERT_TRUE((*writer)->append(jump));
  Batch law = rows.batch(2);
  law.entries[1].decisions += 1;
  ASSERT_TRUE((*writer)->append(law));
  ASSERT_TRUE((*writer)->close());
  const Report report = prove(folder.path());
  EXPECT_EQ(report.findings_count, 2U) << text_of(report);
  EXPECT_TRUE(finds(report, Wrong::Missing));
  EXPECT_TRUE(finds(report, Wrong::Law));
  EXPECT_NE(text_of(report).find("rows 6 to 7 of ring 0"), std::string::npos) << text_of(report);
}

TEST(Verify, AGapThatARowSpeaksOfIsANote) {
  Folder folder;
  Rows rows;
  auto writer = Writer::open(folder.path(), options());
  ASSERT_TRUE((*writer)->append(rows.batch(5)));
  Batch jump = rows.batch(4);
  jump.entries.erase(jump.entries.begin(), jump.entries.begin() + 2);
  Batch gap;
  gap.instance.id = "ffffffffffffffffffffffffffffffff";
  Entry& row = gap.entries.emplace_back();
  row.kind = EntryKind::Gap;
  row.sequence = 1;
  row.count = 0;
  row.text = R"({"cause":"damaged","instance":")" + std::string(testing::kInstance) +
             R"(","ring":0,"first":6,"last":7})";
  ASSERT_TRUE((*writer)->append(gap));
  ASSERT_TRUE((*writer)->append(jump));
  ASSERT_TRUE((*writer)->close());
  const Report report = prove(folder.path());
  EXPECT_TRUE(report.findings.empty()) << text_of(report);
  EXPECT_EQ(report.notes.size(), 1U);
}

TEST(Verify, WithoutKeysSaysThatNothingWasChecked) {
  const Sample sample;
  const auto report = verify(sample.path(), {});
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->signatures_checked);
  EXPECT_TRUE(report->findings.empty());
}

TEST(Head, IsRefusedWhenItIsNone) {
  const Sample sample;
  const std::string head = head_text(*prove(sample.path()).last_seal);
  EXPECT_FALSE(parse_head(""));
  EXPECT_FALSE(parse_head(head + "x"));
  for (std::size_t size = 0; size < head.size(); ++size) {
    EXPECT_FALSE(parse_head(head.substr(0, size))) << size;
  }
}

}  // namespace
}  // namespace writ::audit::log
