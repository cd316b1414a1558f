#include "runtime/engine/activate.h"

#include <utility>

#include <sched.h>

#include <fmt/format.h>

#include "runtime/base/beside.h"
#include "runtime/engine/epoch.h"
#include "runtime/engine/policy_words.h"
#include "runtime/ir/verify.h"

namespace writ::engine {
namespace {

// Readers leave within a decision; waiting a little for them keeps memory flat over reloads. Who
// does not leave in time is waited for by the next activation.
constexpr int kGraceRounds = 1'000;

// Below this a thread costs more than it saves.
constexpr std::size_t kGrantsAlone = 50'000;

Status newer(const Snapshot* running, const BundleInfo& info) {
  if (running == nullptr || info.version > running->info.version) return {};
  if (info.version == running->info.version && info.digest == running->info.digest) return {};
  return fail(ErrorCode::Version,
              fmt::format("version {} of `{}` runs; {} is not newer: build a higher version",
                          running->info.version, running->info.package,
                          info.version == running->info.version
                              ? "another bundle of that version"
                              : fmt::format("version {}", info.version)),
              "manifest");
}

Result<Native> native_code(const Engine::State& state, const ir::Program& program) {
  Native none;
  if (state.options.tier == Tier::Interpreter) return none;
  if (state.native != nullptr) return state.native(program);
  if (!program.shapes.empty()) none.missing = "this build has no LLVM";
  return none;
}

/// Tells the recorder what the policy says of events, and one of numbers what those of this
/// snapshot will mean.
Status announce(audit::Recorder& recorder, Running& running, std::span<const std::byte> bundle) {
  running.recorded = recorder.use_policy(policy_words(running.snapshot), bundle);
  const bool numbers = recorder.form() == audit::Recorder::Form::Numbers;
  if (running.recorded != nullptr || !numbers) return {};
  return fail(ErrorCode::Limit, "the audit trail has no room for another bundle", "audit");
}

}  // namespace

Status activate(Engine& engine, ir::Program program, tables::Tables tables, BundleInfo info,
                const Loaded& loaded) {
  WRIT_TRY(ir::verify(program));
  return activate_verified(engine, std::move(program), std::move(tables), std::move(info), loaded);
}

namespace {

/// Decisions wait otherwise for their records than before: an event says since which bundle.
void tell_levels(audit::Recorder& recorder, const Running* before, const Running& now) {
  const AuditLevels levels = before == nullptr ? AuditLevels() : before->snapshot->audit_levels;
  if (levels == now.snapshot->audit_levels) return;
  const BundleInfo& info = now.snapshot->info;
  recorder.lifecycle("audit.levels-changed",
                     fmt::format("{} version {} ({})", info.package, info.version, info.digest));
}

}  // namespace

Status activate_verified(Engine& engine, ir::Program program, tables::Tables tables,
                         BundleInfo info, const Loaded& loaded) {
  Engine::State& state = engine.state();
  const std::lock_guard lock(state.activation);
  // Activations alone store the snapshot, so under their lock it stays.
  WRIT_TRY(newer(state.snapshot.load(std::memory_order_acquire), info));
  Status sound;
  std::vector<TestAnswer> answers;
  const auto check = [&] { sound = tables::verify(tables, program); };
  const auto ask = [&] { answers = test_answers(program); };
  if (program.grants.size() < kGrantsAlone) {
    check();
    ask();
  } else {
    side_by_side(check, ask);
  }
  WRIT_TRY(std::move(sound));
  WRIT_ASSIGN(native, native_code(state, program));
  info.generation = state.generation + 1;
  info.interpreted = native.missing;
  auto fresh = std::make_shared<Running>();
  fresh->snapshot = std::make_shared<const Snapshot>(std::move(program), std::move(tables),
                                                     std::move(native), std::move(info));
  WRIT_TRY(self_test(*fresh->snapshot, answers, loaded.golden));
  if (state.options.recorder != nullptr) {
    WRIT_TRY(announce(*state.options.recorder, *fresh, loaded.file));
  }
  ++state.generation;
  // Nobody may answer from the old bundle once somebody has answered from the new one.
  state.fast.store(0, std::memory_order_seq_cst);
  state.snapshot.store(fresh->snapshot.get(), std::memory_order_seq_cst);
  std::shared_ptr<const Running> old = std::exchange(state.running, std::move(fresh));
  if (state.options.recorder == nullptr && epoch::is_quick()) {
    state.fast.store(state.generation, std::memory_order_seq_cst);
  }
  if (state.options.recorder != nullptr) {
    tell_levels(*state.options.recorder, old.get(), *state.running);
  }
  if (old == nullptr) return {};
  epoch::retire(new std::shared_ptr<const Running>(old));
  old.reset();
  for (int round = 0; round < kGraceRounds && epoch::reclaim() != 0; ++round) sched_yield();
  return {};
}

}  // namespace writ::engine
