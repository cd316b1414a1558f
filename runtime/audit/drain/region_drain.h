// One region on its way into the log: copies what was committed, appends it, and gives the slots
// back once it is on disk. Whatever ends this process between two steps, the next drain goes on
// without a loss and without a repetition.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/audit/drain/coalescer.h"
#include "runtime/audit/drain/time_line.h"
#include "runtime/audit/drain/translator.h"
#include "runtime/audit/log/writer.h"
#include "runtime/audit/ring/reader.h"

namespace writ::audit::drain {

// The number that stands for no ring, with the one row that ends an instance: whoever finds it in
// the log need not look for the instance's file any more.
inline constexpr std::uint16_t kEndRing = 0xFFFE;
[[nodiscard]] Entry end_row(std::string_view how, std::int64_t now_us);

class RegionDrain {
 public:
  RegionDrain(std::shared_ptr<ring::Region> region, WordsSource words, log::Writer& writer);

  /// Appends what was committed since the last pass, as much as one batch takes. Gives how many
  /// rows that were. *errors* of log::Writer::append: the same rows are offered again next time.
  [[nodiscard]] Result<std::size_t> pass(TimeLine& time);
  /// What pass() appended is on disk: slots are free again, waiting decisions go on.
  void synced();
  /// Did the last pass read every ring to its end, and is everything appended?
  [[nodiscard]] bool is_dry() const { return caught_up_ && !pending_; }
  /// Is anything read that the log did not take?
  [[nodiscard]] bool is_pending() const { return pending_; }
  /// Is anything appended that is not on disk?
  [[nodiscard]] bool owes_sync() const { return owes_sync_; }
  /// Does a thread wait, or is a ring half full? Then the sync cannot wait.
  [[nodiscard]] bool is_urgent() const;

  /// The process has ended or closed the region: nothing more will come.
  [[nodiscard]] bool has_ended() const;
  /// After it has ended, when pass() gives nothing more: appends the counts that never became
  /// records, and the instance's last row.
  [[nodiscard]] Status settle();
  /// Is the instance's last row in the log?
  [[nodiscard]] bool is_settled() const;
  /// After settle() and a sync: the file goes, and the log forgets the instance.
  void remove();

  [[nodiscard]] const ring::Region& region() const { return *region_; }
  /// Rings that no drain can read on. Their threads will be denied.
  [[nodiscard]] std::size_t broken_rings() const;
  [[nodiscard]] std::uint64_t rows() const { return rows_; }

 private:
  struct Ring {
    ring::Mark read;      // copied and translated
    ring::Mark appended;  // in the log
    ring::Mark marked;    // on disk
    Expected expected;    // of the next record
    std::uint64_t logged = 0;  // records that the log had when this began, merged or not
    bool broken = false;
  };
  struct Copied {
    std::size_t ring = 0;
    std::size_t begin = 0;
    std::size_t slots = 0;
  };
  void begin_batch();
  void copy();
  void translate(const Copied& copied);
  void merge_repeats(const Copied& copied, std::size_t begin, const Ring& of);
  [[nodiscard]] Result<std::size_t> append();
  void add_own(EntryKind kind, std::uint64_t count, std::string text);
  void add_gap(std::uint16_t ring, std::string_view why);
  void find_what_the_log_lost();
  void count_unleased();
  void count_rest();

  std::shared_ptr<ring::Region> region_;
  log::Writer& writer_;
  log::Id128 instance_{};
  Translator translator_;
  std::vector<Ring> rings_;
  std::vector<ring::Slot> slots_;
  std::vector<Copied> copied_;
  Batch batch_;             // definitions
  log::Columns columns_;    // and the rows that need them
  Coalescer coalescer_;
  std::vector<Entry> merged_;
  std::vector<Candidate> candidates_;
  bool pending_ = false;        // columns_ are to be appended (again)
  bool owes_sync_ = false;
  bool caught_up_ = false;      // the last pass read every ring to its end
  bool dictionary_broken_ = false;
  std::uint64_t pass_ = 0;
  std::uint64_t complete_pass_ = 0;  // the last one that read every ring to its end
  std::size_t first_ring_ = 0;  // where the next pass begins, so that none starves
  log::RingPosition own_;       // of the rows that the drain makes itself
  std::int64_t now_us_ = 0;
  std::uint64_t rows_ = 0;
};

}  // namespace writ::audit::drain
