#include "runtime/audit/log/reader.h"

#include <algorithm>

namespace writ::audit::log {

Reader::Reader(std::string folder, Position from, ReaderOptions options)
    : folder_(std::move(folder)),
      from_(from),
      options_(options),
      files_(options.files == nullptr ? own_files_ : *options.files),
      definitions_(&dictionary_.of({})) {}

Result<std::unique_ptr<Reader>> Reader::open(const std::string& folder, Position from,
                                             ReaderOptions options) {
  WRIT_ASSIGN(numbers, list_segments(folder));
  static_cast<void>(numbers);
  return std::unique_ptr<Reader>(new Reader(folder, from, options));
}

Position Reader::position() const {
  if (!segment_) return std::max(from_, Position{number_, 0});
  return std::max(from_, Position{segment_->header().number, segment_->place().block});
}

// The oldest segment that is there, of those that are asked for.
Result<bool> Reader::enter(std::uint64_t at_least) {
  WRIT_ASSIGN(numbers, list_segments(folder_));
  const auto found = std::ranges::lower_bound(numbers, at_least);
  if (found == numbers.end()) return false;
  // Numbers count from 1: a reader of a new log asks for 0.
  if (*found > std::max<std::uint64_t>(at_least, 1)) skipped_ += *found - at_least;
  WRIT_ASSIGN(segment, Segment::open(files_, folder_, *found, Check::Crc));
  segment_ = std::move(segment);
  number_ = *found;
  blocks_that_count_.reset();
  synced_blocks_ = 0;
  dictionary_.clear();
  definitions_ = &dictionary_.of({});
  return true;
}

// What the segment held stands in the one that gets its name next, and is not given twice.
bool Reader::was_withdrawn() const {
  switch (segment_->name()) {
    case Segment::Name::This: return false;
    case Segment::Name::Other: return true;
    case Segment::Name::Gone: break;
  }
  // Of the newest segment only a name is taken back; retention takes the oldest.
  const auto numbers = list_segments(folder_);
  return numbers && (numbers->empty() || numbers->back() < number_);
}

// At the end of what can be read: is there a next segment, and does it say that this is the end?
Result<bool> Reader::leave() {
  const std::uint64_t number = number_;
  if (was_withdrawn()) {
    segment_.reset();
    return enter(number);
  }
  if (blocks_that_count_) {
    if (segment_->place().block < *blocks_that_count_ &&
        segment_->name() == Segment::Name::Gone) {
      // Another one had this name later, and retention took that.
      ++skipped_;
      return enter(number + 1);
    }
    if (segment_->place().block < *blocks_that_count_) {
      return fail(ErrorCode::Malformed,
                  "the segment ends here, but the next one says that it has " +
                      std::to_string(*blocks_that_count_) + " blocks",
                  segment_->where());
    }
    return enter(number + 1);
  }
  WRIT_ASSIGN(numbers, list_segments(folder_));
  const auto found = std::ranges::upper_bound(numbers, number);
  if (found == numbers.end()) return false;
  if (*found != number + 1) {
    // Retention has passed us by; how much of this segment counts is not known any more.
    skipped_ += *found - number - 1;
    return enter(*found);
  }
  const auto next = Segment::open(files_, folder_, number + 1, Check::Crc);
  if (!next) return std::unexpected(next.error());
  blocks_that_count_ = next->header().previous_blocks;
  segment_->end_at(next->header().previous_bytes);
  synced_blocks_ = *blocks_that_count_;
  return true;
}

// Looks ahead for a block that says so.
Result<bool> Reader::is_synced() {
  if (options_.shown == Shown::Written) return true;
  const Segment::Place here = segment_->place();
  if (here.block < synced_blocks_) return true;
  if (blocks_that_count_) return false;
  for (;;) {
    const auto block = segment_->next();
    if (!block && block.error().code != ErrorCode::Malformed) {
      return std::unexpected(block.error());
    }
    if (!block || !*block) break;
    synced_blocks_ = std::max(synced_blocks_, (*block)->header.synced_blocks);
  }
  segment_->go_to(here);
  return here.block < synced_blocks_;
}

Result<bool> Reader::next(Batch& batch) {
  unreadable_end_.reset();
  if (!segment_) {
    WRIT_ASSIGN(entered, enter(std::max(from_.segment, number_)));
    if (!entered) return false;
  }
  for (;;) {
    std::optional<Error> wrong;
    WRIT_ASSIGN(synced, is_synced());
    if (synced) {
      auto block = segment_->next();
      if (!block && block.error().code != ErrorCode::Malformed) {
        return std::unexpected(block.error());
      }
      if (block && *block) {
        if ((*block)->header.kind != BlockKind::Rows) continue;
        WRIT_TRY(give(**block, batch));
        if (!batch.entries.empty()) return true;
        continue;
      }
      if (!block) wrong = block.error();
    }
    WRIT_ASSIGN(more, leave());
    if (more) continue;
    if (!segment_) return false;
    if (wrong) {
      // Bytes with a whole block behind them are not what is being written now.
      WRIT_ASSIGN(behind, segment_->find_block(segment_->place().offset + 1));
      if (behind) return std::unexpected(std::move(*wrong));
    }
    unreadable_end_ = std::move(wrong);
    return false;
  }
}

Status Reader::give(const BlockView& block, Batch& batch) {
  const BlockHeader& header = block.header;
  const auto at = [&](Error error) {
    error.where = segment_->where();
    return std::unexpected(std::move(error));
  };
  batch = {};
  batch.instance.id = to_text(header.instance);
  auto status = press_.unpress(block.definitions, header.definitions, raw_);
  if (status) status = decode_definitions(raw_, batch);
  if (!status) return at(status.error());
  if (batch.instance.id != to_text(header.instance)) {
    return at({ErrorCode::Malformed, "a block defines another instance than its own", {}});
  }
  const Definitions& known = dictionary_.of(header.instance);
  if (known.instance().id == batch.instance.id && batch.instance.boot.empty()) {
    batch.instance = known.instance();
  }
  dictionary_.add(header.instance, batch);
  definitions_ = &known;
  // Blocks before the position are read for what they define.
  const Position here{segment_->header().number, header.index};
  if (here < from_) return {};
  status = press_.unpress(block.rows, header.rows, raw_);
  if (status) status = decode_rows(raw_, header, columns_);
  if (!status) return at(status.error());
  batch.entries.reserve(columns_.size());
  Entry entry;
  for (std::size_t row = 0; row < columns_.size(); ++row) {
    columns_.read(row, entry);
    const auto given = given_.find({header.instance, entry.ring});
    if (given != given_.end() && entry.sequence <= given->second.sequence) continue;
    batch.entries.push_back(std::move(entry));
  }
  for (const RingSpan& ring : header.rings) {
    RingPosition& given = given_[{header.instance, ring.ring}];
    if (ring.last > given.sequence) given = {ring.last, ring.decisions};
  }
  return {};
}

}  // namespace writ::audit::log
