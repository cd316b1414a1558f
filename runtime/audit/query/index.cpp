#include "runtime/audit/query/index.h"

#include <algorithm>
#include <string_view>

#include "runtime/audit/log/frame.h"
#include "runtime/audit/log/varint.h"
#include "runtime/crypto/crc32c.h"

namespace writ::audit::query {
namespace {

constexpr std::string_view kMagic = "WRITIDX1";

std::uint32_t instance_of(Index& index, const log::Id128& id) {
  const auto found = std::ranges::find(index.instances, id, &InstanceEntry::id);
  if (found != index.instances.end()) {
    return static_cast<std::uint32_t>(found - index.instances.begin());
  }
  index.instances.push_back({id, {}});
  return static_cast<std::uint32_t>(index.instances.size() - 1);
}

BlockEntry entry_of(const log::BlockHeader& header, const log::Columns& columns) {
  BlockEntry entry;
  entry.rows = header.entries;
  entry.first_us = header.first_us;
  entry.last_us = header.last_us;
  for (std::size_t row = 0; row < columns.size(); ++row) {
    entry.verdicts |= verdicts_of(columns, row);
    if (columns.resource[row] == 0) entry.names.add(columns.name.of(row));
  }
  entry.names.finish();
  entry.sessions = Presence(columns.session);
  entry.resources = Presence(columns.resource);
  entry.questions = Presence(columns.question);
  entry.reasons = Presence(columns.reason);
  return entry;
}

template <class Array>
void put_array(std::string& out, const Array& bytes) {
  for (const std::byte byte : bytes) out += static_cast<char>(byte);
}
template <class Array>
void take_array(ByteReader& in, Array& out) {
  const std::byte* at = in.take(out.size());
  if (at != nullptr) std::copy_n(at, out.size(), out.begin());
}

void encode(const BlockEntry& entry, std::string& out) {
  log::put_number(out, entry.place.offset);
  log::put_number(out, entry.place.block);
  put_array(out, entry.place.chain);
  log::put_number(out, entry.instance);
  log::put_number(out, entry.rows);
  log::put_number(out, log::zigzag(entry.first_us));
  log::put_number(out, log::zigzag(entry.last_us));
  out += static_cast<char>(entry.verdicts);
  for (const Presence* one :
       {&entry.sessions, &entry.resources, &entry.questions, &entry.reasons}) {
    one->encode(out);
  }
  entry.names.encode(out);
}

BlockEntry take_block(ByteReader& in, std::size_t instances) {
  BlockEntry entry;
  entry.place.offset = log::take_number(in);
  entry.place.block = log::take_number(in);
  take_array(in, entry.place.chain);
  entry.instance = static_cast<std::uint32_t>(log::take_number(in, UINT32_MAX));
  if (entry.instance >= instances) in.fail();
  entry.rows = log::take_number(in);
  entry.first_us = log::unzigzag(log::take_number(in));
  entry.last_us = log::unzigzag(log::take_number(in));
  entry.verdicts = in.integer<std::uint8_t>();
  for (Presence* one : {&entry.sessions, &entry.resources, &entry.questions, &entry.reasons}) {
    *one = Presence::decode(in);
  }
  entry.names = NameFilter::decode(in);
  return entry;
}

}  // namespace

std::uint8_t verdicts_of(const log::Columns& columns, std::size_t row) {
  constexpr std::uint8_t kDenies = 1;
  constexpr std::uint8_t kAllows = 2;
  if (columns.kind(row) != EntryKind::Mask) {
    return columns.verdict(row) == Verdict::Allow ? kAllows : kDenies;
  }
  const std::uint32_t asked = columns.asked[row];
  const std::uint32_t allowed = columns.allowed[row];
  return static_cast<std::uint8_t>(((asked & ~allowed) != 0 ? kDenies : 0U) |
                                   ((asked & allowed) != 0 ? kAllows : 0U));
}

Result<Index> build(log::Segment& segment) {
  Index index;
  index.log_id = segment.header().log_id;
  index.segment = segment.header().number;
  log::Press press;
  log::Columns columns;
  std::vector<std::byte> raw;
  for (;;) {
    const log::Segment::Place place = segment.place();
    const auto block = segment.next();
    if (!block) return std::unexpected(block.error());
    if (!*block) break;
    const log::BlockHeader& header = (*block)->header;
    if (header.kind != log::BlockKind::Rows) continue;
    const std::uint32_t instance = instance_of(index, header.instance);
    WRIT_TRY(press.unpress((*block)->definitions, header.definitions, raw));
    for (const std::byte byte : raw) {
      index.instances[instance].definitions += static_cast<char>(byte);
    }
    WRIT_TRY(press.unpress((*block)->rows, header.rows, raw));
    WRIT_TRY(log::decode_rows(raw, header, columns));
    index.blocks.push_back(entry_of(header, columns));
    index.blocks.back().place = place;
    index.blocks.back().instance = instance;
  }
  index.bytes = segment.place().offset;
  index.chain = segment.place().chain;
  return index;
}

std::string encode(const Index& index) {
  std::string out(kMagic);
  put_array(out, index.log_id);
  log::put_number(out, index.segment);
  log::put_number(out, index.bytes);
  put_array(out, index.chain);
  log::put_number(out, index.instances.size());
  for (const InstanceEntry& instance : index.instances) {
    put_array(out, instance.id);
    log::put_text(out, instance.definitions);
  }
  log::put_number(out, index.blocks.size());
  for (const BlockEntry& block : index.blocks) encode(block, out);
  const std::uint32_t crc = crypto::crc32c(std::as_bytes(std::span(out)));
  out.append(sizeof crc, '\0');
  std::memcpy(out.data() + out.size() - sizeof crc, &crc, sizeof crc);
  return out;
}

Result<Index> decode_index(std::span<const std::byte> bytes) {
  const auto wrong = [] { return fail(ErrorCode::Malformed, "this is no index of a segment"); };
  if (bytes.size() < kMagic.size() + sizeof(std::uint32_t)) return wrong();
  const auto checked = bytes.first(bytes.size() - sizeof(std::uint32_t));
  if (load_integer<std::uint32_t>(bytes.data() + checked.size()) != crypto::crc32c(checked)) {
    return wrong();
  }
  ByteReader in(checked);
  if (in.text(kMagic.size()) != kMagic) return wrong();
  Index index;
  take_array(in, index.log_id);
  index.segment = log::take_number(in);
  index.bytes = log::take_number(in);
  take_array(in, index.chain);
  const std::uint64_t instances = log::take_number(in, in.left());
  for (std::uint64_t i = 0; i < instances && !in.failed(); ++i) {
    InstanceEntry& instance = index.instances.emplace_back();
    take_array(in, instance.id);
    instance.definitions = log::take_text(in);
  }
  const std::uint64_t blocks = log::take_number(in, in.left());
  for (std::uint64_t i = 0; i < blocks && !in.failed(); ++i) {
    index.blocks.push_back(take_block(in, index.instances.size()));
  }
  if (in.failed() || in.left() != 0) return wrong();
  return index;
}

}  // namespace writ::audit::query
