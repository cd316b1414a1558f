// bench_load: from a bundle's bytes to the first decision, and to its native code. Each policy in
// turn, the first with what a process pays once (LLVM is loaded and started).
#include "runtime/engine/state.h"
#include "tests/bench/rows.h"
#include "tests/bench/scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace writ::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Code = Result<engine::Native>;

constexpr int kRounds = 9;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

struct Times {
  std::vector<double> decision, code, fast, optimised;
};

double median(std::vector<double> times) {
  std::ranges::sort(times);
  return times[times.size() / 2];
}

Status round_of(const Compiled& compiled, Times& times) {
  const auto start = Clock::now();
  const std::unique_ptr<Engine> engine = Engine::create({});
  WRIT_TRY(engine->load(compiled.bundle, compiled.trust));
  const std::unique_ptr<Session> session = engine->open({});
  static_cast<void>(engine->authorize(*session, RequestFacts{}));
  times.decision.push_back(milliseconds_since(start));
  WRIT_TRY(engine->await_native());
  times.code.push_back(milliseconds_since(start));
  const engine::NativeFactory factory = engine->state().native;
  const std::atomic<bool> stop{false};
  for (const engine::Effort effort : {engine::Effort::Fast, engine::Effort::Optimised}) {
    const auto begin = Clock::now();
    const Code code = factory(compiled.program, effort, stop);
    if (!code) return std::unexpected(code.error());
    (effort == engine::Effort::Fast ? times.fast : times.optimised)
        .push_back(milliseconds_since(begin));
  }
  return {};
}

std::size_t instructions(const ir::Program& program) {
  std::size_t count = 0;
  for (const ir::Shape& shape : program.shapes) count += shape.insts.size();
  return count;
}

Status bench_policy(const std::string& path) {
  WRIT_ASSIGN(compiled, compile_policy(path));
  Times times;
  for (int round = 0; round < kRounds; ++round) WRIT_TRY(round_of(compiled, times));
  fmt::print("{:<24} {:>7} {:>13} {:>9.2f} {:>9.2f} {:>9.2f} {:>9.2f} {:>10.2f}\n", path,
             compiled.program.shapes.size(), instructions(compiled.program), times.code.front(),
             median(times.decision), median(times.fast), median(times.optimised),
             median(times.code));
  std::fflush(stdout);
  return {};
}

Status run(int argc, char** argv) {
  fmt::print("milliseconds, median of {}\n{:<24} {:>7} {:>13} {:>9} {:>9} {:>9} {:>9} {:>10}\n",
             kRounds, "policy", "shapes", "instructions", "code, 1st", "decision", "fast",
             "optimised", "load+code");
  if (argc > 1) {
    for (int at = 1; at < argc; ++at) WRIT_TRY(bench_policy(argv[at]));
    return {};
  }
  for (const char* path : {"policies/acme", "policies/twenty-rules"}) WRIT_TRY(bench_policy(path));
  return {};
}

}  // namespace
}  // namespace writ::bench

int main(int argc, char** argv) {
  const writ::Status status = writ::bench::run(argc, argv);
  if (!status) {
    fmt::print(stderr, "error: {} ({})\n", status.error().message, status.error().where);
    return 3;
  }
  return 0;
}
