// Segments begun and removed, and the room that is kept for the last words.
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "runtime/audit/log/segment.h"
#include "runtime/audit/log/writer.h"
#include "runtime/base/check.h"
#include "runtime/crypto/base64.h"

namespace writ::audit::log {
namespace {

// A segment gets its name when it is whole and on disk; before that it is nobody's.
constexpr std::string_view kUnfinished = "/next";
constexpr std::string_view kReserve = "/reserve";
// Between attempts to begin a segment while the one before still takes rows.
constexpr std::int64_t kRotateAgainUs = 1'000'000;

bool is_full_disk(const Error& error) { return error.code == ErrorCode::Limit; }

}  // namespace

Status Writer::begin_segment(Begun begun) {
  WRIT_CHECK(unsynced_.empty());
  SegmentHeader header;
  header.number = number_ + 1;
  header.created_us = now();
  header.log_id = log_id_;
  header.begun = begun;
  header.previous_bytes = synced_.bytes;
  header.previous_blocks = synced_.blocks;
  header.previous_hash = synced_.hash;
  if (key_) std::ranges::copy(key_->id(), header.key_id.begin());
  Extent extent;
  auto made = make_segment(header, extent);
  if (!made && is_full_disk(made.error()) && release_reserve()) {
    full_ = true;
    made = make_segment(header, extent);
  }
  if (!made) return std::unexpected(made.error());
  bool named = false;
  Status status;
  if (pending_.empty()) {
    // The segment before takes rows until the new one has its name.
    status = name_segment(made->fd(), header.number, named);
    if (status) take_segment(std::move(*made), header, extent);
    // Where the name stays after all, the segment before ends here for whoever opens the log.
    if (!status && named) fail_file();
  } else {
    // WHY: a log that ends with this segment must have what is owed, from the first moment on: what
    // the segment before holds of it does not count any more.
    const Extent before = synced_;
    const std::int64_t created_us = created_us_;
    take_segment(std::move(*made), header, extent);
    status = write_pending();
    if (status) status = name_segment(file_.fd(), header.number, named);
    if (status) {
      synced_ = {bytes_, blocks_, chain_};
      unsynced_.clear();
    } else {
      fail_file();
      --number_;
      created_us_ = created_us;
      synced_ = before;
    }
  }
  if (!status) {
    // The name is taken back: the next attempt gives it to another file, and syncs that.
    const std::string unfinished = folder_ + std::string(kUnfinished);
    static_cast<void>(files_.unlink(named ? segment_path(folder_, header.number) : unfinished));
  }
  return status;
}

// Header and first block, in a file that has no name yet and is not synced.
Result<OpenFile> Writer::make_segment(const SegmentHeader& header, Extent& extent) {
  const std::string unfinished = folder_ + std::string(kUnfinished);
  // WHY: a new file each time. One whose sync failed must not be synced again.
  static_cast<void>(files_.unlink(unfinished));
  const int fd = open_again(files_, unfinished, O_RDWR | O_CREAT | O_EXCL);
  if (fd < 0) return file_error("cannot begin a segment of the log", unfinished, fd);
  OpenFile file(files_, fd);
  const auto head = encode(header);
  const std::vector<std::byte> block = positions_block(header_hash(head));
  std::vector<std::byte> bytes(head.begin(), head.end());
  bytes.insert(bytes.end(), block.begin(), block.end());
  const int code = write_whole(files_, fd, bytes, 0);
  if (code != 0) {
    static_cast<void>(files_.unlink(unfinished));
    return file_error("cannot begin a segment of the log", unfinished, code);
  }
  extent.bytes = bytes.size();
  extent.blocks = 1;
  std::ranges::copy(std::span(block).last(kHashBytes), extent.hash.begin());
  return file;
}

Status Writer::name_segment(int fd, std::uint64_t number, bool& named) {
  const std::string path = segment_path(folder_, number);
  int code = files_.fdatasync(fd);
  if (code == 0) {
    do {
      code = files_.rename(folder_ + std::string(kUnfinished), path);
    } while (code == -EINTR);
    named = code == 0;
  }
  if (code == 0) code = files_.sync_folder(folder_file_.fd());
  return code == 0 ? Status() : file_error("cannot begin a segment of the log", path, code);
}

void Writer::take_segment(OpenFile file, const SegmentHeader& header, const Extent& extent) {
  file_ = std::move(file);
  number_ = header.number;
  ++files_begun_;
  created_us_ = header.created_us;
  bytes_ = extent.bytes;
  blocks_ = extent.blocks;
  chain_ = extent.hash;
  synced_ = extent;
  sealed_blocks_ = 0;
  segment_rings_.clear();
  failed_ = false;
}

Status Writer::write_pending() {
  while (!pending_.empty()) {
    // WHY: it stays in its place until it is written. A failure puts what was written again before
    // it, and references into a deque outlive that.
    WRIT_TRY(rewrite(pending_.front()));
    pending_.pop_front();
  }
  return {};
}

// The first block: how far every ring is before this segment's rows.
std::vector<std::byte> Writer::positions_block(const Hash& chain) const {
  std::vector<std::byte> raw;
  for (const auto& [name, position] : synced_positions()) encode_position(name, position, raw);
  std::vector<std::byte> stored;
  Press press;
  BlockHeader header;
  header.kind = BlockKind::Positions;
  header.first_us = header.last_us = now();
  header.previous_hash = chain;
  header.rows = press.press(raw, stored);
  return encode_block(header, {}, stored);
}

Positions Writer::synced_positions() const {
  Positions positions = positions_;
  const auto undo = [&](const std::deque<Unsynced>& blocks) {
    for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) {
      for (const auto& [name, before] : block->before) {
        if (before) {
          positions[name] = *before;
        } else {
          positions.erase(name);
        }
      }
    }
  };
  undo(pending_);
  undo(unsynced_);
  return positions;
}

Status Writer::rotate() {
  const bool large = bytes_ >= options_.segment_bytes_max;
  const bool old = now() - created_us_ >= options_.segment_age_max_us && blocks_ > 1;
  if (failed_ || !(large || old) || now() < rotate_after_us_) return {};
  Status status = seal_now(SealedAt::Rotation);
  if (status) status = begin_segment(large ? Begun::Size : Begun::Age);
  if (!status) {
    // The segment goes on for a while: it takes rows as before, or append() says why not.
    rotate_after_us_ = now() + kRotateAgainUs;
    return {};
  }
  return remove_old();
}

// Oldest first, as many whole segments as are too much or too old. What is removed is said before,
// in a row that is on disk and sealed.
Status Writer::remove_old() {
  if (options_.keep_bytes_max == 0 && options_.keep_age_max_us == 0) return {};
  WRIT_ASSIGN(numbers, list_segments(folder_));
  std::uint64_t total = 0;
  for (const std::uint64_t number : numbers) {
    std::error_code code;
    const auto bytes = std::filesystem::file_size(segment_path(folder_, number), code);
    total += code ? 0 : bytes;
  }
  std::uint64_t last = 0;
  std::string hash;
  std::int64_t until = 0;
  for (std::size_t i = 0; i + 1 < numbers.size() && numbers[i] < hold_; ++i) {
    const auto next = Segment::open(files_, folder_, numbers[i + 1], Check::Crc);
    if (!next) break;
    const bool much = options_.keep_bytes_max != 0 && total > options_.keep_bytes_max;
    const bool old = options_.keep_age_max_us != 0 &&
                     now() - next->header().created_us > options_.keep_age_max_us;
    if (!much && !old) break;
    std::error_code code;
    const auto bytes = std::filesystem::file_size(segment_path(folder_, numbers[i]), code);
    total -= code ? 0 : std::min<std::uint64_t>(bytes, total);
    last = numbers[i];
    hash = crypto::base64(next->header().previous_hash);
    until = next->header().created_us;
  }
  if (last == 0) return {};
  WRIT_TRY(append_own(
      EntryKind::Gap,
      fmt::format(R"({{"cause":"retention","lastSegment":{},"hash":"{}","untilMicros":{}}})", last,
                  hash, until)));
  WRIT_TRY(seal_now(SealedAt::Interval));
  unlink_segments(last);
  return {};
}

void Writer::unlink_segments(std::uint64_t last) {
  const auto numbers = list_segments(folder_);
  if (!numbers) return;
  for (const std::uint64_t number : *numbers) {
    if (number > last) break;
    static_cast<void>(files_.unlink(index_path(folder_, number)));
    // What stays is removed by the next attempt.
    if (files_.unlink(segment_path(folder_, number)) != 0) break;
  }
}

int Writer::make_reserve() {
  if (options_.reserve_bytes == 0 || reserved_) return 0;
  const std::string path = folder_ + std::string(kReserve);
  const int fd = open_again(files_, path, O_RDWR | O_CREAT);
  if (fd < 0) return fd;
  const OpenFile file(files_, fd);
  int code = -EINTR;
  while (code == -EINTR) code = files_.allocate(fd, options_.reserve_bytes);
  if (code != 0) {
    static_cast<void>(files_.unlink(path));
    return code;
  }
  reserved_ = true;
  return 0;
}

bool Writer::release_reserve() {
  if (!reserved_) return false;
  if (files_.unlink(folder_ + std::string(kReserve)) != 0) return false;
  reserved_ = false;
  return true;
}

// Rows are taken again when the reserve is there again: whatever comes then, the last words fit.
Status Writer::find_room() {
  if (!full_) return {};
  const int code = make_reserve();
  if (code == -ENOSPC || code == -EDQUOT) {
    return file_error("the disk is full", folder_, code);
  }
  full_ = false;
  told_full_ = false;
  return append_own(EntryKind::Lifecycle, "log.disk-room\nthere is room for rows again");
}

// Once, out of the reserve.
Status Writer::tell_full() {
  if (!full_ || told_full_) return {};
  told_full_ = true;
  WRIT_TRY(append_own(EntryKind::Lifecycle,
                      "log.disk-full\nno row is taken until there is room; decisions are denied "
                      "when the rings are full"));
  return seal_now(SealedAt::Interval);
}

}  // namespace writ::audit::log
