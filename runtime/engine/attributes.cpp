#include "runtime/engine/attributes.h"

#include <algorithm>

#include "runtime/base/limits.h"

namespace writ::engine {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;

template <class T>
int order(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

}  // namespace

int compare_slots(TypeKind kind, const Slot& a, const Slot& b) {
  switch (kind) {
    case TypeKind::String: return slot_text(a).compare(slot_text(b));
    case TypeKind::Ip: return a.a != b.a ? order(a.a, b.a) : order(a.b, b.b);
    case TypeKind::Cidr:
      return compare(Value::of_cidr(*reinterpret_cast<const Cidr*>(a.a)),   // NOLINT
                     Value::of_cidr(*reinterpret_cast<const Cidr*>(b.a)));  // NOLINT
    case TypeKind::None:
    case TypeKind::Bool:
    case TypeKind::Int:
    case TypeKind::Time:
    case TypeKind::Duration:
    case TypeKind::Version:
    case TypeKind::Enum: break;
  }
  return order(static_cast<std::int64_t>(a.a), static_cast<std::int64_t>(b.a));
}

std::size_t AttributeSlots::room_for(const Value& value) {
  return std::min(value.elements.size(), limits::kSetElementsMax) + 1;
}

bool AttributeSlots::is_flat(const Snapshot& snapshot, std::uint32_t attribute) {
  if (attribute == kNone) return true;
  const Type type = snapshot.program.attributes[attribute].type;
  return !type.set && type.kind != TypeKind::Cidr;
}

void AttributeSlots::begin(const Snapshot& snapshot, ir::AttributeMoment moment,
                           std::size_t room) {
  const std::uint32_t count = snapshot.slot_counts[static_cast<std::size_t>(moment)];
  moment_ = moment;
  slots_.assign(count, {});
  presence_.assign(count, static_cast<std::uint8_t>(Presence::Missing));
  elements_.clear();
  cidrs_.clear();
  // INVARIANT: neither arena grows later, so that pointers into them stay good.
  elements_.reserve(room);
  cidrs_.reserve(room);
}

void AttributeSlots::fill(const Snapshot& snapshot, ir::AttributeMoment moment,
                          std::span<const NamedValue> values) {
  std::size_t room = 0;
  for (const NamedValue& named : values) room += named.second ? room_for(*named.second) : 0;
  begin(snapshot, moment, room);
  for (const auto& [name, value] : values) {
    const std::uint32_t id = snapshot.find_attribute(name);
    if (id != kNone) put(snapshot, id, value ? &*value : nullptr);
  }
}

void AttributeSlots::put(const Snapshot& snapshot, std::uint32_t id, const Value* value) {
  const ir::Attribute& attribute = snapshot.program.attributes[id];
  if (attribute.moment != moment_) return;
  std::uint8_t& presence = presence_[attribute.slot];
  Slot& slot = slots_[attribute.slot];
  slot = {};
  if (value == nullptr) {
    presence = static_cast<std::uint8_t>(Presence::None);
  } else if (convert(snapshot, attribute.type, *value, slot)) {
    presence = static_cast<std::uint8_t>(Presence::Present);
  } else {
    slot = {};
    presence = kPresenceBadValue;
  }
}

void AttributeSlots::forget(const Snapshot& snapshot, std::uint32_t id) {
  const ir::Attribute& attribute = snapshot.program.attributes[id];
  if (attribute.moment != moment_) return;
  slots_[attribute.slot] = {};
  presence_[attribute.slot] = static_cast<std::uint8_t>(Presence::Missing);
}

bool AttributeSlots::convert(const Snapshot& snapshot, Type type, const Value& value, Slot& slot) {
  if (type.set != value.type.set) return false;
  if (!type.set) return convert_scalar(snapshot, type, value, slot);
  if (value.elements.size() > limits::kSetElementsMax) return false;
  const std::size_t begin = elements_.size();
  for (const Value& element : value.elements) {
    Slot& converted = elements_.emplace_back();
    if (element.type.set || !convert_scalar(snapshot, type.element(), element, converted)) {
      return false;
    }
  }
  const auto own = std::span(elements_).subspan(begin);
  std::ranges::sort(own, [&type](const Slot& a, const Slot& b) {
    return compare_slots(type.kind, a, b) < 0;
  });
  const auto repeats = std::ranges::unique(own, [&type](const Slot& a, const Slot& b) {
    return compare_slots(type.kind, a, b) == 0;
  });
  const std::size_t count = own.size() - repeats.size();
  elements_.resize(begin + count);
  slot.a = reinterpret_cast<std::uint64_t>(elements_.data() + begin);  // NOLINT
  slot.b = count;
  return true;
}

bool AttributeSlots::convert_scalar(const Snapshot& snapshot, Type type, const Value& value,
                                    Slot& slot) {
  if (value.type.kind == TypeKind::String) return convert_text(snapshot, type, value.text, slot);
  if (value.type.kind == TypeKind::Int && type.kind == TypeKind::Time) {
    std::int64_t micros = 0;
    if (__builtin_mul_overflow(value.integer, kMicrosPerSecond, &micros)) return false;
    slot.a = static_cast<std::uint64_t>(micros);
    return true;
  }
  if (value.type.kind != type.kind) return false;
  switch (type.kind) {
    case TypeKind::None:
    case TypeKind::String: return false;
    case TypeKind::Ip:
      slot = {value.cidr.base.high, value.cidr.base.low};
      return true;
    case TypeKind::Cidr: return keep_cidr(value.cidr, slot);
    case TypeKind::Enum: {
      const auto& members = snapshot.program.enumerations[type.enumeration].members;
      if (value.integer < 0 || value.integer >= static_cast<std::int64_t>(members.size())) {
        return false;
      }
      break;
    }
    case TypeKind::Bool:
    case TypeKind::Int:
    case TypeKind::Time:
    case TypeKind::Duration:
    case TypeKind::Version: break;
  }
  slot.a = static_cast<std::uint64_t>(value.integer);
  return true;
}

bool AttributeSlots::convert_text(const Snapshot& snapshot, Type type, std::string_view text,
                                  Slot& slot) {
  if (text.size() > limits::kAttributeBytesMax) return false;
  const auto number = [&slot](const auto& parsed) {
    if (!parsed) return false;
    slot.a = static_cast<std::uint64_t>(*parsed);
    return true;
  };
  switch (type.kind) {
    case TypeKind::String:
      slot = {reinterpret_cast<std::uint64_t>(text.data()), text.size()};  // NOLINT
      return true;
    case TypeKind::Ip: {
      const std::optional<Ip> ip = parse_ip(text);
      if (ip) slot = {ip->high, ip->low};
      return ip.has_value();
    }
    case TypeKind::Cidr: {
      const std::optional<Cidr> cidr = parse_cidr(text, HostBits::Refuse);
      return cidr && keep_cidr(*cidr, slot);
    }
    case TypeKind::Time: return number(parse_time(text));
    case TypeKind::Duration: return number(parse_duration(text));
    case TypeKind::Version: return number(parse_version(text));
    case TypeKind::Enum: {
      const auto& members = snapshot.program.enumerations[type.enumeration].members;
      for (std::size_t ordinal = 0; ordinal < members.size(); ++ordinal) {
        if (snapshot.program.text(members[ordinal]) != text) continue;
        slot.a = ordinal;
        return true;
      }
      return false;
    }
    case TypeKind::None:
    case TypeKind::Bool:
    case TypeKind::Int: break;
  }
  return false;
}

bool AttributeSlots::keep_cidr(const Cidr& cidr, Slot& slot) {
  cidrs_.push_back(cidr);
  slot = {reinterpret_cast<std::uint64_t>(&cidrs_.back()), 0};  // NOLINT
  return true;
}

}  // namespace writ::engine
