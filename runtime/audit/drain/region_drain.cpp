#include "runtime/audit/drain/region_drain.h"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/audit/json_writer.h"
#include "runtime/audit/ring/clock.h"
#include "runtime/audit/ring/points.h"

namespace writ::audit::drain {
namespace {

using ring::Mark;
using ring::reach;

// A batch: large enough to compress well, small enough to stay in the second cache.
constexpr std::size_t kSlotsOfPass = 8'192;

}  // namespace

RegionDrain::RegionDrain(std::shared_ptr<ring::Region> region, WordsSource words,
                         log::Writer& writer)
    : region_(std::move(region)),
      writer_(writer),
      instance_(*log::id_of(region_->facts().instance)),
      translator_(region_, std::move(words)),
      rings_(region_->facts().rings),
      slots_(kSlotsOfPass + ring::kSlotsMax) {
  for (std::size_t at = 0; at < rings_.size(); ++at) {
    const Mark mark = ring::load_mark(region_->ring(at));
    rings_[at].read = rings_[at].appended = rings_[at].marked = mark;
    rings_[at].expected = {mark.decisions, mark.unavailable, mark.infrastructure};
    const auto logged = writer_.positions().find({instance_, static_cast<std::uint16_t>(at)});
    if (logged != writer_.positions().end()) rings_[at].logged = logged->second.sequence;
  }
  const auto found = writer_.positions().find({instance_, ring::kNoRing});
  if (found != writer_.positions().end()) own_ = found->second;
  pass_ = complete_pass_ = region_->header().passes_begun.load(std::memory_order_relaxed);
  batch_.instance = {region_->facts().instance, region_->facts().boot,
                     region_->facts().process.pid, region_->facts().started_us};
  find_what_the_log_lost();
}

void RegionDrain::begin_batch() {
  batch_.sessions.clear();
  batch_.resources.clear();
  batch_.questions.clear();
  batch_.reasons.clear();
  columns_.clear();
}

/// A row of the drain's own, in the place of no ring.
void RegionDrain::add_own(EntryKind kind, std::uint64_t count, std::string text) {
  Entry row;
  row.kind = kind;
  row.ring = ring::kNoRing;
  row.sequence = ++own_.sequence;
  row.decisions = own_.decisions += count;
  row.count = count;
  row.time_us = now_us_;
  row.uncertainty_us = 1;
  row.text = std::move(text);
  columns_.add(row);
}

void RegionDrain::add_gap(std::uint16_t ring, std::string_view why) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.text("instance", region_->facts().instance);
  json.number("ring", ring);
  json.number("after", rings_[ring].read.number);
  json.text("why", why);
  json.end_object();
  add_own(EntryKind::Gap, 0, std::move(text));
}

/// Records whose slots were given back are in the log, unless somebody took the log away.
void RegionDrain::find_what_the_log_lost() {
  now_us_ = ring::utc_us();
  for (std::size_t at = 0; at < rings_.size(); ++at) {
    const std::uint64_t drained = rings_[at].marked.number;
    if (drained == 0) continue;
    const auto found = writer_.positions().find({instance_, static_cast<std::uint16_t>(at)});
    const std::uint64_t logged = found == writer_.positions().end() ? 0 : found->second.sequence;
    if (logged >= drained) continue;
    add_gap(static_cast<std::uint16_t>(at),
            fmt::format("this log has records up to {} of {} that a drain wrote to a log", logged,
                        drained));
    pending_ = true;
  }
}

Result<std::size_t> RegionDrain::pass(TimeLine& time) {
  if (pending_) return append();
  begin_batch();
  ring::RegionHeader& header = region_->header();
  header.passes_begun.store(++pass_, std::memory_order_seq_cst);
  reach("drain.pass-begun");
  copy();
  // In this order: what a record refers to was in the dictionary before the record was committed,
  // and a counter that it holds was read before the clocks are.
  if (!translator_.read_dictionary() && !dictionary_broken_) {
    dictionary_broken_ = true;
    now_us_ = ring::utc_us();
    add_gap(0, "the dictionary is not as a recorder writes it");
  }
  const ClockLook look = look_at_clocks();
  now_us_ = look.utc_us;
  time.look(look);
  translator_.set_time(time);
  for (const Copied& copied : copied_) translate(copied);
  count_unleased();
  if (caught_up_) complete_pass_ = pass_;
  if (columns_.size() == 0) {
    // Nothing is owed: the pass is over at once.
    if (!owes_sync_) synced();
    return 0;
  }
  return append();
}

void RegionDrain::copy() {
  copied_.clear();
  caught_up_ = true;
  std::size_t used = 0;
  for (std::size_t turn = 0; turn < rings_.size(); ++turn) {
    const std::size_t at = (first_ring_ + turn) % rings_.size();
    Ring& one = rings_[at];
    if (one.broken) continue;
    Mark cursor = one.read;
    const ring::Read read = ring::read_records(
        *region_, at, cursor, std::span(slots_).subspan(used));
    if (read.slots != 0) copied_.push_back({at, used, read.slots});
    used += read.slots;
    if (read.end == ring::ReadEnd::Full) {
      caught_up_ = false;
      // The next pass begins with another ring, so that a busy one starves nobody.
      first_ring_ = read.slots != 0 ? at + 1 : at;
      return;
    }
    if (read.end == ring::ReadEnd::Broken) {
      one.broken = true;
      // A record of no size stands behind what was read: the ring ends there.
      copied_.push_back({at, used, 0});
    }
  }
}

void RegionDrain::translate(const Copied& copied) {
  Ring& one = rings_[copied.ring];
  const auto index = static_cast<std::uint16_t>(copied.ring);
  if (copied.slots == 0) return add_gap(index, "no record of any size: the ring is not read on");
  std::string why;
  const std::size_t begin = columns_.size();
  const auto slots = std::span(slots_).subspan(copied.begin, copied.slots);
  const std::size_t taken = translator_.add(index, slots, one.expected, batch_, columns_, why);
  one.read.place += taken;
  if (columns_.size() != begin) one.read.number = columns_.sequence.back();
  one.read.decisions = one.expected.decisions;
  one.read.unavailable = one.expected.unavailable;
  one.read.infrastructure = one.expected.infrastructure;
  if (translator_.has_windows()) merge_repeats(copied, begin, one);
  if (taken == copied.slots) return;
  one.broken = true;
  add_gap(index, why + ": the ring is not read on");
}

/// Of the rows from `begin` on, those that the policy wants counted together. Not those that the
/// log may have: how they were counted there is not known here. Not those that somebody waits for:
/// they may be withdrawn.
void RegionDrain::merge_repeats(const Copied& copied, std::size_t begin, const Ring& of) {
  candidates_.clear();
  std::size_t at = copied.begin;
  for (std::size_t row = begin; row < columns_.size(); ++row) {
    const ring::Slot& record = slots_[at];
    at += record.slots;
    if (columns_.kind(row) != EntryKind::Decision || columns_.verdict(row) != Verdict::Allow) {
      continue;
    }
    if (record.level != static_cast<std::uint8_t>(Level::Ring) || record.number <= of.logged) {
      continue;
    }
    const std::int64_t window = translator_.window_us(columns_.question[row]);
    if (window != 0) candidates_.push_back({row - begin, window});
  }
  if (candidates_.size() < 2) return;
  merged_.resize(columns_.size() - begin);
  for (std::size_t row = begin; row < columns_.size(); ++row) {
    columns_.read(row, merged_[row - begin]);
  }
  coalescer_.merge(merged_, 0, candidates_);
  columns_.resize(begin);
  for (const Entry& row : merged_) columns_.add(row);
}

void RegionDrain::count_unleased() {
  ring::RegionHeader& header = region_->header();
  const std::uint64_t passed = header.unleased_infrastructure.load(std::memory_order_acquire);
  const std::uint64_t counted = header.unleased.load(std::memory_order_acquire) + passed;
  if (counted <= own_.decisions) return;
  // The sum is exact whatever ends this process; which of both it was, up to a crash before append.
  const std::uint64_t told = header.told_infrastructure.load(std::memory_order_relaxed);
  const std::uint64_t infrastructure =
      std::min(counted - own_.decisions, passed - std::min(passed, told));
  const std::uint64_t denied = counted - own_.decisions - infrastructure;
  if (denied != 0) add_own(EntryKind::Unavailable, denied, {});
  if (infrastructure != 0) add_own(EntryKind::Infrastructure, infrastructure, {});
  header.told_infrastructure.store(passed, std::memory_order_relaxed);
}

Result<std::size_t> RegionDrain::append() {
  pending_ = true;
  reach("drain.before-append");
  WRIT_ASSIGN(position, writer_.append(batch_, columns_));
  static_cast<void>(position);
  reach("drain.appended");
  pending_ = false;
  owes_sync_ = true;
  for (Ring& one : rings_) one.appended = one.read;
  rows_ += columns_.size();
  return columns_.size();
}

void RegionDrain::synced() {
  if (pending_) return;
  reach("drain.synced");
  for (std::size_t at = 0; at < rings_.size(); ++at) {
    Ring& one = rings_[at];
    if (one.appended.number == one.marked.number) continue;
    ring::store_mark(region_->ring(at), one.appended);
    one.marked = one.appended;
    reach("drain.marked");
  }
  owes_sync_ = false;
  ring::RegionHeader& header = region_->header();
  if (header.passes_ended.load(std::memory_order_relaxed) != complete_pass_) {
    header.passes_ended.store(complete_pass_, std::memory_order_seq_cst);
  }
  for (const Translator::Forgotten& gone : translator_.take_forgotten()) {
    writer_.forget(region_->facts().instance, gone.what, gone.id);
  }
}

bool RegionDrain::is_urgent() const {
  const std::uint64_t half = region_->facts().slots / 2;
  for (std::size_t at = 0; at < rings_.size(); ++at) {
    if (region_->ring(at).waiting.load(std::memory_order_relaxed) != 0) return true;
    if (rings_[at].appended.place - rings_[at].marked.place > half) return true;
  }
  return false;
}

bool RegionDrain::has_ended() const {
  const auto closed = static_cast<std::uint32_t>(ring::RegionState::Closed);
  return region_->header().state.load(std::memory_order_acquire) == closed ||
         region_->is_orphan();
}

/// Counts that never became records, as rows.
void RegionDrain::count_rest() {
  std::uint64_t unavailable = 0;
  std::uint64_t infrastructure = 0;
  for (std::size_t at = 0; at < rings_.size(); ++at) {
    const ring::RingHeader& header = region_->ring(at);
    const Expected& expected = rings_[at].expected;
    const std::uint64_t denied = header.unavailable.load(std::memory_order_acquire);
    const std::uint64_t passed = header.infrastructure.load(std::memory_order_acquire);
    if (denied > expected.unavailable) unavailable += denied - expected.unavailable;
    if (passed > expected.infrastructure) infrastructure += passed - expected.infrastructure;
  }
  if (unavailable != 0) add_own(EntryKind::Unavailable, unavailable, {});
  if (infrastructure != 0) add_own(EntryKind::Infrastructure, infrastructure, {});
}

Status RegionDrain::settle() {
  if (!pending_) {
    if (is_settled()) return {};
    begin_batch();
    now_us_ = ring::utc_us();
    count_unleased();
    count_rest();
    const bool closed = region_->header().state.load(std::memory_order_acquire) ==
                        static_cast<std::uint32_t>(ring::RegionState::Closed);
    columns_.add(end_row(closed ? "closed in order" : "ended without closing it", now_us_));
  }
  WRIT_ASSIGN(rows, append());
  static_cast<void>(rows);
  return {};
}

bool RegionDrain::is_settled() const {
  return writer_.positions().contains({instance_, kEndRing});
}

void RegionDrain::remove() {
  region_->unlink();
  reach("drain.unlinked");
  writer_.forget_instance(region_->facts().instance);
}

Entry end_row(std::string_view how, std::int64_t now_us) {
  Entry row;
  row.kind = EntryKind::Lifecycle;
  row.ring = kEndRing;
  row.sequence = 1;
  row.count = 0;
  row.time_us = now_us;
  row.uncertainty_us = 1;
  row.text = fmt::format("audit.drained\nthe process {}", how);
  return row;
}

std::size_t RegionDrain::broken_rings() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(rings_, [](const Ring& one) { return one.broken; }));
}

}  // namespace writ::audit::drain
