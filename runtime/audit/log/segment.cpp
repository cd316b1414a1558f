#include "runtime/audit/log/segment.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "runtime/base/bytes.h"

namespace writ::audit::log {
namespace {

constexpr std::size_t kWindowBytes = std::size_t{512} << 10;

}  // namespace

Result<Segment> Segment::open(Files& files, const std::string& folder, std::uint64_t number,
                              Check check) {
  const std::string path = segment_path(folder, number);
  const int fd = open_again(files, path, O_RDONLY);
  if (fd < 0) return file_error("cannot open a segment of the log", path, fd);
  Segment segment(files, OpenFile(files, fd), path, check);
  WRIT_ASSIGN(bytes, segment.bytes(0, kSegmentHeaderBytes));
  auto header = decode_segment_header(bytes);
  if (!header) return fail(header.error().code, header.error().message, path);
  if (header->number != number) {
    return fail(ErrorCode::Malformed,
                "the segment says that it is number " + std::to_string(header->number), path);
  }
  segment.header_ = *header;
  segment.place_.chain = header_hash(bytes.first<kSegmentHeaderBytes>());
  return segment;
}

std::uint64_t Segment::file_bytes() const {
  struct stat found {};
  return ::fstat(file_.fd(), &found) == 0 ? static_cast<std::uint64_t>(found.st_size) : 0;
}

Segment::Name Segment::name() const {
  struct stat mine {};
  struct stat named {};
  if (::stat(path_.c_str(), &named) != 0) return errno == ENOENT ? Name::Gone : Name::This;
  if (::fstat(file_.fd(), &mine) != 0) return Name::This;
  const bool same = mine.st_dev == named.st_dev && mine.st_ino == named.st_ino;
  return same ? Name::This : Name::Other;
}

std::string Segment::where() const {
  return "segment " + std::to_string(header_.number) + ", block " + std::to_string(place_.block) +
         ", offset " + std::to_string(place_.offset);
}

Result<std::span<const std::byte>> Segment::bytes(std::uint64_t offset, std::size_t size) {
  const std::uint64_t there = end_bytes_ > offset ? end_bytes_ - offset : 0;
  size = static_cast<std::size_t>(std::min<std::uint64_t>(size, there));
  const bool inside = offset >= window_offset_ && offset - window_offset_ <= window_.size() &&
                      size <= window_.size() - (offset - window_offset_);
  if (!inside) {
    const std::uint64_t file = file_bytes();
    const std::uint64_t ahead = file > offset ? file - offset : 0;
    window_.resize(std::max(size, static_cast<std::size_t>(
                                      std::min<std::uint64_t>(ahead, kWindowBytes))));
    window_offset_ = offset;
    std::size_t filled = 0;
    while (filled < window_.size()) {
      const ssize_t got =
          files_->pread(file_.fd(), std::span(window_).subspan(filled), offset + filled);
      if (got == -EINTR) continue;
      if (got < 0) {
        window_.clear();
        return file_error("cannot read the log", path_, static_cast<int>(got));
      }
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
    }
    window_.resize(filled);
  }
  const std::size_t at = static_cast<std::size_t>(offset - window_offset_);
  return std::span<const std::byte>(window_).subspan(at, std::min(size, window_.size() - at));
}

Result<std::optional<BlockView>> Segment::next() {
  WRIT_ASSIGN(fixed, bytes(place_.offset, kBlockHeaderBytes));
  if (fixed.empty()) {
    window_.clear();  // what is appended later must be seen
    return std::nullopt;
  }
  const auto wrong = [&](std::string what) {
    window_.clear();
    return fail(ErrorCode::Malformed, std::move(what), where());
  };
  auto size = block_bytes(fixed);
  if (!size) return wrong(size.error().message);
  WRIT_ASSIGN(whole, bytes(place_.offset, static_cast<std::size_t>(*size)));
  auto block = decode_block(whole);
  if (!block) return wrong(block.error().message);
  const BlockHeader& header = block->header;
  if (header.index != place_.block) {
    return wrong("a block says that it is number " + std::to_string(header.index));
  }
  if (header.previous_hash != place_.chain) {
    return wrong("a block does not follow on the one before it: the hash that it names is another");
  }
  if (header.synced_blocks > header.index) return wrong("a block says that later ones were synced");
  const Hash hash = block->stored_hash();
  if (check_ == Check::Chain && hash != block->computed_hash()) {
    return wrong("a block's bytes are not those of its hash");
  }
  place_ = {place_.offset + *size, place_.block + 1, hash};
  return std::optional(std::move(*block));
}

Result<std::optional<BlockView>> Segment::next_of_newest(std::optional<Error>& end) {
  auto block = next();
  if (block || block.error().code != ErrorCode::Malformed) return block;
  WRIT_ASSIGN(behind, find_block(place_.offset + 1));
  if (behind) return block;
  end = std::move(block.error());
  window_.clear();
  return std::nullopt;
}

Result<std::optional<Segment::Place>> Segment::find_block(std::uint64_t offset) {
  for (;;) {
    WRIT_ASSIGN(some, bytes(offset, kWindowBytes));
    if (some.size() < kBlockHeaderBytes) return std::nullopt;
    const std::string_view text = ByteReader(some).text(some.size());
    const std::size_t at = text.find(kBlockMagic);
    if (at == std::string_view::npos) {
      // The magic may lie across the end of what was read.
      offset += some.size() - (kBlockMagic.size() - 1);
      continue;
    }
    offset += at;
    WRIT_ASSIGN(fixed, bytes(offset, kBlockHeaderBytes));
    const auto size = block_bytes(fixed);
    if (size) {
      WRIT_ASSIGN(whole, bytes(offset, static_cast<std::size_t>(*size)));
      const auto block = decode_block(whole);
      if (block) return Place{offset, block->header.index, block->header.previous_hash};
    }
    ++offset;
  }
}

}  // namespace writ::audit::log
