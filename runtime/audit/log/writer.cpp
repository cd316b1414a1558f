#include "runtime/audit/log/writer.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "runtime/audit/log/running_rings.h"
#include "runtime/base/check.h"

namespace writ::audit::log {
namespace {

// Of one block: enough for the columns to be alike, few enough to be decoded in a private cache.
constexpr std::size_t kRowsAtOnce = 16'384;
constexpr std::size_t kTextBytesAtOnce = std::size_t{4} << 20;
constexpr std::size_t kDefinitionBytesAtOnce = std::size_t{8} << 20;
// Rows that belong together may need more, but no more than a part of a block holds.
constexpr std::size_t kJoinedBytesMax = kPartBytesMax / 2;
// Accepted and not synced: what is kept in memory twice.
constexpr std::size_t kUnsyncedBytesMax = std::size_t{64} << 20;
constexpr std::int64_t kIdleSealUs = 60'000'000;
// A file may fail, and the one that takes its place.
constexpr int kAttempts = 2;

std::size_t unsynced_bytes(const auto& blocks) {
  std::size_t bytes = 0;
  for (const auto& block : blocks) bytes += block.bytes.size();
  return bytes;
}

}  // namespace

std::int64_t Writer::now() const {
  if (options_.now_us) return options_.now_us();
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Result<Position> Writer::append(const Batch& batch) {
  std::size_t bytes = 0;
  columns_.clear();
  for (const Entry& row : batch.entries) {
    bytes += row.name.size() + row.attributes.size() + row.text.size();
    if (bytes > kTextBytesMax) {
      return fail(ErrorCode::Limit, "rows with too much text for one batch", folder_);
    }
    columns_.add(row);
  }
  return append(batch, columns_);
}

Result<Position> Writer::append(const Batch& batch, const Columns& rows) {
  if (closed_) return fail(ErrorCode::Usage, "the log is closed", folder_);
  const auto instance = id_of(batch.instance.id);
  if (!instance) {
    return fail(ErrorCode::Malformed, "an instance's id is not 32 hexadecimal digits", folder_);
  }
  DefinitionStore& store = stores_[*instance];
  WRIT_TRY(store.add(batch));
  WRIT_TRY(check(rows));
  // Mostly the segment defines everything already; then rows need not be looked at again.
  const bool defined = store.fits_one_block() && store.has_all(rows, files_begun_);
  const std::uint64_t defined_in = defined ? files_begun_ : 0;
  if (!defined && !store.knows(rows)) {
    return fail(ErrorCode::Malformed, "a row refers to what was never defined", folder_);
  }
  WRIT_TRY(find_room());
  WRIT_TRY(rotate());
  if (unsynced_bytes(unsynced_) > kUnsyncedBytesMax) {
    WRIT_ASSIGN(position, sync());
    static_cast<void>(position);
  }
  const Columns& fresh = leave_out_logged(*instance, rows) ? left_ : rows;
  WRIT_TRY(append_rows(*instance, fresh, defined_in));
  const Position last = fresh.size() == 0 ? end() : Position{number_, blocks_ - 1};
  // The rows are in the log; that the last words are not is found by who syncs.
  static_cast<void>(tell_full());
  return last;
}

/// Rows that the log has already are left out; usually none are, and nothing is copied. Else true:
/// what is left is in left_.
bool Writer::leave_out_logged(const Id128& instance, const Columns& rows) {
  std::size_t known = 0;
  std::vector<std::pair<std::size_t, std::uint64_t>> runs;  // end, sequence in the log
  each_run(rows.ring, [&](std::size_t begin, std::size_t end) {
    const auto found = positions_.find({instance, rows.ring[begin]});
    const std::uint64_t logged = found == positions_.end() ? 0 : found->second.sequence;
    runs.emplace_back(end, logged);
    // Rows of a ring ascend.
    const auto first = rows.sequence.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = rows.sequence.begin() + static_cast<std::ptrdiff_t>(end);
    known += static_cast<std::size_t>(std::upper_bound(first, last, logged) - first);
  });
  if (known == 0) return false;
  left_.clear();
  Entry row;
  std::size_t at = 0;
  for (const auto& [end, logged] : runs) {
    for (; at < end; ++at) {
      if (rows.sequence[at] <= logged) continue;
      rows.read(at, row);
      left_.add(row);
    }
  }
  return true;
}

Status Writer::check(const Columns& rows) const {
  std::map<std::uint16_t, std::uint64_t> last;
  bool ordered = true;
  each_run(rows.ring, [&](std::size_t begin, std::size_t end) {
    std::uint64_t& before = last[rows.ring[begin]];
    for (std::size_t row = begin; row < end; ++row) {
      ordered = ordered && rows.sequence[row] > before;
      before = rows.sequence[row];
    }
    ordered = ordered && before != std::numeric_limits<std::uint64_t>::max();
  });
  if (!ordered) return fail(ErrorCode::Malformed, "the rows of a ring are not in order", folder_);
  if (rows.has_text()) {
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (rows.text_bytes(row) <= kRowBytesMax) continue;
      return fail(ErrorCode::Limit,
                  "a row is larger than " + std::to_string(kRowBytesMax) + " bytes", folder_);
    }
  }
  if (positions_.size() + last.size() > kPositionsMax) {
    return fail(ErrorCode::Limit, "the log knows too many rings: forget instances that ended",
                folder_);
  }
  return {};
}

/// How many rows from `begin` on one block takes, and the definitions that it takes for them: none
/// if the segment has all that are `defined`.
std::size_t Writer::take_block(DefinitionStore& store, const Columns& columns, std::size_t begin,
                               bool defined, std::string& definitions) const {
  const std::size_t left = columns.size() - begin;
  const bool has_text = columns.has_text();
  std::size_t text = 0;
  // What the block's rows need in all: it may have to be written to a file that has none of it.
  std::size_t weight = 0;
  std::size_t count = 0;
  store.begin_block();
  const auto fits = [&] {
    return count < kRowsAtOnce && text < kTextBytesAtOnce && weight < kDefinitionBytesAtOnce &&
           definitions.size() < kDefinitionBytesAtOnce;
  };
  const auto joined = [&] {
    return count != 0 && columns.is_joined(begin + count - 1) && weight < kJoinedBytesMax;
  };
  if (defined && !has_text) count = std::min(left, kRowsAtOnce);
  for (; count < left && (fits() || joined()); ++count) {
    const std::size_t row = begin + count;
    if (!defined) {
      const References refers = references(columns, row);
      store.use(refers, files_begun_, definitions);
      weight += store.weigh(refers);
    }
    if (has_text) text += columns.text_bytes(row);
  }
  return count;
}

// As many rows as fit in a block at a time. `defined_in`: the file that has all their definitions.
Status Writer::append_rows(const Id128& instance, const Columns& rows, std::uint64_t defined_in) {
  DefinitionStore& store = stores_[instance];
  for (std::size_t begin = 0; begin < rows.size();) {
    Status status;
    std::size_t count = 0;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      status = ready();
      if (!status) continue;
      std::string definitions;
      count = take_block(store, rows, begin, defined_in == files_begun_, definitions);
      status = write_rows(instance, rows, {begin, begin + count}, definitions);
      if (status) break;
      store.take_back();
      // What a full disk says is not a matter of trying again.
      if (status.error().code == ErrorCode::Limit) break;
    }
    WRIT_TRY(std::move(status));
    store.keep();
    begin += count;
  }
  return {};
}

// A row of the log itself, which is an instance of its own with one ring.
Status Writer::append_own(EntryKind kind, std::string text) {
  Batch batch;
  batch.instance = {to_text(log_id_), {}, 0, created_us_};
  Entry& row = batch.entries.emplace_back();
  row.kind = kind;
  row.sequence = 1;
  const auto found = positions_.find({log_id_, 0});
  if (found != positions_.end()) row.sequence = found->second.sequence + 1;
  row.count = 0;
  row.time_us = now();
  row.text = std::move(text);
  WRIT_TRY(stores_[log_id_].add(batch));
  Columns rows;
  rows.add(row);
  return append_rows(log_id_, rows, 0);
}

Status Writer::write_rows(const Id128& instance, const Columns& columns, RowRange rows,
                          const std::string& definitions) {
  BlockHeader header;
  header.kind = BlockKind::Rows;
  header.index = blocks_;
  header.synced_blocks = synced_.blocks;
  header.instance = instance;
  header.previous_hash = chain_;
  summarize(columns, rows, header);
  pressed_.clear();
  header.definitions = press_.press(std::as_bytes(std::span(definitions)), pressed_);
  header.rows = press_.press(encoder_.encode(columns, rows, header), pressed_);
  const std::span<const std::byte> parts(pressed_);
  Unsynced block;
  block.bytes = encode_block(header, parts.first(header.definitions.stored),
                             parts.subspan(header.definitions.stored));
  WRIT_TRY(write_block(block.bytes));
  for (const RingSpan& ring : header.rings) {
    const RingName name{instance, ring.ring};
    const auto found = positions_.find(name);
    block.before.emplace_back(
        name, found == positions_.end() ? std::nullopt : std::optional(found->second));
    positions_[name] = segment_rings_[name] = {ring.last, ring.decisions};
  }
  unsynced_.push_back(std::move(block));
  return {};
}

// Writes behind the last block, over whatever a failed write left there.
Status Writer::write_block(std::span<const std::byte> bytes) {
  int code = write_whole(files_, file_.fd(), bytes, bytes_);
  if ((code == -ENOSPC || code == -EDQUOT) && release_reserve()) {
    full_ = true;
    code = write_whole(files_, file_.fd(), bytes, bytes_);
  }
  if (code != 0) {
    // A full disk takes nothing away from what is there; anything else may have.
    const auto error = file_error("cannot write to the log", segment_path(folder_, number_), code);
    if (error.error().code == ErrorCode::Limit) {
      full_ = true;
    } else {
      fail_file();
    }
    return error;
  }
  bytes_ += bytes.size();
  ++blocks_;
  std::ranges::copy(bytes.last(kHashBytes), chain_.begin());
  return {};
}

// INVARIANT: afterwards the file can be written to and everything accepted is in it, or an error.
Status Writer::ready() { return failed_ ? begin_segment(Begun::FailedFile) : Status(); }

Status Writer::rewrite(const Unsynced& block) {
  WRIT_ASSIGN(view, decode_block(block.bytes));
  std::vector<std::byte> raw;
  WRIT_TRY(press_.unpress(view.rows, view.header.rows, raw));
  Columns columns;
  WRIT_TRY(decode_rows(raw, view.header, columns));
  DefinitionStore& store = stores_[view.header.instance];
  // After recovery of a tail nobody has defined anything yet but the tail itself.
  WRIT_TRY(press_.unpress(view.definitions, view.header.definitions, raw));
  Batch batch;
  batch.instance.id = to_text(view.header.instance);
  WRIT_TRY(decode_definitions(raw, batch));
  WRIT_TRY(store.add(batch));
  std::string definitions;
  if (!store.knows(columns)) {
    return fail(ErrorCode::Internal, "a row that is written again refers to nothing", folder_);
  }
  for (std::size_t row = 0; row < columns.size(); ++row) {
    store.use(references(columns, row), files_begun_, definitions);
  }
  const Positions behind = positions_;
  const Status status = write_rows(view.header.instance, columns, {0, columns.size()}, definitions);
  if (!status) {
    store.take_back();
    return status;
  }
  store.keep();
  // Positions were behind all that waits to be written again, and stay there.
  positions_ = behind;
  unsynced_.back().before = block.before;
  return {};
}

void Writer::fail_file() {
  failed_ = true;
  file_.close();
  while (!unsynced_.empty()) {
    pending_.push_front(std::move(unsynced_.back()));
    unsynced_.pop_back();
  }
}

Result<Position> Writer::sync() {
  if (closed_) return fail(ErrorCode::Usage, "the log is closed", folder_);
  Status status;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    status = ready();
    if (status) status = sync_file();
    if (status) break;
    if (status.error().code == ErrorCode::Limit && !failed_) break;
  }
  WRIT_TRY(std::move(status));
  apply_forgotten();
  return Position{number_, blocks_ == 0 ? 0 : blocks_ - 1};
}

Status Writer::sync_file() {
  if (synced_.bytes == bytes_) return {};
  const int code = files_.fdatasync(file_.fd());
  if (code != 0) {
    // WHY: a second fsync of this file would succeed and mean nothing: the system has dropped what
    // it could not write.
    fail_file();
    return file_error("cannot sync the log", segment_path(folder_, number_), code);
  }
  synced_ = {bytes_, blocks_, chain_};
  unsynced_.clear();
  return {};
}

Status Writer::seal() {
  if (closed_) return fail(ErrorCode::Usage, "the log is closed", folder_);
  const bool idle = sealed_blocks_ == blocks_ && !failed_ && pending_.empty();
  if (idle && now() - sealed_us_ < kIdleSealUs) return {};
  return seal_now(SealedAt::Interval);
}

Status Writer::seal_now(SealedAt at) {
  Status status;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto synced = sync();
    status = synced ? write_seal(at) : Status(std::unexpected(synced.error()));
    if (status) status = sync_file();
    if (status || status.error().code == ErrorCode::Limit) break;
  }
  return status;
}

// Only of what is on disk: a seal that was seen is never taken back.
Status Writer::write_seal(SealedAt at) {
  sealed_us_ = now();
  if (!key_) return {};
  Seal seal;
  seal.log_id = log_id_;
  seal.segment = number_;
  seal.block = blocks_;
  seal.chain = chain_;
  seal.time_us = sealed_us_;
  seal.at = at;
  WRIT_ASSIGN(payload, encode_seal(seal, segment_rings_, *key_));
  BlockHeader header;
  header.kind = BlockKind::Seal;
  header.index = blocks_;
  header.synced_blocks = synced_.blocks;
  header.first_us = header.last_us = seal.time_us;
  header.previous_hash = chain_;
  header.rows = {static_cast<std::uint32_t>(payload.size()),
                 static_cast<std::uint32_t>(payload.size())};
  WRIT_TRY(write_block(encode_block(header, {}, payload)));
  sealed_blocks_ = blocks_;
  return {};
}

Status Writer::close() {
  if (closed_) return {};
  WRIT_TRY(seal_now(SealedAt::Close));
  closed_ = true;
  file_.close();
  lock_file_.close();
  return {};
}

void Writer::forget(std::string_view instance, Defines what, std::uint32_t id) {
  const auto name = id_of(instance);
  if (name) forgotten_.push_back({*name, std::pair(what, id)});
}
void Writer::forget_instance(std::string_view instance) {
  const auto name = id_of(instance);
  if (name) forgotten_.push_back({*name, std::nullopt});
}

void Writer::apply_forgotten() {
  for (const Forgotten& one : forgotten_) {
    const auto store = stores_.find(one.instance);
    if (one.what && store != stores_.end()) {
      store->second.forget(one.what->first, one.what->second);
    }
    if (one.what) continue;
    if (store != stores_.end()) stores_.erase(store);
    std::erase_if(positions_, [&](const auto& row) { return row.first.instance == one.instance; });
  }
  forgotten_.clear();
}

}  // namespace writ::audit::log
