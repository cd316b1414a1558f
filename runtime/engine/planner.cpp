// Makes residual plans: goes the way of Decider::decide once, answers what is settled, and writes
// down the rest.
#include <algorithm>
#include <utility>

#include "runtime/engine/decide.h"
#include "runtime/engine/plan.h"
#include "runtime/tables/word.h"

namespace writ::engine {

using interp::Stage;

class Planner {
 public:
  Planner(Decider& decider, std::uint32_t operation)
      : decider_(decider),
        snapshot_(decider.snapshot_),
        view_(decider.view_),
        operation_(operation) {}

  std::unique_ptr<const Plan> make(std::uint64_t key) {
    plan_.key_ = key;
    plan_.kind_ = decider_.name_.kind;
    plan_.expires_us_ = view_.auth_expires_us;
    plan_.reads_clock_ = view_.auth_expires_us.has_value();
    decide();
    if (!plan_.impossible_) {
      complete_frame();
      find_rows();
    }
    return std::make_unique<const Plan>(std::move(plan_));
  }

 private:
  using Best = Decider::Best;
  using Step = Plan::Step;

  /// The stages of Decider::decide, in its order.
  void decide() {
    if (held_infrastructure() || plan_.impossible_) return;
    decider_.failed_ = {};
    if (ends(Verdict::Deny, ReasonClass::Guard, decider_.guard(true, operation_))) return;
    const std::vector<Hit>& grants = decider_.scratch_.grants;
    const bool superuser = view_.superuser != kNone;
    if (!superuser && ends(Verdict::Deny, ReasonClass::Deny,
                           decider_.plain(grants, ir::Effect::Deny, operation_))) {
      return;
    }
    if (stage(Stage::Guard, decider_.scratch_.guards)) return;
    if (superuser) {
      ends(Verdict::Allow, ReasonClass::Superuser, {0, view_.superuser});
      return;
    }
    if (stage(Stage::Deny, grants)) return;
    if (ends(Verdict::Allow, ReasonClass::Allow,
             decider_.plain(grants, ir::Effect::Allow, operation_))) {
      return;
    }
    const Best failed = std::exchange(decider_.failed_, {});
    plan_.failed_plain_ = {failed.error, failed.grant};
    if (stage(Stage::Allow, grants)) return;
    if (view_.unlisted && !decider_.is_listed()) {
      plan_.rest_.verdict = Verdict::Allow;
      plan_.rest_.reason = ReasonClass::Unlisted;
    }
  }

  bool ends(Verdict verdict, ReasonClass reason, const Best& best) {
    if (!best.found()) return false;
    plan_.rest_ = decider_.conclude(verdict, reason, best);
    return true;
  }

  bool held_infrastructure() {
    const ir::Kind& kind = snapshot_.program.kinds[decider_.name_.kind];
    if (view_.infrastructure.empty() || (kind.infrastructure >> operation_ & 1) == 0) return false;
    const Holder& holder = view_.infrastructure.front();
    if (holder.validity == kNone) {
      return ends(Verdict::Allow, ReasonClass::Infrastructure, {0, holder.grant});
    }
    plan_.impossible_ = true;
    return false;
  }

  /// Everything that is not plain. True: nothing after this stage matters.
  bool stage(Stage of, const std::vector<Hit>& hits) {
    steps_.clear();
    for (const Hit& hit : hits) collect(of, hit);
    if (of == Stage::Guard) collect_folded();
    if (plan_.impossible_ || steps_.size() > Plan::kStepsMax) {
      plan_.impossible_ = true;
      return true;
    }
    std::ranges::sort(steps_, {}, &Step::grant);
    return take(of);
  }

  void collect(Stage of, const Hit& hit) {
    const tables::Tables& t = snapshot_.tables;
    const bool allows = of == Stage::Allow;
    const std::uint32_t bit = 1U << operation_;
    for (std::uint32_t at = hit.cell; at != kNone; at = t.cells[at].parent) {
      const tables::Cell& cell = t.cells[at];
      // Rows that are found by an index are the decider's.
      if (cell.grouped() || cell.row_count() > kRowsLookedAtMax) {
        plan_.impossible_ = true;
        return;
      }
      for (std::uint32_t r = 0; hit.networked && r < cell.reason_count(); ++r) {
        const tables::Reason& reason = t.reasons[cell.reasons_begin + r];
        if ((reason.mask & bit) == 0 || reason.allows() != allows) continue;
        steps_.push_back({reason.grant(), hit.error, kNone, kNone, of});
        break;
      }
      for (std::uint32_t r = 0; r < cell.row_count(); ++r) {
        const tables::Row& row = t.rows[cell.rows_begin + r];
        if ((row.mask & bit) == 0 || row.allows() != allows) continue;
        if ((row.plain() && !hit.networked) || !decider_.in_pattern(row)) continue;
        collect(of, hit, row);
      }
    }
  }

  /// What is settled of a row is answered now.
  void collect(Stage of, const Hit& hit, const tables::Row& row) {
    Step step{row.grant(), hit.error, row.condition, row.validity, of};
    if (row.condition != kNone) {
      const interp::Reads& reads = reads_of(row.condition);
      if (reads.settles()) {
        const Answer met = decider_.holds(row.condition);
        if (!met.truth && met.error == 0) return;
        step.condition = kNone;
        // WHY: an unknown time would be reported before the error of the condition.
        plan_.impossible_ = plan_.impossible_ || (met.error != 0 && row.validity != kNone);
        step.error = first_error(step.error, met.error);
      } else {
        plan_.impossible_ = plan_.impossible_ || reads.covered;
      }
    }
    steps_.push_back(step);
  }

  void collect_folded() {
    auto at = std::ranges::lower_bound(view_.folded, decider_.name_.kind, {}, &FoldedGuard::kind);
    for (; at != view_.folded.end() && at->kind == decider_.name_.kind; ++at) {
      if (!at->plain && (at->mask >> operation_ & 1) != 0) {
        steps_.push_back({at->grant, at->error, kNone, kNone, Stage::Guard});
      }
    }
  }

  /// Keeps the steps that can be reached. True: the last of them always decides.
  bool take(Stage of) {
    const auto& first = snapshot_.first_of_number;
    const Step* last = nullptr;
    for (const Step& step : steps_) {
      const bool constant = step.condition == kNone && step.validity == kNone;
      if (last != nullptr && first[last->grant] != first[step.grant]) break;
      if (of == Stage::Allow && constant && step.error != 0) {
        if (step.grant < plan_.failed_other_.grant) {
          plan_.failed_other_ = {step.error, step.grant};
        }
        continue;
      }
      if (!plan_.steps_.empty() && plan_.steps_.back().stage == of) {
        plan_.ties_ = plan_.ties_ || first[plan_.steps_.back().grant] == first[step.grant];
      }
      plan_.steps_.push_back(step);
      reads_validity(step);
      if (constant && (last == nullptr || step.error == 0)) last = &step;
      if (constant && step.error == 0) break;
    }
    if (last == nullptr) return false;
    const ReasonClass reason = of == Stage::Guard  ? ReasonClass::Guard
                               : of == Stage::Deny ? ReasonClass::Deny
                                                   : ReasonClass::Allow;
    return ends(of == Stage::Allow ? Verdict::Allow : Verdict::Deny, reason,
                {last->error, last->grant});
  }

  void reads_validity(const Step& step) {
    plan_.reads_clock_ = plan_.reads_clock_ || step.validity != kNone;
    if (step.condition == kNone) return;
    const interp::Reads& reads = reads_of(step.condition);
    plan_.reads_clock_ = plan_.reads_clock_ || reads.clock;
    plan_.reads_request_ = plan_.reads_request_ || reads.request;
  }

  void complete_frame() {
    const Name& name = decider_.name_;
    Frame& frame = plan_.frame_;
    frame = view_.frame;
    frame.resource_name = name.text.data();
    frame.resource_name_bytes = name.text.size();
    const FactRow* facts = snapshot_.find_facts(name.kind, name.text, view_.scope);
    if (facts == nullptr) return;
    frame.fact_slots = facts->slots.data();
    frame.fact_presence = facts->presence.data();
  }

  /// The positions of the steps in the kind's decision function, if it can take them all.
  void find_rows() {
    const std::vector<interp::Unsettled>& own = snapshot_.unsettled[plan_.kind_];
    std::uint64_t rows = 0;
    for (const Step& step : plan_.steps_) {
      if (step.condition == kNone && step.validity == kNone) continue;
      const auto at = std::ranges::find(own, step.grant, &interp::Unsettled::grant);
      if (at == own.end() || step.error != 0) return;
      const ir::ConditionId condition = snapshot_.program.grants[step.grant].condition;
      if (condition.valid() && reads_of(condition.index).covered) return;
      rows |= std::uint64_t{1} << (at - own.begin());
    }
    plan_.rows_ = rows;
  }

  [[nodiscard]] const interp::Reads& reads_of(std::uint32_t condition) const {
    return snapshot_.reads[snapshot_.program.conditions[condition].shape.index];
  }

  static constexpr std::uint32_t kRowsLookedAtMax = 256;

  Decider& decider_;
  const Snapshot& snapshot_;
  const View& view_;
  const std::uint32_t operation_;
  Plan plan_;
  std::vector<Step> steps_;  // of the stage
};

std::unique_ptr<const Plan> Plan::make(Decider& decider, std::uint64_t key,
                                       std::uint32_t operation) {
  return Planner(decider, operation).make(key);
}

}  // namespace writ::engine
