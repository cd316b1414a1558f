#include "runtime/audit/attributes.h"

#include "runtime/audit/append.h"
#include "runtime/crypto/keys.h"

namespace writ::audit {
namespace {

constexpr std::uint8_t kOptional = 1;
constexpr std::uint8_t kSet = 2;
constexpr unsigned kFlagBits = 2;
// In the place of the count, larger than any.
constexpr std::uint32_t kCut = 0xFFFF'FFFF;

void put_type(std::string& out, const Type& type) {
  out += static_cast<char>(static_cast<unsigned>(type.kind) << kFlagBits |
                           (type.optional ? kOptional : 0U) | (type.set ? kSet : 0U));
  append_integer(out, type.enumeration);
}

void put_scalar(std::string& out, const Value& value) {
  switch (value.type.kind) {
    case TypeKind::String: append_text(out, value.text); return;
    case TypeKind::Ip:
    case TypeKind::Cidr:
      append_integer(out, value.cidr.base.high);
      append_integer(out, value.cidr.base.low);
      out += static_cast<char>(value.cidr.bits);
      out += value.cidr.v4 ? '\1' : '\0';
      return;
    case TypeKind::None:
    case TypeKind::Bool:
    case TypeKind::Int:
    case TypeKind::Time:
    case TypeKind::Duration:
    case TypeKind::Version:
    case TypeKind::Enum: append_integer(out, value.integer); return;
  }
}

void put_value(std::string& out, const Value& value) {
  put_type(out, value.type);
  if (!value.type.set) return put_scalar(out, value);
  append_integer(out, static_cast<std::uint32_t>(value.elements.size()));
  for (const Value& element : value.elements) {
    put_type(out, element.type);
    put_scalar(out, element);
  }
}

Type take_type(ByteReader& in) {
  Type type;
  const auto packed = in.integer<std::uint8_t>();
  if (packed >> kFlagBits > static_cast<std::uint8_t>(TypeKind::Enum)) in.fail();
  type.enumeration = in.integer<std::uint16_t>();
  if (in.failed()) return {};
  type.kind = static_cast<TypeKind>(packed >> kFlagBits);
  type.optional = (packed & kOptional) != 0;
  type.set = (packed & kSet) != 0;
  return type;
}

void take_scalar(ByteReader& in, Value& value) {
  switch (value.type.kind) {
    case TypeKind::String: value.text = take_text(in); return;
    case TypeKind::Ip:
    case TypeKind::Cidr: {
      value.cidr.base.high = in.integer<std::uint64_t>();
      value.cidr.base.low = in.integer<std::uint64_t>();
      value.cidr.bits = in.integer<std::uint8_t>();
      const auto v4 = in.integer<std::uint8_t>();
      if (value.cidr.bits > 128 || v4 > 1) in.fail();
      value.cidr.v4 = v4 == 1;
      return;
    }
    case TypeKind::None:
    case TypeKind::Bool:
    case TypeKind::Int:
    case TypeKind::Time:
    case TypeKind::Duration:
    case TypeKind::Version:
    case TypeKind::Enum: value.integer = in.integer<std::int64_t>(); return;
  }
}

Value take_value(ByteReader& in) {
  Value value;
  value.type = take_type(in);
  if (!value.type.set) {
    take_scalar(in, value);
    return value;
  }
  const auto count = in.integer<std::uint32_t>();
  // An element takes seven bytes at least: a count cannot ask for memory that is not paid for.
  if (count > in.left() / 7) in.fail();
  for (std::uint32_t at = 0; at < count && !in.failed(); ++at) {
    Value element;
    element.type = take_type(in);
    if (element.type.set) in.fail();
    take_scalar(in, element);
    value.elements.push_back(std::move(element));
  }
  return value;
}

}  // namespace

void encode_attributes(const std::vector<NamedValue>& attributes, std::string& out) {
  if (attributes.empty()) return;
  append_integer(out, static_cast<std::uint32_t>(attributes.size()));
  for (const NamedValue& named : attributes) {
    append_text(out, named.first);
    out += named.second ? '\1' : '\0';
    if (named.second) put_value(out, *named.second);
  }
}

void append_cut_attributes(std::string_view encoded, std::string& out) {
  append_integer(out, kCut);
  append_integer(out, static_cast<std::uint64_t>(encoded.size()));
  const crypto::Digest digest = crypto::sha256(std::as_bytes(std::span(encoded)));
  for (const std::byte byte : digest) out += static_cast<char>(byte);
}

std::optional<std::vector<NamedValue>> decode_attributes(std::string_view bytes) {
  std::vector<NamedValue> out;
  if (bytes.empty()) return out;
  ByteReader in(std::as_bytes(std::span(bytes)));
  const auto count = in.integer<std::uint32_t>();
  if (count == 0 || count > kAttributesCountMax) in.fail();
  for (std::uint32_t at = 0; at < count && !in.failed(); ++at) {
    NamedValue named;
    named.first = take_text(in);
    const auto present = in.integer<std::uint8_t>();
    if (present > 1) in.fail();
    if (present == 1 && !in.failed()) named.second = take_value(in);
    out.push_back(std::move(named));
  }
  if (in.failed() || in.left() != 0) return std::nullopt;
  return out;
}

}  // namespace writ::audit
