#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

#include <fmt/format.h>

#include "runtime/value/value.h"

namespace writ {
namespace {

constexpr std::uint64_t kV4Prefix = std::uint64_t{0xFFFF} << 32;
constexpr std::uint8_t kV4Offset = 96;
constexpr std::size_t kGroups = 8;
using Groups = std::array<std::uint16_t, kGroups>;

/// Digits alone, no sign, no leading zero.
std::optional<unsigned> parse_decimal(std::string_view text, unsigned max) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  if (value > max) return std::nullopt;
  return value;
}

std::optional<std::uint32_t> parse_v4(std::string_view text) {
  std::uint32_t address = 0;
  for (int part = 0; part < 4; ++part) {
    const std::size_t dot = part < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos) return std::nullopt;
    const auto octet = parse_decimal(text.substr(0, dot), 255);
    if (!octet) return std::nullopt;
    address = address << 8 | *octet;
    text.remove_prefix(part < 3 ? dot + 1 : dot);
  }
  return address;
}

std::optional<std::uint16_t> parse_group(std::string_view text) {
  if (text.empty() || text.size() > 4) return std::nullopt;
  std::uint16_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (status != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Groups between colons, the last perhaps in dotted form. Appends them to `out`.
bool parse_groups(std::string_view text, Groups& out, std::size_t& count) {
  if (text.empty()) return true;
  for (;;) {
    const std::size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && group.find('.') != std::string_view::npos) {
      const auto v4 = parse_v4(group);
      if (!v4 || count + 2 > kGroups) return false;
      out[count++] = static_cast<std::uint16_t>(*v4 >> 16);
      out[count++] = static_cast<std::uint16_t>(*v4 & 0xFFFF);
      return true;
    }
    const auto value = parse_group(group);
    if (!value || count == kGroups) return false;
    out[count++] = *value;
    if (colon == std::string_view::npos) return true;
    text.remove_prefix(colon + 1);
  }
}

std::optional<Ip> parse_v6(std::string_view text) {
  const std::size_t gap = text.find("::");
  Groups head{};
  Groups tail{};
  std::size_t head_count = 0;
  std::size_t tail_count = 0;
  if (gap == std::string_view::npos) {
    if (!parse_groups(text, head, head_count) || head_count != kGroups) return std::nullopt;
  } else {
    const std::string_view before = text.substr(0, gap);
    // A dotted part stands at the very end of an address only.
    if (before.find('.') != std::string_view::npos) return std::nullopt;
    if (!parse_groups(before, head, head_count)) return std::nullopt;
    if (!parse_groups(text.substr(gap + 2), tail, tail_count)) return std::nullopt;
    if (head_count + tail_count >= kGroups) return std::nullopt;
    for (std::size_t i = 0; i < tail_count; ++i) head[kGroups - tail_count + i] = tail[i];
  }
  Ip ip;
  for (std::size_t i = 0; i < 4; ++i) {
    ip.high = ip.high << 16 | head[i];
    ip.low = ip.low << 16 | head[i + 4];
  }
  return ip;
}

/// Clears all but the first `bits` bits.
Ip masked(Ip ip, unsigned bits) {
  const auto keep = [](unsigned count) -> std::uint64_t {
    return count == 0 ? 0 : ~std::uint64_t{0} << (64 - count);
  };
  return {ip.high & keep(std::min(bits, 64U)), ip.low & keep(bits > 64 ? bits - 64 : 0)};
}

Groups groups_of(Ip ip) {
  Groups groups{};
  for (std::size_t i = 0; i < 4; ++i) {
    groups[i] = static_cast<std::uint16_t>(ip.high >> (48 - 16 * i));
    groups[i + 4] = static_cast<std::uint16_t>(ip.low >> (48 - 16 * i));
  }
  return groups;
}

std::string v4_text(Ip ip) {
  return fmt::format("{}.{}.{}.{}", ip.low >> 24 & 0xFF, ip.low >> 16 & 0xFF, ip.low >> 8 & 0xFF,
                     ip.low & 0xFF);
}

}  // namespace

bool Cidr::contains(Ip ip) const { return v4 == ip.is_v4() && masked(ip, bits) == base; }

std::optional<Ip> parse_ip(std::string_view text) {
  // The longest notation is six groups and a dotted part: 45 bytes.
  if (text.size() > 45) return std::nullopt;
  if (text.find(':') != std::string_view::npos) return parse_v6(text);
  const auto v4 = parse_v4(text);
  if (!v4) return std::nullopt;
  return Ip{0, kV4Prefix | *v4};
}

std::optional<Cidr> parse_cidr(std::string_view text, HostBits host_bits) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view address = text.substr(0, slash);
  const auto ip = parse_ip(address);
  const bool dotted = address.find(':') == std::string_view::npos;
  const auto length = parse_decimal(text.substr(slash + 1), dotted ? 32 : 128);
  if (!ip || !length) return std::nullopt;
  Cidr cidr;
  cidr.bits = static_cast<std::uint8_t>(*length + (dotted ? kV4Offset : 0U));
  cidr.base = masked(*ip, cidr.bits);
  if (host_bits == HostBits::Refuse && cidr.base != *ip) return std::nullopt;
  cidr.v4 = cidr.bits >= kV4Offset && cidr.base.is_v4();
  return cidr;
}

std::string to_text(Ip ip) {
  if (ip.is_v4()) return v4_text(ip);
  const Groups groups = groups_of(ip);
  // SOURCE: RFC 5952 section 4.2: the longest run of zeros, the first of equals, never a single.
  std::size_t best = kGroups;
  std::size_t best_count = 1;
  for (std::size_t i = 0; i < kGroups;) {
    std::size_t end = i;
    while (end < kGroups && groups[end] == 0) ++end;
    if (end - i > best_count) {
      best = i;
      best_count = end - i;
    }
    i = end + 1;
  }
  std::string text;
  for (std::size_t i = 0; i < kGroups; ++i) {
    if (i == best) {
      text += "::";
      i += best_count - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    text += fmt::format("{:x}", groups[i]);
  }
  return text;
}

std::string to_text(const Cidr& cidr) {
  return fmt::format("{}/{}", to_text(cidr.base), cidr.v4 ? cidr.bits - kV4Offset : cidr.bits);
}

std::string java_text(Ip ip) {
  if (ip.is_v4()) return v4_text(ip);
  const Groups groups = groups_of(ip);
  return fmt::format("{:x}", fmt::join(groups, ":"));
}

}  // namespace writ
