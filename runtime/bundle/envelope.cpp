// DSSE: what is signed, and the list of signatures as JSON.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "runtime/base/bytes.h"
#include "runtime/bundle/format.h"
#include "runtime/crypto/base64.h"

namespace writ::bundle {
namespace {

std::unexpected<Error> malformed(std::string message) {
  return fail(ErrorCode::Malformed, std::move(message), "envelope");
}

// The text of a member, or null when it is not there or no text.
const std::string* text_at(const nlohmann::json& object, const char* name) {
  const auto member = object.find(name);
  return member == object.end() ? nullptr : member->get_ptr<const std::string*>();
}

}  // namespace

// SOURCE: DSSE v1, `PAE(type, body) = "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body`.
std::vector<std::byte> pre_authentication(std::span<const std::byte> manifest) {
  const std::string head = fmt::format("DSSEv1 {} {} {} ", kPayloadType.size(), kPayloadType,
                                       manifest.size());
  ByteWriter out;
  out.text(head);
  std::vector<std::byte> bytes = out.take();
  bytes.insert(bytes.end(), manifest.begin(), manifest.end());
  return bytes;
}

std::vector<std::byte> encode_envelope(std::span<const Signature> signatures) {
  // Written by hand: two fixed shapes of which key ids are hex and signatures base64.
  std::string text = fmt::format(R"({{"payloadType":"{}","signatures":[)", kPayloadType);
  for (const Signature& signature : signatures) {
    text += fmt::format(R"({}{{"keyid":"{}","sig":"{}"}})", text.ends_with('[') ? "" : ",",
                        signature.key_id, crypto::base64(signature.bytes));
  }
  text += "]}";
  ByteWriter out;
  out.text(text);
  return out.take();
}

Result<std::vector<Signature>> decode_envelope(std::span<const std::byte> bytes) {
  const std::string_view text = ByteReader(bytes).text(bytes.size());
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) {
    return malformed("the list of signatures is damaged");
  }
  const std::string* type = text_at(json, "payloadType");
  if (type == nullptr || *type != kPayloadType) {
    return malformed(fmt::format("what is signed is not of type `{}`", kPayloadType));
  }
  const auto list = json.find("signatures");
  if (list == json.end() || !list->is_array() || list->size() > kSignaturesMax) {
    return malformed(fmt::format("a list of at most {} signatures is needed", kSignaturesMax));
  }
  std::vector<Signature> signatures;
  for (const nlohmann::json& entry : *list) {
    const std::string* key_id = entry.is_object() ? text_at(entry, "keyid") : nullptr;
    const std::string* base64 = entry.is_object() ? text_at(entry, "sig") : nullptr;
    auto signature = base64 == nullptr ? std::nullopt : crypto::from_base64(*base64);
    if (key_id == nullptr || !signature) {
      return malformed(fmt::format("signature {} is damaged", signatures.size() + 1));
    }
    signatures.push_back({*key_id, std::move(*signature)});
  }
  const std::vector<std::byte> again = encode_envelope(signatures);
  if (!std::ranges::equal(again, bytes)) {
    return malformed("the list of signatures is not written as `writ build` writes it");
  }
  return signatures;
}

}  // namespace writ::bundle
