// Record → event. Values that a client chose reach the line only through named(), which bounds them
// and lets nothing out of its string.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "runtime/audit/event.h"
#include "runtime/audit/json_writer.h"
#include "runtime/crypto/base64.h"
#include "runtime/crypto/keys.h"
#include "runtime/value/calendar.h"

namespace writ::audit {
namespace {

// 0000-01-01T00:00:00Z and the last microsecond of 9999: RFC 3339 has four digits for a year.
constexpr std::int64_t kFirstTimeUs = -62'167'219'200'000'000;
constexpr std::int64_t kLastTimeUs = 253'402'300'799'999'999;
constexpr std::size_t kIdBytesMax = 96;
// SOURCE: Confluent's audit log names a principal that nobody knows so.
constexpr std::string_view kUnknownPrincipal = "None:UNKNOWN_USER";

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// SOURCE: RFC 3986 section 2.3, what a URI may carry as it is.
std::string percent(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_plain(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15U];
  }
  return out;
}

// `TransactionalId` → `transactional-id`, as CRNs write kinds.
std::string element_of(std::string_view kind) {
  std::string out;
  for (const char c : kind) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !out.empty()) out += '-';
    out += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return percent(out);
}

// A member of at most `bytes_max` bytes of text. What is left out or replaced is said beside it.
void named(JsonWriter& json, std::string_view name, std::string_view value,
           std::size_t bytes_max = kTextShownBytesMax) {
  const bool whole = value.size() <= bytes_max;
  const std::string_view shown = whole ? value : front(value, kTextShownBytesMax);
  const Fidelity fidelity = json.text(name, shown);
  if (!whole) {
    json.text(fmt::format("{}Sha256", name),
              crypto::hex(crypto::sha256(std::as_bytes(std::span(value)))));
    json.number(fmt::format("{}Bytes", name), value.size());
  }
  if (fidelity == Fidelity::Replaced) {
    json.text(fmt::format("{}Base64", name), crypto::base64(std::as_bytes(std::span(shown))));
  }
}

void named_if(JsonWriter& json, std::string_view name, std::string_view value,
              std::size_t bytes_max = kTextShownBytesMax) {
  if (!value.empty()) named(json, name, value, bytes_max);
}

const Service& service_of(const EventOptions& options, std::string_view kind) {
  const auto row = std::ranges::find(options.services, kind, [](const auto& entry) {
    return std::string_view(entry.first);
  });
  return row == options.services.end() ? options.service : row->second;
}

struct Names {
  std::string source;    // CRN of the cluster
  std::string resource;  // CRN of what was asked for
};

Names names_of(const Record& record, const Question& asked, const EventOptions& options,
               const Service& service) {
  Names names;
  names.source = fmt::format("crn://{}/", percent(options.authority));
  const std::string_view scope = asked.scope_id.empty() ? asked.scope : asked.scope_id;
  if (!scope.empty()) {
    names.source += fmt::format("{}={}", service.crn_element,
                                percent(front(scope, kTextShownBytesMax)));
  }
  const std::string kind = element_of(front(asked.kind, kTextShownBytesMax));
  // `*` is any: a resource of that very name is written with the star encoded.
  const std::string name =
      record.by_kind ? "*" : percent(front(record.name, kTextShownBytesMax));
  names.resource = fmt::format("{}{}{}={}", names.source, scope.empty() ? "" : "/",
                               kind.empty() ? "resource" : kind, name);
  return names;
}

std::string principal_text(const SessionFacts& session) {
  return session.principal_type + ":" + session.principal_name;
}

void attributes(JsonWriter& json, const SessionFacts& session,
                const std::vector<std::pair<std::string, std::string>>& members) {
  for (const auto& [attribute, member] : members) {
    const auto found = std::ranges::find(session.attributes, attribute, &NamedValue::first);
    if (found == session.attributes.end() || !found->second) continue;
    const Value& value = *found->second;
    named(json, member, value.type.is(TypeKind::String) ? value.text : to_text(value));
  }
}

void authentication(JsonWriter& json, const SessionFacts& session, const EventOptions& options) {
  json.begin_object("authenticationInfo");
  named(json, "principal", principal_text(session), kNameShownBytesMax);
  json.begin_object("metadata");
  attributes(json, session, options.metadata);
  json.end_object();
  json.end_object();
}

void assigned_principals(JsonWriter& json, const SessionFacts& session) {
  json.begin_list("assignedPrincipals");
  json.text(front(principal_text(session), kTextShownBytesMax));
  std::size_t left_out = 0;
  std::size_t shown_bytes = 0;
  if (session.groups) {
    for (const std::string& group : *session.groups) {
      const std::string_view shown = front(group, kTextShownBytesMax);
      shown_bytes += shown.size() + 1;
      if (shown_bytes > kPrincipalsShownBytesMax) {
        ++left_out;
        continue;
      }
      json.text("Group:" + std::string(shown));
    }
  }
  json.end_list();
  if (left_out != 0) json.number("assignedPrincipalsLeftOut", left_out);
  if (!session.groups) json.boolean("groupsKnown", false);
}

void pattern(JsonWriter& json, const Explained& why) {
  named_if(json, "patternType", why.pattern_type);
  named_if(json, "patternName", why.pattern_name, kNameShownBytesMax);
}

// At most one of the three explains a decision; guards, defaults and refusals have none, and
// policyInfo alone speaks of them.
void grounds(JsonWriter& json, const Record& record, const Question& asked,
             const Explained& why) {
  switch (record.decision.reason) {
    case ReasonClass::Deny:
    case ReasonClass::Allow:
      if (!why.role.empty()) {
        json.begin_object("rbacAuthorization");
        named(json, "role", why.role);
        named_if(json, "scope", asked.scope);
        pattern(json, why);
        json.end_object();
        return;
      }
      json.begin_object("aclAuthorization");
      json.text("permissionType", record.decision.verdict == Verdict::Allow ? "ALLOW" : "DENY");
      named_if(json, "host", why.host);
      pattern(json, why);
      json.end_object();
      return;
    case ReasonClass::Infrastructure:
    case ReasonClass::Superuser:
      json.boolean("superUserAuthorization", true);
      return;
    case ReasonClass::Default:
    case ReasonClass::NoBundle:
    case ReasonClass::ScopeMissing:
    case ReasonClass::UnknownScope:
    case ReasonClass::UnknownKind:
    case ReasonClass::UnknownOperation:
    case ReasonClass::NameTooLong:
    case ReasonClass::BadPrincipal:
    case ReasonClass::AuthExpired:
    case ReasonClass::AuditUnavailable:
    case ReasonClass::Internal:
    case ReasonClass::Guard:
    case ReasonClass::Unlisted:
      return;
  }
}

void authorization(JsonWriter& json, const Record& record, const Question& asked,
                   const SessionFacts& session, const Explained& why) {
  json.begin_object("authorizationInfo");
  json.boolean("granted", record.decision.verdict == Verdict::Allow);
  named(json, "operation", asked.operation);
  named(json, "resourceType", asked.kind);
  named(json, "resourceName", record.by_kind ? "*" : record.name, kNameShownBytesMax);
  json.text("patternType", record.by_kind ? "ANY" : "LITERAL");
  grounds(json, record, asked, why);
  assigned_principals(json, session);
  json.end_object();
}

void policy(JsonWriter& json, const Record& record, const Question& asked,
            const Explained& why) {
  static const PolicyFacts kNoPolicy;
  const PolicyFacts& facts = record.policy == nullptr ? kNoPolicy : *record.policy;
  json.begin_object("policyInfo");
  named(json, "bundle", facts.digest);
  named(json, "package", facts.package);
  json.number("version", facts.version);
  json.number("generation", facts.generation);
  named_if(json, "scope", asked.scope);
  json.text("reason", name_of(record.decision.reason));
  named_if(json, "rule", why.rule);
  named_if(json, "statement", why.statement, kNameShownBytesMax);
  named_if(json, "file", why.file);
  if (why.line != 0) json.number("line", why.line);
  named_if(json, "error", why.error);
  json.end_object();
}

std::string_view purpose_text(Purpose purpose) {
  switch (purpose) {
    case Purpose::Enforce: return "enforce";
    case Purpose::Probe: return "probe";
    case Purpose::Filter: return "filter";
  }
  return "enforce";
}

// The attributes that every event has, in one order.
struct Envelope {
  std::string_view type;
  std::string_view source;
  std::string_view subject;
  std::int64_t time_us = 0;
};
void envelope(JsonWriter& json, const Envelope& of, const EventOptions& options,
              std::uint64_t sequence) {
  json.text("id", fmt::format("{}-{}", front(options.instance, kIdBytesMax), sequence));
  json.text("source", of.source);
  json.text("specversion", "1.0");
  json.text("type", of.type);
  json.text("time", event_time(of.time_us));
  json.text("datacontenttype", "application/json");
  if (!of.subject.empty()) json.text("subject", of.subject);
}

Encoded finish(std::string& out, std::size_t begin) {
  out += '\n';
  if (out.size() - begin <= kEventBytesMax) return Encoded::Whole;
  out.resize(begin);
  return Encoded::TooLarge;
}

}  // namespace

std::string event_time(std::int64_t time_us) {
  const std::int64_t held = std::clamp(time_us, kFirstTimeUs, kLastTimeUs);
  const calendar::Date date = calendar::date_of(held);
  const std::int64_t in_minute = calendar::floor_mod(held, calendar::kMicrosPerMinute);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", date.year, date.month, date.day,
                     calendar::hour(held), calendar::minute(held), in_minute / 1'000'000,
                     in_minute % 1'000'000);
}

Encoded encode(const Record& record, const EventOptions& options, std::uint64_t sequence,
               std::string& out) {
  static const SessionFacts kNobody;
  const SessionFacts& session = record.session == nullptr ? kNobody : *record.session;
  const Explained why = record.words->explain();
  const Question asked = record.words->question();
  const Service& service = service_of(options, asked.kind);
  const Names names = names_of(record, asked, options, service);
  const std::size_t begin = out.size();
  JsonWriter json(out);
  json.begin_object();
  envelope(json,
           {service.type_prefix + "authorization", names.source, names.resource, record.time_us},
           options, sequence);
  json.begin_object("data");
  json.text("serviceName", names.source);
  json.text("methodName", service.method_prefix + "Authorize");
  json.text("resourceName", names.resource);
  authentication(json, session, options);
  authorization(json, record, asked, session, why);
  json.begin_object("request");
  attributes(json, session, options.request);
  json.end_object();
  if (session.host) {
    json.begin_list("clientAddress");
    json.begin_object();
    named(json, "ip", *session.host);
    json.end_object();
    json.end_list();
  }
  policy(json, record, asked, why);
  json.text("purpose", purpose_text(record.purpose));
  json.end_object();
  json.end_object();
  return finish(out, begin);
}

Encoded encode(const AuthenticationEvent& event, const EventOptions& options,
               std::uint64_t sequence, std::string& out) {
  const Authentication& of = event.result;
  std::string source = fmt::format("crn://{}/", percent(options.authority));
  if (!of.scope_id.empty()) {
    source += fmt::format("{}={}", options.service.crn_element,
                          percent(front(of.scope_id, kTextShownBytesMax)));
  }
  const std::size_t begin = out.size();
  JsonWriter json(out);
  json.begin_object();
  envelope(json, {options.service.type_prefix + "authentication", source, source, event.time_us},
           options, sequence);
  json.begin_object("data");
  json.text("serviceName", source);
  json.text("methodName", options.service.method_prefix + "Authentication");
  json.text("resourceName", source);
  json.begin_object("authenticationInfo");
  named(json, "principal", of.principal.empty() ? kUnknownPrincipal : of.principal,
        kNameShownBytesMax);
  json.begin_object("metadata");
  named_if(json, "mechanism", of.mechanism);
  named_if(json, "identifier", of.identifier);
  json.end_object();
  json.end_object();
  json.begin_object("request");
  named_if(json, "clientId", of.client_id);
  json.end_object();
  if (!of.connection_id.empty()) {
    json.begin_object("requestMetadata");
    named(json, "connection_id", of.connection_id);
    json.end_object();
  }
  json.begin_object("result");
  json.text("status", of.success ? "SUCCESS" : "UNAUTHENTICATED");
  named_if(json, "message", of.message, kNameShownBytesMax);
  json.end_object();
  if (!of.host.empty()) {
    json.begin_list("clientAddress");
    json.begin_object();
    named(json, "ip", of.host);
    if (of.port != 0) json.number("port", of.port);
    json.end_object();
    json.end_list();
  }
  json.end_object();
  json.end_object();
  return finish(out, begin);
}

Encoded encode(const Lifecycle& lifecycle, const EventOptions& options, std::uint64_t sequence,
               std::string& out) {
  const std::size_t begin = out.size();
  JsonWriter json(out);
  json.begin_object();
  envelope(json,
           {options.lifecycle_prefix + std::string(front(lifecycle.type, kTextShownBytesMax)),
            fmt::format("crn://{}/", percent(options.authority)), {}, lifecycle.time_us},
           options, sequence);
  json.begin_object("data");
  named(json, "message", lifecycle.message, kNameShownBytesMax);
  json.end_object();
  json.end_object();
  return finish(out, begin);
}

}  // namespace writ::audit
