// Who, from where, and the name of what.
#include "runtime/audit/parts.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "runtime/audit/crn.h"
#include "runtime/crypto/base64.h"
#include "runtime/crypto/keys.h"

namespace writ::audit {
namespace {

// SOURCE: Confluent's audit log names a principal that nobody knows so.
constexpr std::string_view kUnknownPrincipal = "None:UNKNOWN_USER";
constexpr std::string_view kGroup = "Group";
constexpr std::size_t kOperationShownBytesMax = 64;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

void shown(JsonWriter& json, std::string_view name, std::string_view text) {
  if (json.text(name, text) == Fidelity::Exact) return;
  json.text(std::string(name) + "Base64", crypto::base64(bytes_of(text)));
}

// An escape takes up to six bytes for one: text that grows beyond twice its bound is cut like text
// that is too long, so that the sum of all bounds stays within an event.
bool fits(std::string_view text, std::size_t bytes_max) {
  constexpr std::size_t kEscapeBytesMax = 6;
  if (text.size() > bytes_max) return false;
  if (text.size() * kEscapeBytesMax <= 2 * bytes_max) return true;
  std::string escaped;
  append_json(escaped, text);
  return escaped.size() <= 2 * bytes_max + 2;
}

void cut(JsonWriter& json, std::string_view name, std::string_view front_bytes,
         std::span<const std::byte> digest, std::uint64_t length) {
  std::size_t shown_bytes = kTextShownBytesMax;
  while (!fits(front(front_bytes, shown_bytes), kTextShownBytesMax)) shown_bytes /= 2;
  shown(json, name, front(front_bytes, shown_bytes));
  json.text(std::string(name) + "Sha256", crypto::hex(digest));
  json.number(std::string(name) + "Bytes", length);
}

std::string principal_text(const SessionFacts& session) {
  if (session.principal_type.empty() && session.principal_name.empty()) {
    return std::string(kUnknownPrincipal);
  }
  return session.principal_type + ":" + session.principal_name;
}

const Value* find(const std::vector<NamedValue>& attributes, std::string_view name) {
  const auto found = std::ranges::find(attributes, name, &NamedValue::first);
  return found == attributes.end() || !found->second ? nullptr : &*found->second;
}

// What the request says, else the session; nothing of what no event may show.
std::optional<std::string> attribute(const SessionFacts& session,
                                     const std::vector<NamedValue>* request,
                                     std::string_view name, const EventOptions& options) {
  const auto omits = [name](const std::string& omitted) {
    return omitted == name || omitted == kEveryAttribute;
  };
  if (std::ranges::any_of(options.omitted, omits)) return std::nullopt;
  const Value* value = request == nullptr ? nullptr : find(*request, name);
  if (value == nullptr) value = find(session.attributes, name);
  if (value == nullptr) return std::nullopt;
  return value->type.is(TypeKind::String) ? value->text : to_text(*value);
}

void attributes(JsonWriter& json, const SessionFacts& session,
                const std::vector<NamedValue>* request,
                const std::vector<std::pair<std::string, std::string>>& members,
                const EventOptions& options) {
  for (const auto& [name, member] : members) {
    const std::optional<std::string> value = attribute(session, request, name, options);
    if (value) named(json, member, *value);
  }
}

void addresses(JsonWriter& json, const SessionFacts& session) {
  if (!session.host) return;
  json.begin_list("clientAddress");
  json.begin_object();
  named(json, "ip", *session.host);
  json.end_object();
  json.end_list();
}

// `of` writes one principal of the list.
template <class Write>
void assigned(JsonWriter& json, const SessionFacts& session, const Write& of) {
  json.begin_list("assignedPrincipals");
  of(session.principal_type, front(session.principal_name, kTextShownBytesMax));
  std::size_t left_out = 0;
  std::size_t shown_bytes = 0;
  if (session.groups) {
    for (const std::string& group : *session.groups) {
      const std::string_view name = front(group, kTextShownBytesMax);
      shown_bytes += name.size() + 1;
      if (shown_bytes > kPrincipalsShownBytesMax) {
        ++left_out;
        continue;
      }
      of(kGroup, name);
    }
  }
  json.end_list();
  if (left_out != 0) json.number("assignedPrincipalsLeftOut", left_out);
  if (!session.groups) json.boolean("groupsKnown", false);
}

// The member of the General shape that a name with this front is.
std::string_view member_of(std::string_view name, const EventOptions& options) {
  for (const auto& [prefix, member] : options.principals) {
    if (name.starts_with(prefix)) return member;
  }
  return {};
}

}  // namespace

void named(JsonWriter& json, std::string_view name, std::string_view value,
           std::size_t bytes_max) {
  if (fits(value, bytes_max)) return shown(json, name, value);
  cut(json, name, value, crypto::sha256(bytes_of(value)), value.size());
}

void named_if(JsonWriter& json, std::string_view name, std::string_view value,
              std::size_t bytes_max) {
  if (!value.empty()) named(json, name, value, bytes_max);
}

void named_seen(JsonWriter& json, std::string_view name, const NameSeen& value) {
  if (value.digest.empty()) return named(json, name, value.front, kNameShownBytesMax);
  cut(json, name, value.front, bytes_of(value.digest), value.length);
}

void principal_object(JsonWriter& json, std::string_view name, std::string_view type,
                      std::string_view principal, const EventOptions& options) {
  if (name.empty()) {
    json.begin_object();
  } else {
    json.begin_object(name);
  }
  const std::string_view member = type == kGroup ? "group" : member_of(principal, options);
  if (member.empty()) {
    json.begin_object("externalAccount");
    named(json, "subject", fmt::format("{}:{}", type, principal), kNameShownBytesMax);
  } else {
    json.begin_object(member);
    named(json, "resourceId", principal, kNameShownBytesMax);
  }
  json.end_object();
  json.end_object();
}

SessionParts session_parts(const SessionFacts& session, Shape shape, const EventOptions& options) {
  SessionParts out;
  JsonWriter who(out.authentication);
  JsonWriter principals(out.principals);
  who.begin_object("authenticationInfo");
  if (shape == Shape::Kafka) {
    named(who, "principal", principal_text(session), kNameShownBytesMax);
    if (!member_of(session.principal_name, options).empty()) {
      named(who, "principalResourceId", session.principal_name);
    }
    who.begin_object("metadata");
    attributes(who, session, nullptr, options.metadata, options);
    who.end_object();
    assigned(principals, session, [&](std::string_view type, std::string_view name) {
      principals.text(fmt::format("{}:{}", front(type, kOperationShownBytesMax), name));
    });
  } else {
    principal_object(who, "principal", session.principal_type, session.principal_name, options);
    assigned(principals, session, [&](std::string_view type, std::string_view name) {
      principal_object(principals, {}, front(type, kOperationShownBytesMax), name, options);
    });
  }
  who.end_object();
  out.request = request_part(session, nullptr, shape, options);
  return out;
}

std::string request_part(const SessionFacts& session, const std::vector<NamedValue>* of,
                         Shape shape, const EventOptions& options) {
  std::string out;
  JsonWriter json(out);
  if (shape == Shape::Kafka) {
    json.begin_object("request");
    attributes(json, session, of, options.request, options);
    json.end_object();
    addresses(json, session);
    return out;
  }
  json.begin_object("requestMetadata");
  attributes(json, session, of, options.request, options);
  addresses(json, session);
  json.end_object();
  return out;
}

std::string method_part(const Service& service, const std::vector<NamedValue>* of,
                        const EventOptions& options) {
  static const SessionFacts kNobody;
  const std::optional<std::string> api = attribute(kNobody, of, options.method, options);
  std::string out;
  JsonWriter json(out);
  named(json, "methodName", service.method_prefix + api.value_or("Authorize"));
  return out;
}

ResourceParts resource_parts(const NameSeen& name) {
  ResourceParts out;
  out.crn = percent(front(name.front, kTextShownBytesMax));
  JsonWriter json(out.resource);
  named_seen(json, "resourceName", name);
  json.text("patternType", "LITERAL");
  JsonWriter cloud(out.cloud);
  cloud.text("resourceId", front(name.front, kTextShownBytesMax));
  return out;
}

ResourceParts resource_parts(std::string_view name) {
  // named() makes the digest of what is too long.
  ResourceParts out = resource_parts(NameSeen{front(name, kTextShownBytesMax), name.size(), {}});
  if (name.size() <= kTextShownBytesMax) return out;
  out.resource.clear();
  JsonWriter json(out.resource);
  named(json, "resourceName", name, kNameShownBytesMax);
  json.text("patternType", "LITERAL");
  return out;
}

const ResourceParts& any_resource_parts() {
  // `*` is any: a resource of that very name is written with the star encoded.
  static const ResourceParts kAny = {"*", R"("resourceName":"*","patternType":"ANY")",
                                     R"("resourceId":"*")"};
  return kAny;
}

}  // namespace writ::audit
