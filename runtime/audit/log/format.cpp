#include "runtime/audit/log/format.h"

#include <algorithm>
#include <cstring>

#include "runtime/base/bytes.h"
#include "runtime/base/check.h"
#include "runtime/crypto/crc32c.h"

namespace writ::audit::log {
namespace {

constexpr std::string_view kSegmentMagic = "WRITLOG1";
constexpr std::size_t kSegmentCrcAt = 220;
constexpr std::size_t kSegmentHashAt = 224;
constexpr std::size_t kBlockCrcAt = 92;
constexpr std::size_t kBlockPreviousAt = 96;

std::unexpected<Error> malformed(std::string what) {
  return fail(ErrorCode::Malformed, std::move(what));
}

// A fixed layout being filled, field behind field.
class Filler {
 public:
  explicit Filler(std::span<std::byte> out) : out_(out) {}
  template <std::integral T>
  void integer(T value) {
    WRIT_CHECK(at_ + sizeof value <= out_.size());
    store_integer(out_.data() + at_, value);
    at_ += sizeof value;
  }
  void bytes(const void* data, std::size_t size) {
    WRIT_CHECK(at_ + size <= out_.size());
    std::memcpy(out_.data() + at_, data, size);
    at_ += size;
  }
  void skip_to(std::size_t at) { at_ = at; }

 private:
  std::span<std::byte> out_;
  std::size_t at_ = 0;
};

template <std::size_t Size>
void take_bytes(ByteReader& in, std::array<std::byte, Size>& out) {
  const std::byte* at = in.take(Size);
  if (at != nullptr) std::memcpy(out.data(), at, Size);
}

std::uint32_t crc_around(std::span<const std::byte> bytes, std::size_t crc_at) {
  return crypto::crc32c(bytes.subspan(crc_at + sizeof(std::uint32_t)),
                        crypto::crc32c(bytes.first(crc_at)));
}

void encode_fixed(const BlockHeader& header, std::span<std::byte> out) {
  Filler fill(out);
  fill.bytes(kBlockMagic.data(), kBlockMagic.size());
  fill.integer(static_cast<std::uint8_t>(kVersion));
  fill.integer(static_cast<std::uint8_t>(header.kind));
  fill.integer(static_cast<std::uint16_t>(kBlockHeaderBytes));
  fill.integer(header.index);
  fill.integer(header.synced_blocks);
  fill.integer(header.first_us);
  fill.integer(header.last_us);
  fill.bytes(header.instance.data(), header.instance.size());
  fill.integer(header.decisions);
  fill.integer(header.entries);
  fill.integer(static_cast<std::uint32_t>(header.rings.size()));
  fill.integer(header.definitions.stored);
  fill.integer(header.definitions.raw);
  fill.integer(header.rows.stored);
  fill.integer(header.rows.raw);
  fill.skip_to(kBlockPreviousAt);
  fill.bytes(header.previous_hash.data(), header.previous_hash.size());
}

// The ring table is left to the caller, which has its bytes; its length goes to `rings`.
Result<BlockHeader> decode_fixed(std::span<const std::byte> bytes, std::uint32_t& rings) {
  ByteReader in(bytes);
  if (in.text(kBlockMagic.size()) != kBlockMagic) return malformed("no block begins here");
  BlockHeader header;
  const auto version = in.integer<std::uint8_t>();
  const auto kind = in.integer<std::uint8_t>();
  if (version != kVersion || in.integer<std::uint16_t>() != kBlockHeaderBytes) {
    return malformed("a block of version " + std::to_string(version) + ", which is not known");
  }
  if (kind > static_cast<std::uint8_t>(BlockKind::Positions)) {
    return malformed("a block of kind " + std::to_string(kind) + ", which is not known");
  }
  header.kind = static_cast<BlockKind>(kind);
  header.index = in.integer<std::uint64_t>();
  header.synced_blocks = in.integer<std::uint64_t>();
  header.first_us = in.integer<std::int64_t>();
  header.last_us = in.integer<std::int64_t>();
  take_bytes(in, header.instance);
  header.decisions = in.integer<std::uint64_t>();
  header.entries = in.integer<std::uint32_t>();
  rings = in.integer<std::uint32_t>();
  for (PartSize* part : {&header.definitions, &header.rows}) {
    part->stored = in.integer<std::uint32_t>();
    part->raw = in.integer<std::uint32_t>();
    if (part->raw > kPartBytesMax || part->stored > part->raw) {
      return malformed("a part of a block is larger than any can be");
    }
  }
  if (header.entries > kBlockRowsMax || rings > kBlockRingsMax || rings > header.entries) {
    return malformed("a block has more rows or rings than any can have");
  }
  if (in.integer<std::uint32_t>() != 0) return malformed("a block's header has unknown bytes");
  static_cast<void>(in.integer<std::uint32_t>());  // the CRC
  take_bytes(in, header.previous_hash);
  if (in.failed()) return malformed("a block's header is cut");
  return header;
}

std::uint64_t size_of(const BlockHeader& header, std::uint64_t rings) {
  return kBlockHeaderBytes + rings * kRingSpanBytes + header.definitions.stored +
         header.rows.stored + kHashBytes;
}

RingSpan take_ring(ByteReader& in) {
  RingSpan ring;
  ring.ring = in.integer<std::uint16_t>();
  if (in.integer<std::uint16_t>() != 0) in.fail();
  ring.entries = in.integer<std::uint32_t>();
  ring.first = in.integer<std::uint64_t>();
  ring.last = in.integer<std::uint64_t>();
  ring.decisions = in.integer<std::uint64_t>();
  return ring;
}

}  // namespace

std::string to_text(const Id128& id) { return crypto::hex(id); }

std::optional<Id128> id_of(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  Id128 id{};
  if (text.size() != id.size() * 2) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t digit = kDigits.find(text[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    id[i / 2] |= static_cast<std::byte>(digit << (i % 2 == 0 ? 4U : 0U));
  }
  return id;
}

std::array<std::byte, kSegmentHeaderBytes> encode(const SegmentHeader& header) {
  std::array<std::byte, kSegmentHeaderBytes> out{};
  Filler fill(out);
  fill.bytes(kSegmentMagic.data(), kSegmentMagic.size());
  fill.integer(kVersion);
  fill.integer(static_cast<std::uint32_t>(kSegmentHeaderBytes));
  fill.integer(header.number);
  fill.integer(header.created_us);
  fill.bytes(header.log_id.data(), header.log_id.size());
  fill.integer(header.previous_bytes);
  fill.integer(header.previous_blocks);
  fill.bytes(header.previous_hash.data(), header.previous_hash.size());
  fill.bytes(header.key_id.data(), header.key_id.size());
  fill.integer(static_cast<std::uint32_t>(header.begun));
  const std::span<const std::byte> bytes(out);
  store_integer(out.data() + kSegmentCrcAt, crypto::crc32c(bytes.first(kSegmentCrcAt)));
  const Hash hash = crypto::sha256(bytes.first(kSegmentHashAt));
  std::ranges::copy(hash, out.begin() + kSegmentHashAt);
  return out;
}

Result<SegmentHeader> decode_segment_header(std::span<const std::byte> bytes) {
  if (bytes.size() < kSegmentHeaderBytes) return malformed("the segment's header is cut");
  bytes = bytes.first(kSegmentHeaderBytes);
  ByteReader in(bytes);
  if (in.text(kSegmentMagic.size()) != kSegmentMagic) {
    return malformed("this is no segment of an audit log");
  }
  const auto version = in.integer<std::uint32_t>();
  if (version != kVersion || in.integer<std::uint32_t>() != kSegmentHeaderBytes) {
    return malformed("a segment of version " + std::to_string(version) + ", which is not known");
  }
  if (load_integer<std::uint32_t>(bytes.data() + kSegmentCrcAt) !=
          crypto::crc32c(bytes.first(kSegmentCrcAt)) ||
      !std::ranges::equal(crypto::sha256(bytes.first(kSegmentHashAt)),
                          bytes.subspan(kSegmentHashAt))) {
    return malformed("the segment's header is damaged");
  }
  SegmentHeader header;
  header.number = in.integer<std::uint64_t>();
  header.created_us = in.integer<std::int64_t>();
  take_bytes(in, header.log_id);
  header.previous_bytes = in.integer<std::uint64_t>();
  header.previous_blocks = in.integer<std::uint64_t>();
  take_bytes(in, header.previous_hash);
  std::ranges::copy(in.text(header.key_id.size()), header.key_id.begin());
  const auto begun = in.integer<std::uint32_t>();
  if (begun > static_cast<std::uint32_t>(Begun::FailedFile)) {
    return malformed("the segment was begun for an unknown reason");
  }
  header.begun = static_cast<Begun>(begun);
  return header;
}

Hash header_hash(std::span<const std::byte, kSegmentHeaderBytes> bytes) {
  Hash hash{};
  std::ranges::copy(bytes.subspan(kSegmentHashAt), hash.begin());
  return hash;
}

std::uint64_t BlockHeader::total_bytes() const { return size_of(*this, rings.size()); }

std::vector<std::byte> encode_block(const BlockHeader& header,
                                    std::span<const std::byte> definitions,
                                    std::span<const std::byte> rows) {
  WRIT_CHECK(definitions.size() == header.definitions.stored);
  WRIT_CHECK(rows.size() == header.rows.stored);
  std::vector<std::byte> out(static_cast<std::size_t>(header.total_bytes()));
  encode_fixed(header, std::span(out).first(kBlockHeaderBytes));
  Filler fill(out);
  fill.skip_to(kBlockHeaderBytes);
  for (const RingSpan& ring : header.rings) {
    fill.integer(ring.ring);
    fill.integer(std::uint16_t{0});
    fill.integer(ring.entries);
    fill.integer(ring.first);
    fill.integer(ring.last);
    fill.integer(ring.decisions);
  }
  if (!definitions.empty()) fill.bytes(definitions.data(), definitions.size());
  if (!rows.empty()) fill.bytes(rows.data(), rows.size());
  const std::span<std::byte> hashed = std::span(out).first(out.size() - kHashBytes);
  store_integer(hashed.data() + kBlockCrcAt, crc_around(hashed, kBlockCrcAt));
  std::ranges::copy(crypto::sha256(hashed), out.end() - kHashBytes);
  return out;
}

Hash BlockView::stored_hash() const {
  Hash hash{};
  std::ranges::copy(bytes.last(kHashBytes), hash.begin());
  return hash;
}
Hash BlockView::computed_hash() const {
  return crypto::sha256(bytes.first(bytes.size() - kHashBytes));
}

Result<std::uint64_t> block_bytes(std::span<const std::byte> fixed_header) {
  std::uint32_t rings = 0;
  WRIT_ASSIGN(header, decode_fixed(fixed_header, rings));
  return size_of(header, rings);
}

Result<BlockView> decode_block(std::span<const std::byte> bytes) {
  std::uint32_t rings = 0;
  WRIT_ASSIGN(header, decode_fixed(bytes, rings));
  const std::uint64_t total = size_of(header, rings);
  if (total > bytes.size()) return malformed("a block is cut");
  BlockView block;
  block.bytes = bytes.first(static_cast<std::size_t>(total));
  const std::span<const std::byte> checked = block.bytes.first(block.bytes.size() - kHashBytes);
  if (load_integer<std::uint32_t>(bytes.data() + kBlockCrcAt) !=
      crc_around(checked, kBlockCrcAt)) {
    return malformed("a block is damaged: its CRC does not match");
  }
  ByteReader in(checked.subspan(kBlockHeaderBytes));
  header.rings.reserve(rings);
  for (std::uint32_t i = 0; i < rings; ++i) header.rings.push_back(take_ring(in));
  if (in.failed()) return malformed("a block's ring table has unknown bytes");
  const std::size_t parts = kBlockHeaderBytes + rings * kRingSpanBytes;
  block.definitions = checked.subspan(parts, header.definitions.stored);
  block.rows = checked.subspan(parts + header.definitions.stored, header.rows.stored);
  block.header = std::move(header);
  return block;
}

void encode_position(const RingName& name, const RingPosition& position,
                     std::vector<std::byte>& out) {
  const std::size_t at = out.size();
  out.resize(at + kRingPositionBytes);
  Filler fill(std::span<std::byte>(out).subspan(at));
  fill.bytes(name.instance.data(), name.instance.size());
  fill.integer(name.ring);
  fill.integer(position.sequence);
  fill.integer(position.decisions);
}

Result<std::vector<std::pair<RingName, RingPosition>>> decode_positions(
    std::span<const std::byte> bytes) {
  if (bytes.size() % kRingPositionBytes != 0 || bytes.size() / kRingPositionBytes > kPositionsMax) {
    return malformed("the positions of rings have a wrong length");
  }
  std::vector<std::pair<RingName, RingPosition>> positions;
  positions.reserve(bytes.size() / kRingPositionBytes);
  ByteReader in(bytes);
  while (in.left() > 0) {
    RingName name;
    take_bytes(in, name.instance);
    name.ring = in.integer<std::uint16_t>();
    RingPosition position;
    position.sequence = in.integer<std::uint64_t>();
    position.decisions = in.integer<std::uint64_t>();
    if (!positions.empty() && positions.back().first >= name) {
      return malformed("the positions of rings are not in order");
    }
    positions.emplace_back(name, position);
  }
  return positions;
}

}  // namespace writ::audit::log
