// The proof of a log, segment by segment.
#include "runtime/audit/log/verify.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "runtime/audit/event.h"
#include "runtime/audit/log/prover.h"
#include "runtime/crypto/base64.h"

namespace writ::audit::log {

std::string_view name_of(Wrong wrong) {
  switch (wrong) {
    case Wrong::Damaged: return "damaged";
    case Wrong::Missing: return "missing";
    case Wrong::Law: return "law-of-counts";
    case Wrong::Inconsistent: return "inconsistent";
    case Wrong::Seal: return "seal";
    case Wrong::Unsealed: return "unsealed";
    case Wrong::Head: return "head";
    case Wrong::UnfinishedEnd: return "unfinished-end";
  }
  return {};
}

Result<Report> verify(const std::string& folder, const VerifyOptions& options) {
  Files own;
  Prover prover(folder, options, options.files == nullptr ? own : *options.files);
  WRIT_TRY(prover.run());
  return prover.take();
}

void Prover::wrong(Wrong wrong, std::string message, std::string where) {
  ++report_.findings_count;
  if (report_.findings.size() < kFindingsMax) {
    report_.findings.push_back({wrong, std::move(message), std::move(where)});
  }
}
void Prover::note(std::string message, std::string where) {
  if (report_.notes.size() < kFindingsMax) {
    report_.notes.push_back({std::move(message), std::move(where)});
  }
}

Status Prover::read_keys() {
  for (const std::string& pem : options_.public_keys_pem) {
    WRIT_ASSIGN(key, crypto::VerifyingKey::read(pem));
    keys_.push_back(std::move(key));
  }
  report_.signatures_checked = !keys_.empty();
  return {};
}

// A writer that is at work leaves half a block behind for a moment.
void Prover::see_lock() {
  const OpenFile lock(files_, open_again(files_, folder_ + "/lock", O_RDONLY));
  report_.being_written = lock.is_open() && files_.lock(lock.fd()) == -EWOULDBLOCK;
}

Status Prover::run() {
  WRIT_TRY(read_keys());
  WRIT_ASSIGN(numbers, list_segments(folder_));
  see_lock();
  if (numbers.empty()) {
    wrong(Wrong::Missing, "there is no segment", folder_);
    return {};
  }
  report_.first_segment = numbers.front();
  for (const std::uint64_t number : numbers) {
    std::error_code code;
    const auto bytes = std::filesystem::file_size(segment_path(folder_, number), code);
    total_bytes_ += code ? 0 : bytes;
  }
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    WRIT_TRY(segment(numbers[i], i + 1 < numbers.size() ? numbers[i + 1] : 0));
  }
  end();
  return {};
}

Status Prover::segment(std::uint64_t number, std::uint64_t next_number) {
  const std::string where = fmt::format("segment {}", number);
  auto segment = Segment::open(files_, folder_, number, Check::Chain);
  if (!segment) {
    if (segment.error().code != ErrorCode::Malformed) return std::unexpected(segment.error());
    wrong(Wrong::Damaged, segment.error().message, where);
    end_.reset();
    first_ = false;
    return {};
  }
  ++report_.segments;
  begin(segment->header(), where);
  std::optional<SegmentHeader> next;
  if (next_number == number + 1) {
    const auto opened = Segment::open(files_, folder_, next_number, Check::Crc);
    if (!opened && opened.error().code != ErrorCode::Malformed) {
      return std::unexpected(opened.error());
    }
    if (opened) next = opened->header();
  } else if (next_number != 0) {
    wrong(Wrong::Missing,
          next_number == number + 2
              ? fmt::format("segment {} is missing", number + 1)
              : fmt::format("segments {} to {} are missing", number + 1, next_number - 1),
          fmt::format("between segments {} and {}", number, next_number));
  }
  if (next) segment->end_at(next->previous_bytes);
  WRIT_TRY(walk(*segment, next_number != 0));
  const Segment::Place& place = segment->place();
  report_.bytes += place.offset;
  end_ = End{place.offset, place.block, place.chain};
  if (next) {
    compare_end(*segment, *next);
    WRIT_TRY(behind(*segment, *next));
  }
  first_ = false;
  return {};
}

void Prover::begin(const SegmentHeader& header, const std::string& where) {
  header_ = header;
  segment_rings_.clear();
  defined_.clear();
  segment_whole_ = true;
  if (report_.log_id.empty()) {
    log_id_ = header.log_id;
    report_.log_id = to_text(header.log_id);
    first_previous_hash_ = header.previous_hash;
    if ((header.number == 1) != (header.begun == Begun::First)) {
      wrong(Wrong::Inconsistent, "only segment 1 is the first of a log", where);
    }
    return;
  }
  if (header.log_id != log_id_) {
    wrong(Wrong::Inconsistent, "the segment is of another log: " + to_text(header.log_id), where);
  }
}

Status Prover::walk(Segment& segment, bool has_next) {
  std::string where = segment.where();
  for (;;) {
    const auto block = segment.next();
    if (!block) {
      if (block.error().code != ErrorCode::Malformed) return std::unexpected(block.error());
      WRIT_TRY(find_next_block(segment, block.error(), !has_next));
      where = segment.where();
      continue;
    }
    if (!*block) return {};
    this->block(**block, where);
    where = segment.where();
    if (options_.progress) {
      options_.progress(report_.bytes + segment.place().offset, total_bytes_);
    }
  }
}

// What stands behind bytes that are no next block: another block, perhaps; else nothing.
Status Prover::find_next_block(Segment& segment, const Error& error, bool is_last) {
  const Segment::Place broken = segment.place();
  WRIT_ASSIGN(found, segment.find_block(broken.offset + 1));
  if (!found) {
    if (is_last) {
      const std::string message = fmt::format(
          "{} bytes behind the last whole block are none: {}",
          segment.file_bytes() - broken.offset, error.message);
      if (report_.being_written) {
        note("the log is being written: " + message, error.where);
      } else {
        wrong(Wrong::UnfinishedEnd, message, error.where);
      }
    } else {
      wrong(Wrong::Damaged, error.message, error.where);
    }
    segment.end_at(broken.offset);
    return {};
  }
  segment_whole_ = false;
  wrong(Wrong::Damaged,
        fmt::format("{}; the next block is number {}, at offset {}", error.message, found->block,
                    found->offset),
        error.where);
  segment.go_to(*found);
  return {};
}

void Prover::compare_end(const Segment& segment, const SegmentHeader& next) {
  const End& end = *end_;
  if (end.bytes == next.previous_bytes && end.blocks == next.previous_blocks &&
      end.hash == next.previous_hash) {
    return;
  }
  wrong(Wrong::Missing,
        fmt::format("segment {} says that this one ends with block {} at offset {}, with hash {}; "
                    "it ends with block {} at offset {}, with hash {}",
                    next.number, next.previous_blocks, next.previous_bytes,
                    crypto::hex(next.previous_hash).substr(0, 16), end.blocks, end.bytes,
                    crypto::hex(end.hash).substr(0, 16)),
        segment.where());
}

// Bytes that do not count: torn by a crash, or of a file that failed and was written again.
Status Prover::behind(Segment& segment, const SegmentHeader& next) {
  const std::uint64_t bytes = segment.file_bytes();
  if (bytes <= next.previous_bytes) return {};
  const bool failed = next.begun == Begun::FailedFile;
  note(fmt::format("{} bytes at the end do not count: {}", bytes - next.previous_bytes,
                   failed ? "the file failed, and its rows were written again in the next segment"
                          : "a writer ended while it wrote them"),
       segment.where());
  WRIT_ASSIGN(again, Segment::open(files_, folder_, header_.number, Check::Crc));
  // A segment that was ended in order has no block more; one that failed has later ones, none of
  // which a still later one says was on disk.
  const bool in_order = next.begun == Begun::Size || next.begun == Begun::Age;
  for (std::uint64_t offset = next.previous_bytes;;) {
    WRIT_ASSIGN(found, again.find_block(offset));
    if (!found) return {};
    again.go_to(*found);
    const auto block = again.next();
    offset = found->offset + 1;
    if (!block || !*block) continue;
    offset = again.place().offset;
    if (in_order || found->block < next.previous_blocks) {
      wrong(Wrong::Damaged, fmt::format("a whole block, number {}, stands behind the end",
                                        found->block),
            segment.where());
    } else if ((*block)->header.synced_blocks > next.previous_blocks) {
      wrong(Wrong::Missing, "blocks that were on disk do not count any more", segment.where());
    }
  }
}

void Prover::end() {
  report_.rings = rings_.size();
  if (report_.first_segment > 1) {
    const std::string where = fmt::format("before segment {}", report_.first_segment);
    if (removed_ < report_.first_segment - 1) {
      wrong(Wrong::Missing,
            fmt::format("segments 1 to {} are missing, and no row says that they were removed",
                        report_.first_segment - 1),
            where);
    } else if (removed_ == report_.first_segment - 1 &&
               removed_hash_ != crypto::base64(first_previous_hash_)) {
      wrong(Wrong::Inconsistent,
            "the segments that were removed ended with another hash than this one follows on",
            where);
    }
  }
  const std::string at_end = fmt::format("at the end, segment {}", header_.number);
  if (report_.signatures_checked && !report_.last_seal) {
    wrong(Wrong::Unsealed, "nothing in the log is signed by a trusted key", at_end);
  }
  if (!options_.head) return;
  const Seal& head = *options_.head;
  const auto key = std::ranges::find_if(keys_, [&](const auto& k) {
    return k.id() == std::string_view(head.key_id.data(), head.key_id.size());
  });
  if (report_.signatures_checked && (key == keys_.end() || !is_good(head, *key))) {
    wrong(Wrong::Head, "the head is not signed by a trusted key", "the head");
  } else if (head.log_id != log_id_) {
    wrong(Wrong::Head, "the head is of another log: " + to_text(head.log_id), "the head");
  } else if (!report_.head_found && head.segment < report_.first_segment) {
    note(fmt::format("the head is of segment {}, which was removed: it proves nothing of the rest",
                     head.segment),
         "the head");
  } else if (!report_.head_found && !head_passed_) {
    wrong(Wrong::Head,
          fmt::format("the log does not hold the seal of the head: segment {}, block {}, of {}",
                      head.segment, head.block, event_time(head.time_us)),
          at_end);
  }
}

}  // namespace writ::audit::log
