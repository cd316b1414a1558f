// A log that is opened: its lock, its tail, its next segment.
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "runtime/audit/log/segment.h"
#include "runtime/audit/log/writer.h"
#include "runtime/base/check.h"

namespace writ::audit::log {
namespace {

Result<Id128> random_id() {
  Id128 id{};
  ssize_t got = -1;
  do {
    got = ::getrandom(id.data(), id.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got != static_cast<ssize_t>(id.size())) {
    return fail(ErrorCode::Internal, "the system gives no random numbers");
  }
  return id;
}

// Of bytes that were a block when they were put aside.
std::uint64_t block_index(std::span<const std::byte> bytes) {
  const auto block = decode_block(bytes);
  WRIT_CHECK(block.has_value());
  return block->header.index;
}

}  // namespace

// INVARIANT: `rows` are the blocks of rows behind the mark, in order.
struct Writer::Tail {
  Id128 log_id{};
  Extent whole;   // every block that is whole and follows on the one before
  Extent marked;  // what a later block says that it was on disk
  std::uint64_t file_bytes = 0;
  Positions positions;  // at the end of `whole`
  std::deque<Unsynced> rows;
};

Writer::Writer(std::string folder, WriterOptions options)
    : folder_(std::move(folder)),
      options_(std::move(options)),
      files_(options_.files == nullptr ? own_files_ : *options_.files),
      hold_(options_.hold) {}

Writer::~Writer() {
  if (!lock_guard_.let_go()) lock_file_.forget();
}

Result<std::unique_ptr<Writer>> Writer::open(const std::string& folder, WriterOptions options) {
  std::unique_ptr<Writer> writer(new Writer(folder, std::move(options)));
  WRIT_TRY(writer->start());
  return writer;
}

Status Writer::start() {
  if (!options_.key_pem.empty()) {
    WRIT_ASSIGN(key, crypto::SigningKey::read(options_.key_pem));
    key_ = std::move(key);
  }
  WRIT_TRY(take_lock());
  WRIT_ASSIGN(numbers, list_segments(folder_));
  if (numbers.empty()) {
    WRIT_ASSIGN(id, options_.new_log_id ? Result<Id128>(*options_.new_log_id) : random_id());
    log_id_ = id;
    // A log on a disk without room for a reserve begins all the same, and refuses rows.
    WRIT_TRY(begin_segment(Begun::First));
    const int code = make_reserve();
    full_ = code == -ENOSPC || code == -EDQUOT;
    return {};
  }
  // A reserve that is there already gives room for the first block.
  reserved_ = options_.reserve_bytes != 0 && std::filesystem::exists(folder_ + "/reserve");
  WRIT_TRY(recover(numbers.back()));
  WRIT_TRY(ready());
  if (!full_) {
    reserved_ = false;
    const int code = make_reserve();
    full_ = code == -ENOSPC || code == -EDQUOT;
  }
  WRIT_TRY(sync_file());
  // Retention that cannot be kept now is tried again at the next rotation.
  static_cast<void>(remove_old());
  return {};
}

// WHY: a folder that was made is there after a crash of the machine once the one that it stands in
// was synced; a log whose rows are on disk in a folder that is not is no log.
Status Writer::make_folder() {
  // Whoever named the first segment has been here.
  const auto begun = list_segments(folder_);
  if (begun && !begun->empty()) return {};
  std::error_code code;
  const std::filesystem::path folder = std::filesystem::absolute(folder_, code).lexically_normal();
  if (code) return fail(ErrorCode::Unreadable, "no such folder: " + code.message(), folder_);
  // The last one first; a path that ends in a slash ends in an empty part.
  std::vector<std::filesystem::path> chain;
  for (auto at = folder.has_filename() ? folder : folder.parent_path(); at.has_relative_path();
       at = at.parent_path()) {
    chain.push_back(at);
  }
  for (auto at = chain.rbegin(); at != chain.rend(); ++at) {
    const bool made = std::filesystem::create_directory(*at, code);
    // What stands in the way is said by whoever opens it.
    if (code) return {};
    const std::string parent = at->parent_path().string();
    const int fd = open_again(files_, parent, O_RDONLY | O_DIRECTORY);
    // One that was there may be another's, which this process may not read, and need not sync.
    if (fd < 0 && !made) continue;
    if (fd < 0) return file_error("cannot open the folder of the log's folder", parent, fd);
    const OpenFile file(files_, fd);
    const int synced = files_.sync_folder(fd);
    if (synced != 0 && made) return file_error("cannot sync the folder", parent, synced);
  }
  return {};
}

Status Writer::take_lock() {
  WRIT_TRY(make_folder());
  int fd = open_again(files_, folder_, O_RDONLY | O_DIRECTORY);
  if (fd < 0) return file_error("cannot open the log's folder", folder_, fd);
  folder_file_ = OpenFile(files_, fd);
  const std::string path = folder_ + "/lock";
  fd = open_again(files_, path, O_RDWR | O_CREAT);
  if (fd < 0) return file_error("cannot open the log's lock", path, fd);
  lock_file_ = OpenFile(files_, fd);
  lock_guard_.hold(fd);
  int code = -EINTR;
  while (code == -EINTR) code = files_.lock(fd);
  if (code == -EWOULDBLOCK) {
    return fail(ErrorCode::Usage, "another process writes to this log", folder_);
  }
  if (code != 0) return file_error("cannot lock the log", path, code);
  return {};
}

Result<Writer::Tail> Writer::read_tail(std::uint64_t number) {
  WRIT_ASSIGN(segment, Segment::open(files_, folder_, number, Check::Chain));
  Tail tail;
  tail.log_id = segment.header().log_id;
  tail.file_bytes = segment.file_bytes();
  tail.whole = tail.marked = {kSegmentHeaderBytes, 0, segment.place().chain};
  std::deque<Extent> since_mark = {tail.whole};
  for (;;) {
    auto block = segment.next();
    // What stands behind the last whole block is what a crash leaves.
    if (!block && block.error().code == ErrorCode::Malformed) break;
    if (!block) return std::unexpected(block.error());
    if (!*block) break;
    const BlockHeader& header = (*block)->header;
    tail.whole = {segment.place().offset, segment.place().block, segment.place().chain};
    since_mark.push_back(tail.whole);
    // The first block was synced before the segment had its name.
    const std::uint64_t mark = std::max<std::uint64_t>(header.synced_blocks, 1);
    while (since_mark.size() > 1 && since_mark.front().blocks < mark) since_mark.pop_front();
    tail.marked = since_mark.front();
    std::vector<std::byte> raw;
    if (header.kind == BlockKind::Positions) {
      WRIT_TRY(press_.unpress((*block)->rows, header.rows, raw));
      WRIT_ASSIGN(positions, decode_positions(raw));
      for (const auto& [name, position] : positions) tail.positions[name] = position;
    }
    while (!tail.rows.empty() && block_index(tail.rows.front().bytes) < mark) tail.rows.pop_front();
    if (header.kind != BlockKind::Rows) continue;
    Unsynced rows{{(*block)->bytes.begin(), (*block)->bytes.end()}, {}};
    for (const RingSpan& ring : header.rings) {
      const RingName name{header.instance, ring.ring};
      const auto found = tail.positions.find(name);
      rows.before.emplace_back(
          name, found == tail.positions.end() ? std::nullopt : std::optional(found->second));
      tail.positions[name] = {ring.last, ring.decisions};
    }
    tail.rows.push_back(std::move(rows));
  }
  return tail;
}

// Rows that are written again refer to what earlier blocks of the old segment define.
Status Writer::read_definitions(std::uint64_t number) {
  WRIT_ASSIGN(segment, Segment::open(files_, folder_, number, Check::Crc));
  for (;;) {
    auto block = segment.next();
    if (!block && block.error().code == ErrorCode::Malformed) return {};
    if (!block) return std::unexpected(block.error());
    if (!*block) return {};
    if ((*block)->header.kind != BlockKind::Rows) continue;
    std::vector<std::byte> raw;
    WRIT_TRY(press_.unpress((*block)->definitions, (*block)->header.definitions, raw));
    Batch batch;
    batch.instance.id = to_text((*block)->header.instance);
    WRIT_TRY(decode_definitions(raw, batch));
    WRIT_TRY(stores_[(*block)->header.instance].add(batch));
  }
}

// The last bytes of a log that was closed: a seal, which no later block marks as on disk. Whether
// they are nobody says: a process may have ended because their sync failed, and then another sync
// of them means nothing. Bytes that are written are synced, be they the same.
int Writer::write_end_again(std::uint64_t number, const Tail& tail) {
  const int fd = open_again(files_, segment_path(folder_, number), O_RDWR);
  if (fd < 0) return fd;
  const OpenFile file(files_, fd);
  std::vector<std::byte> bytes(static_cast<std::size_t>(tail.whole.bytes - tail.marked.bytes));
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got =
        files_.pread(fd, std::span(bytes).subspan(filled), tail.marked.bytes + filled);
    if (got == -EINTR) continue;
    if (got <= 0) return got == 0 ? -EIO : static_cast<int>(got);
    filled += static_cast<std::size_t>(got);
  }
  const int code = write_whole(files_, fd, bytes, tail.marked.bytes);
  return code != 0 ? code : files_.fdatasync(fd);
}

Status Writer::recover(std::uint64_t number) {
  auto tail = read_tail(number);
  if (!tail) return std::unexpected(tail.error());
  log_id_ = tail->log_id;
  number_ = number;
  positions_ = std::move(tail->positions);
  // WHY: rows behind the mark are written again whatever a sync of their file would say, which may
  // be one that failed before.
  int code = 0;
  if (tail->rows.empty()) code = write_end_again(number, *tail);
  const bool all_count = tail->rows.empty() && code == 0;
  synced_ = all_count ? tail->whole : tail->marked;
  if (!tail->rows.empty()) {
    pending_ = std::move(tail->rows);
    WRIT_TRY(read_definitions(number));
  }
  WRIT_TRY(begin_segment(Begun::Reopened));
  // What rows that were written again refer to is in the segment; who goes on says it again.
  stores_.clear();
  if (tail->file_bytes == tail->whole.bytes && code == 0) return {};
  return append_own(
      EntryKind::Lifecycle,
      fmt::format("log.recovered\nsegment {}: {} bytes behind the last whole block do not count",
                  number, tail->file_bytes - tail->whole.bytes));
}

}  // namespace writ::audit::log
