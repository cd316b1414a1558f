#include "runtime/audit/facts.h"

#include "runtime/audit/append.h"
#include "runtime/audit/attributes.h"
#include "runtime/crypto/keys.h"

namespace writ::audit {
namespace {

constexpr std::uint8_t kHasGroups = 1;
constexpr std::uint8_t kHasHost = 2;

}  // namespace

void encode_session(const SessionFacts& facts, std::string& out) {
  append_text(out, facts.principal_type);
  append_text(out, facts.principal_name);
  out += static_cast<char>((facts.groups ? kHasGroups : 0) | (facts.host ? kHasHost : 0));
  if (facts.groups) {
    append_integer(out, static_cast<std::uint32_t>(facts.groups->size()));
    for (const std::string& group : *facts.groups) append_text(out, group);
  }
  if (facts.host) append_text(out, *facts.host);
  append_text(out, facts.scope);
  append_integer(out, facts.opened_us);
  encode_attributes(facts.attributes, out);
}

std::optional<SessionFacts> decode_session(std::string_view bytes) {
  ByteReader in(std::as_bytes(std::span(bytes)));
  SessionFacts facts;
  facts.principal_type = take_text(in);
  facts.principal_name = take_text(in);
  const auto has = in.integer<std::uint8_t>();
  if (has > (kHasGroups | kHasHost)) in.fail();
  if ((has & kHasGroups) != 0) {
    facts.groups.emplace();
    const auto count = in.integer<std::uint32_t>();
    if (count > in.left() / sizeof(std::uint32_t)) in.fail();
    for (std::uint32_t at = 0; at < count && !in.failed(); ++at) {
      facts.groups->emplace_back(take_text(in));
    }
  }
  if ((has & kHasHost) != 0) facts.host = take_text(in);
  facts.scope = take_text(in);
  facts.opened_us = in.integer<std::int64_t>();
  if (in.failed()) return std::nullopt;
  auto attributes = decode_attributes(in.text(in.left()));
  if (!attributes) return std::nullopt;
  facts.attributes = std::move(*attributes);
  return facts;
}

void append_name(std::string_view name, std::string& out) {
  out += name.substr(0, kNameWholeBytesMax);
  if (name.size() <= kNameWholeBytesMax) return;
  append_integer(out, static_cast<std::uint64_t>(name.size()));
  const crypto::Digest digest = crypto::sha256(std::as_bytes(std::span(name)));
  for (const std::byte byte : digest) out += static_cast<char>(byte);
}

NameSeen name_seen(std::string_view entry_name) {
  if (entry_name.size() != kCutNameBytes) return {entry_name, entry_name.size(), {}};
  ByteReader in(std::as_bytes(std::span(entry_name.substr(kNameWholeBytesMax))));
  return {entry_name.substr(0, kNameWholeBytesMax), in.integer<std::uint64_t>(),
          entry_name.substr(kNameWholeBytesMax + sizeof(std::uint64_t))};
}

}  // namespace writ::audit
