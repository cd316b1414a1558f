// Any bytes as each structure of the log. The first byte says as what: a checksum would stand in
// the way of the rest.
#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/audit/log/columns.h"
#include "runtime/audit/log/definition_codec.h"
#include "runtime/audit/log/format.h"
#include "runtime/audit/log/frame.h"
#include "runtime/audit/log/seal.h"
#include "runtime/audit/query/index.h"
#include "runtime/base/bytes.h"
#include "runtime/base/check.h"

namespace {

using namespace writ;
using namespace writ::audit::log;

void read_block(std::span<const std::byte> bytes) {
  static_cast<void>(block_bytes(bytes));
  const auto block = decode_block(bytes);
  if (!block) return;
  Press press;
  std::vector<std::byte> raw;
  audit::Batch batch;
  Columns columns;
  if (press.unpress(block->definitions, block->header.definitions, raw)) {
    static_cast<void>(decode_definitions(raw, batch));
  }
  if (press.unpress(block->rows, block->header.rows, raw)) {
    static_cast<void>(decode_rows(raw, block->header, columns));
    static_cast<void>(decode_positions(raw));
    static_cast<void>(decode_seal(raw));
  }
}

// The header is the input's front, as numbers; the rows are the rest.
void read_rows(std::span<const std::byte> bytes) {
  if (bytes.size() < 4) return;
  BlockHeader header;
  header.entries = std::to_integer<std::uint32_t>(bytes[0]);
  const std::size_t rings = std::to_integer<std::size_t>(bytes[1]) % 4;
  for (std::size_t i = 0; i < rings; ++i) {
    header.rings.push_back({static_cast<std::uint16_t>(i), header.entries, 1, header.entries,
                            header.entries});
  }
  header.first_us = 0;
  header.last_us = 1'000'000;
  header.decisions = std::to_integer<std::uint64_t>(bytes[2]);
  Columns columns;
  if (!decode_rows(bytes.subspan(3), header, columns)) return;
  WRIT_CHECK(columns.size() == header.entries);
  audit::Entry row;
  for (std::size_t i = 0; i < columns.size(); ++i) columns.read(i, row);
}

void read_press(std::span<const std::byte> bytes) {
  Press press;
  std::vector<std::byte> raw;
  const PartSize size{static_cast<std::uint32_t>(std::min<std::size_t>(bytes.size(), 1U << 20)),
                      1U << 20};
  static_cast<void>(press.unpress(bytes.first(size.stored), size, raw));
  WRIT_CHECK(raw.size() <= size.raw);
}

void read_seal(std::span<const std::byte> bytes) {
  static_cast<void>(decode_seal(bytes));
  const auto head = parse_head(ByteReader(bytes).text(bytes.size()));
  if (head) WRIT_CHECK(parse_head(head_text(*head)).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::span<const std::byte> bytes = std::as_bytes(std::span(data + 1, size - 1));
  audit::Batch batch;
  switch (data[0] % 7) {
    case 0: {
      const auto header = decode_segment_header(bytes);
      if (header) WRIT_CHECK(decode_segment_header(encode(*header)).has_value());
      break;
    }
    case 1: read_block(bytes); break;
    case 2: read_rows(bytes); break;
    case 3: static_cast<void>(decode_definitions(bytes, batch)); break;
    case 4: read_seal(bytes); break;
    case 5: {
      const auto index = audit::query::decode_index(bytes);
      if (index) {
        WRIT_CHECK(std::ranges::equal(audit::query::encode(*index), bytes, {}, {}, [](auto b) {
          return static_cast<char>(b);
        }));
      }
      break;
    }
    default: read_press(bytes); break;
  }
  return 0;
}
