#include "runtime/audit/drain/time_line.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <ctime>

#include "runtime/audit/ring/clock.h"

namespace writ::audit::drain {
namespace {

// The rate is taken over at least so long: a microsecond of error in a second is one in a million.
constexpr std::int64_t kBaseUs = 1'000'000;
// A base older than this is renewed, so that a counter whose rate drifts is followed.
constexpr std::int64_t kBaseMostUs = 60'000'000;

std::int64_t read_us(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1'000;
}

}  // namespace

ClockLook look_at_clocks() {
  ClockLook look;
  const std::int64_t before = read_us(CLOCK_BOOTTIME);
  look.counter = ring::counter();
  look.utc_us = read_us(CLOCK_REALTIME);
  look.boot_us = read_us(CLOCK_BOOTTIME);
  look.uncertainty_us = look.boot_us - before + 1;
  return look;
}

void TimeLine::look(const ClockLook& now) {
  const bool first = last_.counter == 0;
  stepped_us_ = first ? 0
                      : std::abs((now.utc_us - now.boot_us) - (last_.utc_us - last_.boot_us));
  if (first || now.counter < last_.counter) {
    // A counter that went back (the machine was moved) tells nothing of before.
    base_ = now;
  } else if (now.boot_us - base_.boot_us >= kBaseUs) {
    const auto counts = static_cast<double>(now.counter - base_.counter);
    us_per_count_ = static_cast<double>(now.boot_us - base_.boot_us) / counts;
    rate_error_us_ = base_.uncertainty_us + now.uncertainty_us;
    if (now.boot_us - base_.boot_us >= kBaseMostUs) base_ = now;
  } else if (us_per_count_ == 0 && now.counter > base_.counter) {
    us_per_count_ = static_cast<double>(now.boot_us - base_.boot_us) /
                    static_cast<double>(now.counter - base_.counter);
    rate_error_us_ = base_.uncertainty_us + now.uncertainty_us;
  }
  last_ = now;
  prepare();
}

void TimeLine::prepare() {
  boot_us_ = static_cast<double>(std::max<std::int64_t>(last_.boot_us, 0));
  // A rate taken over the base's distance errs in proportion to how far back it is used.
  const std::int64_t distance = std::max<std::int64_t>(last_.boot_us - base_.boot_us, kBaseUs);
  drift_ = static_cast<double>(rate_error_us_) / static_cast<double>(distance);
  error_us_ = static_cast<double>(last_.uncertainty_us + stepped_us_) +
              (us_per_count_ == 0 ? static_cast<double>(last_.boot_us) : 0.0);
}

}  // namespace writ::audit::drain
