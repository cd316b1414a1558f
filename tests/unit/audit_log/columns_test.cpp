#include "runtime/audit/log/columns.h"

#include <gtest/gtest.h>

#include <limits>

#include "runtime/audit/log/definition_codec.h"
#include "runtime/audit/log/varint.h"
#include "tests/unit/audit_log/sample.h"

namespace writ::audit::log {
namespace {

std::vector<Entry> extremes() {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  Entry low;
  low.sequence = 1;
  low.time_us = std::numeric_limits<std::int64_t>::min();
  low.decisions = 1;
  Entry high;
  high.kind = EntryKind::Withdrawn;
  high.purpose = Purpose::Filter;
  high.verdict = Verdict::Allow;
  high.ring = 65'535;
  high.sequence = kMax - 1;
  high.decisions = kMax;
  high.time_us = std::numeric_limits<std::int64_t>::max();
  high.uncertainty_us = high.session = high.resource = high.question = high.reason = high.asked =
      high.allowed = 0xFFFF'FFFF;
  high.count = kMax;
  high.name = std::string("a\0b", 3);
  high.attributes = std::string(70'000, 'x');
  high.text = "t";
  return {low, high, low};
}

struct Encoded {
  BlockHeader header;
  std::vector<std::byte> bytes;
};
Encoded encode_rows(const std::vector<Entry>& rows) {
  Encoded out;
  const Columns columns = testing::columns_of(rows);
  summarize(columns, {0, columns.size()}, out.header);
  RowEncoder encoder;
  const auto bytes = encoder.encode(columns, {0, columns.size()}, out.header);
  out.bytes.assign(bytes.begin(), bytes.end());
  return out;
}

void expect_equal(const Entry& a, const Entry& b) {
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.purpose, b.purpose);
  EXPECT_EQ(a.verdict, b.verdict);
  EXPECT_EQ(a.ring, b.ring);
  EXPECT_EQ(a.sequence, b.sequence);
  EXPECT_EQ(a.decisions, b.decisions);
  EXPECT_EQ(a.time_us, b.time_us);
  EXPECT_EQ(a.uncertainty_us, b.uncertainty_us);
  EXPECT_EQ(a.session, b.session);
  EXPECT_EQ(a.resource, b.resource);
  EXPECT_EQ(a.question, b.question);
  EXPECT_EQ(a.reason, b.reason);
  EXPECT_EQ(a.asked, b.asked);
  EXPECT_EQ(a.allowed, b.allowed);
  EXPECT_EQ(a.count, b.count);
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.attributes, b.attributes);
  EXPECT_EQ(a.text, b.text);
}

void expect_round_trip(const std::vector<Entry>& rows) {
  const Encoded encoded = encode_rows(rows);
  Columns columns;
  const auto status = decode_rows(encoded.bytes, encoded.header, columns);
  ASSERT_TRUE(status) << status.error().message;
  ASSERT_EQ(columns.size(), rows.size());
  Entry back;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    columns.read(i, back);
    expect_equal(rows[i], back);
  }
}

TEST(Columns, GiveBackEveryField) {
  expect_round_trip({});
  expect_round_trip(extremes());
  testing::Rows rows;
  Batch batch = rows.batch(300);
  const Batch other = rows.batch(300, 9);
  batch.entries.insert(batch.entries.begin() + 100, other.entries.begin(), other.entries.end());
  expect_round_trip(batch.entries);
}

TEST(Columns, OfRowsThatBreakTheLawSayWhatWasSaid) {
  testing::Rows rows;
  Batch batch = rows.batch(10);
  batch.entries[5].decisions += 3;
  batch.entries[7].sequence += 100;
  expect_round_trip(batch.entries);
}

TEST(Columns, CutOrAlteredAreRefusedOrSaySomethingElse) {
  const Encoded encoded = encode_rows(testing::Rows().batch(20).entries);
  Columns columns;
  for (std::size_t size = 0; size < encoded.bytes.size(); ++size) {
    const auto cut = std::span(encoded.bytes).first(size);
    EXPECT_FALSE(decode_rows(cut, encoded.header, columns)) << size;
  }
  for (std::size_t bit = 0; bit < encoded.bytes.size() * 8; ++bit) {
    std::vector<std::byte> altered = encoded.bytes;
    altered[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    if (decode_rows(altered, encoded.header, columns)) {
      std::vector<Entry> back(columns.size());
      for (std::size_t i = 0; i < back.size(); ++i) columns.read(i, back[i]);
      EXPECT_NE(encode_rows(back).bytes, encoded.bytes) << bit;
    }
  }
}

TEST(Definitions, ComeBackAsTheyWere) {
  Batch batch = testing::Rows().batch(0);
  batch.questions[0].model = "kafka";
  batch.questions[0].levels = "organization=acme";
  batch.reasons[0].why.nearest = "n";
  batch.reasons[0].why.acting_principal = "User:x";
  std::string bytes;
  encode(batch.instance, bytes);
  for (const auto& def : batch.sessions) encode(def, bytes);
  for (const auto& def : batch.resources) encode(def, bytes);
  for (const auto& def : batch.questions) encode(def, bytes);
  for (const auto& def : batch.reasons) encode(def, bytes);
  Batch back;
  ASSERT_TRUE(decode_definitions(std::as_bytes(std::span(bytes)), back));
  EXPECT_EQ(back.instance.boot, "boot");
  ASSERT_EQ(back.sessions.size(), 3U);
  EXPECT_EQ(back.sessions[2].facts.principal_name, "user-3");
  EXPECT_EQ(back.sessions[2].facts.attributes, batch.sessions[2].facts.attributes);
  ASSERT_EQ(back.questions.size(), 2U);
  EXPECT_EQ(back.questions[0].model, "kafka");
  EXPECT_EQ(back.questions[0].levels, "organization=acme");
  EXPECT_EQ(back.questions[1].operations, batch.questions[1].operations);
  ASSERT_EQ(back.reasons.size(), 2U);
  EXPECT_EQ(back.reasons[0].why.nearest, "n");
  EXPECT_EQ(back.reasons[0].why.acting_principal, "User:x");
  EXPECT_EQ(back.reasons[1].grant, kNoGrant);
  for (std::size_t size = 1; size < 200; ++size) {
    Batch cut;
    static_cast<void>(decode_definitions(std::as_bytes(std::span(bytes)).first(size), cut));
  }
  Batch unknown;
  EXPECT_FALSE(decode_definitions(std::as_bytes(std::span("\x09\x00", 2)), unknown));
}

TEST(Varint, HasOneFormForEachNumber) {
  const std::uint64_t numbers[] = {0, 1, 127, 128, 16'383, 16'384, UINT64_MAX / 2, UINT64_MAX};
  for (const std::uint64_t number : numbers) {
    std::string bytes;
    put_number(bytes, number);
    ByteReader in(std::as_bytes(std::span(bytes)));
    EXPECT_EQ(take_number(in), number);
    EXPECT_FALSE(in.failed());
    EXPECT_EQ(in.left(), 0U);
    EXPECT_EQ(unzigzag(zigzag(static_cast<std::int64_t>(number))),
              static_cast<std::int64_t>(number));
  }
  for (const std::string& bad : {std::string("\x80\x00", 2), std::string("\x80", 1), std::string(),
                                 std::string(10, '\xFF'), std::string(9, '\x80') + "\x02"}) {
    ByteReader in(std::as_bytes(std::span(bad)));
    static_cast<void>(take_number(in));
    EXPECT_TRUE(in.failed());
  }
}

}  // namespace
}  // namespace writ::audit::log
