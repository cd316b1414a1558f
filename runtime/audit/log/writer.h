// Appends to the log: a folder of segments that only one writer at a time writes to. What sync()
// has acknowledged is on disk and stays found, whatever fails afterwards; what append() has
// accepted and no sync() acknowledged is kept in memory too, and is written again where a file
// fails.
//
// A file whose write or sync failed is left alone: never synced again, never appended to. The next
// segment says how much of it counts.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/audit/entry.h"
#include "runtime/audit/log/columns.h"
#include "runtime/audit/log/definition_store.h"
#include "runtime/audit/log/files.h"
#include "runtime/audit/log/format.h"
#include "runtime/audit/log/frame.h"
#include "runtime/audit/log/seal.h"
#include "runtime/base/error.h"
#include "runtime/base/fork_guard.h"
#include "runtime/crypto/parsed_keys.h"

namespace writ::audit::log {

/// A block: the segment's number, and the block's index in it.
struct Position {
  std::uint64_t segment = 0;
  std::uint64_t block = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
};

struct WriterOptions {
  std::string key_pem;  // Ed25519, private; empty: nothing is sealed, so nothing can be proved
  std::uint64_t segment_bytes_max = std::uint64_t{256} << 20;
  std::int64_t segment_age_max_us = std::int64_t{3'600} * 1'000'000;
  std::uint64_t keep_bytes_max = 0;   // 0: everything
  std::int64_t keep_age_max_us = 0;   // 0: everything
  // Segments from this one on stay until hold() says more: what no sink has told of is not sent.
  std::uint64_t hold = UINT64_MAX;
  // For the last words on a full disk; 0: none.
  std::uint64_t reserve_bytes = std::uint64_t{16} << 20;
  std::function<std::int64_t()> now_us;                   // empty: the system's clock
  std::optional<Id128> new_log_id;                        // of a log that is begun; none: random
  Files* files = nullptr;                                 // not owned; null: the system's
};

/// Threads: one, but for hold().
class Writer {
 public:
  /// Makes the folder if it is not there, takes its lock, recovers the tail and begins a segment.
  /// *errors* Unreadable; Usage: another writer has it; Malformed: the newest segment is no
  /// segment.
  [[nodiscard]] static Result<std::unique_ptr<Writer>> open(const std::string& folder,
                                                            WriterOptions options);
  /// Does not sync: see close().
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Adds the batch's definitions and those of its rows that the log does not have: a batch may be
  /// given again after an error. The position is that of its last row, or end() if there is none
  /// new. *errors* Limit: the disk is full, or a row is too large; Malformed: a row refers to what
  /// was never defined; Unreadable. Rows before the one that failed may have been accepted.
  [[nodiscard]] Result<Position> append(const Batch& batch);
  /// The same of rows that are columns already; `batch` has the definitions.
  [[nodiscard]] Result<Position> append(const Batch& batch, const Columns& rows);
  /// Everything accepted is on disk when this returns. *errors* as append.
  [[nodiscard]] Result<Position> sync();
  /// Syncs, and signs for everything so far. Nothing new: nothing happens, but once a minute.
  [[nodiscard]] Status seal();
  /// Seals for the last time; nothing can be appended afterwards.
  [[nodiscard]] Status close();

  /// How far each ring is in the log, with what was accepted.
  [[nodiscard]] const Positions& positions() const { return positions_; }
  /// The block that will be written next, and that before which everything is on disk.
  [[nodiscard]] Position end() const { return {number_, blocks_}; }
  [[nodiscard]] Position synced() const { return {number_, synced_.blocks}; }
  [[nodiscard]] const Id128& log_id() const { return log_id_; }
  /// Has the disk been found full, and no room since?
  [[nodiscard]] bool is_full() const { return full_; }

  /// No row will refer to it any more. Takes effect when what was accepted is on disk.
  void forget(std::string_view instance, Defines what, std::uint32_t id);
  void forget_instance(std::string_view instance);
  /// Segments from this one on are not removed by retention: a sink has not sent them yet. Any
  /// thread.
  void hold(std::uint64_t segment) { hold_ = segment; }

 private:
  // How much of the current segment's file there is, and its hash.
  struct Extent {
    std::uint64_t bytes = 0;
    std::uint64_t blocks = 0;
    Hash hash{};
  };
  // A block of rows that is not known to be on disk, and where its rings were before it.
  struct Unsynced {
    std::vector<std::byte> bytes;
    std::vector<std::pair<RingName, std::optional<RingPosition>>> before;
  };
  struct Forgotten {
    Id128 instance;
    std::optional<std::pair<Defines, std::uint32_t>> what;  // none: the instance
  };
  // What recovery found of the newest segment.
  struct Tail;

  Writer(std::string folder, WriterOptions options);

  // writer_open.cpp
  [[nodiscard]] Status start();
  [[nodiscard]] Status make_folder();
  [[nodiscard]] Status take_lock();
  [[nodiscard]] Result<Tail> read_tail(std::uint64_t number);
  [[nodiscard]] Status recover(std::uint64_t number);
  [[nodiscard]] int write_end_again(std::uint64_t number, const Tail& tail);
  [[nodiscard]] Status read_definitions(std::uint64_t number);

  // writer_segment.cpp
  [[nodiscard]] Status begin_segment(Begun begun);
  [[nodiscard]] Result<OpenFile> make_segment(const SegmentHeader& header, Extent& extent);
  [[nodiscard]] Status name_segment(int fd, std::uint64_t number, bool& named);
  void take_segment(OpenFile file, const SegmentHeader& header, const Extent& extent);
  [[nodiscard]] Status write_pending();
  [[nodiscard]] std::vector<std::byte> positions_block(const Hash& chain) const;
  [[nodiscard]] Positions synced_positions() const;
  [[nodiscard]] Status rotate();
  [[nodiscard]] Status remove_old();
  void unlink_segments(std::uint64_t last);
  [[nodiscard]] int make_reserve();
  [[nodiscard]] bool release_reserve();
  [[nodiscard]] Status find_room();
  [[nodiscard]] Status tell_full();

  // writer.cpp
  [[nodiscard]] Status check(const Columns& rows) const;
  [[nodiscard]] Status ready();
  [[nodiscard]] Status append_rows(const Id128& instance, const Columns& rows,
                                   std::uint64_t defined_in);
  [[nodiscard]] bool leave_out_logged(const Id128& instance, const Columns& rows);
  [[nodiscard]] std::size_t take_block(DefinitionStore& store, const Columns& columns,
                                       std::size_t begin, bool defined,
                                       std::string& definitions) const;
  [[nodiscard]] Status append_own(EntryKind kind, std::string text);
  [[nodiscard]] Status write_rows(const Id128& instance, const Columns& columns, RowRange rows,
                                  const std::string& definitions);
  [[nodiscard]] Status write_block(std::span<const std::byte> bytes);
  [[nodiscard]] Status rewrite(const Unsynced& block);
  [[nodiscard]] Status sync_file();
  [[nodiscard]] Status write_seal(SealedAt at);
  [[nodiscard]] Status seal_now(SealedAt at);
  void fail_file();
  void apply_forgotten();
  [[nodiscard]] std::int64_t now() const;

  std::string folder_;
  WriterOptions options_;
  Files own_files_;
  Files& files_;
  std::optional<crypto::SigningKey> key_;
  OpenFile folder_file_;
  OpenFile lock_file_;
  ForkGuard lock_guard_;
  OpenFile file_;

  Id128 log_id_{};
  std::uint64_t number_ = 0;
  std::uint64_t files_begun_ = 0;     // two of them may have one number: one failed to get its name
  std::int64_t created_us_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t blocks_ = 0;
  Hash chain_{};
  Extent synced_;
  bool failed_ = true;     // the file is not to be touched any more
  bool full_ = false;      // the reserve is used up
  bool told_full_ = false;
  bool reserved_ = false;
  bool closed_ = false;
  std::int64_t rotate_after_us_ = 0;  // a rotation failed: not again before this
  std::int64_t sealed_us_ = 0;
  std::uint64_t sealed_blocks_ = 0;   // blocks_ behind the last seal

  Positions positions_;
  Positions segment_rings_;           // with rows in this segment
  std::map<Id128, DefinitionStore> stores_;
  std::deque<Unsynced> unsynced_;     // written to the file
  std::deque<Unsynced> pending_;      // to be written again; then there is no file
  std::vector<Forgotten> forgotten_;
  std::atomic<std::uint64_t> hold_;

  Press press_;
  RowEncoder encoder_;
  Columns columns_;                   // of rows that came as entries
  Columns left_;                      // rows without those that the log has already
  std::vector<std::byte> pressed_;
};

}  // namespace writ::audit::log
