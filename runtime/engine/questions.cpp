// Questions of more than one resource: by kind, filters, keys; and what a decision rests on.
#include "runtime/engine/questions.h"

#include <algorithm>

#include "runtime/base/limits.h"
#include "runtime/engine/epoch.h"

namespace writ {

namespace engine {

std::optional<ReasonClass> refused(const Snapshot& snapshot, const View& view, const Name& name,
                                   std::uint32_t operation) {
  if (name.kind == kNone) return ReasonClass::UnknownKind;
  if (operation >= snapshot.program.kinds[name.kind].operations.size()) {
    return ReasonClass::UnknownOperation;
  }
  if (name.text.size() > limits::kNameBytesMax) return ReasonClass::NameTooLong;
  return view.refusal;
}

}  // namespace engine

using engine::Asked;
using engine::Clock;
using engine::Decider;
using engine::kNone;
using engine::Name;
using engine::refusal;
using engine::Snapshot;
using engine::View;

namespace {

Decision decide_name(const Snapshot& snapshot, const View& view, std::uint32_t kind,
                     std::string_view text, std::uint32_t operation, Clock& clock) {
  Name name{kind, kNone, text};
  if (const auto reason = engine::refused(snapshot, view, name, operation)) {
    return refusal(*reason);
  }
  name.node = snapshot.tables.resolve(kind, text);
  return Decider(snapshot, view, name, {}, clock, engine::thread_scratch()).decide(operation);
}

}  // namespace

Decision Engine::any_resource(const Session& session, std::string_view kind,
                              std::string_view operation) const {
  Clock clock(Clock::Source::Engine, {});
  const engine::epoch::Guard guard;
  const Snapshot* snapshot = state_->snapshot.load(std::memory_order_seq_cst);
  Asked asked{kind, operation, 0, {}};
  asked.by_kind = true;
  if (snapshot == nullptr) {
    asked.kind_id = asked.bit = kNone;
    return engine::without_bundle(*state_, session.state(), asked, clock);
  }
  const View& view = session.state().view(*snapshot);
  asked.kind_id = snapshot->find_kind(kind);
  asked.bit = asked.kind_id == kNone ? kNone : snapshot->find_operation(asked.kind_id, operation);
  const Decision decision = engine::any_resource(*snapshot, view, kind, operation, clock);
  return engine::recorded(*state_, snapshot, engine::Asker(view), asked, decision, clock);
}

std::vector<std::uint32_t> Engine::filter(const Session& session, std::string_view kind,
                                          std::string_view operation,
                                          std::span<const std::string_view> names) const {
  Clock clock(Clock::Source::Engine, {});
  std::vector<std::uint32_t> kept;
  const engine::epoch::Guard guard;
  const Snapshot* snapshot = state_->snapshot.load(std::memory_order_seq_cst);
  if (snapshot == nullptr) {
    for (const std::string_view name : names) {
      const Asked asked{kind, operation, kNone, name, audit::Purpose::Filter};
      static_cast<void>(engine::without_bundle(*state_, session.state(), asked, clock));
    }
    return kept;
  }
  const View& view = session.state().view(*snapshot);
  const std::uint32_t kind_id = snapshot->find_kind(kind);
  const std::uint32_t bit =
      kind_id == kNone ? kNone : snapshot->find_operation(kind_id, operation);
  for (std::uint32_t at = 0; at < names.size(); ++at) {
    Decision decision = decide_name(*snapshot, view, kind_id, names[at], bit, clock);
    if (state_->options.recorder != nullptr) {
      const Asked asked{kind, operation, bit, names[at], audit::Purpose::Filter, false, kind_id};
      decision =
          engine::recorded(*state_, snapshot, engine::Asker(view), asked, decision, clock);
    }
    if (decision.verdict == Verdict::Allow) kept.push_back(at);
  }
  return kept;
}

Because Engine::explain(const Session&, const RequestFacts&, const Decision& decision) const {
  const engine::epoch::Guard guard;
  const Snapshot* snapshot = state_->snapshot.load(std::memory_order_seq_cst);
  if (snapshot != nullptr) return engine::because(*snapshot, decision);
  Because because;
  because.rule = name_of(decision.reason);
  return because;
}

std::string Engine::key_for(std::string_view kind, std::string_view name,
                            std::string_view scope) const {
  const engine::epoch::Guard guard;
  const Snapshot* snapshot = state_->snapshot.load(std::memory_order_seq_cst);
  if (snapshot == nullptr) return {};
  return std::string(engine::key_for(*snapshot, kind, name, scope));
}

}  // namespace writ
