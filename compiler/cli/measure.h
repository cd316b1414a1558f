// A stopwatch for rows of nanoseconds: median of several rounds, each long enough to mean
// something. Used by `writ bench` and the benches of tests/bench.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace writ::cli {

struct MeasureOptions {
  std::size_t rounds = 7;
  double round_seconds = 0.02;
  std::size_t passes_max = SIZE_MAX;
  std::function<void()> between;  // before each stretch of passes, untimed
};

/// Keeps a value from being optimised away.
inline void keep(std::uint64_t value) {
  asm volatile("" : : "r"(value));
}

/// Nanoseconds an item of `pass`, which does `items` of them and answers a checksum.
template <class Pass>
[[nodiscard]] double measure_ns(std::size_t items, Pass&& pass, MeasureOptions options = {}) {
  using Clock = std::chrono::steady_clock;
  const auto seconds = [](Clock::duration d) { return std::chrono::duration<double>(d).count(); };
  std::size_t passes = 1;
  const auto time_passes = [&] {
    if (options.between) {
      options.between();
    }
    const auto start = Clock::now();
    for (std::size_t i = 0; i < passes; ++i) {
      keep(pass());
    }
    return seconds(Clock::now() - start);
  };
  for (;;) {
    const double took = time_passes();
    if (took >= options.round_seconds || passes >= options.passes_max) {
      break;
    }
    const double wanted = options.round_seconds / std::max(took, 1e-7) * 1.2 + 1;
    passes = std::min(options.passes_max, static_cast<std::size_t>(static_cast<double>(passes) *
                                                                   std::min(wanted, 100.0)));
  }
  std::vector<double> rounds;
  for (std::size_t round = 0; round < options.rounds; ++round) {
    rounds.push_back(time_passes() * 1e9 /
                     static_cast<double>(passes * std::max<std::size_t>(items, 1)));
  }
  std::sort(rounds.begin(), rounds.end());
  return rounds[rounds.size() / 2];
}

}  // namespace writ::cli
