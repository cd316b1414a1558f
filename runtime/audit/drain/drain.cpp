#include "runtime/audit/drain/drain.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "runtime/audit/json_writer.h"
#include "runtime/audit/ring/clock.h"
#include "runtime/audit/ring/futex.h"
#include "runtime/audit/ring/points.h"

namespace writ::audit::drain {
namespace {

constexpr auto kSecond = std::chrono::seconds(1);
// Asleep at most so long while nothing happens; whoever waits rings the bell.
constexpr auto kIdle = std::chrono::milliseconds(1);
constexpr auto kIdleLong = std::chrono::milliseconds(10);
constexpr int kIdleTurnsShort = 100;
constexpr std::size_t kRowsWorthABlock = 2'048;
// After an error of the log, before it is asked again.
constexpr auto kAfterTrouble = std::chrono::milliseconds(20);
// The rate of the counter is first taken over so long.
constexpr auto kFirstLooks = std::chrono::milliseconds(2);

std::string lost_text(const std::string& instance, const log::Positions& positions,
                      const log::Id128& id) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.text("instance", instance);
  json.text("why",
            "its ring is gone, as after a restart of the machine: records that it held after these "
            "are missing");
  json.begin_list("after");
  for (const auto& [name, position] : positions) {
    if (name.instance != id || name.ring >= kEndRing) continue;
    json.begin_object();
    json.number("ring", name.ring);
    json.number("sequence", position.sequence);
    json.number("decisions", position.decisions);
    json.end_object();
  }
  json.end_list();
  json.end_object();
  return text;
}

}  // namespace

Drain::Drain(DrainOptions options, std::unique_ptr<log::Writer> writer)
    : options_(std::move(options)), writer_(std::move(writer)) {}

Result<std::unique_ptr<Drain>> Drain::open(DrainOptions options) {
  WRIT_ASSIGN(writer, log::Writer::open(options.log, options.writer));
  std::unique_ptr<Drain> drain(new Drain(std::move(options), std::move(writer)));
  drain->time_.look(look_at_clocks());
  const std::atomic<std::uint32_t> never{0};
  ring::wait_while(never, 0, kFirstLooks);
  drain->time_.look(look_at_clocks());
  drain->find_regions();
  WRIT_TRY(drain->tell_lost_instances());
  return drain;
}

Status Drain::adopt(const std::shared_ptr<ring::Region>& region, WordsSource words) {
  if (!region->hold_for_drain()) {
    return fail(ErrorCode::Usage, "another drain reads this ring", region->path());
  }
  take(region, std::move(words));
  return {};
}

void Drain::take(std::shared_ptr<ring::Region> region, WordsSource words) {
  regions_.push_back({std::make_unique<RegionDrain>(std::move(region), std::move(words), *writer_),
                      false});
}

void Drain::find_regions() {
  for (const std::string& path : ring::find_regions(options_.rings)) {
    const bool known = std::ranges::any_of(
        regions_, [&](const One& one) { return one.drain->region().path() == path; });
    if (known || std::ranges::find(refused_, path) != refused_.end()) continue;
    auto region = ring::Region::attach(path);
    if (!region) {
      // What cannot be opened now may be another time; what is no ring never becomes one.
      if (region.error().code != ErrorCode::Unreadable) refused_.push_back(path);
      continue;
    }
    // One that another drain has is looked at again later: that drain may end.
    if (!(*region)->hold_for_drain()) continue;
    take(std::move(*region), [this](std::uint32_t, const ring::PolicyEntry& policy) {
      return options_.load_words ? options_.load_words(policy) : nullptr;
    });
  }
}

/// Instances that the log knows, that never ended in it, and whose rings are nowhere.
Status Drain::tell_lost_instances() {
  std::map<log::Id128, bool> ended;
  for (const auto& [name, position] : writer_->positions()) {
    if (name.instance == writer_->log_id()) continue;
    ended[name.instance] |= name.ring == kEndRing;
  }
  const std::vector<std::string> files = ring::find_regions(options_.rings);
  for (const auto& [id, in_order] : ended) {
    const std::string instance = log::to_text(id);
    const bool there = std::ranges::any_of(files, [&](const std::string& path) {
      return path.ends_with(instance + std::string(ring::kRegionSuffix));
    });
    if (there) continue;
    if (!in_order) {
      Batch batch;
      batch.instance.id = instance;
      const auto own = writer_->positions().find({id, ring::kNoRing});
      Entry& row = batch.entries.emplace_back();
      row.kind = EntryKind::Gap;
      row.ring = ring::kNoRing;
      row.sequence = 1;
      if (own != writer_->positions().end()) {
        row.sequence += own->second.sequence;
        row.decisions = own->second.decisions;
      }
      row.count = 0;
      row.time_us = ring::utc_us();
      row.uncertainty_us = 1;
      row.text = lost_text(instance, writer_->positions(), id);
      batch.entries.push_back(end_row("was lost with its ring", row.time_us));
      WRIT_ASSIGN(position, writer_->append(batch));
      static_cast<void>(position);
    }
    writer_->forget_instance(instance);
  }
  WRIT_ASSIGN(synced, writer_->sync());
  static_cast<void>(synced);
  return {};
}

void Drain::note(const Status& status) {
  const std::lock_guard lock(state_mutex_);
  if (!status) state_.trouble = status.error();
}

std::size_t Drain::pass() {
  std::size_t rows = 0;
  for (One& one : regions_) {
    const auto result = one.drain->pass(time_);
    if (result) {
      rows += *result;
    } else {
      note(std::unexpected(result.error()));
    }
  }
  const std::lock_guard lock(state_mutex_);
  state_.rows += rows;
  state_.regions = regions_.size();
  state_.refused_regions = refused_.size();
  state_.broken_rings = 0;
  for (const One& one : regions_) state_.broken_rings += one.drain->broken_rings();
  return rows;
}

bool Drain::sync() {
  const auto position = writer_->sync();
  if (!position) {
    note(std::unexpected(position.error()));
    return false;
  }
  for (One& one : regions_) one.drain->synced();
  unsynced_since_.reset();
  unsynced_rows_ = 0;
  const std::lock_guard lock(state_mutex_);
  ++state_.syncs;
  state_.trouble.reset();
  return true;
}

void Drain::sync_if_due() {
  if (!unsynced_since_) return;
  const bool due = unsynced_rows_ >= options_.group_rows ||
                   Clock::now() - *unsynced_since_ >= options_.group_commit ||
                   std::ranges::any_of(regions_, [](const One& one) {
                     return one.drain->owes_sync() && one.drain->is_urgent();
                   });
  if (due) static_cast<void>(sync());
}

void Drain::look_for_ends(Clock::time_point now) {
  if (now - looked_ < options_.look_each) return;
  looked_ = now;
  for (One& one : regions_) one.ended = one.ended || one.drain->has_ended();
  find_regions();
}

/// Regions whose process ended before the last pass, which found nothing more of it; the others may
/// be as busy as they like.
void Drain::finish_ended() {
  for (std::size_t at = 0; at < regions_.size();) {
    RegionDrain& drain = *regions_[at].drain;
    if (!regions_[at].ended || !drain.is_dry() || drain.owes_sync()) {
      ++at;
      continue;
    }
    const Status settled = drain.settle();
    if (!settled || !sync()) return note(settled);
    if (!drain.is_settled()) {
      ++at;
      continue;
    }
    drain.remove();
    regions_.erase(regions_.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

void Drain::each_second(Clock::time_point now) {
  if (now - second_ < kSecond) return;
  second_ = now;
  note(writer_->seal());
  if (options_.each_second) options_.each_second();
}

std::size_t Drain::turn() {
  const Clock::time_point now = Clock::now();
  look_for_ends(now);
  const std::size_t rows = pass();
  if (rows != 0) {
    unsynced_rows_ += rows;
    if (!unsynced_since_) unsynced_since_ = now;
  }
  sync_if_due();
  tell_replicated();
  finish_ended();
  each_second(now);
  return rows;
}

void Drain::wait(bool trouble) {
  std::chrono::nanoseconds most = kIdle;
  if (idle_turns_ > kIdleTurnsShort) most = kIdleLong;
  if (trouble) most = kAfterTrouble;
  if (unsynced_since_ && !trouble) {
    most = std::min<std::chrono::nanoseconds>(
        most, options_.group_commit - (Clock::now() - *unsynced_since_));
  }
  if (regions_.empty()) {
    const std::atomic<std::uint32_t> never{0};
    return ring::wait_while(never, 0, most);
  }
  // The bell of the first; the others are heard a millisecond later.
  if (regions_.size() > 1) most = std::min<std::chrono::nanoseconds>(most, kIdle);
  const auto& bell = regions_.front().drain->region().header().doorbell;
  const std::uint32_t seen = bell.load(std::memory_order_seq_cst);
  const bool urgent = std::ranges::any_of(
      regions_, [](const One& one) { return one.drain->owes_sync() && one.drain->is_urgent(); });
  if (!urgent || trouble) ring::wait_while(bell, seen, most);
}

void Drain::run(const std::atomic<bool>& stop) {
  while (!stop.load(std::memory_order_acquire)) {
    const std::size_t rows = turn();
    idle_turns_ = rows != 0 ? 0 : idle_turns_ + 1;
    const bool trouble = state().trouble.has_value();
    // Few rows make small blocks, which cost as much as large ones: more are waited for.
    if (rows < kRowsWorthABlock || trouble) wait(trouble);
  }
}

Status Drain::close() {
  // What was committed before is read to its end, unless the log does not take it: it stays in
  // the rings then, for the next drain.
  for (One& one : regions_) one.ended = one.ended || one.drain->has_ended();
  while (pass() != 0) {
    if (!sync()) break;
  }
  // A sync that goes well says nothing of what could not be appended before it.
  const std::optional<Error> trouble = state().trouble;
  if (!sync()) return std::unexpected(*state().trouble);
  finish_ended();
  WRIT_TRY(writer_->close());
  const auto stuck = std::ranges::find_if(
      regions_, [](const One& one) { return one.drain->is_pending(); });
  if (stuck == regions_.end()) return {};
  return trouble ? std::unexpected(*trouble)
                 : fail(ErrorCode::Unreadable, "the log did not take all that its ring holds",
                        stuck->drain->region().path());
}

void Drain::replicated(const std::string& instance, std::uint16_t ring, std::uint64_t sequence) {
  const std::lock_guard lock(replicated_mutex_);
  replicated_.push_back({instance, ring, sequence});
}

void Drain::tell_replicated() {
  std::vector<Replicated> told;
  {
    const std::lock_guard lock(replicated_mutex_);
    told.swap(replicated_);
  }
  for (const Replicated& row : told) {
    for (const One& one : regions_) {
      const ring::Region& region = one.drain->region();
      if (region.facts().instance != row.instance || row.ring >= region.facts().rings) continue;
      ring::store_replicated(region.ring(row.ring), row.sequence);
    }
  }
}

DrainState Drain::state() const {
  const std::lock_guard lock(state_mutex_);
  return state_;
}

}  // namespace writ::audit::drain
