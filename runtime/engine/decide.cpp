#include "runtime/engine/decide.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "runtime/engine/values.h"
#include "runtime/tables/word.h"

namespace writ::engine {
namespace {

constexpr std::uint32_t kUnknownTimeError = make_error(EvalError::UnknownTime);

bool frame_covered(const void*, const void* resource, std::uint32_t set) {
  return static_cast<const Decider*>(resource)->covered(set);
}

}  // namespace

void Clock::read() {
  now_us_ = std::chrono::duration_cast<std::chrono::microseconds>(
                std::chrono::system_clock::now().time_since_epoch())
                .count();
}

Scratch& thread_scratch() {
  static thread_local Scratch scratch;
  return scratch;
}

Decider::Decider(const Snapshot& snapshot, const View& view, const Name& name,
                 const Brought& brought, Clock& clock, Scratch& scratch)
    : snapshot_(snapshot),
      view_(view),
      name_(name),
      brought_(brought),
      clock_(clock),
      scratch_(scratch) {
  scratch.loose.known = false;
  prefetch(view.guards);
  prefetch(view.grants);
  probe(view.guards, scratch.guards);
  probe(view.grants, scratch.grants);
}

/// The probes are independent: their lines are fetched side by side. Slots of a small policy are in
/// the first cache anyway.
void Decider::prefetch(const std::vector<ActiveClass>& classes) const {
  constexpr std::size_t kNearSlots = 4'096;
  if (name_.node == kNone || snapshot_.tables.cell_slots.size() <= kNearSlots) return;
  const std::uint32_t parent = snapshot_.tables.nodes[name_.node].parent;
  for (const ActiveClass& active : classes) {
    snapshot_.tables.prefetch_cell(active.cls, name_.node);
    if (parent != kNone) snapshot_.tables.prefetch_cell(active.cls, parent);
  }
}

/// The first cell of a class on the chain holds, merged, every cell of it above.
void Decider::probe(const std::vector<ActiveClass>& classes, std::vector<Hit>& hits) const {
  hits.clear();
  if (name_.node == kNone) return;
  const tables::Tables& t = snapshot_.tables;
  for (const ActiveClass& active : classes) {
    for (std::uint32_t node = name_.node; node != kNone; node = t.nodes[node].parent) {
      const std::uint32_t cell = t.find_cell(active.cls, node);
      if (cell == kNone) continue;
      hits.push_back({cell, active.error, active.networked});
      break;
    }
  }
}

/// LANGUAGE.md section 3.3, with the reasons of 3.4. Denies until a line below says otherwise.
Decision Decider::decide(std::uint32_t operation) {
  settled_ = true;
  failed_ = {};
  if (expired()) return conclude(Verdict::Deny, ReasonClass::AuthExpired, {});
  const std::uint32_t holder = held_infrastructure(operation);
  if (holder != kNone) return conclude(Verdict::Allow, ReasonClass::Infrastructure, {0, holder});

  const Best plain_guard = guard(true, operation);
  if (plain_guard.found()) return conclude(Verdict::Deny, ReasonClass::Guard, plain_guard);
  const bool superuser = view_.superuser != kNone;
  if (!superuser) {
    const Best denial = plain(scratch_.grants, ir::Effect::Deny, operation);
    if (denial.found()) return conclude(Verdict::Deny, ReasonClass::Deny, denial);
  }
  const Best other_guard = guard(false, operation);
  if (other_guard.found()) return conclude(Verdict::Deny, ReasonClass::Guard, other_guard);
  if (superuser) {
    return conclude(Verdict::Allow, ReasonClass::Superuser, {0, view_.superuser});
  }
  const Best other_denial = other(scratch_.grants, ir::Effect::Deny, operation);
  if (other_denial.found()) return conclude(Verdict::Deny, ReasonClass::Deny, other_denial);

  const Best allow = plain(scratch_.grants, ir::Effect::Allow, operation);
  if (allow.found()) return conclude(Verdict::Allow, ReasonClass::Allow, allow);
  const Best failed_plain = std::exchange(failed_, {});
  const Best other_allow = other(scratch_.grants, ir::Effect::Allow, operation);
  if (other_allow.found()) return conclude(Verdict::Allow, ReasonClass::Allow, other_allow);
  if (view_.unlisted && !is_listed()) return conclude(Verdict::Allow, ReasonClass::Unlisted, {});

  Decision decision;
  const Best failed = first_failed(failed_plain, failed_);
  if (failed.found()) {
    decision.error = failed.error;
    decision.error_grant = snapshot_.first_of_number[failed.grant];
  }
  return decision;
}

Decider::Best Decider::first_failed(const Best& plain_one, const Best& other_one) const {
  if (!plain_one.found()) return other_one;
  if (!other_one.found()) return plain_one;
  const auto& first = snapshot_.first_of_number;
  return first[other_one.grant] < first[plain_one.grant] ? other_one : plain_one;
}

Decision Decider::conclude(Verdict verdict, ReasonClass reason, const Best& best) const {
  Decision decision;
  decision.verdict = verdict;
  decision.reason = reason;
  if (!best.found()) return decision;
  decision.grant = snapshot_.first_of_number[best.grant];
  if (best.error != 0) {
    decision.error = best.error;
    decision.error_grant = decision.grant;
  }
  return decision;
}

bool Decider::expired() {
  if (!view_.auth_expires_us) return false;
  settled_ = false;
  const std::optional<std::int64_t> now = clock_.now_us();
  return !now || *now >= *view_.auth_expires_us;
}

/// The first grant by which the principal is infrastructure here, if the operation is one of the
/// model's set.
std::uint32_t Decider::held_infrastructure(std::uint32_t operation) {
  if (view_.infrastructure.empty()) return kNone;
  const ir::Kind& kind = snapshot_.program.kinds[name_.kind];
  if ((kind.infrastructure >> operation & 1) == 0) return kNone;
  for (const Holder& holder : view_.infrastructure) {
    if (valid(holder.validity).truth) return holder.grant;
  }
  return kNone;
}

Decider::Best Decider::guard(bool plain_ones, std::uint32_t operation) {
  Best best = plain_ones ? plain(scratch_.guards, ir::Effect::Deny, operation)
                         : other(scratch_.guards, ir::Effect::Deny, operation);
  auto at = std::ranges::lower_bound(view_.folded, name_.kind, {}, &FoldedGuard::kind);
  for (; at != view_.folded.end() && at->kind == name_.kind; ++at) {
    if (at->plain == plain_ones && (at->mask >> operation & 1) != 0) {
      offer(best, at->grant, at->error);
    }
  }
  return best;
}

/// An error makes a denial apply, and keeps an allow from it.
void Decider::offer_effect(Best& best, bool allows, std::uint32_t grant, std::uint32_t error) {
  if (!allows || error == 0) {
    offer(best, grant, error);
    return;
  }
  if (!failed_.found() || grant < failed_.grant) failed_ = {error, grant};
}

bool Decider::hopeless(const Best& best, std::uint32_t grant) const {
  if (!best.found() || grant <= best.grant) return false;
  return best.error == 0 ||
         snapshot_.first_of_number[grant] != snapshot_.first_of_number[best.grant];
}

void Decider::offer(Best& best, std::uint32_t grant, std::uint32_t error) const {
  if (best.found()) {
    const bool clean = error == 0;
    const bool best_clean = best.error == 0;
    const bool tie = clean != best_clean && snapshot_.first_of_number[grant] ==
                                                snapshot_.first_of_number[best.grant];
    if (tie ? best_clean : grant > best.grant) return;
  }
  best = {error, grant};
}

Answer Decider::valid(std::uint32_t validity) {
  if (validity == kNone) return {true, 0};
  settled_ = false;
  const std::optional<std::int64_t> now = clock_.now_us();
  if (!now) return {false, kUnknownTimeError};
  const ir::Validity& limits = snapshot_.program.validities[validity];
  return {*now >= limits.not_before_us && *now < limits.expires_us, 0};
}

Answer Decider::holds(std::uint32_t condition) {
  if (condition == kNone) return {true, 0};
  const ir::ShapeId shape = snapshot_.program.conditions[condition].shape;
  if (!snapshot_.reads[shape.index].settles()) settled_ = false;
  const Outcome outcome = snapshot_.evaluate(condition, frame());
  return {outcome.truth != 0, outcome.error};
}

const Frame& Decider::frame() {
  if (!frame_complete_) complete_frame();
  return frame_;
}

void Decider::complete_frame() {
  frame_complete_ = true;
  frame_ = view_.frame;
  frame_.resource_name = name_.text.data();
  frame_.resource_name_bytes = name_.text.size();
  frame_.covered = frame_covered;
  frame_.tables = &snapshot_.tables;
  frame_.resource = this;
  const AttributeSlots& request = request_slots(snapshot_, brought_, scratch_);
  frame_.request_slots = request.slots();
  frame_.request_presence = request.presence();
  const FactRow* facts = snapshot_.find_facts(name_.kind, name_.text, view_.scope);
  if (facts != nullptr) {
    frame_.fact_slots = facts->slots.data();
    frame_.fact_presence = facts->presence.data();
  }
  const std::optional<std::int64_t> now = clock_.now_us();
  frame_.now_known = now ? 1 : 0;
  frame_.now_us = now.value_or(0);
}

/// Guards over all operations: 3 where one applies for sure, 2 where one may.
std::uint64_t Decider::guard_word() const {
  std::uint64_t word = 0;
  for (const Hit& hit : scratch_.guards) {
    word = tables::merge(word, snapshot_.tables.cells[hit.cell].word);
  }
  auto at = std::ranges::lower_bound(view_.folded, name_.kind, {}, &FoldedGuard::kind);
  for (; at != view_.folded.end() && at->kind == name_.kind; ++at) {
    word = tables::merge(word, tables::spread(at->mask) * 3);
  }
  return word;
}

std::uint64_t Decider::grant_word() const {
  std::uint64_t word = 0;
  for (const Hit& hit : scratch_.grants) {
    std::uint64_t own = snapshot_.tables.cells[hit.cell].word;
    // Through an error no allow counts: only states with the high bit stay.
    if (hit.error != 0) own &= ~(tables::kLowBits & ~(own >> 1));
    word = tables::merge(word, own);
  }
  return word;
}

std::uint64_t Decider::word() {
  const std::size_t count = snapshot_.program.kinds[name_.kind].operations.size();
  const std::uint64_t all =
      tables::spread(count >= 32 ? 0xFFFF'FFFFU : (1U << count) - 1);
  if (view_.auth_expires_us) return all * 2;
  std::uint64_t word = guard_word();
  if (view_.superuser != kNone) {
    const std::uint64_t none = all & ~word & ~(word >> 1);
    word |= none;
  } else {
    word = tables::merge(word, grant_word());
    if (view_.unlisted && !is_listed()) word |= all & ~word & ~(word >> 1);
  }
  if (!view_.infrastructure.empty()) {
    const bool certain = std::ranges::any_of(
        view_.infrastructure, [](const Holder& holder) { return holder.validity == kNone; });
    const std::uint64_t held =
        tables::spread(snapshot_.program.kinds[name_.kind].infrastructure) & all;
    word = (word & ~(held * 3)) | held * (certain ? 1U : 2U);
  }
  return word & (all * 3);
}

}  // namespace writ::engine
