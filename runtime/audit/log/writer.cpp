#include "runtime/audit/log/writer.h"

#include <algorithm>
#include <chrono>
#include <limits>

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

std::size_t text_bytes(const Entry& row) {
  return row.name.size() + row.attributes.size() + row.text.size();
}

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
  if (closed_) return fail(ErrorCode::Usage, "the log is closed", folder_);
  const auto instance = id_of(batch.instance.id);
  if (!instance) {
    return fail(ErrorCode::Malformed, "an instance's id is not 32 hexadecimal digits", folder_);
  }
  DefinitionStore& store = stores_[*instance];
  WRIT_TRY(store.add(batch));
  WRIT_TRY(check(batch, store));
  WRIT_TRY(find_room());
  WRIT_TRY(rotate());
  if (unsynced_bytes(unsynced_) > kUnsyncedBytesMax) {
    WRIT_ASSIGN(position, sync());
    static_cast<void>(position);
  }
  // Rows that the log has already are left out; usually none are, and nothing is copied.
  // Rows of one ring stand together: its place is looked up once.
  std::optional<std::uint16_t> ring;
  std::uint64_t logged = 0;
  const auto is_new = [&](const Entry& row) {
    if (ring != row.ring) {
      const auto found = positions_.find({*instance, row.ring});
      logged = found == positions_.end() ? 0 : found->second.sequence;
      ring = row.ring;
    }
    return row.sequence > logged;
  };
  std::span<const Entry> rows(batch.entries);
  std::vector<Entry> left;
  if (!std::ranges::all_of(rows, is_new)) {
    std::ranges::copy_if(rows, std::back_inserter(left), is_new);
    rows = left;
  }
  WRIT_TRY(append_rows(*instance, rows));
  const Position last = rows.empty() ? end() : Position{number_, blocks_ - 1};
  // The rows are in the log; that the last words are not is found by who syncs.
  static_cast<void>(tell_full());
  return last;
}

Status Writer::check(const Batch& batch, const DefinitionStore& store) const {
  std::map<std::uint16_t, std::uint64_t> last;
  std::uint64_t* at = nullptr;
  std::uint16_t ring = 0;
  for (const Entry& row : batch.entries) {
    if (text_bytes(row) > kRowBytesMax) {
      return fail(ErrorCode::Limit,
                  "a row is larger than " + std::to_string(kRowBytesMax) + " bytes", folder_);
    }
    if (at == nullptr || ring != row.ring) {
      ring = row.ring;
      at = &last[ring];
    }
    std::uint64_t& before = *at;
    if (row.sequence <= before || row.sequence == std::numeric_limits<std::uint64_t>::max()) {
      return fail(ErrorCode::Malformed, "the rows of a ring are not in order", folder_);
    }
    before = row.sequence;
    if (!store.knows(row)) {
      return fail(ErrorCode::Malformed, "a row refers to what was never defined", folder_);
    }
  }
  if (positions_.size() + last.size() > kPositionsMax) {
    return fail(ErrorCode::Limit, "the log knows too many rings: forget instances that ended",
                folder_);
  }
  return {};
}

// As many rows as fit in a block at a time.
Status Writer::append_rows(const Id128& instance, std::span<const Entry> rows) {
  DefinitionStore& store = stores_[instance];
  while (!rows.empty()) {
    Status status;
    std::size_t count = 0;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      status = ready();
      if (!status) continue;
      std::string definitions;
      std::size_t text = 0;
      // What the block's rows need in all: it may have to be written to a file that has none of it.
      std::size_t weight = 0;
      store.begin_block();
      const auto fits = [&] {
        return count < kRowsAtOnce && text < kTextBytesAtOnce && weight < kDefinitionBytesAtOnce &&
               definitions.size() < kDefinitionBytesAtOnce;
      };
      const auto joined = [&] {
        return count != 0 && rows[count - 1].joined && weight < kJoinedBytesMax;
      };
      for (count = 0; count < rows.size() && (fits() || joined()); ++count) {
        store.use(rows[count], files_begun_, definitions);
        weight += store.weigh(rows[count]);
        text += text_bytes(rows[count]);
      }
      status = write_rows(instance, rows.first(count), definitions);
      if (status) break;
      store.take_back();
      // What a full disk says is not a matter of trying again.
      if (status.error().code == ErrorCode::Limit) break;
    }
    WRIT_TRY(std::move(status));
    store.keep();
    rows = rows.subspan(count);
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
  return append_rows(log_id_, batch.entries);
}

Status Writer::write_rows(const Id128& instance, std::span<const Entry> rows,
                          const std::string& definitions) {
  BlockHeader header;
  header.kind = BlockKind::Rows;
  header.index = blocks_;
  header.synced_blocks = synced_.blocks;
  header.instance = instance;
  header.previous_hash = chain_;
  summarize(rows, header);
  pressed_.clear();
  header.definitions = press_.press(std::as_bytes(std::span(definitions)), pressed_);
  header.rows = press_.press(encoder_.encode(rows, header), pressed_);
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
Status Writer::write_block(std::vector<std::byte> bytes) {
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
  std::ranges::copy(std::span(bytes).last(kHashBytes), chain_.begin());
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
  std::vector<Entry> rows(columns.size());
  for (std::size_t row = 0; row < rows.size(); ++row) columns.read(row, rows[row]);
  DefinitionStore& store = stores_[view.header.instance];
  // After recovery of a tail nobody has defined anything yet but the tail itself.
  WRIT_TRY(press_.unpress(view.definitions, view.header.definitions, raw));
  Batch batch;
  batch.instance.id = to_text(view.header.instance);
  WRIT_TRY(decode_definitions(raw, batch));
  WRIT_TRY(store.add(batch));
  std::string definitions;
  for (const Entry& row : rows) {
    if (!store.knows(row)) {
      return fail(ErrorCode::Internal, "a row that is written again refers to nothing", folder_);
    }
    store.use(row, files_begun_, definitions);
  }
  const Positions behind = positions_;
  const Status status = write_rows(view.header.instance, rows, definitions);
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
