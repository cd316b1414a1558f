// What bench_audit measures with, shared by its parts.
#pragma once

#include "runtime/audit/drain/trail.h"
#include "runtime/base/error.h"
#include "tests/bench/scenario.h"

#include <chrono>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace writ::bench {

struct Figure {
  std::string question;
  double ns = 0;          // of one, or 0
  double per_second = 0;  // or 0
  double floor = 0;       // the same unit
  std::string floor_name;
  std::string unit = "";  // where it is neither: `ns` holds the value
};

// Where a figure stands for one that the clock on the wall gave just before.
inline constexpr const char* kOfItsOwn = "the same in a second of its own processor time";

struct Setup {
  std::size_t rows = 10'000;
  std::size_t events = 10'000'000;
  std::string folder;  // of logs
  std::string rings;   // in memory, as in earnest
  std::string only;    // parts; empty: all

  [[nodiscard]] bool wants(std::string_view part) const {
    return only.empty() || only.find(part) != std::string::npos;
  }
};

struct Fixture {
  tests::Workload workload;
  Compiled compiled;
};

using Clock = std::chrono::steady_clock;
inline double seconds(Clock::duration time) { return std::chrono::duration<double>(time).count(); }
/// Of this thread: what others do on a shared machine does not count.
inline double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// A trail with a log and rings of that name.
[[nodiscard]] Result<std::unique_ptr<audit::drain::Trail>> open_trail(const Setup& setup,
                                                                      const std::string& name,
                                                                      std::uint64_t slots);
/// Decisions from names and attributes, under conditions: recorded, drained, and decided again.
[[nodiscard]] Status with_attributes(const Setup& setup, std::vector<Figure>& figures);
/// What is read of the log that the sustained run wrote: as JSON, replayed, searched, verified.
[[nodiscard]] Status read_log(const Fixture& fixture, const Setup& setup,
                              std::vector<Figure>& figures);

}  // namespace writ::bench
