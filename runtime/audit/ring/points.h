// Named places at which a test may end the process: before and after each step whose order matters
// for what survives. Nobody is told unless a test asks to be.
#pragma once

#include <atomic>

namespace writ::audit::ring {

using OnPoint = void (*)(const char* name);
inline constinit std::atomic<OnPoint> on_point{nullptr};

inline void reach(const char* name) {
  if (const OnPoint tell = on_point.load(std::memory_order_relaxed)) [[unlikely]] tell(name);
}

}  // namespace writ::audit::ring
