// What stands where in a segment file: docs/internals/audit.md, "Segments", says each byte and a
// golden test holds both to it. Decoding is for foreign bytes: it checks every length against what
// is there and against a limit, and believes nothing else.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/crypto/keys.h"

namespace writ::audit::log {

inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::string_view kBlockMagic = "WBLK";
inline constexpr std::size_t kSegmentHeaderBytes = 256;
inline constexpr std::size_t kBlockHeaderBytes = 128;
inline constexpr std::size_t kRingSpanBytes = 32;
inline constexpr std::size_t kRingPositionBytes = 34;
inline constexpr std::size_t kHashBytes = 32;

// Rows of a block: one that is read is in memory whole, about 200 bytes a row.
inline constexpr std::uint32_t kBlockRowsMax = 65'536;
// A drain has as many rings as threads decide; the table of a block is in memory whole.
inline constexpr std::uint32_t kBlockRingsMax = 65'536;
// Of a block's definitions, and of its rows, uncompressed: what a reader allocates at most for a
// length that it reads.
inline constexpr std::uint32_t kPartBytesMax = std::uint32_t{32} << 20;
// One row, one definition: some of them always fit in a part.
inline constexpr std::size_t kRowBytesMax = std::size_t{4} << 20;
inline constexpr std::size_t kDefinitionBytesMax = std::size_t{4} << 20;
// Positions that a segment repeats: rings of instances that are not forgotten.
inline constexpr std::uint32_t kPositionsMax = 500'000;

using Id128 = std::array<std::byte, 16>;
using Hash = crypto::Digest;
using KeyId = std::array<char, crypto::kKeyIdDigits>;

/// 32 hexadecimal digits and back; none for another text.
[[nodiscard]] std::string to_text(const Id128& id);
[[nodiscard]] std::optional<Id128> id_of(std::string_view text);

/// Why a segment was begun. Stored: append only.
enum class Begun : std::uint32_t {
  First = 0,
  Size = 1,
  Age = 2,
  Reopened = 3,    // a writer opened the log
  FailedFile = 4,  // the file before could not be written or synced any more
};

/// The first bytes of a segment. `previous_…` say how much of the segment before counts: what
/// stands behind that was torn by a crash, or is written again here.
struct SegmentHeader {
  std::uint64_t number = 1;
  std::int64_t created_us = 0;
  Id128 log_id{};
  std::uint64_t previous_bytes = 0;
  std::uint64_t previous_blocks = 0;
  Hash previous_hash{};
  KeyId key_id{};  // zeros: nobody signs
  Begun begun = Begun::First;
};
[[nodiscard]] std::array<std::byte, kSegmentHeaderBytes> encode(const SegmentHeader& header);
/// *errors* Malformed.
[[nodiscard]] Result<SegmentHeader> decode_segment_header(std::span<const std::byte> bytes);
/// Of the header's bytes: where the segment's chain begins.
[[nodiscard]] Hash header_hash(std::span<const std::byte, kSegmentHeaderBytes> bytes);

/// Stored: append only.
enum class BlockKind : std::uint8_t { Rows = 0, Seal = 1, Positions = 2 };

/// Of one ring in one block.
struct RingSpan {
  std::uint16_t ring = 0;
  std::uint32_t entries = 0;
  std::uint64_t first = 0;      // sequences
  std::uint64_t last = 0;
  std::uint64_t decisions = 0;  // made by the ring up to and with the last row
  friend bool operator==(const RingSpan&, const RingSpan&) = default;
};

/// What a part of a block takes: stored as it is where both are equal, else as a zstd frame.
struct PartSize {
  std::uint32_t stored = 0;
  std::uint32_t raw = 0;
};

struct BlockHeader {
  BlockKind kind = BlockKind::Rows;
  std::uint64_t index = 0;          // in its segment
  std::uint64_t synced_blocks = 0;  // of this segment, that were on disk when this was written
  std::int64_t first_us = 0;        // the earliest time of its rows, and the latest
  std::int64_t last_us = 0;
  Id128 instance{};
  std::uint64_t decisions = 0;  // that its rows stand for
  std::uint32_t entries = 0;
  PartSize definitions;
  PartSize rows;
  Hash previous_hash{};
  std::vector<RingSpan> rings;

  [[nodiscard]] std::uint64_t total_bytes() const;
};

/// A whole block: header, ring table, parts, CRC, hash.
[[nodiscard]] std::vector<std::byte> encode_block(const BlockHeader& header,
                                                  std::span<const std::byte> definitions,
                                                  std::span<const std::byte> rows);

/// A block within the bytes that it was read from.
struct BlockView {
  BlockHeader header;
  std::span<const std::byte> bytes;
  std::span<const std::byte> definitions;  // stored
  std::span<const std::byte> rows;
  [[nodiscard]] Hash stored_hash() const;
  [[nodiscard]] Hash computed_hash() const;
};

/// How long the block is that begins with these kBlockHeaderBytes. *errors* Malformed.
[[nodiscard]] Result<std::uint64_t> block_bytes(std::span<const std::byte> fixed_header);
/// *errors* Malformed: what is wrong, the CRC included. The hashes are the caller's to compare.
[[nodiscard]] Result<BlockView> decode_block(std::span<const std::byte> bytes);

/// How far a ring is in the log.
struct RingPosition {
  std::uint64_t sequence = 0;
  std::uint64_t decisions = 0;
  friend bool operator==(const RingPosition&, const RingPosition&) = default;
};
struct RingName {
  Id128 instance{};
  std::uint16_t ring = 0;
  friend auto operator<=>(const RingName&, const RingName&) = default;
};

void encode_position(const RingName& name, const RingPosition& position,
                     std::vector<std::byte>& out);
/// `bytes` are whole positions, sorted by name. *errors* Malformed.
[[nodiscard]] Result<std::vector<std::pair<RingName, RingPosition>>> decode_positions(
    std::span<const std::byte> bytes);

}  // namespace writ::audit::log
