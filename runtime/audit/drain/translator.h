// Records of one region as rows of the log: numbers that hold within a process become definitions
// and ids that the log explains. Takes copied slots, gives a batch. Trusts no slot.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "runtime/audit/drain/memo.h"
#include "runtime/audit/drain/seen_records.h"
#include "runtime/audit/drain/time_line.h"
#include "runtime/audit/entry.h"
#include "runtime/audit/log/columns.h"
#include "runtime/audit/log/definition_codec.h"
#include "runtime/audit/ring/reader.h"

namespace writ::audit::drain {

/// Finds the words of a bundle that decided. Null: nobody has them; its rows say numbers then.
using WordsSource = std::function<std::shared_ptr<const PolicyWords>(
    std::uint32_t generation, const ring::PolicyEntry& policy)>;

/// What a ring's next record must say.
struct Expected {
  std::uint64_t decisions = 0;
  std::uint64_t unavailable = 0;
  std::uint64_t infrastructure = 0;
};

class Translator {
 public:
  Translator(std::shared_ptr<const ring::Region> region, WordsSource words);

  /// Reads what is new in the dictionary. Between copying records and add(). False: it is not as a
  /// recorder writes it.
  [[nodiscard]] bool read_dictionary();
  void set_time(const TimeLine& time) { time_ = &time; }

  /// Adds a row for each of a ring's records, and to `batch` the definitions that the log does not
  /// have. `slots` are whole records. Gives how many slots those took that it added: fewer than
  /// there are where the next record is none that a recorder writes, or breaks the law of counts;
  /// `why` says how.
  [[nodiscard]] std::size_t add(std::uint16_t ring, std::span<const ring::Slot> slots,
                                Expected& expected, Batch& batch, log::Columns& rows,
                                std::string& why);

  /// Are decisions of any question counted together?
  [[nodiscard]] bool has_windows() const { return !windows_.empty(); }
  /// How far apart decisions of the question may be that are counted together; 0: they are not.
  [[nodiscard]] std::int64_t window_us(std::uint32_t question) const {
    const auto found = windows_.find(question);
    return found == windows_.end() ? 0 : found->second;
  }

  /// Definitions that no row will refer to any more, since the last call.
  struct Forgotten {
    log::Defines what = log::Defines::Session;
    std::uint32_t id = 0;
  };
  [[nodiscard]] std::vector<Forgotten> take_forgotten();

 private:
  struct QuestionKey {
    std::uint32_t generation = 0;
    std::uint32_t scope = 0;
    std::uint16_t kind = 0;
    std::uint16_t operation = 0;  // 0x100: a mask
    std::uint32_t zero = 0;
    friend bool operator==(const QuestionKey&, const QuestionKey&) = default;
  };
  struct ReasonKey {
    std::uint32_t generation = 0;
    std::uint32_t reason = 0;
    std::uint32_t grant = 0;
    std::uint32_t error = 0;
    std::uint32_t error_grant = 0;
    std::uint32_t miss = 0;  // 1 + index of the text of what came closest
    friend bool operator==(const ReasonKey&, const ReasonKey&) = default;
  };
  struct MissKey {
    std::uint32_t session = 0;
    std::uint32_t question = 0;
    std::uint64_t resource = 0;  // id, or hash of the name with the highest bit set
    friend bool operator==(const MissKey&, const MissKey&) = default;
  };
  struct Policy {
    std::shared_ptr<const PolicyWords> words;
    ring::PolicyEntry entry;
    AuditPolicy audit;
    bool known = false;
  };

  using Row = log::Row;

  [[nodiscard]] bool add_seen(std::uint16_t ring, const ring::Slot& slot,
                              const SeenRecords::Seen& seen, Expected& expected,
                              log::Columns& rows, std::size_t row) const;
  [[nodiscard]] Moment moment_of(const ring::Slot& slot) const;
  [[nodiscard]] bool add_new(std::uint16_t ring, std::span<const ring::Slot> record,
                             Expected& expected, Batch& batch, Row& row, std::string& why);
  [[nodiscard]] bool count(const ring::Slot& slot, Expected& expected, Row& row,
                           std::string& why) const;
  [[nodiscard]] bool refer(const ring::Slot& slot, const ring::Parts& parts, Row& row,
                           Batch& batch, std::string& why);
  [[nodiscard]] bool give_session(std::uint32_t id, Batch& batch);
  [[nodiscard]] bool give_resource(std::uint32_t id, Batch& batch);
  [[nodiscard]] std::uint32_t question(const ring::Slot& slot, const ring::Parts& parts,
                                       Batch& batch);
  [[nodiscard]] std::uint32_t reason(const ring::Slot& slot, const Row& row, Batch& batch);
  [[nodiscard]] std::uint32_t miss(const ring::Slot& slot, const Row& row,
                                   const Policy& policy);
  [[nodiscard]] std::uint32_t stranger(const ring::Slot& slot, const ring::Parts& parts,
                                       Batch& batch);
  void see_time_left(std::chrono::steady_clock::time_point now);
  void remember_window(const QuestionDef& question, const AuditPolicy& policy);
  void define_question(std::uint32_t id, const ring::Slot& slot, std::string_view kind,
                       std::string_view operation, Batch& batch);
  [[nodiscard]] const Policy* policy(std::uint32_t generation);
  void forget_dropped();

  std::shared_ptr<const ring::Region> region_;
  WordsSource words_;
  ring::DictionaryReader dictionary_;
  std::uint64_t flips_ = 0;
  const TimeLine* time_ = nullptr;
  std::unordered_map<std::uint32_t, Policy> policies_;
  std::unordered_map<std::uint32_t, std::int64_t> windows_;  // of questions that have one
  std::unordered_set<std::uint32_t> sessions_given_;
  std::unordered_set<std::uint32_t> resources_given_;
  std::vector<std::uint32_t> given_near_;  // ids that were given last, by their low bits
  Memo<QuestionKey> questions_;
  Memo<ReasonKey> reasons_;
  Memo<MissKey> misses_;
  SeenRecords seen_;
  bool may_look_ = true;  // for what came closest: there is time
  bool put_off_ = false;  // was it not looked for, for the row at hand?
  std::vector<std::string> miss_texts_;
  std::unordered_map<std::string, std::uint32_t> miss_ids_;  // 1 + index
  std::string stranger_;  // kind and operation that no bundle knew, the last ones
  std::uint32_t stranger_question_ = 0;
  std::uint32_t next_question_ = 1;
  std::uint32_t next_reason_ = 1;
  std::chrono::steady_clock::time_point began_;
  std::chrono::nanoseconds spent_on_misses_{0};
  std::vector<Forgotten> forgotten_;
  std::string payload_;
  std::string text_;  // of the row at hand
};

}  // namespace writ::audit::drain
