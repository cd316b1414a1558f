#include "compiler/syntax/builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace writ::syntax {
namespace {

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) {
    out += static_cast<char>(static_cast<unsigned char>(byte));
  };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | point >> 6);
    put(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    put(0xE0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3F));
    put(0x80 | (point & 0x3F));
  } else {
    put(0xF0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3F));
    put(0x80 | (point >> 6 & 0x3F));
    put(0x80 | (point & 0x3F));
  }
}

/// `{1F512}` at the start of `text`: the code point and how many bytes it took, 0 when malformed.
std::size_t read_code_point(std::string_view text, std::uint32_t& point) {
  const std::size_t close = text.find('}');
  if (!text.starts_with('{') || close == std::string_view::npos || close < 2 || close > 7)
    return 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + close, point, 16);
  const bool scalar = point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
  return error == std::errc{} && end == text.data() + close && scalar ? close + 1 : 0;
}

}  // namespace

std::string Builder::unquote(std::string_view quoted, std::uint32_t begin) {
  const std::string_view inner = quoted.substr(1, quoted.size() - 2);
  std::string out;
  out.reserve(inner.size());
  for (std::size_t at = 0; at < inner.size(); ++at) {
    if (inner[at] != '\\') {
      out += inner[at];
      continue;
    }
    const std::size_t start = at++;
    std::uint32_t point = 0;
    switch (inner[at]) {
      case '"':
      case '\\':
        out += inner[at];
        continue;
      case 'n':
        out += '\n';
        continue;
      case 't':
        out += '\t';
        continue;
      case 'u':
        if (const std::size_t taken = read_code_point(inner.substr(at + 1), point); taken > 0) {
          append_utf8(out, point);
          at += taken;
          continue;
        }
        break;
      default:
        break;
    }
    const auto from = static_cast<std::uint32_t>(begin + 1 + start);
    mistake({file_.id, from, from + 2}, "an escape that strings do not have", "not an escape",
            "the escapes are `\\\"`, `\\\\`, `\\n`, `\\t` and `\\u{1F512}`");
  }
  return out;
}

std::optional<Value> Builder::literal(P::LiteralContext* ctx) {
  return value(ctx->start);
}

std::optional<Value> Builder::value(const antlr4::Token* antlr) {
  const std::string_view raw = text(antlr);
  const auto refuse = [&](std::string_view what, std::string_view help) -> std::optional<Value> {
    mistake(span(antlr), fmt::format("`{}` is no {}", raw, what), "cannot be read",
            std::string(help));
    return std::nullopt;
  };
  switch (antlr->getType()) {
    case P::STRING:
      return Value::of_text(word(antlr).text);
    case P::TRUE:
      return Value::boolean(true);
    case P::FALSE:
      return Value::boolean(false);
    case P::INT:
      if (const auto read = integer(antlr))
        return Value::of_int(*read);
      return std::nullopt;
    case P::VERSION:
      if (const auto read = parse_version(raw))
        return Value::of(TypeKind::Version, static_cast<std::int64_t>(*read));
      return refuse("version", "a version is two or three numbers below 2097152: `1.2`, `4.4.1`");
    case P::ADDRESS:
      if (const auto read = parse_ip(raw))
        return Value::of_ip(*read);
      return refuse("address",
                    "an address is written `192.0.2.1` (each part 0 to 255, no leading zeros) or "
                    "`2001:db8::1`");
    case P::SUBNET:
      return subnet(antlr);
    case P::DATE:
    case P::DATETIME:
      if (const auto read = parse_time(raw))
        return Value::of(TypeKind::Time, *read);
      return refuse("date", "a point in time is written `2026-12-20` or `2026-12-20T08:30:00Z`");
    case P::DURATION:
      return duration(antlr);
    default:
      return std::nullopt;
  }
}

std::optional<std::int64_t> Builder::integer(const antlr4::Token* antlr) {
  std::string digits(text(antlr));
  std::erase(digits, '_');
  std::int64_t read = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), read);
  if (error == std::errc{} && end == digits.data() + digits.size())
    return read;
  mistake(span(antlr), fmt::format("`{}` does not fit into 64 bits", text(antlr)), "too large", "");
  return std::nullopt;
}

std::optional<Value> Builder::subnet(const antlr4::Token* antlr) {
  const std::string_view raw = text(antlr);
  const std::size_t slash = raw.find('/');
  const auto base = parse_ip(raw.substr(0, slash));
  const bool v4 = raw.substr(0, slash).find(':') == std::string_view::npos;
  // parse_cidr judges the length; host bits are kept as written, the checker refuses them.
  const auto cleared = parse_cidr(raw, HostBits::Clear);
  if (base && cleared)
    return Value::of_cidr({*base, cleared->bits, cleared->v4});
  mistake(span(antlr), fmt::format("`{}` is no network", raw), "not a network",
          v4 ? "a network is written `10.0.0.0/8`, its length 0 to 32"
             : "a network is written `2001:db8::/32`, its length 0 to 128");
  return std::nullopt;
}

std::optional<Value> Builder::duration(const antlr4::Token* antlr) {
  // A year is 365 days, and stands first: `1y30d` ⇒ `395d`.
  std::string_view raw = text(antlr);
  std::int64_t years = 0;
  const std::size_t y = raw.find('y');
  bool sound = true;
  if (y != std::string_view::npos) {
    const auto [end, error] = std::from_chars(raw.data(), raw.data() + y, years);
    sound = error == std::errc{} && end == raw.data() + y && years < 100'000;
    raw = raw.substr(y + 1);
  }
  const auto rest = raw.empty() ? std::optional<std::int64_t>(0) : parse_duration(raw);
  constexpr std::int64_t kYear_us = std::int64_t{365} * 86'400 * 1'000'000;
  std::int64_t sum = 0;
  if (sound && rest && !__builtin_add_overflow(years * kYear_us, *rest, &sum))
    return Value::of(TypeKind::Duration, sum);
  mistake(span(antlr), fmt::format("`{}` is no duration", text(antlr)), "not a duration",
          "a duration is days, hours, minutes and seconds in this order: `365d`, `8h`, `1d12h`");
  return std::nullopt;
}

}  // namespace writ::syntax
