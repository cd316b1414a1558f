// Values in two forms. `Value` owns what it holds: constants of a program, attributes of a
// request on their way in. `Slot` is 16 bytes of plain data that the interpreter and native code
// read; its pointers are owned by whoever filled it (a session, a request frame, the tables).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/value/type.h"

namespace writ {

/// An address, IPv4 as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2), big-endian halves.
struct Ip {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend constexpr auto operator<=>(const Ip&, const Ip&) = default;
  [[nodiscard]] constexpr bool is_v4() const { return high == 0 && (low >> 32) == 0xFFFF; }
};

/// A network: base with the host bits cleared, and how many of the 128 bits count (IPv4 length
/// plus 96). Families never mix: `::/0` holds no IPv4 address. SOURCE: KIP-1276.
struct Cidr {
  Ip base;
  std::uint8_t bits = 0;
  bool v4 = false;
  friend constexpr bool operator==(const Cidr&, const Cidr&) = default;
  [[nodiscard]] bool contains(Ip ip) const;
};

/// Reads `10.0.0.1`, `2001:db8::1`, any notation of RFC 4291; no zone, no leading zeros.
[[nodiscard]] std::optional<Ip> parse_ip(std::string_view text);
/// Reads `10.0.0.0/8`. With `host_bits` false a base with host bits set is refused.
enum class HostBits : std::uint8_t { Refuse, Clear };
[[nodiscard]] std::optional<Cidr> parse_cidr(std::string_view text, HostBits host_bits);
[[nodiscard]] std::string to_text(Ip ip);  // RFC 5952; IPv4 dotted
[[nodiscard]] std::string to_text(const Cidr& cidr);
/// The text that Java's InetAddress.getHostAddress() prints for it: IPv6 uncompressed.
[[nodiscard]] std::string java_text(Ip ip);

[[nodiscard]] constexpr std::uint64_t make_version(std::uint64_t major, std::uint64_t minor,
                                                   std::uint64_t patch) {
  return major << 42 | minor << 21 | patch;
}
[[nodiscard]] std::optional<std::uint64_t> parse_version(std::string_view text);
[[nodiscard]] std::string version_text(std::uint64_t version);
/// `2026-12-20`, `2026-12-20T08:30:00Z`, with fractions and numeric offsets → microseconds.
[[nodiscard]] std::optional<std::int64_t> parse_time(std::string_view text);
[[nodiscard]] std::string time_text(std::int64_t micros);  // RFC 3339, UTC, trailing zeros cut
/// `365d`, `8h`, `90m`, `10s`, and sums of them in that order (`1d12h`) → microseconds.
[[nodiscard]] std::optional<std::int64_t> parse_duration(std::string_view text);
[[nodiscard]] std::string duration_text(std::int64_t micros);

/// A value that owns its text. `integer` holds Bool, Int, Time, Duration, Version (as bits) and
/// the ordinal of an Enum; sets hold their elements sorted and without repeats.
struct Value {
  Type type;
  std::int64_t integer = 0;
  std::string text;
  Cidr cidr;  // Cidr; an Ip is in cidr.base
  std::vector<Value> elements;

  static Value boolean(bool v) { return {kBool, v ? 1 : 0, {}, {}, {}}; }
  static Value of_int(std::int64_t v) { return {kInt, v, {}, {}, {}}; }
  static Value of_text(std::string v) { return {kString, 0, std::move(v), {}, {}}; }
  static Value of_ip(Ip ip) { return {kIp, 0, {}, {ip, 128, ip.is_v4()}, {}}; }
  static Value of_cidr(Cidr c) { return {kCidr, 0, {}, c, {}}; }
  static Value of(TypeKind kind, std::int64_t v) { return {Type{kind}, v, {}, {}, {}}; }
  friend bool operator==(const Value&, const Value&) = default;
};

/// Total order within one type: numbers by size, text by bytes, addresses by bits.
[[nodiscard]] int compare(const Value& a, const Value& b);
/// As policy text would write it: `"x"`, `10.0.0.0/8`, `{ 1, 2 }`. `enum_name` names ordinals.
[[nodiscard]] std::string to_text(const Value& value);

/// Plain data for evaluators. Meaning by type: Bool/Int/Time/Duration/Version/Enum in `a`;
/// String: a = pointer to bytes, b = length; Ip: a = high, b = low; Cidr: a = pointer to Cidr;
/// set: a = pointer to its sorted Slots, b = count.
struct Slot {
  std::uint64_t a = 0;
  std::uint64_t b = 0;
};
static_assert(sizeof(Slot) == 16 && offsetof(Slot, b) == 8);

[[nodiscard]] inline std::string_view slot_text(const Slot& s) {
  return {reinterpret_cast<const char*>(s.a), static_cast<std::size_t>(s.b)};  // NOLINT
}

enum class Presence : std::uint8_t {
  Missing = 0,  // nobody said: reading it is an error
  Present = 1,
  None = 2,     // said to be absent (an optional): `has` is false, reading it is an error
};

/// Why a value could not be had. In conditions an error is code << 24 | detail.
enum class EvalError : std::uint8_t {
  None = 0,
  MissingAttribute = 1,  // detail: attribute
  UnknownHost = 2,
  UnknownGroups = 3,
  Overflow = 4,
  BadValue = 5,          // detail: attribute
  UnknownTime = 6,
  UnlistedFact = 7,      // detail: attribute; the resource is not declared, so has no facts
};
[[nodiscard]] constexpr std::uint32_t make_error(EvalError code, std::uint32_t detail = 0) {
  return static_cast<std::uint32_t>(code) << 24 | (detail & 0xFF'FFFF);
}
[[nodiscard]] constexpr EvalError error_code(std::uint32_t error) {
  return static_cast<EvalError>(error >> 24);
}
[[nodiscard]] std::string_view name_of(EvalError error);

}  // namespace writ
