#include "runtime/engine/activate.h"

#include <algorithm>
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

/// With what native code will be tried: golden decisions, borders of grants, and nobody's question.
std::vector<Trial> trials_of(const ir::Program& program, const std::vector<TestAnswer>& answers,
                             std::span<const GoldenDecision> golden) {
  std::vector<Trial> trials;
  if (program.shapes.empty() || program.kinds.empty()) return trials;
  SessionFacts nobody;
  if (!answers.empty()) nobody.scope = answers.back().session.scope;
  RequestFacts anything;
  anything.kind = program.text(program.kinds.front().name);
  trials.push_back({std::move(nobody), std::move(anything)});
  for (const TestAnswer& of : answers) {
    if (trials.size() < kTrialsMax) trials.push_back({of.session, of.request});
  }
  // Golden decisions follow the policy's files: some from each part.
  const std::size_t room = kTrialsMax - trials.size();
  const std::size_t step = std::max<std::size_t>(golden.size() / room, 1);
  for (std::size_t at = 0; at < golden.size() && trials.size() < kTrialsMax; at += step) {
    trials.push_back({golden[at].session, golden[at].request});
  }
  return trials;
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

bundle::Mark mark_of(const BundleInfo& info) { return {info.package, info.version, info.digest}; }

Status activate(Engine& engine, ir::Program program, tables::Tables tables, BundleInfo info,
                const Loaded& loaded) {
  WRIT_TRY(ir::verify(program));
  WRIT_TRY(
      activate_verified(engine, std::move(program), std::move(tables), std::move(info), loaded));
  begin_native(engine);
  return {};
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
  info.generation = state.generation + 1;
  auto fresh = std::make_shared<Running>();
  fresh->snapshot =
      std::make_shared<const Snapshot>(std::move(program), std::move(tables), std::move(info));
  WRIT_TRY(self_test(*fresh->snapshot, answers, loaded.golden));
  if (state.options.recorder != nullptr) {
    WRIT_TRY(announce(*state.options.recorder, *fresh, loaded.file));
  }
  if (loaded.store != nullptr) {
    WRIT_TRY(loaded.store->keep(mark_of(fresh->snapshot->info), loaded.file));
  }
  state.trials = trials_of(fresh->snapshot->program, answers, loaded.golden);
  state.code_owed = state.options.tier == Tier::Native;
  ++state.generation;
  // Nobody may answer from the old bundle once somebody has answered from the new one.
  state.fast.store(0, std::memory_order_seq_cst);
  state.snapshot.store(fresh->snapshot.get(), std::memory_order_seq_cst);
  std::shared_ptr<const Running> old = std::exchange(state.running, std::move(fresh));
  if (state.options.recorder == nullptr) {
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

void begin_native(Engine& engine) {
  Engine::State& state = engine.state();
  const std::lock_guard lock(state.activation);
  if (!std::exchange(state.code_owed, false)) return;
  state.native_worker.start({state.native, state.options.recorder, state.running->snapshot,
                             std::exchange(state.trials, {})});
}

}  // namespace writ::engine
