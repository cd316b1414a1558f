// The record of a decision: numbers that were known before, and words for whoever asks for them.
#include <algorithm>
#include <bit>

#include "runtime/engine/policy_words.h"
#include "runtime/engine/questions.h"

namespace writ::engine {
namespace {

class DecisionWords final : public audit::Words {
 public:
  DecisionWords(const Snapshot* snapshot, const View* view, const Asked& asked,
                const Decision& decision)
      : snapshot_(snapshot), view_(view), asked_(asked), decision_(decision) {}

  [[nodiscard]] audit::Question question() const override {
    audit::Question out;
    if (snapshot_ != nullptr) {
      out = question_of(*snapshot_, snapshot_->find_kind(asked_.kind), asked_.bit,
                        view_ == nullptr ? kNone : view_->scope);
    }
    out.kind = asked_.kind;
    if (!asked_.operation.empty()) out.operation = asked_.operation;
    return out;
  }

  [[nodiscard]] audit::Explained explain() const override {
    if (snapshot_ != nullptr) return explained(*snapshot_, decision_);
    audit::Explained out;
    out.rule = name_of(decision_.reason);
    return out;
  }

 private:
  const Snapshot* snapshot_;
  const View* view_;
  const Asked& asked_;
  const Decision& decision_;
};

/// The request's attributes, where the bundle could have read them.
const std::vector<NamedValue>* read_attributes(const Snapshot* snapshot, const Asked& asked) {
  if (snapshot == nullptr || asked.attributes == nullptr || asked.attributes->empty()) {
    return nullptr;
  }
  const auto moment = static_cast<std::size_t>(ir::AttributeMoment::Request);
  return snapshot->slot_counts[moment] == 0 ? nullptr : asked.attributes;
}

/// How long the decision waits for its record; of several at once the strictest.
audit::Level level_of(const Snapshot& snapshot, std::uint32_t scope, const Asked& asked,
                      const Decision& decision) {
  if (asked.mask == 0) {
    return snapshot.audit_levels.of(scope, asked.kind_id, asked.bit, decision.verdict);
  }
  audit::Level level = audit::Level::Ring;
  for (std::uint32_t left = asked.mask; left != 0; left &= left - 1) {
    const auto bit = static_cast<std::uint32_t>(std::countr_zero(left));
    const Verdict verdict = (asked.allowed >> bit & 1) != 0 ? Verdict::Allow : Verdict::Deny;
    level = std::max(level, snapshot.audit_levels.of(scope, asked.kind_id, bit, verdict));
  }
  return level;
}

}  // namespace

Decision recorded(const Engine::State& state, const Snapshot* snapshot, const Asker& asker,
                  const Asked& asked, const Decision& decision, Clock& clock) {
  if (state.options.recorder == nullptr) return decision;
  const View* view = asker.view;
  const DecisionWords words(snapshot, view, asked, decision);
  audit::Record record;
  record.session_id = asker.session_id;
  record.session = asker.session;
  record.resource_id = asked.resource_id;
  record.name = asked.name;
  record.decision = decision;
  record.purpose = asked.purpose;
  record.by_kind = asked.by_kind;
  record.infrastructure = decision.reason == ReasonClass::Infrastructure;
  record.asked = asked.mask;
  record.allowed = asked.allowed;
  record.attributes = read_attributes(snapshot, asked);
  record.words = &words;
  if (asked.kind_id != kNone) record.kind = static_cast<std::uint16_t>(asked.kind_id);
  if (asked.bit < limits::kOperationsPerKindMax) {
    record.operation = static_cast<std::uint8_t>(asked.bit);
  }
  if (view != nullptr) record.scope = view->scope;
  if (snapshot != nullptr) {
    record.policy = &snapshot->policy;
    record.level = level_of(*snapshot, record.scope, asked, decision);
  }
  const std::optional<std::int64_t> known = state.numbers ? clock.known_us() : clock.now_us();
  record.time_us = known ? *known : state.numbers ? audit::Record::kNoTime : Engine::now_us();
  if (state.options.recorder->record(record)) return decision;
  return refusal(ReasonClass::AuditUnavailable);
}

Decision without_bundle(const Engine::State& state, Session::State& session, const Asked& asked,
                        Clock& clock) {
  const Decision decision = refusal(ReasonClass::NoBundle);
  if (state.options.recorder == nullptr) return decision;
  std::shared_ptr<const SessionFacts> facts;
  std::uint32_t id = 0;
  {
    const std::lock_guard lock(session.building);
    facts = session.facts;
    id = session.audit_session;
  }
  return recorded(state, nullptr, {facts.get(), id}, asked, decision, clock);
}

}  // namespace writ::engine
