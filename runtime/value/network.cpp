#include <array>
#include <charconv>

#include <fmt/format.h>

#include "runtime/value/value.h"

namespace writ {
namespace {

std::optional<std::uint32_t> parse_v4(std::string_view text) {
  std::uint32_t address = 0;
  for (int part = 0; part < 4; ++part) {
    std::size_t digits = 0;
    std::uint32_t octet = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
      octet = octet * 10 + static_cast<std::uint32_t>(text[digits] - '0');
      if (++digits > 3) {
        return std::nullopt;
      }
    }
    // A leading zero would be octal to some readers and decimal to others.
    if (digits == 0 || octet > 255 || (digits > 1 && text[0] == '0')) {
      return std::nullopt;
    }
    address = address << 8 | octet;
    text.remove_prefix(digits);
    if (part < 3) {
      if (text.empty() || text[0] != '.') {
        return std::nullopt;
      }
      text.remove_prefix(1);
    }
  }
  return text.empty() ? std::optional(address) : std::nullopt;
}

Ip mapped(std::uint32_t v4) { return {0, std::uint64_t{0xFFFF} << 32 | v4}; }

// Reads groups separated by `:` into `out`; the last may be a dotted IPv4 address.
std::optional<std::size_t> parse_groups(std::string_view text, std::array<std::uint16_t, 8>& out) {
  std::size_t count = 0;
  if (text.empty()) {
    return count;
  }
  while (true) {
    const std::size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && group.find('.') != std::string_view::npos) {
      const auto v4 = parse_v4(group);
      if (!v4 || count > 6) {
        return std::nullopt;
      }
      out[count++] = static_cast<std::uint16_t>(*v4 >> 16);
      out[count++] = static_cast<std::uint16_t>(*v4 & 0xFFFF);
      return count;
    }
    std::uint16_t value = 0;
    const auto [end, error] =
        std::from_chars(group.data(), group.data() + group.size(), value, 16);
    if (group.empty() || group.size() > 4 || error != std::errc{} ||
        end != group.data() + group.size() || count == 8) {
      return std::nullopt;
    }
    out[count++] = value;
    if (colon == std::string_view::npos) {
      return count;
    }
    text.remove_prefix(colon + 1);
  }
}

Ip from_groups(const std::array<std::uint16_t, 8>& groups) {
  Ip ip;
  for (std::size_t i = 0; i < 4; ++i) {
    ip.high = ip.high << 16 | groups[i];
    ip.low = ip.low << 16 | groups[i + 4];
  }
  return ip;
}

std::array<std::uint16_t, 8> to_groups(Ip ip) {
  std::array<std::uint16_t, 8> groups{};
  for (std::size_t i = 0; i < 4; ++i) {
    groups[i] = static_cast<std::uint16_t>(ip.high >> (48 - 16 * i));
    groups[i + 4] = static_cast<std::uint16_t>(ip.low >> (48 - 16 * i));
  }
  return groups;
}

std::string dotted(Ip ip) {
  return fmt::format("{}.{}.{}.{}", ip.low >> 24 & 0xFF, ip.low >> 16 & 0xFF, ip.low >> 8 & 0xFF,
                     ip.low & 0xFF);
}

Ip mask_of(std::uint8_t bits) {
  const auto half = [](unsigned n) { return n == 0 ? 0 : ~std::uint64_t{0} << (64 - n); };
  return bits >= 64 ? Ip{~std::uint64_t{0}, half(bits - 64U)} : Ip{half(bits), 0};
}

}  // namespace

bool Cidr::contains(Ip ip) const {
  if (ip.is_v4() != v4) {
    return false;
  }
  const Ip mask = mask_of(bits);
  return ((ip.high ^ base.high) & mask.high) == 0 && ((ip.low ^ base.low) & mask.low) == 0;
}

std::optional<Ip> parse_ip(std::string_view text) {
  if (text.find(':') == std::string_view::npos) {
    const auto v4 = parse_v4(text);
    return v4 ? std::optional(mapped(*v4)) : std::nullopt;
  }
  std::array<std::uint16_t, 8> groups{};
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    const auto count = parse_groups(text, groups);
    return count && *count == 8 ? std::optional(from_groups(groups)) : std::nullopt;
  }
  std::array<std::uint16_t, 8> tail{};
  const auto head_count = parse_groups(text.substr(0, gap), groups);
  const auto tail_count = parse_groups(text.substr(gap + 2), tail);
  // RFC 4291 section 2.2: `::` stands for one or more groups, once. A dotted head is no group.
  if (!head_count || !tail_count || *head_count + *tail_count > 7 ||
      text.substr(0, gap).find('.') != std::string_view::npos) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < *tail_count; ++i) {
    groups[8 - *tail_count + i] = tail[i];
  }
  return from_groups(groups);
}

std::optional<Cidr> parse_cidr(std::string_view text, HostBits host_bits) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto ip = parse_ip(text.substr(0, slash));
  const std::string_view length = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bits);
  if (!ip || length.empty() || error != std::errc{} || end != length.data() + length.size() ||
      (length.size() > 1 && length[0] == '0')) {
    return std::nullopt;
  }
  const bool v4 = text.substr(0, slash).find(':') == std::string_view::npos;
  if (bits > (v4 ? 32U : 128U)) {
    return std::nullopt;
  }
  // A mapped base (::ffff:10.0.0.0/104) is an IPv4 network; a shorter one would hold both families.
  if (!v4 && ip->is_v4() && bits < 96) {
    return std::nullopt;
  }
  Cidr cidr{*ip, static_cast<std::uint8_t>(v4 ? bits + 96 : bits), ip->is_v4()};
  const Ip mask = mask_of(cidr.bits);
  const Ip base{ip->high & mask.high, ip->low & mask.low};
  if (host_bits == HostBits::Refuse && base != *ip) {
    return std::nullopt;
  }
  cidr.base = base;
  return cidr;
}

std::string to_text(Ip ip) {
  if (ip.is_v4()) {
    return dotted(ip);
  }
  const auto groups = to_groups(ip);
  // RFC 5952 section 4.2: the longest run of two or more zero groups, the first of equals.
  std::size_t best = 0, best_length = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    std::size_t length = 0;
    while (i + length < 8 && groups[i + length] == 0) {
      ++length;
    }
    if (length > best_length) {
      best = i;
      best_length = length;
    }
    i += length == 0 ? 0 : length - 1;
  }
  std::string text;
  for (std::size_t i = 0; i < 8; ++i) {
    if (best_length >= 2 && i == best) {
      text += "::";
      i += best_length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') {
      text += ':';
    }
    text += fmt::format("{:x}", groups[i]);
  }
  return text;
}

std::string to_text(const Cidr& cidr) {
  return fmt::format("{}/{}", to_text(cidr.base), cidr.v4 ? cidr.bits - 96 : cidr.bits);
}

std::string java_text(Ip ip) {
  if (ip.is_v4()) {
    return dotted(ip);
  }
  const auto groups = to_groups(ip);
  return fmt::format("{:x}:{:x}:{:x}:{:x}:{:x}:{:x}:{:x}:{:x}", groups[0], groups[1], groups[2],
                     groups[3], groups[4], groups[5], groups[6], groups[7]);
}

}  // namespace writ
