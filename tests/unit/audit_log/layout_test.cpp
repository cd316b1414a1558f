// The bytes that docs/internals/audit.md says, field by field. Whoever changes one changes the
// version, and keeps reading the old one.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "runtime/audit/log/columns.h"
#include "runtime/audit/log/definition_codec.h"
#include "runtime/audit/log/format.h"
#include "runtime/audit/log/seal.h"
#include "runtime/base/bytes.h"
#include "tests/unit/audit_log/sample.h"

namespace writ::audit::log {
namespace {

template <std::size_t Size>
void count_up(std::array<std::byte, Size>& bytes, unsigned from) {
  for (std::size_t i = 0; i < Size; ++i) bytes[i] = static_cast<std::byte>(from + i);
}

SegmentHeader segment_header() {
  SegmentHeader header;
  header.number = 0x0102;
  header.created_us = 0x0304;
  count_up(header.log_id, 0x10);
  header.previous_bytes = 0x0506;
  header.previous_blocks = 0x0708;
  count_up(header.previous_hash, 0x20);
  std::ranges::copy(std::string_view("0123456789abcdef"), header.key_id.begin());
  header.begun = Begun::Age;
  return header;
}

BlockHeader block_header() {
  BlockHeader header;
  header.kind = BlockKind::Rows;
  header.index = 0x0901;
  header.synced_blocks = 0x0802;
  header.first_us = 0x0B03;
  header.last_us = 0x0C04;
  count_up(header.instance, 0x30);
  header.decisions = 0x0D05;
  header.entries = 2;
  header.definitions = {3, 4};
  header.rows = {5, 5};
  count_up(header.previous_hash, 0x40);
  header.rings = {{0x0E06, 2, 0x0F07, 0x0F08, 0x1009}};
  return header;
}

std::vector<Entry> rows() {
  testing::Rows sample;
  return sample.batch(4).entries;
}

std::string lines(std::span<const std::byte> bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 32) {
    text += crypto::hex(bytes.subspan(at, std::min<std::size_t>(32, bytes.size() - at))) + "\n";
  }
  return text;
}

std::string layout() {
  std::ostringstream out;
  out << "segment header\n" << lines(encode(segment_header()));
  const std::vector<std::byte> definitions(3, std::byte{0xDD});
  const std::vector<std::byte> stored(5, std::byte{0xEE});
  out << "block\n" << lines(encode_block(block_header(), definitions, stored));
  BlockHeader summary;
  const Columns columns = testing::columns_of(rows());
  summarize(columns, {0, columns.size()}, summary);
  RowEncoder encoder;
  out << "rows\n" << lines(encoder.encode(columns, {0, columns.size()}, summary));
  const Batch batch = testing::Rows().batch(0);
  std::string defs;
  encode(batch.instance, defs);
  encode(batch.sessions[0], defs);
  encode(batch.resources[0], defs);
  encode(batch.questions[0], defs);
  encode(batch.reasons[0], defs);
  out << "definitions\n" << lines(std::as_bytes(std::span(defs)));
  Seal seal;
  count_up(seal.log_id, 0x10);
  seal.segment = 0x0102;
  seal.block = 0x0901;
  count_up(seal.chain, 0x40);
  seal.time_us = 0x0B03;
  seal.at = SealedAt::Close;
  const auto key = crypto::SigningKey::read(testing::kPrivateKey);
  const Positions rings = {{{*id_of(testing::kInstance), 7}, {9, 11}}};
  const auto payload = encode_seal(seal, rings, *key);
  out << "seal\n" << lines(*payload);
  out << head_text(decode_seal(*payload)->seal);
  return out.str();
}

TEST(Layout, IsTheOneThatIsWrittenDown) {
  std::ifstream in("tests/unit/audit_log/layout.txt");
  std::ostringstream golden;
  golden << in.rdbuf();
  EXPECT_EQ(layout(), golden.str())
      << "the bytes of the log changed; docs/internals/audit.md says what they must be";
}

TEST(Layout, IsReadBack) {
  const auto header = decode_segment_header(encode(segment_header()));
  ASSERT_TRUE(header);
  EXPECT_EQ(encode(*header), encode(segment_header()));
  const std::vector<std::byte> definitions(3, std::byte{0xDD});
  const std::vector<std::byte> stored(5, std::byte{0xEE});
  const auto bytes = encode_block(block_header(), definitions, stored);
  const auto block = decode_block(bytes);
  ASSERT_TRUE(block) << block.error().message;
  EXPECT_EQ(encode_block(block->header, block->definitions, block->rows), bytes);
  EXPECT_EQ(block->computed_hash(), block->stored_hash());
  EXPECT_EQ(block_bytes(bytes).value(), bytes.size());
}

TEST(Layout, LengthsOverTheirLimitsAreRefused) {
  const auto refused = [](auto change) {
    BlockHeader header = block_header();
    header.rings.clear();
    header.definitions = header.rows = {0, 0};
    std::vector<std::byte> bytes = encode_block(header, {}, {});
    change(bytes);
    return !block_bytes(bytes).has_value();
  };
  const auto put = [](std::size_t at, std::uint32_t value) {
    return [=](std::vector<std::byte>& bytes) { store_integer(bytes.data() + at, value); };
  };
  EXPECT_FALSE(refused(put(64, kBlockRowsMax)));
  EXPECT_TRUE(refused(put(64, kBlockRowsMax + 1)));
  EXPECT_TRUE(refused(put(68, 3)));  // more rings than rows
  EXPECT_FALSE(refused(put(76, kPartBytesMax)));
  EXPECT_TRUE(refused(put(76, kPartBytesMax + 1)));
  EXPECT_TRUE(refused(put(72, 1)));  // more stored than there is
  EXPECT_TRUE(refused(put(88, 1)));
}

}  // namespace
}  // namespace writ::audit::log
