// What stands behind Engine, Session and Resource: the running snapshot, a session's views, a
// resource's resolution. Everything that a question reads is reached under an epoch guard.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "runtime/audit/recorder.h"
#include "runtime/bundle/store.h"
#include "runtime/engine/decide.h"
#include "runtime/engine/native.h"
#include "runtime/engine/snapshot.h"
#include "runtime/engine/values.h"
#include "runtime/engine/view.h"

namespace writ {

namespace engine {
/// A snapshot while it decides. Drains may keep the snapshot longer, for its words.
struct Running {
  std::shared_ptr<const Snapshot> snapshot;
  std::shared_ptr<const void> recorded;  // of Recorder::use_policy
};
}  // namespace engine

struct Engine::State {
  EngineOptions options;
  engine::NativeFactory native = nullptr;
  engine::AttributeNames attributes;  // of requests, by position
  std::atomic<const engine::Snapshot*> snapshot{nullptr};
  // Generation of the running snapshot, or 0 while nobody may answer from memory alone: no bundle,
  // one being replaced, a recorder to ask.
  std::atomic<std::uint64_t> fast{0};
  bool numbers = false;          // the recorder keeps numbers: what they mean is said beforehand
  bool quick_numbers = false;    // … and readers need no fence of their own
  audit::Recorder* taken = nullptr;  // of take_recorder: it is given back
  bool crowded_out = false;      // another engine has the recorder: everything is denied
  std::mutex activation;         // one at a time
  std::unique_ptr<bundle::Store> store;  // what was activated survives a restart there; null: not
  std::uint64_t generation = 0;  // of the last activation
  std::shared_ptr<const engine::Running> running;  // what `snapshot` points to
  std::vector<engine::Trial> trials;  // of the last activation, until its code is begun
  bool code_owed = false;             // begin_native has still to be called for it
  mutable engine::NativeWorker native_worker;  // last, so that it ends first

  /// Takes the recorder for this engine. One that another engine has is replaced by one that
  /// refuses everything.
  void take_recorder(audit::Recorder* recorder);
  ~State();
};

struct alignas(64) Session::State {
  static constexpr std::uint64_t kNoGeneration = ~std::uint64_t{0};

  explicit State(const Engine::State& of) : self(*this), engine(of) {}
  ~State();

  Session self;
  const Engine::State& engine;
  std::atomic<engine::View*> main{nullptr};    // at the session's own scope
  std::atomic<engine::View*> others{nullptr};  // at scopes that requests named
  std::atomic<std::uint64_t> rebuilt{0};       // views made after the first: the slow path, counted
  mutable engine::Memory memory;
  std::mutex building;
  std::uint64_t stamps = 0;                    // views that were numbered; under `building`
  std::uint64_t newest = 0;                    // generation that `main` reached; the same
  std::shared_ptr<const SessionFacts> facts;   // the same
  std::uint32_t audit_session = 0;             // of the recorder; the facts own it

  /// The view at the session's own scope.
  [[nodiscard]] const engine::View& view(const engine::Snapshot& snapshot) {
    const engine::View* known = main.load(std::memory_order_seq_cst);
    if (known != nullptr && known->generation == snapshot.info.generation) [[likely]] {
      return *known;
    }
    return build_main(snapshot);
  }
  /// The view at the scope that a request names; empty: the session's own.
  [[nodiscard]] const engine::View& view(const engine::Snapshot& snapshot, std::string_view scope);
  void replace_facts(SessionFacts facts);
  /// Takes the facts and tells the recorder who it is. Under `building`, or before anybody asks.
  void know(SessionFacts facts);

 private:
  const engine::View& build_main(const engine::Snapshot& snapshot);
  // Whoever finds the running generation in the session may believe what is remembered under the
  // stamp that it loads afterwards.
  // INVARIANT: generations of `main` never descend, and a view's stamp is stored before its
  // generation: a stamp is of the generation that was loaded before it, or of a later one.
  /// Makes what is remembered so far nobody's; gives the stamp of what will be. Under `building`.
  std::uint64_t renew_stamp();
  /// The answers under the current stamp are of this generation.
  void tell_generation(std::uint64_t generation);
};

struct Resource::State {
  std::atomic<std::uint64_t> resolved{0};
  audit::Opened recorded;  // of Recorder::open_resource; on one line with what is resolved
  std::string kind;
  std::string name;

  /// Kind and node in this snapshot; follows from bundle to bundle.
  [[nodiscard]] engine::Name resolve(const engine::Snapshot& snapshot);
};

}  // namespace writ
