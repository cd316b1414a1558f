// Native code comes behind a running bundle: who made it, when it counts, what is said where there
// is none or it is wrong. The "code" here is plain functions.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "runtime/audit/memory_recorder.h"
#include "runtime/engine/state.h"
#include "tests/unit/engine/world.h"

namespace writ::testing {
namespace {

using engine::Effort;
using engine::Native;

std::atomic<int> fast_made{0};
std::atomic<int> optimised_made{0};
std::atomic<std::uint64_t> fast_asked{0};
std::atomic<std::uint64_t> optimised_asked{0};

/// The shape of World::below on tls.version, by hand: the value below the constant.
std::uint64_t below(const Frame* frame, const Slot* constants) noexcept {
  const std::uint8_t presence = frame->session_presence[0];
  if (presence == kPresenceBadValue) return std::uint64_t{make_error(EvalError::BadValue)} << 32;
  if (presence != static_cast<std::uint8_t>(Presence::Present)) {
    return std::uint64_t{make_error(EvalError::MissingAttribute)} << 32;
  }
  return frame->session_slots[0].a < constants[0].a ? 1 : 0;
}
std::uint64_t fast_below(const Frame* frame, const Slot* constants) noexcept {
  fast_asked.fetch_add(1, std::memory_order_relaxed);
  return below(frame, constants);
}
std::uint64_t optimised_below(const Frame* frame, const Slot* constants) noexcept {
  optimised_asked.fetch_add(1, std::memory_order_relaxed);
  return below(frame, constants);
}
std::uint64_t starts_with_sa(const Frame* frame, const Slot* /*constants*/) noexcept {
  return std::string_view(frame->principal_name, frame->principal_name_bytes).starts_with("sa-")
             ? 1 : 0;
}
/// World::equals on a request attribute that nobody gives.
std::uint64_t never_given(const Frame* /*frame*/, const Slot* /*constants*/) noexcept {
  return std::uint64_t{make_error(EvalError::MissingAttribute, 2)} << 32;
}
std::uint64_t holds(const Frame* /*frame*/, const Slot* /*constants*/) noexcept { return 1; }
std::uint64_t fails(const Frame* /*frame*/, const Slot* /*constants*/) noexcept { return 0; }
std::uint64_t lies(const Frame* /*frame*/, const Slot* /*constants*/) noexcept {
  return std::uint64_t{7} << 32;
}

Native of_functions(const ir::Program& program, ShapeFn below_function) {
  Native native;
  for (const ir::Shape& shape : program.shapes) {
    switch (shape.insts.back().kind) {
      case ir::InstKind::StartsWith: native.shapes.push_back(starts_with_sa); break;
      case ir::InstKind::Lt: native.shapes.push_back(below_function); break;
      case ir::InstKind::Eq: native.shapes.push_back(never_given); break;
      default: native.shapes.push_back(shape.insts.size() % 2 == 1 ? holds : fails); break;
    }
  }
  native.kinds.resize(program.kinds.size(), nullptr);
  return native;
}
Result<Native> hand_made(const ir::Program& program, Effort effort,
                         const std::atomic<bool>& /*stop*/) {
  const bool fast = effort == Effort::Fast;
  (fast ? fast_made : optimised_made).fetch_add(1);
  return of_functions(program, fast ? fast_below : optimised_below);
}
Result<Native> wrong(const ir::Program& program, Effort /*effort*/,
                     const std::atomic<bool>& /*stop*/) {
  return of_functions(program, lies);
}
Result<Native> wrong_when_optimised(const ir::Program& program, Effort effort,
                                    const std::atomic<bool>& /*stop*/) {
  return of_functions(program, effort == Effort::Fast ? fast_below : lies);
}
std::uint64_t nobody_decides(const Frame* /*frame*/, const Moment* /*moment*/,
                             const Slot* /*constants*/, std::uint64_t /*rows*/) noexcept {
  return kNobody;
}
Result<Native> wrong_in_a_kind(const ir::Program& program, Effort effort,
                               const std::atomic<bool>& stop) {
  auto native = hand_made(program, effort, stop);
  native->kinds.assign(program.kinds.size(), nobody_decides);
  return native;
}
Result<Native> none(const ir::Program& /*program*/, Effort /*effort*/,
                    const std::atomic<bool>& /*stop*/) {
  return fail(ErrorCode::Unsupported, "no executable memory here");
}
Result<Native> wrong_in_the_last(const ir::Program& program, Effort effort,
                                 const std::atomic<bool>& stop) {
  auto native = hand_made(program, effort, stop);
  native->shapes.back() = lies;
  return native;
}
/// Compiles until it is told to stop.
std::atomic<int> started{0};
std::atomic<int> given_up{0};
Result<Native> endless(const ir::Program& /*program*/, Effort /*effort*/,
                       const std::atomic<bool>& stop) {
  started.fetch_add(1);
  started.notify_all();
  while (!stop.load(std::memory_order_relaxed)) std::this_thread::yield();
  given_up.fetch_add(1);
  return fail(ErrorCode::Unsupported, "no longer wanted");
}
/// Waits to be let go, then gives code.
std::atomic<bool> let_go{false};
Result<Native> held(const ir::Program& program, Effort effort, const std::atomic<bool>& stop) {
  let_go.wait(false);
  return hand_made(program, effort, stop);
}
Result<Native> optimised_is_held(const ir::Program& program, Effort effort,
                                 const std::atomic<bool>& stop) {
  auto native = hand_made(program, effort, stop);
  (effort == Effort::Fast ? fast_made : optimised_made).notify_all();
  if (effort == Effort::Optimised) let_go.wait(false);
  return native;
}

std::unique_ptr<Engine> engine_with(engine::NativeFactory factory,
                                    audit::Recorder* recorder = nullptr) {
  auto state = std::make_unique<Engine::State>();
  state->native = factory;
  state->options.recorder = recorder;
  return std::make_unique<Engine>(std::move(state));
}

void old_tls_is_denied(World& world) {
  world.allow("R", "*", {.subject = world.any});
  world.deny("R", "*", {.subject = world.any, .condition = world.below(world.tls, 1, 2)});
}
/// More conditions than one trial asks.
void much_more(World& world) {
  for (std::uint32_t nots = 1; nots <= 300; ++nots) {
    std::vector<ir::Inst> insts = {{ir::InstKind::Const, kBool, 0, 0, 0}};
    for (std::uint32_t at = 0; at < nots; ++at) {
      insts.push_back({ir::InstKind::Not, kBool, at, 0, 0});
    }
    static_cast<void>(world.builder.condition(insts, {Value::boolean(true)}));
  }
}

SessionFacts with_tls(const char* version) {
  SessionFacts facts = session_of("alice");
  facts.attributes.emplace_back("tls.version", Value::of_text(version));
  return facts;
}
ReasonClass reads(const Engine& engine, const char* version) {
  return engine.authorize(*engine.open(with_tls(version)), request_of("Read", "x")).reason;
}
int count_of(const audit::MemoryRecorder& recorder, std::string_view text) {
  const std::vector<std::string> lines = recorder.lines();
  return static_cast<int>(std::ranges::count_if(lines, [&](const std::string& line) {
    return line.find(text) != std::string::npos;
  }));
}

TEST(NativeTiers, DecisionsDoNotWaitForCode) {
  let_go = false;
  const std::unique_ptr<Engine> engine = engine_with(held);
  World world;
  old_tls_is_denied(world);
  world.activate(*engine);
  const std::uint64_t before = optimised_asked;
  EXPECT_EQ(reads(*engine, "1.1"), ReasonClass::Deny);
  EXPECT_EQ(reads(*engine, "1.2"), ReasonClass::Allow);
  EXPECT_EQ(optimised_asked, before);
  let_go = true;
  let_go.notify_all();
  EXPECT_TRUE(engine->await_native().has_value());
  EXPECT_EQ(reads(*engine, "1.1"), ReasonClass::Deny);
  EXPECT_GT(optimised_asked, before);
}

TEST(NativeTiers, CodeThatAnswersOtherwiseIsNeverUsed) {
  for (const engine::NativeFactory factory : {wrong, wrong_in_a_kind}) {
    audit::MemoryRecorder recorder;
    const std::unique_ptr<Engine> engine = engine_with(factory, &recorder);
    World world;
    old_tls_is_denied(world);
    world.deny("W", "*", {.subject = world.any, .condition = world.equals(world.purpose, "x")});
    world.activate(*engine);
    const Status native = engine->await_native();
    ASSERT_FALSE(native.has_value());
    EXPECT_EQ(native.error().code, ErrorCode::Internal);
    EXPECT_EQ(count_of(recorder, "native.refused"), 1);
    EXPECT_EQ(count_of(recorder, "native.unavailable"), 0);
    EXPECT_EQ(reads(*engine, "1.2"), ReasonClass::Allow);
    EXPECT_EQ(reads(*engine, "1.1"), ReasonClass::Deny);
  }
}

TEST(NativeTiers, WhereOptimisedCodeIsWrongTheFastCodeGoesToo) {
  audit::MemoryRecorder recorder;
  const std::unique_ptr<Engine> engine = engine_with(wrong_when_optimised, &recorder);
  World world;
  old_tls_is_denied(world);
  world.activate(*engine);
  ASSERT_FALSE(engine->await_native().has_value());
  EXPECT_EQ(count_of(recorder, "native.refused"), 1);
  const std::uint64_t before = fast_asked;
  EXPECT_EQ(reads(*engine, "1.2"), ReasonClass::Allow);
  EXPECT_EQ(fast_asked, before);
}

TEST(NativeTiers, WithoutCodeTheInterpreterStaysAndAnEventSaysSo) {
  for (const engine::NativeFactory factory : {none, engine::NativeFactory{nullptr}}) {
    audit::MemoryRecorder recorder;
    const std::unique_ptr<Engine> engine = engine_with(factory, &recorder);
    World world;
    old_tls_is_denied(world);
    world.activate(*engine);
    const Status native = engine->await_native();
    ASSERT_FALSE(native.has_value());
    EXPECT_EQ(native.error().code, ErrorCode::Unsupported);
    EXPECT_EQ(count_of(recorder, "native.unavailable"), 1);
    EXPECT_EQ(count_of(recorder, native.error().message), 1);
    EXPECT_EQ(reads(*engine, "1.1"), ReasonClass::Deny);
  }
}

TEST(NativeTiers, WithoutABundleOrByChoiceThereIsNone) {
  const std::unique_ptr<Engine> empty = engine_with(hand_made);
  EXPECT_EQ(empty->await_native().error().code, ErrorCode::Unsupported);
  const std::unique_ptr<Engine> plain = plain_engine();
  World world;
  old_tls_is_denied(world);
  world.activate(*plain);
  EXPECT_EQ(plain->await_native().error().code, ErrorCode::Unsupported);
}

TEST(NativeTiers, FastCodeDecidesUntilOptimisedCodeIsThere) {
  fast_made = optimised_made = 0;
  let_go = false;
  const std::unique_ptr<Engine> engine = engine_with(optimised_is_held);
  World world;
  old_tls_is_denied(world);
  world.activate(*engine);
  while (optimised_made == 0) optimised_made.wait(0);
  std::uint64_t fast_before = fast_asked;
  std::uint64_t optimised_before = optimised_asked;
  EXPECT_EQ(reads(*engine, "1.1"), ReasonClass::Deny);
  EXPECT_GT(fast_asked, fast_before);
  EXPECT_EQ(optimised_asked, optimised_before);
  let_go = true;
  let_go.notify_all();
  ASSERT_TRUE(engine->await_native().has_value());
  EXPECT_EQ(fast_made, 1);
  EXPECT_EQ(optimised_made, 1);
  fast_before = fast_asked;
  optimised_before = optimised_asked;
  EXPECT_EQ(reads(*engine, "1.1"), ReasonClass::Deny);
  EXPECT_EQ(reads(*engine, "1.2"), ReasonClass::Allow);
  EXPECT_EQ(fast_asked, fast_before);
  EXPECT_GT(optimised_asked, optimised_before);
}

TEST(NativeTiers, EveryConditionIsTriedHoweverManyThereAre) {
  const std::unique_ptr<Engine> engine = engine_with(wrong_in_the_last);
  World world;
  old_tls_is_denied(world);
  much_more(world);
  for (int at = 0; at < 8; ++at) world.allow("W", "*", {.subject = world.bob});
  world.activate(*engine);
  EXPECT_EQ(engine->await_native().error().code, ErrorCode::Internal);
}

TEST(NativeTiers, NobodyWhoDecidesMeanwhileSeesADifference) {
  const std::unique_ptr<Engine> engine = engine_with(hand_made);
  World first;
  old_tls_is_denied(first);
  first.activate(*engine);
  const std::unique_ptr<Session> modern = engine->open(with_tls("1.3"));
  const std::unique_ptr<Session> old = engine->open(with_tls("1.0"));
  std::atomic<bool> done{false};
  std::atomic<std::uint64_t> differences{0};
  std::thread reader([&] {
    while (!done.load(std::memory_order_relaxed)) {
      if (engine->authorize(*modern, request_of("Read", "x")).verdict != Verdict::Allow ||
          engine->authorize(*old, request_of("Read", "x")).verdict != Verdict::Deny) {
        differences.fetch_add(1);
      }
      // Views fold what the session decides, so a new one runs the code.
      if (reads(*engine, "1.1") != ReasonClass::Deny) differences.fetch_add(1);
    }
  });
  for (int reload = 0; reload < 100; ++reload) {
    World world;
    old_tls_is_denied(world);
    if (reload % 2 == 0) much_more(world);
    world.activate(*engine);
    if (reload % 5 == 0) {
      EXPECT_TRUE(engine->await_native().has_value());
    }
  }
  done.store(true);
  reader.join();
  EXPECT_EQ(differences.load(), 0U);
  EXPECT_TRUE(engine->await_native().has_value());
}

TEST(NativeTiers, ANewerBundleGivesUpTheCodeOfTheOld) {
  started = given_up = 0;
  audit::MemoryRecorder recorder;
  {
    const std::unique_ptr<Engine> engine = engine_with(endless, &recorder);
    for (int reload = 1; reload <= 20; ++reload) {
      World world;
      old_tls_is_denied(world);
      world.activate(*engine);
      EXPECT_EQ(reads(*engine, "1.1"), ReasonClass::Deny);
      // Half of them while code is made, half before it is begun.
      if (reload % 2 == 0) started.wait(0);
    }
  }
  EXPECT_GE(started.load(), 1);
  EXPECT_EQ(started.load(), given_up.load());
  EXPECT_EQ(count_of(recorder, "native."), 0);
}

TEST(NativeTiers, AnEngineEndsWhileCodeIsMade) {
  started = given_up = 0;
  for (int round = 0; round < 20; ++round) {
    const int before = started;
    const std::unique_ptr<Engine> engine = engine_with(endless);
    World world;
    old_tls_is_denied(world);
    world.activate(*engine);
    if (round % 2 == 0) started.wait(before);
  }
  EXPECT_EQ(started.load(), given_up.load());
}

}  // namespace
}  // namespace writ::testing
