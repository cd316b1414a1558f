// Decides exactly: takes a view, a resource that is resolved and an operation, gives the decision
// with its reason, equal to runtime/reference, and whether it is settled: the same whatever the
// clock says and the request brings. Probes cells of the active classes along the name's chain.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "runtime/engine/plan.h"
#include "runtime/engine/view.h"
#include "runtime/value/decision.h"

namespace writ::engine {

/// The time of a decision, mask or batch: read at most once.
class Clock {
 public:
  enum class Source : std::uint8_t { Said, Engine };
  /// `said` empty and source Said: nobody knows the time.
  Clock(Source source, std::optional<std::int64_t> said) : source_(source), now_us_(said) {}
  [[nodiscard]] std::optional<std::int64_t> now_us() {
    if (!now_us_ && source_ == Source::Engine) read();
    return now_us_;
  }
  /// What was said or read so far.
  [[nodiscard]] std::optional<std::int64_t> known_us() const { return now_us_; }

 private:
  void read();
  Source source_;
  std::optional<std::int64_t> now_us_;
};

/// A name of a kind, resolved against one snapshot.
struct Name {
  std::uint32_t kind = kNone;
  std::uint32_t node = kNone;
  std::string_view text;
};

/// An active class's cell on the chain of a name.
struct Hit {
  std::uint32_t cell = kNone;
  std::uint32_t error = 0;
  bool networked = false;
};

/// Memory that one thread keeps from decision to decision, so that none allocates.
struct Scratch {
  std::vector<Hit> guards;
  std::vector<Hit> grants;
  AttributeSlots request;
  tables::LooseSets loose;  // of the decider's name
};
/// This thread's. One Decider at a time may use it.
[[nodiscard]] Scratch& thread_scratch();

/// Lives for one resource and request; asks for several operations share the probes.
class Decider {
 public:
  /// All arguments outlive the decider, but for `brought` itself.
  Decider(const Snapshot& snapshot, const View& view, const Name& name, const Brought& brought,
          Clock& clock, Scratch& scratch);

  [[nodiscard]] Decision decide(std::uint32_t operation);
  /// Was the last decision independent of clock and request?
  [[nodiscard]] bool settled() const { return settled_; }
  /// Two bits for each operation of the kind: 0 deny by default, 1 allow, 2 ask decide(), 3 deny.
  [[nodiscard]] std::uint64_t word();
  [[nodiscard]] bool covered(std::uint32_t set) const;
  /// What conditions read. Lives as long as the decider.
  [[nodiscard]] const Frame& frame();

 private:
  friend class Planner;
  /// The grant that would be named: lowest number, then without error, then first. Grants ascend
  /// by number, so their indices are compared; numbers tell only whether two share one.
  struct Best {
    std::uint32_t error = 0;
    std::uint32_t grant = kNone;
    [[nodiscard]] bool found() const { return grant != kNone; }
  };

  struct Wanted;
  /// What a group of rows is looked up by.
  struct KeyValue {
    TypeKind kind = TypeKind::None;
    Slot slot;
    std::string_view text;  // of a String
    [[nodiscard]] std::uint32_t tag() const;
  };

  template <class Visit>
  void each_row(const tables::Cell& cell, const Wanted& wanted, Visit visit);
  template <class Visit>
  void each_group(std::uint32_t id, const Wanted& wanted, Visit& visit);
  template <class Visit>
  void each_listed(std::uint32_t begin, std::uint32_t count, const Wanted& wanted, Visit& visit);
  template <class Visit>
  [[nodiscard]] bool each_found(std::uint32_t id, const Wanted& wanted, Visit& visit);
  template <class Visit>
  void each_set(Visit visit);
  [[nodiscard]] bool read_key(const tables::RowGroup& group, KeyValue& key);
  [[nodiscard]] const std::vector<std::uint32_t>& loose_sets() const;
  [[nodiscard]] bool speaks_here(std::uint32_t set) const;
  void probe(const std::vector<ActiveClass>& classes, std::vector<Hit>& hits) const;
  void prefetch(const std::vector<ActiveClass>& classes) const;
  [[nodiscard]] std::uint32_t held_infrastructure(std::uint32_t operation);
  [[nodiscard]] Best plain(const std::vector<Hit>& hits, ir::Effect effect,
                           std::uint32_t operation);
  [[nodiscard]] Best other(const std::vector<Hit>& hits, ir::Effect effect,
                           std::uint32_t operation);
  [[nodiscard]] Best guard(bool plain_ones, std::uint32_t operation);
  void weigh_reasons(const Hit& hit, const tables::Cell& cell, ir::Effect effect,
                     std::uint32_t bit, Best& best);
  void weigh_row(const Hit& hit, const tables::Row& row, Best& best);
  /// Rows ascend: could this one or any after it still be named?
  [[nodiscard]] bool hopeless(const Best& best, std::uint32_t grant) const;
  void offer(Best& best, std::uint32_t grant, std::uint32_t error) const;
  void offer_effect(Best& best, bool allows, std::uint32_t grant, std::uint32_t error);
  [[nodiscard]] bool in_pattern(const tables::Row& row) const;
  /// Of an allow that failed by either pass: the lower number, else the plain one.
  [[nodiscard]] Best first_failed(const Best& plain_one, const Best& other_one) const;
  [[nodiscard]] bool is_listed();
  [[nodiscard]] bool expired();
  [[nodiscard]] Answer valid(std::uint32_t validity);
  [[nodiscard]] Answer holds(std::uint32_t condition);
  void complete_frame();
  [[nodiscard]] Decision conclude(Verdict verdict, ReasonClass reason, const Best& best) const;
  [[nodiscard]] std::uint64_t guard_word() const;
  [[nodiscard]] std::uint64_t grant_word() const;

  const Snapshot& snapshot_;
  const View& view_;
  const Name& name_;
  const Brought brought_;
  Clock& clock_;
  Scratch& scratch_;
  Best failed_;  // the allow that an error kept from applying
  Frame frame_;
  bool frame_complete_ = false;
  bool settled_ = true;
};

}  // namespace writ::engine
