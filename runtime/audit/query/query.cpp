#include "runtime/audit/query/query.h"

#include <map>

#include "runtime/audit/log/definition_codec.h"
#include "runtime/audit/query/walk.h"
#include "runtime/base/file.h"

namespace writ::audit::query {
namespace {

// Half of what it is made of would be much; a larger file is no index of ours.
constexpr std::uint64_t kIndexBytesMax = std::uint64_t{2} << 30;
constexpr unsigned kMode = 0640;

class Search {
 public:
  Search(const std::string& folder, const Filter& filter, const Options& options,
         const Found& found)
      : folder_(folder), filter_(filter), options_(options), found_(found),
        all_bytes_(log_bytes(folder)) {}

  [[nodiscard]] Result<bool> segment(Part& part) {
    WRIT_ASSIGN(index, index_of(part));
    auto more = index ? by_index(part, *index) : by_scan(part);
    done_bytes_ += part.segment.file_bytes();
    return more;
  }
  [[nodiscard]] Counts take() { return std::move(counts_); }

 private:
  // Only of segments that nobody appends to.
  Result<std::optional<Index>> index_of(Part& part) {
    if (options_.index == UseIndex::No || !part.bytes) return std::nullopt;
    const log::SegmentHeader& header = part.segment.header();
    const std::string path = log::index_path(folder_, header.number);
    const auto bytes = read_file(path, kIndexBytesMax);
    if (bytes) {
      auto index = decode_index(*bytes);
      if (index && index->log_id == header.log_id && index->segment == header.number &&
          index->bytes == *part.bytes && index->chain == part.end) {
        return std::optional(std::move(*index));
      }
    }
    if (options_.index != UseIndex::Make) return std::nullopt;
    const log::Segment::Place start = part.segment.place();
    WRIT_ASSIGN(made, build(part.segment));
    part.segment.go_to(start);
    ++counts_.indexes_made;
    // A folder that cannot be written to is searched all the same.
    const std::string encoded = encode(made);
    static_cast<void>(write_file(path, std::as_bytes(std::span(encoded)), kMode));
    return std::optional(std::move(made));
  }

  Result<bool> by_index(Part& part, const Index& index) {
    log::Dictionary dictionary;
    std::vector<Resolved> resolved;
    resolved.reserve(index.instances.size());
    for (const InstanceEntry& instance : index.instances) {
      Batch batch;
      batch.instance.id = log::to_text(instance.id);
      WRIT_TRY(log::decode_definitions(std::as_bytes(std::span(instance.definitions)), batch));
      resolved.emplace_back(filter_).define(batch);
      resolved.back().finish();
      dictionary.add(instance.id, batch);
    }
    for (const BlockEntry& entry : index.blocks) {
      counts_.rows += entry.rows;
      ++counts_.blocks;
      if (!resolved[entry.instance].may_match(entry)) continue;
      part.segment.go_to(entry.place);
      const std::string where = part.segment.where();
      WRIT_ASSIGN(block, part.segment.next());
      if (!block) return fail(ErrorCode::Malformed, "an index names a block that is not", where);
      WRIT_TRY(unpacker_.rows(*block, where));
      if (!rows(resolved[entry.instance], dictionary.of(block->header.instance))) return false;
      progress(part);
    }
    return true;
  }

  Result<bool> by_scan(Part& part) {
    log::Dictionary dictionary;
    std::map<log::Id128, Resolved> resolved;
    Batch batch;
    for (;;) {
      const std::string where = part.segment.where();
      const auto block = next_block(part, counts_.unreadable_end);
      if (!block) return std::unexpected(block.error());
      if (!*block) return true;
      const log::BlockHeader& header = (*block)->header;
      if (header.kind != log::BlockKind::Rows) continue;
      ++counts_.blocks;
      counts_.rows += header.entries;
      WRIT_TRY(unpacker_.definitions(**block, where, batch));
      Resolved& filter = resolved.try_emplace(header.instance, filter_).first->second;
      filter.define(batch);
      dictionary.add(header.instance, batch);
      if ((filter_.since_us && header.last_us < *filter_.since_us) ||
          (filter_.until_us && header.first_us >= *filter_.until_us)) {
        continue;
      }
      WRIT_TRY(unpacker_.rows(**block, where));
      if (!rows(filter, dictionary.of(header.instance))) return false;
      progress(part);
    }
  }

  // False: whoever asks has enough.
  bool rows(const Resolved& filter, const Definitions& definitions) {
    ++counts_.blocks_read;
    Entry entry;
    for (std::size_t row = 0; row < unpacker_.columns.size(); ++row) {
      if (!filter.matches(unpacker_.columns, row)) continue;
      ++counts_.matched;
      unpacker_.columns.read(row, entry);
      if (!found_(definitions, entry)) return false;
    }
    return true;
  }

  void progress(const Part& part) {
    if (options_.progress) {
      options_.progress(done_bytes_ + part.segment.place().offset, all_bytes_);
    }
  }

  const std::string& folder_;
  const Filter& filter_;
  const Options& options_;
  const Found& found_;
  std::uint64_t all_bytes_;
  std::uint64_t done_bytes_ = 0;
  Counts counts_;
  Unpacker unpacker_;
};

}  // namespace

Result<Counts> run(const std::string& folder, const Filter& filter, const Options& options,
                   const Found& found) {
  Search search(folder, filter, options, found);
  WRIT_TRY(each_segment(folder, [&](Part& part) { return search.segment(part); }));
  return search.take();
}

}  // namespace writ::audit::query
