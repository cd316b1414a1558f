#include "runtime/value/value.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace writ {
namespace {

int sign(std::strong_ordering order) { return order < 0 ? -1 : order > 0 ? 1 : 0; }

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
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
    case TypeKind::None:
      return "nothing";
    case TypeKind::Bool:
      return "Bool";
    case TypeKind::Int:
      return "Int";
    case TypeKind::String:
      return "String";
    case TypeKind::Ip:
      return "Ip";
    case TypeKind::Cidr:
      return "Cidr";
    case TypeKind::Time:
      return "Time";
    case TypeKind::Duration:
      return "Duration";
    case TypeKind::Version:
      return "Version";
    case TypeKind::Enum:
      return "enum";
  }
  return "";
}

std::string_view name_of(EvalError error) {
  switch (error) {
    case EvalError::None:
      return "none";
    case EvalError::MissingAttribute:
      return "missing-attribute";
    case EvalError::UnknownHost:
      return "unknown-host";
    case EvalError::UnknownGroups:
      return "unknown-groups";
    case EvalError::Overflow:
      return "overflow";
    case EvalError::BadValue:
      return "bad-value";
    case EvalError::UnknownTime:
      return "unknown-time";
    case EvalError::UnlistedFact:
      return "undeclared-resource";
  }
  return "";
}

std::optional<std::uint64_t> parse_version(std::string_view text) {
  std::uint64_t parts[3] = {};
  std::size_t count = 0;
  while (true) {
    if (count == 3) {
      return std::nullopt;
    }
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), parts[count]);
    if (error != std::errc{} || parts[count] >= 1U << 21) {
      return std::nullopt;
    }
    ++count;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) {
      break;
    }
    if (text[0] != '.') {
      return std::nullopt;
    }
    text.remove_prefix(1);
  }
  return count >= 2 ? std::optional(make_version(parts[0], parts[1], parts[2])) : std::nullopt;
}

std::string version_text(std::uint64_t version) {
  constexpr std::uint64_t kPart = (1U << 21) - 1;
  const std::uint64_t patch = version & kPart;
  std::string text = fmt::format("{}.{}", version >> 42, version >> 21 & kPart);
  return patch == 0 ? text : text + fmt::format(".{}", patch);
}

int compare(const Value& a, const Value& b) {
  if (a.type.set) {
    const std::size_t common = std::min(a.elements.size(), b.elements.size());
    for (std::size_t i = 0; i < common; ++i) {
      if (const int order = compare(a.elements[i], b.elements[i]); order != 0) {
        return order;
      }
    }
    return sign(a.elements.size() <=> b.elements.size());
  }
  switch (a.type.kind) {
    case TypeKind::String:
      return sign(a.text <=> b.text);
    case TypeKind::Ip:
      return sign(a.cidr.base <=> b.cidr.base);
    case TypeKind::Cidr: {
      const int order = sign(a.cidr.base <=> b.cidr.base);
      return order != 0 ? order : sign(a.cidr.bits <=> b.cidr.bits);
    }
    case TypeKind::Version:
      return sign(static_cast<std::uint64_t>(a.integer) <=> static_cast<std::uint64_t>(b.integer));
    case TypeKind::None:
    case TypeKind::Bool:
    case TypeKind::Int:
    case TypeKind::Time:
    case TypeKind::Duration:
    case TypeKind::Enum:
      return sign(a.integer <=> b.integer);
  }
  return 0;
}

std::string to_text(const Value& value) {
  if (value.type.set) {
    std::string text = "{";
    for (const Value& element : value.elements) {
      text += (text.size() == 1 ? " " : ", ") + to_text(element);
    }
    return text + " }";
  }
  switch (value.type.kind) {
    case TypeKind::None:
      return "none";
    case TypeKind::Bool:
      return value.integer != 0 ? "true" : "false";
    case TypeKind::Int:
      return std::to_string(value.integer);
    case TypeKind::String:
      return quoted(value.text);
    case TypeKind::Ip:
      return to_text(value.cidr.base);
    case TypeKind::Cidr:
      return to_text(value.cidr);
    case TypeKind::Time:
      return time_text(value.integer);
    case TypeKind::Duration:
      return duration_text(value.integer);
    case TypeKind::Version:
      return version_text(static_cast<std::uint64_t>(value.integer));
    case TypeKind::Enum:
      return fmt::format("#{}", value.integer);
  }
  return "";
}

}  // namespace writ
