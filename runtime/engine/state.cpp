#include "runtime/engine/state.h"

#include <fmt/format.h>

#include "runtime/base/limits.h"
#include "runtime/engine/epoch.h"

namespace writ {
namespace {

void delete_chain(engine::View* view) {
  while (view != nullptr) {
    engine::View* next = view->next;
    delete view;
    view = next;
  }
}

void retire_chain(engine::View* view) {
  while (view != nullptr) {
    engine::View* next = view->next;
    engine::epoch::retire(view);
    view = next;
  }
}

// A resolution in one word: generation, kind, node. The generation is kept modulo a number of
// this size, and is never 0.
constexpr std::uint64_t kGenerations = (1U << 24) - 1;
constexpr std::uint32_t kKindBits = 11;
constexpr std::uint32_t kNodeBits = 29;
constexpr std::uint32_t kNoKind = (1U << kKindBits) - 1;
constexpr std::uint32_t kNoNode = (1U << kNodeBits) - 1;
static_assert(limits::kKindsMax < kNoKind && kKindBits + kNodeBits + 24 == 64);

// LANGUAGE.md §3: who is in a closed group stands in the policy; an identity provider that says so
// changes nothing and is reported.
void report_closed(const engine::Snapshot& snapshot, const engine::View& view,
                   audit::Recorder* recorder) {
  if (recorder == nullptr) return;
  for (const std::uint32_t group : view.closed) {
    if (!snapshot.first_vouched(group)) continue;
    recorder->lifecycle(
        "group.closed",
        fmt::format("the identity provider vouches for the group {} of {}:{}; the policy says who "
                    "is in it, so this changes nothing, nor does it for later sessions",
                    snapshot.program.text(snapshot.program.groups[group].name),
                    view.facts->principal_type, view.facts->principal_name));
  }
}

/// Of an engine that may not record where it was told to.
class NoRecorder final : public audit::Recorder {
 public:
  [[nodiscard]] bool record(const audit::Record&) noexcept override { return false; }
  void lifecycle(std::string_view, std::string_view) noexcept override {}
  [[nodiscard]] bool authentication(const audit::Authentication&) noexcept override {
    return false;
  }
  [[nodiscard]] Form form() const noexcept override { return Form::Numbers; }
};
audit::Recorder& no_recorder() {
  static NoRecorder none;
  return none;
}

}  // namespace

void Engine::State::take_recorder(audit::Recorder* recorder) {
  options.recorder = recorder;
  if (recorder == nullptr) return;
  if (const auto before = recorder->begin_engine()) {
    generation = *before;
    taken = recorder;
  } else {
    crowded_out = true;
    options.recorder = &no_recorder();
  }
}

Engine::State::~State() {
  native_worker.end();
  snapshot.store(nullptr, std::memory_order_release);
  running.reset();
  engine::epoch::reclaim();
  if (taken != nullptr) taken->end_engine();
}

Session::State::~State() {
  delete_chain(main.load(std::memory_order_acquire));
  delete_chain(others.load(std::memory_order_acquire));
}

std::uint64_t Session::State::renew_stamp() {
  const std::uint64_t next = engine::stamp_of(++stamps);
  self.stamp_.store(next, std::memory_order_seq_cst);
  return next;
}

void Session::State::tell_generation(std::uint64_t generation) {
  self.generation_.store(generation, std::memory_order_seq_cst);
}

const engine::View& Session::State::build_main(const engine::Snapshot& snapshot) {
  const std::lock_guard lock(building);
  const std::uint64_t wanted = snapshot.info.generation;
  engine::View* known = main.load(std::memory_order_relaxed);
  if (known != nullptr && known->generation == wanted) return *known;
  if (known != nullptr) rebuilt.fetch_add(1, std::memory_order_relaxed);
  auto* fresh = new engine::View(snapshot, facts, facts->scope);
  fresh->audit_session = audit_session;
  report_closed(snapshot, *fresh, engine.options.recorder);
  if (wanted < newest) {
    // The caller still reads the bundle before: this view is for its question alone.
    engine::epoch::retire(fresh);
    return *fresh;
  }
  newest = wanted;
  if (const std::uint64_t number = renew_stamp(); number != 0) {
    fresh->remembered = {&memory, number};
  }
  engine::epoch::retire(main.exchange(fresh, std::memory_order_seq_cst));
  if (fresh->remembered.stamp != 0) tell_generation(wanted);
  return *fresh;
}

const engine::View& Session::State::view(const engine::Snapshot& snapshot,
                                         std::string_view scope) {
  if (scope.empty()) return view(snapshot);
  const std::uint32_t wanted = snapshot.find_scope(scope).scope;
  const engine::View& own = view(snapshot);
  if (wanted != engine::kNone && own.scope == wanted) return own;
  const std::uint64_t running = snapshot.info.generation;
  const auto find = [&]() -> const engine::View* {
    const engine::View* at = others.load(std::memory_order_seq_cst);
    // A chain holds views of one generation.
    if (at != nullptr && at->generation != running) return nullptr;
    while (at != nullptr && at->scope != wanted) at = at->next;
    return at;
  };
  if (const engine::View* found = find()) return *found;
  const std::lock_guard lock(building);
  if (const engine::View* found = find()) return *found;
  rebuilt.fetch_add(1, std::memory_order_relaxed);
  auto* fresh = new engine::View(snapshot, facts, scope);
  fresh->audit_session = audit_session;
  engine::View* chain = others.load(std::memory_order_relaxed);
  if (chain != nullptr && chain->generation != running) {
    others.store(fresh, std::memory_order_seq_cst);
    retire_chain(chain);
  } else {
    fresh->next = chain;
    others.store(fresh, std::memory_order_seq_cst);
  }
  return *fresh;
}

void Session::State::know(SessionFacts said) {
  // WHY one object: records carry the id as long as a view holds the facts, so they end together.
  struct Known {
    SessionFacts facts;
    audit::Opened recorded;
  };
  auto known = std::make_shared<Known>(std::move(said));
  if (engine.numbers) known->recorded = engine.options.recorder->open_session(known->facts);
  audit_session = known->recorded.id;
  facts = std::shared_ptr<const SessionFacts>(known, &known->facts);
}

void Session::State::replace_facts(SessionFacts said) {
  const std::lock_guard lock(building);
  know(std::move(said));
  tell_generation(kNoGeneration);
  renew_stamp();
  retire_chain(main.exchange(nullptr, std::memory_order_seq_cst));
  retire_chain(others.exchange(nullptr, std::memory_order_seq_cst));
}

engine::Name Resource::State::resolve(const engine::Snapshot& snapshot) {
  engine::Name answer;
  answer.text = name;
  const std::uint64_t generation = snapshot.info.generation % kGenerations + 1;
  std::uint64_t packed = resolved.load(std::memory_order_relaxed);
  if (packed >> (kKindBits + kNodeBits) != generation) {
    std::uint32_t kind_id = snapshot.find_kind(kind);
    std::uint32_t node = kNoNode;
    if (kind_id == engine::kNone) {
      kind_id = kNoKind;
    } else if (name.size() <= limits::kNameBytesMax) {
      node = std::min(snapshot.tables.resolve(kind_id, name), kNoNode);
    }
    packed = generation << (kKindBits + kNodeBits) | std::uint64_t{kind_id} << kNodeBits | node;
    resolved.store(packed, std::memory_order_relaxed);
  }
  const std::uint32_t kind_id = packed >> kNodeBits & kNoKind;
  const std::uint32_t node = packed & kNoNode;
  if (kind_id != kNoKind) answer.kind = kind_id;
  if (node != kNoNode) answer.node = node;
  return answer;
}

}  // namespace writ
