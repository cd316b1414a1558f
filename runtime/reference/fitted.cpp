#include <algorithm>

#include "runtime/base/limits.h"
#include "runtime/reference/world.h"

namespace writ::reference {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;

template <class Integer>
std::optional<Value> number(Type type, const std::optional<Integer>& parsed) {
  if (!parsed) return std::nullopt;
  return Value{type, static_cast<std::int64_t>(*parsed), {}, {}, {}};
}

std::optional<Value> fitted_text(const ir::Program& program, Type type, const std::string& text) {
  if (text.size() > limits::kAttributeBytesMax) return std::nullopt;
  switch (type.kind) {
    case TypeKind::String: return Value::of_text(text);
    case TypeKind::Ip: {
      const std::optional<Ip> ip = parse_ip(text);
      if (!ip) return std::nullopt;
      return Value::of_ip(*ip);
    }
    case TypeKind::Cidr: {
      const std::optional<Cidr> cidr = parse_cidr(text, HostBits::Refuse);
      if (!cidr) return std::nullopt;
      return Value::of_cidr(*cidr);
    }
    case TypeKind::Time: return number(type, parse_time(text));
    case TypeKind::Duration: return number(type, parse_duration(text));
    case TypeKind::Version: return number(type, parse_version(text));
    case TypeKind::Enum: {
      const auto& members = program.enumerations[type.enumeration].members;
      for (std::size_t ordinal = 0; ordinal < members.size(); ++ordinal) {
        if (program.text(members[ordinal]) == text) return number(type, std::optional(ordinal));
      }
      return std::nullopt;
    }
    case TypeKind::None:
    case TypeKind::Bool:
    case TypeKind::Int: return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Value> fitted_scalar(const ir::Program& program, Type type, const Value& value) {
  if (value.type.set) return std::nullopt;
  if (value.type.kind == TypeKind::String) return fitted_text(program, type, value.text);
  if (type.kind == TypeKind::Time && value.type.kind == TypeKind::Int) {
    std::int64_t micros = 0;
    if (__builtin_mul_overflow(value.integer, kMicrosPerSecond, &micros)) return std::nullopt;
    return Value::of(TypeKind::Time, micros);
  }
  if (value.type.kind != type.kind) return std::nullopt;
  if (type.kind == TypeKind::Enum) {
    const auto count =
        static_cast<std::int64_t>(program.enumerations[type.enumeration].members.size());
    if (value.integer < 0 || value.integer >= count) return std::nullopt;
  }
  Value out = value;
  out.type = type;
  return out;
}

}  // namespace

std::optional<Value> fitted(const ir::Program& program, Type type, const Value& value) {
  type.optional = false;
  if (type.set != value.type.set) return std::nullopt;
  if (!type.set) return fitted_scalar(program, type, value);
  if (value.elements.size() > limits::kSetElementsMax) return std::nullopt;
  Value set{type, 0, {}, {}, {}};
  for (const Value& element : value.elements) {
    std::optional<Value> one = fitted_scalar(program, type.element(), element);
    if (!one) return std::nullopt;
    set.elements.push_back(std::move(*one));
  }
  std::ranges::sort(set.elements, [](const Value& a, const Value& b) { return compare(a, b) < 0; });
  const auto repeats = std::ranges::unique(
      set.elements, [](const Value& a, const Value& b) { return compare(a, b) == 0; });
  set.elements.erase(repeats.begin(), repeats.end());
  return set;
}

}  // namespace writ::reference
