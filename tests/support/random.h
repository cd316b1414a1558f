// Repeatable randomness for tests: the same seed gives the same choices everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace writ::tests {

/// SOURCE: splitmix64, Steele, Lea and Flood, "Fast splittable pseudorandom number generators".
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9E37'79B9'7F4A'7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ z >> 30) * 0xBF58'476D'1CE4'E5B9ULL;
    z = (z ^ z >> 27) * 0x94D0'49BB'1331'11EBULL;
    return z ^ z >> 31;
  }
  /// From 0 to bound - 1; bound is not 0.
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }
  /// From low to high, both included.
  std::size_t between(std::size_t low, std::size_t high) { return low + below(high - low + 1); }
  bool percent(unsigned chance) { return below(100) < chance; }
  template <class Items>
  const auto& one_of(const Items& items) {
    return items[below(std::size(items))];
  }

 private:
  std::uint64_t state_;
};

}  // namespace writ::tests
