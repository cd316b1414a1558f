#include "runtime/engine/plan.h"

#include <algorithm>
#include <utility>

#include "runtime/engine/decide.h"
#include "runtime/engine/values.h"

namespace writ::engine {
namespace {

using interp::Stage;

Decision conclude(const Snapshot& snapshot, Stage stage, std::uint32_t grant,
                  std::uint32_t error) {
  Decision decision;
  switch (stage) {
    case Stage::Guard: decision.reason = ReasonClass::Guard; break;
    case Stage::Deny: decision.reason = ReasonClass::Deny; break;
    case Stage::Allow:
      decision.verdict = Verdict::Allow;
      decision.reason = ReasonClass::Allow;
      break;
  }
  decision.grant = snapshot.first_of_number[grant];
  if (error == 0) return decision;
  decision.error = error;
  decision.error_grant = decision.grant;
  return decision;
}

}  // namespace

std::optional<Decision> Plan::settled(const Snapshot& snapshot) const {
  if (impossible_ || !steps_.empty() || expires_us_) return std::nullopt;
  return rest(snapshot, {});
}

Decision Plan::decide(const Snapshot& snapshot, const Brought& brought, Clock& clock) const {
  Moment moment;
  if (reads_clock_) {
    const std::optional<std::int64_t> now = clock.now_us();
    if (expires_us_ && (!now || *now >= *expires_us_)) {
      Decision expired;
      expired.reason = ReasonClass::AuthExpired;
      return expired;
    }
    moment.now_known = now ? 1 : 0;
    moment.now_us = now.value_or(0);
  }
  if (reads_request_) {
    const AttributeSlots& slots = brought.values != nullptr
                                      ? brought.values->state().slots(snapshot)
                                      : request_slots(snapshot, brought, thread_scratch());
    moment.request_slots = slots.slots();
    moment.request_presence = slots.presence();
  }
  if (steps_.empty()) return rest(snapshot, {});
  if (rows_ != 0) {
    if (const KindFn function = snapshot.decision_function(kind_)) {
      return by_native(snapshot, function, moment);
    }
  }
  return walk(snapshot, at(moment));
}

Frame Plan::at(const Moment& moment) const {
  Frame frame = frame_;
  frame.request_slots = moment.request_slots;
  frame.request_presence = moment.request_presence;
  frame.now_us = moment.now_us;
  frame.now_known = moment.now_known;
  return frame;
}

Decision Plan::by_native(const Snapshot& snapshot, KindFn function, const Moment& moment) const {
  const std::uint64_t answer = function(&frame_, &moment, snapshot.constants(), rows_);
  const std::uint64_t position = answer & kPosition;
  if (position == kNobody) return rest(snapshot, {});
  const interp::Unsettled& found = snapshot.unsettled[kind_][position];
  const auto error = static_cast<std::uint32_t>(answer >> 32);
  if ((answer & kFailed) != 0) return rest(snapshot, {error, found.grant});
  // An error yields to a grant of the same number that needs none; rare enough to walk.
  if (error != 0 && ties_) return walk(snapshot, at(moment));
  return conclude(snapshot, found.stage, found.grant, error);
}

/// Steps ascend: the first that applies decides, but that an error yields to a later one of the
/// same number without.
Decision Plan::walk(const Snapshot& snapshot, const Frame& frame) const {
  const auto& first = snapshot.first_of_number;
  const Step* best = nullptr;
  std::uint32_t best_error = 0;
  Failed failed;
  for (const Step& step : steps_) {
    if (best != nullptr && (best->stage != step.stage || first[best->grant] != first[step.grant])) {
      break;
    }
    Answer in_time{true, 0};
    if (step.validity != kNone) {
      const ir::Validity& limits = snapshot.program.validities[step.validity];
      in_time = frame.now_known == 0
                    ? Answer{false, make_error(EvalError::UnknownTime)}
                    : Answer{frame.now_us >= limits.not_before_us &&
                                 frame.now_us < limits.expires_us, 0};
      if (!in_time.truth && in_time.error == 0) continue;
    }
    Outcome met{1, 0};
    if (step.condition != kNone) met = snapshot.evaluate(step.condition, frame);
    if (met.truth == 0 && met.error == 0) continue;
    const std::uint32_t error =
        first_error(step.error, first_error(in_time.error, met.error));
    if (error == 0) return conclude(snapshot, step.stage, step.grant, 0);
    if (step.stage == Stage::Allow) {
      if (step.grant < failed.grant) failed = {error, step.grant};
    } else if (best == nullptr) {
      best = &step;
      best_error = error;
    }
  }
  if (best != nullptr) return conclude(snapshot, best->stage, best->grant, best_error);
  return rest(snapshot, failed);
}

/// No step decided; of the allows that failed the lowest number is named.
Decision Plan::rest(const Snapshot& snapshot, Failed failed) const {
  if (rest_.reason != ReasonClass::Default) return rest_;
  if (failed_other_.grant < failed.grant) failed = failed_other_;
  const auto& first = snapshot.first_of_number;
  if (failed_plain_.grant != kNoGrant &&
      (failed.grant == kNoGrant || first[failed.grant] >= first[failed_plain_.grant])) {
    failed = failed_plain_;
  }
  Decision decision;
  if (failed.grant == kNoGrant) return decision;
  decision.error = failed.error;
  decision.error_grant = first[failed.grant];
  return decision;
}

PlanCache::~PlanCache() {
  for (const std::atomic<const Plan*>& entry : entries_) {
    delete entry.load(std::memory_order_acquire);
  }
}

bool PlanCache::wants(std::uint64_t key) {
  if (entries_[slot_of(key)].load(std::memory_order_relaxed) == nullptr) return true;
  const std::uint32_t refused = refused_.load(std::memory_order_relaxed) + 1;
  refused_.store(refused, std::memory_order_relaxed);
  return refused % kPatience == 0;
}

void PlanCache::insert(std::unique_ptr<const Plan> plan) {
  std::atomic<const Plan*>& entry = entries_[slot_of(plan->key())];
  const Plan* old = entry.exchange(plan.release(), std::memory_order_acq_rel);
  epoch::retire(const_cast<Plan*>(old));  // NOLINT: destroyed as what it was made
}

}  // namespace writ::engine
