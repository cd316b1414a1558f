#include "runtime/api/opaque.h"

#include <algorithm>
#include <cstring>

namespace writ::api {

static_assert(sizeof(writ_decision) == 16);

writ_status status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::Usage: return WRIT_USAGE;
    case ErrorCode::Unreadable: return WRIT_UNREADABLE;
    case ErrorCode::Malformed: return WRIT_MALFORMED;
    case ErrorCode::Signature: return WRIT_SIGNATURE;
    case ErrorCode::Version: return WRIT_VERSION;
    case ErrorCode::Limit: return WRIT_LIMIT;
    case ErrorCode::Unsupported: return WRIT_UNSUPPORTED;
    case ErrorCode::Internal: break;
  }
  return WRIT_INTERNAL;
}

writ_decision denial() {
  writ_decision out = {};
  out.reason = static_cast<std::uint8_t>(ReasonClass::Internal);
  out.grant = WRIT_NO_GRANT;
  out.error_grant = WRIT_NO_GRANT;
  return out;
}

writ_decision exported(const Decision& decision) {
  writ_decision out = {};
  out.allowed = decision.verdict == Verdict::Allow ? 1 : 0;
  out.reason = static_cast<std::uint8_t>(decision.reason);
  out.grant = decision.grant;
  out.error = decision.error;
  out.error_grant = decision.error_grant;
  return out;
}

Value text_set(std::string_view elements) {
  Value set;
  set.type = kString;
  set.type.set = true;
  while (!elements.empty()) {
    const std::size_t end = std::min(elements.find('\0'), elements.size());
    set.elements.push_back(Value::of_text(std::string(elements.substr(0, end))));
    elements.remove_prefix(std::min(end + 1, elements.size()));
  }
  return set;
}

std::vector<NamedValue> imported(const writ_attribute* attributes, std::size_t count) {
  std::vector<NamedValue> out;
  out.reserve(count);
  for (std::size_t at = 0; at < count; ++at) {
    const writ_attribute& from = attributes[at];
    const std::string_view text = view(from.text, from.text_bytes);
    std::optional<Value> value;
    switch (from.type) {
      case WRIT_VALUE_TEXT: value = Value::of_text(std::string(text)); break;
      case WRIT_VALUE_INT: value = Value::of_int(from.integer); break;
      case WRIT_VALUE_BOOL: value = Value::boolean(from.integer != 0); break;
      case WRIT_VALUE_TEXT_SET: value = text_set(text); break;
      case WRIT_VALUE_ABSENT: break;
      default: value = Value(); break;  // of no type, so it fits none: an error value
    }
    out.emplace_back(std::string(view(from.name, from.name_bytes)), std::move(value));
  }
  return out;
}

SessionFacts imported(const writ_session_facts& facts) {
  SessionFacts out;
  out.principal_type = view(facts.principal_type, facts.principal_type_bytes);
  out.principal_name = view(facts.principal_name, facts.principal_name_bytes);
  if (facts.groups != nullptr) {
    out.groups.emplace();
    for (std::size_t at = 0; at < facts.group_count; ++at) {
      out.groups->emplace_back(view(facts.groups[at], facts.group_bytes[at]));
    }
  }
  if (facts.host != nullptr) out.host = view(facts.host, facts.host_bytes);
  out.scope = view(facts.scope, facts.scope_bytes);
  out.attributes = imported(facts.attributes, facts.attribute_count);
  out.opened_us = facts.opened_us;
  return out;
}

std::optional<std::int64_t> time_of(std::int64_t time_us) {
  if (time_us == WRIT_NOW) return std::nullopt;
  return time_us;
}

std::size_t copy_text(std::string_view text, char* out, std::size_t room) {
  const std::size_t bytes = std::min(text.size(), room);
  if (bytes != 0) std::memcpy(out, text.data(), bytes);
  return text.size();
}

void copy_terminated(std::string_view text, char* out, std::size_t room) {
  if (out == nullptr || room == 0) return;
  const std::size_t bytes = std::min(text.size(), room - 1);
  // An empty view may point nowhere, which memcpy must not be given.
  if (bytes != 0) std::memcpy(out, text.data(), bytes);
  out[bytes] = '\0';
}

writ_status told(const Error& error, char* message, std::size_t message_bytes) {
  std::string text = error.message;
  if (!error.where.empty()) text = error.where + ": " + text;
  copy_terminated(text, message, message_bytes);
  return status_of(error.code);
}

}  // namespace writ::api
