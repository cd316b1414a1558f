// The time of a record: the processor's counter where it runs evenly on all cores, which a drain
// turns into UTC, else the system's clock.
#pragma once

#include <chrono>
#include <cstdint>

#if defined(__x86_64__)
#include <cpuid.h>
#include <x86intrin.h>
#endif

namespace writ::audit::ring {

[[nodiscard]] inline std::int64_t utc_us() noexcept {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// SOURCE: Intel SDM volume 3, section 18.17.1: CPUID.80000007H:EDX[8] says that the counter runs
/// at one rate in all states.
[[nodiscard]] inline bool counter_is_even() noexcept {
#if defined(__x86_64__)
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  return __get_cpuid(0x8000'0007U, &a, &b, &c, &d) != 0 && (d >> 8 & 1U) != 0;
#else
  return false;
#endif
}

[[nodiscard]] inline std::uint64_t counter() noexcept {
#if defined(__x86_64__)
  return __rdtsc();
#else
  return 0;
#endif
}

inline void relax() noexcept {
#if defined(__x86_64__)
  _mm_pause();
#endif
}

}  // namespace writ::audit::ring
