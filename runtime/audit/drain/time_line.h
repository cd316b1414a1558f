// The processor's counter as UTC. Between two looks at the clocks the counter is a ruler; how far
// off it may be is said with each time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace writ::audit::drain {

/// The clocks, looked at together.
struct ClockLook {
  std::uint64_t counter = 0;
  std::int64_t boot_us = 0;         // since the machine's start: never set, counts sleep too
  std::int64_t utc_us = 0;
  std::int64_t uncertainty_us = 0;  // between the looks
};
[[nodiscard]] ClockLook look_at_clocks();

struct Moment {
  std::int64_t utc_us = 0;
  std::uint32_t uncertainty_us = 0;
};

class TimeLine {
 public:
  /// Records that were read after a look have counters up to a later one: look after copying.
  void look(const ClockLook& now);
  /// Of a counter that was read before the last look. One from the future, or from before the
  /// machine started, is held to the ends, and its uncertainty says how far that is.
  [[nodiscard]] Moment of(std::uint64_t counter) const;

 private:
  void prepare();

  ClockLook last_;
  ClockLook base_;  // far enough back to tell the rate
  double us_per_count_ = 0;
  std::int64_t rate_error_us_ = 0;  // over the distance to the base
  std::int64_t stepped_us_ = 0;     // UTC against the boot clock since the look before
  // Of the last look, for of().
  double boot_us_ = 0;
  double error_us_ = 0;
  double drift_ = 0;                // error of a microsecond back
};

inline Moment TimeLine::of(std::uint64_t counter) const {
  // INVARIANT: never later than the last look: a record was read before it.
  const bool future = counter > last_.counter;
  const std::uint64_t counts = future ? counter - last_.counter : last_.counter - counter;
  constexpr std::uint64_t kCountsMost = std::numeric_limits<std::int64_t>::max();
  // WHY signed: the processor has an instruction for it.
  const double distance =
      static_cast<double>(static_cast<std::int64_t>(std::min(counts, kCountsMost))) * us_per_count_;
  const double ago = future ? 0 : std::min(distance, boot_us_);
  const double error = error_us_ + drift_ * ago + (future ? distance : 0);
  constexpr double kMost = std::numeric_limits<std::uint32_t>::max();
  return {last_.utc_us - static_cast<std::int64_t>(ago),
          static_cast<std::uint32_t>(std::min(error, kMost))};
}

}  // namespace writ::audit::drain
