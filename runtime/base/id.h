// Typed 4-byte ids: an index into one store, which does not convert to the index of another.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace writ {

template <class Tag>
struct Id {
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;
  std::uint32_t index = kNone;

  constexpr Id() = default;
  constexpr explicit Id(std::size_t at) : index(static_cast<std::uint32_t>(at)) {}
  [[nodiscard]] constexpr bool valid() const { return index != kNone; }
  friend constexpr auto operator<=>(Id, Id) = default;
};

}  // namespace writ

template <class Tag>
struct std::hash<writ::Id<Tag>> {
  std::size_t operator()(writ::Id<Tag> id) const noexcept {
    return std::hash<std::uint32_t>{}(id.index);
  }
};
