#include "runtime/value/value.h"

#include <algorithm>

#include <fmt/format.h>

namespace writ {
namespace {

constexpr std::uint64_t kVersionPartMax = (1U << 21) - 1;

template <class T>
int order(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

int compare_cidr(const Cidr& a, const Cidr& b) {
  if (const int by_base = order(a.base, b.base); by_base != 0) return by_base;
  if (const int by_bits = order(a.bits, b.bits); by_bits != 0) return by_bits;
  return order(a.v4, b.v4);
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
          out += fmt::format("\\u{{{:x}}}", static_cast<unsigned char>(c));
        } else {
          out += c;
        }
    }
  }
  return out + '"';
}

}  // namespace

std::string_view name_of(TypeKind kind) {
  switch (kind) {
    case TypeKind::None: return "None";
    case TypeKind::Bool: return "Bool";
    case TypeKind::Int: return "Int";
    case TypeKind::String: return "String";
    case TypeKind::Ip: return "Ip";
    case TypeKind::Cidr: return "Cidr";
    case TypeKind::Time: return "Time";
    case TypeKind::Duration: return "Duration";
    case TypeKind::Version: return "Version";
    case TypeKind::Enum: return "Enum";
  }
  return "None";
}

std::string_view name_of(EvalError error) {
  switch (error) {
    case EvalError::None: return "none";
    case EvalError::MissingAttribute: return "missing-attribute";
    case EvalError::UnknownHost: return "unknown-host";
    case EvalError::UnknownGroups: return "unknown-groups";
    case EvalError::Overflow: return "overflow";
    case EvalError::BadValue: return "bad-value";
    case EvalError::UnknownTime: return "unknown-time";
    case EvalError::UnlistedFact: return "unlisted-fact";
  }
  return "none";
}

std::optional<std::uint64_t> parse_version(std::string_view text) {
  std::uint64_t parts[3] = {0, 0, 0};
  std::size_t count = 0;
  for (;;) {
    const std::size_t dot = text.find('.');
    const std::string_view part = text.substr(0, dot);
    if (count == 3 || part.empty() || part.size() > 7) return std::nullopt;
    if (part.size() > 1 && part[0] == '0') return std::nullopt;
    for (const char c : part) {
      if (c < '0' || c > '9') return std::nullopt;
      parts[count] = parts[count] * 10 + static_cast<std::uint64_t>(c - '0');
    }
    if (parts[count] > kVersionPartMax) return std::nullopt;
    ++count;
    if (dot == std::string_view::npos) break;
    text.remove_prefix(dot + 1);
  }
  if (count < 2) return std::nullopt;
  return make_version(parts[0], parts[1], parts[2]);
}

std::string version_text(std::uint64_t version) {
  const std::uint64_t patch = version & kVersionPartMax;
  std::string text = fmt::format("{}.{}", version >> 42, version >> 21 & kVersionPartMax);
  if (patch != 0) text += fmt::format(".{}", patch);
  return text;
}

int compare(const Value& a, const Value& b) {
  if (a.type.set) {
    const std::size_t common = std::min(a.elements.size(), b.elements.size());
    for (std::size_t i = 0; i < common; ++i) {
      if (const int by_element = compare(a.elements[i], b.elements[i]); by_element != 0) {
        return by_element;
      }
    }
    return order(a.elements.size(), b.elements.size());
  }
  switch (a.type.kind) {
    case TypeKind::String: return order(a.text.compare(b.text), 0);
    case TypeKind::Ip: return order(a.cidr.base, b.cidr.base);
    case TypeKind::Cidr: return compare_cidr(a.cidr, b.cidr);
    case TypeKind::None:
    case TypeKind::Bool:
    case TypeKind::Int:
    case TypeKind::Time:
    case TypeKind::Duration:
    case TypeKind::Version:
    case TypeKind::Enum: return order(a.integer, b.integer);
  }
  return 0;
}

std::string to_text(const Value& value) {
  if (value.type.set) {
    if (value.elements.empty()) return "{}";
    std::string text = "{ ";
    for (const Value& element : value.elements) {
      if (text.size() > 2) text += ", ";
      text += to_text(element);
    }
    return text + " }";
  }
  switch (value.type.kind) {
    case TypeKind::None: return "none";
    case TypeKind::Bool: return value.integer != 0 ? "true" : "false";
    case TypeKind::String: return quoted(value.text);
    case TypeKind::Ip: return to_text(value.cidr.base);
    case TypeKind::Cidr: return to_text(value.cidr);
    case TypeKind::Time: return time_text(value.integer);
    case TypeKind::Duration: return duration_text(value.integer);
    case TypeKind::Version: return version_text(static_cast<std::uint64_t>(value.integer));
    case TypeKind::Int:
    case TypeKind::Enum: return fmt::format("{}", value.integer);
  }
  return {};
}

}  // namespace writ
