#include "runtime/audit/authentication.h"

#include <nlohmann/json.hpp>

#include "runtime/audit/parts.h"
#include "runtime/crypto/base64.h"

namespace writ::audit {
namespace {

using nlohmann::json;

// A member as named() writes it: what was replaced stands in `<name>Base64`. What was shortened
// stays so.
bool read(const json& object, const std::string& name, std::string& out) {
  const auto kept = object.find(name + "Base64");
  if (kept != object.end()) {
    if (!kept->is_string()) return false;
    const auto bytes = crypto::from_base64(kept->get_ref<const std::string&>());
    if (!bytes) return false;
    out.clear();
    for (const std::byte byte : *bytes) out += static_cast<char>(byte);
    return true;
  }
  const auto found = object.find(name);
  if (found == object.end()) return true;
  if (!found->is_string()) return false;
  out = found->get<std::string>();
  return true;
}

}  // namespace

std::string authentication_text(const Authentication& result) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.boolean("success", result.success);
  named_if(json, "principal", result.principal, kNameShownBytesMax);
  named_if(json, "mechanism", result.mechanism);
  named_if(json, "identifier", result.identifier);
  named_if(json, "message", result.message, kNameShownBytesMax);
  named_if(json, "host", result.host);
  if (result.port != 0) json.number("port", result.port);
  named_if(json, "scopeId", result.scope_id);
  named_if(json, "clientId", result.client_id);
  named_if(json, "connectionId", result.connection_id);
  json.end_object();
  return out;
}

std::optional<Authentication> read_authentication(std::string_view text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  Authentication out;
  const auto success = object.find("success");
  if (success == object.end() || !success->is_boolean()) return std::nullopt;
  out.success = success->get<bool>();
  const bool whole = read(object, "principal", out.principal) &&
                     read(object, "mechanism", out.mechanism) &&
                     read(object, "identifier", out.identifier) &&
                     read(object, "message", out.message) && read(object, "host", out.host) &&
                     read(object, "scopeId", out.scope_id) &&
                     read(object, "clientId", out.client_id) &&
                     read(object, "connectionId", out.connection_id);
  if (!whole) return std::nullopt;
  const auto port = object.find("port");
  if (port != object.end()) {
    if (!port->is_number_unsigned() || port->get<std::uint64_t>() > 0xFFFF) return std::nullopt;
    out.port = static_cast<std::uint16_t>(port->get<std::uint64_t>());
  }
  return out;
}

}  // namespace writ::audit
