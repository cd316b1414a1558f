// The types a policy can speak of. A type is one scalar, perhaps optional (`a?`) or a set of it.
#pragma once

#include <cstdint>
#include <string_view>

namespace writ {

enum class TypeKind : std::uint8_t {
  None,      // no type: the operand of nothing; also what the checker gives to a mistake
  Bool,
  Int,       // 64 bits, overflow is an error value
  String,    // UTF-8
  Ip,        // 128 bits; IPv4 is held as ::ffff:a.b.c.d
  Cidr,
  Time,      // microseconds since 1970 UTC
  Duration,  // microseconds
  Version,   // major.minor.patch, 21 bits each
  Enum,      // ordinal in an enumeration of the vocabulary
};

struct Type {
  TypeKind kind = TypeKind::None;
  bool optional = false;
  bool set = false;
  std::uint16_t enumeration = 0;  // index into Program::enumerations where kind is Enum

  friend constexpr bool operator==(const Type&, const Type&) = default;
  [[nodiscard]] constexpr Type element() const { return {kind, false, false, enumeration}; }
  [[nodiscard]] constexpr bool is(TypeKind k) const { return kind == k && !set; }
};

inline constexpr Type kBool{TypeKind::Bool};
inline constexpr Type kInt{TypeKind::Int};
inline constexpr Type kString{TypeKind::String};
inline constexpr Type kIp{TypeKind::Ip};
inline constexpr Type kCidr{TypeKind::Cidr};
inline constexpr Type kTime{TypeKind::Time};
inline constexpr Type kDuration{TypeKind::Duration};
inline constexpr Type kVersion{TypeKind::Version};

/// The name of a scalar type as policy text writes it (`Int`, `Cidr`).
[[nodiscard]] std::string_view name_of(TypeKind kind);

}  // namespace writ
