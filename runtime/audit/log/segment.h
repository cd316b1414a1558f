// Walks the blocks of one segment's file, in order. Used by whoever reads a log: the writer that
// recovers its tail, the reader, the query, and the proof.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/audit/log/files.h"
#include "runtime/audit/log/format.h"
#include "runtime/base/error.h"

namespace writ::audit::log {

/// What is compared at each block. Both check CRC, index, and that a block names the hash before
/// it.
enum class Check : std::uint8_t {
  Crc,
  Chain,  // computes the hash of each block too
};

/// Threads: one.
class Segment {
 public:
  /// Where a walk is: the block that comes next, and the hash before it.
  struct Place {
    std::uint64_t offset = kSegmentHeaderBytes;
    std::uint64_t block = 0;
    Hash chain{};
  };

  /// *errors* Unreadable; Malformed: no segment, or another one than its name says.
  [[nodiscard]] static Result<Segment> open(Files& files, const std::string& folder,
                                            std::uint64_t number, Check check);

  /// The next block, which lives until the next call; none at the end of the bytes that count.
  /// *errors* Malformed: what stands there is no next block; the walk stays where it is.
  /// Unreadable.
  [[nodiscard]] Result<std::optional<BlockView>> next();
  /// The first place from `offset` on where a whole block stands, whatever is before it; none: no
  /// such place. For damaged files: slow. *errors* Unreadable.
  [[nodiscard]] Result<std::optional<Place>> find_block(std::uint64_t offset);
  /// next(), where bytes that are no block may be the end of what is being written: none, and `end`
  /// says why, if no whole block stands behind them. *errors* Malformed: one does; else as next().
  [[nodiscard]] Result<std::optional<BlockView>> next_of_newest(std::optional<Error>& end);
  /// Bytes from here on do not count.
  void end_at(std::uint64_t bytes) { end_bytes_ = bytes; }
  /// Goes to a place that this segment has: where a walk was, or what an index says of it.
  void go_to(const Place& place) { place_ = place; }

  [[nodiscard]] const SegmentHeader& header() const { return header_; }
  [[nodiscard]] const Place& place() const { return place_; }
  [[nodiscard]] std::uint64_t file_bytes() const;
  /// Does the name that it was opened by still mean this file? A writer takes a name back when the
  /// folder could not be synced, and gives it to another file.
  enum class Name : std::uint8_t { This, Other, Gone };
  [[nodiscard]] Name name() const;
  [[nodiscard]] const std::string& path() const { return path_; }
  /// `segment 3, block 7, offset 4096`, of what comes next.
  [[nodiscard]] std::string where() const;
  [[nodiscard]] int fd() const { return file_.fd(); }

 private:
  Segment(Files& files, OpenFile file, std::string path, Check check)
      : files_(&files), file_(std::move(file)), path_(std::move(path)), check_(check) {}
  /// `size` bytes at `offset`, or as many as there are.
  [[nodiscard]] Result<std::span<const std::byte>> bytes(std::uint64_t offset, std::size_t size);

  Files* files_;
  OpenFile file_;
  std::string path_;
  Check check_;
  SegmentHeader header_;
  Place place_;
  std::uint64_t end_bytes_ = std::numeric_limits<std::uint64_t>::max();
  std::vector<std::byte> window_;
  std::uint64_t window_offset_ = 0;
};

}  // namespace writ::audit::log
