// The questions of one resource: by handle, by strings, masks and batches.
#include <algorithm>
#include <atomic>
#include <bit>

#include "runtime/base/limits.h"
#include "runtime/engine/epoch.h"
#include "runtime/engine/questions.h"
#include "runtime/tables/word.h"

namespace writ {

using engine::Asked;
using engine::Brought;
using engine::Clock;
using engine::Decider;
using engine::DecisionCache;
using engine::kNone;
using engine::Memory;
using engine::Name;
using engine::Plan;
using engine::refusal;
using engine::Snapshot;
using engine::View;

namespace {

// Handles that were made, and one: ids are never used again.
std::atomic<std::uint64_t> next_handle{1};

constexpr std::uint32_t kNoBit = limits::kOperationsPerKindMax;

Clock clock_of(const Ask& ask) { return {Clock::Source::Engine, ask.time_us}; }

Brought brought_by(const Ask& ask) { return {ask.attributes, ask.values}; }

/// Asks the cells, and remembers what the next question need not ask again.
[[gnu::noinline]] Decision decide_anew(const Snapshot& snapshot, const View& view, const Ask& ask,
                                       Clock& clock) {
  const Name name = ask.resource->state().resolve(snapshot);
  if (const auto reason = engine::refused(snapshot, view, name, ask.operation)) {
    return refusal(*reason);
  }
  Decider decider(snapshot, view, name, brought_by(ask), clock, engine::thread_scratch());
  const Decision decision = decider.decide(ask.operation);
  const std::uint64_t handle = view.remembered.handle(ask.resource->id());
  if (handle == 0) return decision;
  const std::uint64_t key = DecisionCache::key(handle, ask.operation);
  if (decider.settled()) {
    view.remembered.memory->decisions.insert(key, decision);
  } else if (view.plans.find(key) == nullptr && view.plans.wants(key)) {
    auto plan = Plan::make(decider, key, ask.operation);
    if (const auto settled = plan->settled(snapshot)) {
      view.remembered.memory->decisions.insert(key, *settled);
    } else {
      view.plans.insert(std::move(plan));
    }
  }
  return decision;
}

/// The plan for the question, or null.
[[gnu::always_inline]] inline const Plan* plan_of(const View& view, const Ask& ask) {
  const std::uint64_t handle = view.remembered.handle(ask.resource->id());
  // An operation that no kind has is refused; its key would be another's.
  if (handle == 0 || ask.operation >= kNoBit) return nullptr;
  const Plan* plan = view.plans.find(DecisionCache::key(handle, ask.operation));
  return plan != nullptr && !plan->impossible() ? plan : nullptr;
}

/// One decision by handle, from what is remembered or the cells.
Decision decide(const Snapshot& snapshot, const View& view, const Ask& ask, Clock& clock) {
  const std::uint64_t handle = view.remembered.handle(ask.resource->id());
  Decision decision;
  if (handle != 0 && ask.operation < kNoBit &&
      view.remembered.memory->decisions.find(DecisionCache::key(handle, ask.operation),
                                             decision)) {
    return decision;
  }
  if (const Plan* plan = plan_of(view, ask)) {
    return plan->decide(snapshot, brought_by(ask), clock);
  }
  return decide_anew(snapshot, view, ask, clock);
}

/// The question in words and numbers, for its record.
Asked asked_of(const Ask& ask, const Snapshot* snapshot) {
  Resource::State& resource = ask.resource->state();
  Asked asked{resource.kind, {}, ask.operation, resource.name};
  asked.attributes =
      ask.values != nullptr ? &ask.values->state().named() : ask.attributes;
  asked.resource_id = resource.recorded.id;
  asked.purpose = ask.purpose;
  if (snapshot != nullptr) asked.kind_id = resource.resolve(*snapshot).kind;
  return asked;
}

Decision authorize_in(const Engine::State& state, const Snapshot& snapshot, Session::State& session,
                      const Ask& ask, Clock& clock) {
  if (ask.resource == nullptr) return refusal(ReasonClass::Internal);
  const View& view = session.view(snapshot);
  const Decision decision = decide(snapshot, view, ask, clock);
  if (state.options.recorder == nullptr) [[likely]] return decision;
  return engine::recorded(state, &snapshot, engine::Asker(view), asked_of(ask, &snapshot),
                          decision, clock);
}

// How far a batch looks ahead: as many lines as a core keeps in flight.
constexpr std::size_t kLookAhead = 16;

/// Fetches what the decisions of these asks will read.
void look_ahead(const Snapshot& snapshot, const View& view, std::span<const Ask> asks) {
  for (const Ask& ask : asks) {
    if (ask.resource == nullptr) continue;
    const Name name = ask.resource->state().resolve(snapshot);
    if (name.node == kNone) continue;
    for (const engine::ActiveClass& active : view.grants) {
      snapshot.tables.prefetch_cell(active.cls, name.node);
    }
  }
}

/// What a word of the tables settles.
engine::Mask mask_of(std::uint64_t word) {
  const std::uint64_t low = word & tables::kLowBits;
  const std::uint64_t high = word >> 1 & tables::kLowBits;
  return {tables::gather(low & ~high), ~tables::gather(high & ~low)};
}

/// Allowed bits without records: what is settled from memory or the cells' word, the others one by
/// one.
std::uint32_t allowed_bits(const Snapshot& snapshot, const View& view, const Ask& ask,
                           std::uint32_t asked, Clock& clock) {
  Resource::State& resource = ask.resource->state();
  const std::uint64_t handle = view.remembered.handle(ask.resource->id());
  Memory* const memory = handle != 0 ? view.remembered.memory : nullptr;
  engine::Mask mask;
  const bool known = memory != nullptr && memory->masks.find(handle, mask);
  if (known && (asked & ~mask.settled) == 0) return mask.allowed & asked;
  const Name name = resource.resolve(snapshot);
  if (engine::refused(snapshot, view, name, 0)) return 0;
  Decider decider(snapshot, view, name, brought_by(ask), clock, engine::thread_scratch());
  if (!known) mask = mask_of(decider.word());
  engine::Mask learned = mask;
  std::uint32_t answer = mask.allowed & asked;
  for (std::uint32_t left = asked & ~mask.settled; left != 0; left &= left - 1) {
    const auto bit = static_cast<std::uint32_t>(std::countr_zero(left));
    const bool allow = decider.decide(bit).verdict == Verdict::Allow;
    if (allow) answer |= 1U << bit;
    if (!decider.settled()) continue;
    learned.settled |= 1U << bit;
    if (allow) learned.allowed |= 1U << bit;
  }
  if (memory != nullptr && (!known || learned.settled != mask.settled)) {
    memory->masks.insert(handle, learned);
  }
  return answer;
}

/// The same with one record for all.
std::uint32_t allowed_recorded(const Engine::State& state, const Snapshot& snapshot,
                               Session::State& session, const Ask& ask, std::uint32_t asked,
                               Clock& clock) {
  if (asked == 0) return 0;
  const View& view = session.view(snapshot);
  Asked question = asked_of(ask, &snapshot);
  question.bit = kNone;
  question.mask = asked;
  question.allowed = allowed_bits(snapshot, view, ask, asked, clock);
  // The record's own verdict: was anything allowed?
  Decision any;
  any.verdict = question.allowed == 0 ? Verdict::Deny : Verdict::Allow;
  any.reason = question.allowed == 0 ? ReasonClass::Default : ReasonClass::Allow;
  const Decision kept =
      engine::recorded(state, &snapshot, engine::Asker(view), question, any, clock);
  return kept.reason == ReasonClass::AuditUnavailable ? 0 : question.allowed;
}

}  // namespace

Engine::Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}
Engine::~Engine() = default;
Session::Session(State& state) : state_(state), generation_(State::kNoGeneration), stamp_(0) {}
Session::~Session() = default;
void Session::operator delete(Session* session, std::destroying_delete_t) {
  delete &session->state_;
}
Resource::Resource(std::unique_ptr<State> state, std::uint64_t id)
    : state_(std::move(state)), id_(id) {}
Resource::~Resource() = default;

std::int64_t Engine::now_us() { return *Clock(Clock::Source::Engine, {}).now_us(); }

std::optional<BundleInfo> Engine::active() const {
  const engine::epoch::Guard guard;
  const Snapshot* snapshot = state_->snapshot.load(std::memory_order_seq_cst);
  if (snapshot == nullptr) return std::nullopt;
  return snapshot->info;
}

Status Engine::await_native() const {
  if (state_->options.tier == Tier::Interpreter) {
    return fail(ErrorCode::Unsupported, "native code was not asked for");
  }
  if (!active()) return fail(ErrorCode::Unsupported, "no bundle is active");
  return state_->native_worker.await();
}

std::unique_ptr<Session> Engine::open(const SessionFacts& facts) const {
  auto state = std::make_unique<Session::State>(*state_);
  state->know(facts);
  const engine::epoch::Guard guard;
  const Snapshot* snapshot = state_->snapshot.load(std::memory_order_seq_cst);
  if (snapshot != nullptr) static_cast<void>(state->view(*snapshot));
  return std::unique_ptr<Session>(&state.release()->self);
}

void Session::refresh(const SessionFacts& facts) { state_.replace_facts(facts); }

std::unique_ptr<Resource> Engine::resource(std::string_view kind, std::string_view name) const {
  auto state = std::make_unique<Resource::State>();
  state->kind = kind;
  state->name = name;
  if (state_->numbers) state->recorded = state_->options.recorder->open_resource(kind, name);
  return std::make_unique<Resource>(
      std::move(state), engine::handle_id(next_handle.fetch_add(1, std::memory_order_relaxed)));
}

std::optional<std::uint32_t> Engine::operation(std::string_view kind,
                                               std::string_view operation) const {
  const engine::epoch::Guard guard;
  const Snapshot* snapshot = state_->snapshot.load(std::memory_order_seq_cst);
  if (snapshot == nullptr) return std::nullopt;
  const std::uint32_t kind_id = snapshot->find_kind(kind);
  if (kind_id == kNone) return std::nullopt;
  const std::uint32_t bit = snapshot->find_operation(kind_id, operation);
  if (bit == kNone) return std::nullopt;
  return bit;
}

std::vector<std::string> Engine::operations(std::string_view kind) const {
  const engine::epoch::Guard guard;
  const Snapshot* snapshot = state_->snapshot.load(std::memory_order_seq_cst);
  std::vector<std::string> names;
  if (snapshot == nullptr) return names;
  const std::uint32_t kind_id = snapshot->find_kind(kind);
  if (kind_id == kNone) return names;
  for (const ir::OperationId id : snapshot->program.kinds[kind_id].operations) {
    names.emplace_back(snapshot->program.text(snapshot->program.operations[id.index].name));
  }
  return names;
}

namespace {

[[gnu::noinline]] Decision authorize_slowly(const Engine& engine, const Session& asking,
                                            const Ask& ask) {
  const Engine::State& state = engine.state();
  Session::State& session = asking.state();
  Clock clock = clock_of(ask);
  const engine::epoch::Guard guard;
  const Snapshot* snapshot = state.snapshot.load(std::memory_order_seq_cst);
  if (snapshot != nullptr && state.options.recorder == nullptr && ask.resource != nullptr)
      [[likely]] {
    // That nothing settled is remembered is known by now.
    const View& view = session.view(*snapshot);
    if (const Plan* plan = plan_of(view, ask)) {
      return plan->decide(*snapshot, brought_by(ask), clock);
    }
    return decide_anew(*snapshot, view, ask, clock);
  }
  if (snapshot != nullptr) return authorize_in(state, *snapshot, session, ask, clock);
  if (ask.resource == nullptr) return refusal(ReasonClass::NoBundle);
  return without_bundle(state, session, asked_of(ask, nullptr), clock);
}

/// A remembered decision by handles, and its record by numbers: no words, no clock, no lock.
[[gnu::noinline]] Decision authorize_recorded(const Engine& engine, const Session& asking,
                                              const Ask& ask) {
  const Engine::State& state = engine.state();
  engine::epoch::Slot* slot = nullptr;
  if (ask.resource == nullptr || ask.operation >= kNoBit || ask.attributes != nullptr ||
      ask.values != nullptr || !engine::epoch::enter_quickly(slot)) {
    return authorize_slowly(engine, asking, ask);
  }
  const Snapshot* snapshot = state.snapshot.load(std::memory_order_seq_cst);
  const View* view = asking.state().main.load(std::memory_order_acquire);
  Resource::State& resource = ask.resource->state();
  Decision decision;
  if (snapshot == nullptr || view == nullptr ||
      view->generation != snapshot->info.generation || resource.recorded.id == 0 ||
      view->audit_session == 0 ||
      !asking.state().memory.decisions.find(view->remembered.stamp | ask.resource->id(),
                                            ask.operation, decision)) {
    engine::epoch::leave(slot);
    return authorize_slowly(engine, asking, ask);
  }
  const std::uint32_t kind = resource.resolve(*snapshot).kind;
  audit::Record record;
  record.session_id = view->audit_session;
  record.resource_id = resource.recorded.id;
  record.kind = static_cast<std::uint16_t>(kind);
  record.operation = static_cast<std::uint8_t>(ask.operation);
  record.purpose = ask.purpose;
  record.scope = view->scope;
  record.level = snapshot->audit_levels.of(view->scope, kind, ask.operation, decision.verdict);
  record.infrastructure = decision.reason == ReasonClass::Infrastructure;
  record.decision = decision;
  record.time_us = ask.time_us.value_or(audit::Record::kNoTime);
  record.policy = &snapshot->policy;
  const bool kept = state.options.recorder->record(record);
  engine::epoch::leave(slot);
  return kept ? decision : refusal(ReasonClass::AuditUnavailable);
}

[[gnu::noinline]] bool permits_slowly(const Engine& engine, const Session& session,
                                      const Ask& ask) {
  const Engine::State& state = engine.state();
  if (state.options.recorder != nullptr) {
    return engine.authorize(session, ask).verdict == Verdict::Allow;
  }
  if (ask.resource == nullptr || ask.operation >= kNoBit) return false;
  const engine::epoch::Guard guard;
  const Snapshot* snapshot = state.snapshot.load(std::memory_order_seq_cst);
  if (snapshot == nullptr) return false;
  Clock clock = clock_of(ask);
  const View& view = session.state().view(*snapshot);
  const std::uint64_t handle = view.remembered.handle(ask.resource->id());
  engine::Mask mask;
  if (handle != 0 && view.remembered.memory->masks.find(handle, mask)) {
    return decide(*snapshot, view, ask, clock).verdict == Verdict::Allow;
  }
  return allowed_bits(*snapshot, view, ask, 1U << ask.operation, clock) != 0;
}

}  // namespace

// What is remembered is answered here, in a few dozen instructions without a call, a store or a
// guard: only the engine, the session and the resource are read, which the caller keeps.
inline bool Engine::remembers(const Session& session, std::uint64_t& stamp) const {
  const std::uint64_t generation = session.generation_.load(std::memory_order_acquire);
  if (generation != state_->fast.load(std::memory_order_acquire)) return false;
  stamp = session.stamp_.load(std::memory_order_acquire);
  return true;
}

Decision Engine::authorize(const Session& session, const Ask& ask) const {
  const Resource* const resource = ask.resource;
  const std::uint32_t operation = ask.operation;
  std::uint64_t stamp = 0;
  if (resource != nullptr && operation < kNoBit && remembers(session, stamp)) [[likely]] {
    const DecisionCache& decisions = session.state().memory.decisions;
    Decision decision;
    if (decisions.find(stamp | resource->id(), operation, decision)) [[likely]] return decision;
  }
  if (state_->quick_numbers) return authorize_recorded(*this, session, ask);
  return authorize_slowly(*this, session, ask);
}

bool Engine::permits(const Session& session, const Ask& ask) const {
  const Resource* const resource = ask.resource;
  const std::uint32_t operation = ask.operation;
  std::uint64_t stamp = 0;
  if (resource != nullptr && operation < kNoBit && remembers(session, stamp)) [[likely]] {
    engine::Mask mask;
    const bool known = session.state().memory.masks.find(stamp | resource->id(), mask);
    if (known && (mask.settled >> operation & 1) != 0) [[likely]] {
      return (mask.allowed >> operation & 1) != 0;
    }
  }
  return permits_slowly(*this, session, ask);
}

std::optional<std::uint32_t> Engine::attribute(std::string_view name) const {
  return state_->attributes.position(name);
}

std::unique_ptr<RequestValues> Engine::request_values() const {
  return std::make_unique<RequestValues>(
      std::make_unique<RequestValues::State>(state_->attributes));
}

Decision Engine::authorize(const Session& session, const RequestFacts& request,
                           Purpose purpose) const {
  Clock clock(Clock::Source::Said, request.time_us);
  Asked asked{request.kind, request.operation, kNone, request.name, purpose};
  asked.attributes = &request.attributes;
  const engine::epoch::Guard guard;
  const Snapshot* snapshot = state_->snapshot.load(std::memory_order_seq_cst);
  if (snapshot == nullptr) return without_bundle(*state_, session.state(), asked, clock);
  const View& view = session.state().view(*snapshot, request.scope);
  Name name;
  name.text = request.name;
  name.kind = snapshot->find_kind(request.kind);
  const std::uint32_t operation =
      name.kind == kNone ? kNone : snapshot->find_operation(name.kind, request.operation);
  Decision decision;
  if (const auto reason = engine::refused(*snapshot, view, name, operation)) {
    decision = refusal(*reason);
  } else {
    name.node = snapshot->tables.resolve(name.kind, name.text);
    Decider decider(*snapshot, view, name, {&request.attributes}, clock, engine::thread_scratch());
    decision = decider.decide(operation);
  }
  if (state_->options.recorder == nullptr) return decision;
  asked.kind_id = name.kind;
  asked.bit = operation;
  return engine::recorded(*state_, snapshot, engine::Asker(view), asked, decision, clock);
}

std::uint32_t Engine::allowed(const Session& session, const Ask& ask, std::uint32_t asked) const {
  std::uint64_t stamp = 0;
  engine::Mask mask;
  if (ask.resource != nullptr && remembers(session, stamp) &&
      session.state().memory.masks.find(stamp | ask.resource->id(), mask) &&
      (asked & ~mask.settled) == 0) {
    return mask.allowed & asked;
  }
  Clock clock = clock_of(ask);
  const engine::epoch::Guard guard;
  const Snapshot* snapshot = state_->snapshot.load(std::memory_order_seq_cst);
  if (ask.resource == nullptr) return 0;
  if (snapshot != nullptr && state_->options.recorder == nullptr) {
    return allowed_bits(*snapshot, session.state().view(*snapshot), ask, asked, clock);
  }
  // Infrastructure goes on where others wait for their record: its operations are told one by one.
  if (snapshot != nullptr && state_->numbers &&
      session.state().view(*snapshot).infrastructure.empty()) {
    return allowed_recorded(*state_, *snapshot, session.state(), ask, asked, clock);
  }
  // One record for each operation that was asked.
  std::uint32_t answer = 0;
  for (std::uint32_t left = asked; left != 0; left &= left - 1) {
    Ask one = ask;
    one.operation = static_cast<std::uint32_t>(std::countr_zero(left));
    const Decision decision =
        snapshot != nullptr
            ? authorize_in(*state_, *snapshot, session.state(), one, clock)
            : without_bundle(*state_, session.state(), asked_of(one, nullptr), clock);
    if (decision.verdict == Verdict::Allow) answer |= 1U << one.operation;
  }
  return answer;
}

void Engine::authorize_batch(const Session& session, std::span<const Ask> asks,
                             std::span<Decision> out) const {
  std::ranges::fill(out, Decision{});
  const engine::epoch::Guard guard;
  const Snapshot* snapshot = state_->snapshot.load(std::memory_order_seq_cst);
  Clock shared(Clock::Source::Engine, {});
  for (std::size_t at = 0; at < std::min(asks.size(), out.size()); ++at) {
    if (snapshot != nullptr && at % kLookAhead == 0) {
      look_ahead(*snapshot, session.state().view(*snapshot),
                 asks.subspan(at, std::min(kLookAhead, asks.size() - at)));
    }
    const Ask& ask = asks[at];
    Clock own = clock_of(ask);
    Clock& clock = ask.time_us ? own : shared;
    if (snapshot != nullptr) {
      out[at] = authorize_in(*state_, *snapshot, session.state(), ask, clock);
    } else if (ask.resource != nullptr) {
      out[at] = without_bundle(*state_, session.state(), asked_of(ask, nullptr), clock);
    } else {
      out[at] = refusal(ReasonClass::NoBundle);
    }
  }
}

}  // namespace writ
