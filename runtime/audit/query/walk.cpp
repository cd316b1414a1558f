#include "runtime/audit/query/walk.h"

#include <filesystem>
#include <system_error>

#include "runtime/audit/log/definition_codec.h"

namespace writ::audit::query {

Status each_segment(const std::string& folder, const std::function<Result<bool>(Part&)>& each) {
  log::Files files;
  WRIT_ASSIGN(numbers, log::list_segments(folder));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    WRIT_ASSIGN(segment, log::Segment::open(files, folder, numbers[i], log::Check::Crc));
    Part part{std::move(segment), std::nullopt, {}};
    if (i + 1 < numbers.size() && numbers[i + 1] == numbers[i] + 1) {
      WRIT_ASSIGN(next, log::Segment::open(files, folder, numbers[i + 1], log::Check::Crc));
      part.bytes = next.header().previous_bytes;
      part.end = next.header().previous_hash;
      part.segment.end_at(*part.bytes);
    }
    WRIT_ASSIGN(more, each(part));
    if (!more) return {};
  }
  return {};
}

Result<std::optional<log::BlockView>> next_block(Part& part, std::optional<Error>& end) {
  return part.bytes ? part.segment.next() : part.segment.next_of_newest(end);
}

std::uint64_t log_bytes(const std::string& folder) {
  const auto numbers = log::list_segments(folder);
  std::uint64_t total = 0;
  if (!numbers) return 0;
  for (const std::uint64_t number : *numbers) {
    std::error_code code;
    const auto bytes = std::filesystem::file_size(log::segment_path(folder, number), code);
    total += code ? 0 : bytes;
  }
  return total;
}

Status Unpacker::definitions(const log::BlockView& block, const std::string& where,
                             Batch& batch) {
  batch = {};
  batch.instance.id = log::to_text(block.header.instance);
  Status status = press.unpress(block.definitions, block.header.definitions, raw);
  if (status) status = log::decode_definitions(raw, batch);
  if (!status) status.error().where = where;
  return status;
}

Status Unpacker::rows(const log::BlockView& block, const std::string& where) {
  Status status = press.unpress(block.rows, block.header.rows, raw);
  if (status) status = log::decode_rows(raw, block.header, columns);
  if (!status) status.error().where = where;
  return status;
}

}  // namespace writ::audit::query
