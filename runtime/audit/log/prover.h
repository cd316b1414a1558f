// The state of a proof while it walks the log; verify.cpp walks segments, prove_blocks.cpp blocks.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "runtime/audit/log/columns.h"
#include "runtime/audit/log/frame.h"
#include "runtime/audit/log/id_set.h"
#include "runtime/audit/log/segment.h"
#include "runtime/audit/log/verify.h"
#include "runtime/crypto/parsed_keys.h"

namespace writ::audit::log {

class Prover {
 public:
  Prover(std::string folder, const VerifyOptions& options, Files& files)
      : folder_(std::move(folder)), options_(options), files_(files) {}
  [[nodiscard]] Status run();
  [[nodiscard]] Report take() { return std::move(report_); }

 private:
  // Rows that a gap row says are missing.
  struct Explained {
    RingName ring;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
  };
  struct Defined {
    IdSet sessions, resources, questions, reasons;
  };
  struct End {
    std::uint64_t bytes = 0;
    std::uint64_t blocks = 0;
    Hash hash{};
  };

  // verify.cpp
  void wrong(Wrong wrong, std::string message, std::string where);
  void note(std::string message, std::string where);
  [[nodiscard]] Status read_keys();
  void see_lock();
  [[nodiscard]] Status segment(std::uint64_t number, std::uint64_t next_number);
  void begin(const SegmentHeader& header, const std::string& where);
  [[nodiscard]] Status walk(Segment& segment, bool has_next);
  [[nodiscard]] Status find_next_block(Segment& segment, const Error& error, bool is_last);
  [[nodiscard]] Status behind(Segment& segment, const SegmentHeader& next);
  void compare_end(const Segment& segment, const SegmentHeader& next);
  void end();

  // prove_blocks.cpp
  void block(const BlockView& block, const std::string& where);
  void positions(const BlockView& block, const std::string& where);
  void seal(const BlockView& block, const std::string& where);
  void rows(const BlockView& block, const std::string& where);
  void define(const BlockView& block, const Batch& batch, const std::string& where);
  void ring_rows(const BlockView& block, const std::string& where);
  void references(const BlockView& block, const std::string& where);
  void gap_row(const BlockView& block, std::string_view text, const std::string& where);
  void compare_head(const Seal& seal, const std::string& where);
  [[nodiscard]] bool is_explained(const RingName& ring, std::uint64_t first,
                                  std::uint64_t last) const;

  std::string folder_;
  const VerifyOptions& options_;
  Files& files_;
  std::vector<crypto::VerifyingKey> keys_;
  Report report_;
  std::uint64_t total_bytes_ = 0;

  Id128 log_id_{};
  bool first_ = true;        // no segment was read yet
  std::optional<End> end_;   // of the segment before; none: it could not be read to its end
  SegmentHeader header_;
  Positions rings_;
  Positions segment_rings_;  // with rows in this segment
  bool segment_whole_ = true;
  std::map<Id128, Defined> defined_;
  std::vector<Explained> explained_;
  std::uint64_t removed_ = 0;  // the last segment that a gap row says was removed
  std::string removed_hash_;
  Hash first_previous_hash_{};
  std::int64_t sealed_us_ = 0;
  bool head_passed_ = false;   // the head's place was reached

  Press press_;
  std::vector<std::byte> raw_;
  Columns columns_;
};

}  // namespace writ::audit::log
