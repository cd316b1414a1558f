// Record → event: what the recorders of few decisions write. runtime/audit/render is the fast one.
#include <algorithm>

#include <fmt/format.h>

#include "runtime/audit/crn.h"
#include "runtime/audit/parts.h"
#include "runtime/value/calendar.h"

namespace writ::audit {
namespace {

// 0000-01-01T00:00:00Z and the last microsecond of 9999.
constexpr std::int64_t kFirstTimeUs = -62'167'219'200'000'000;
constexpr std::int64_t kLastTimeUs = 253'402'300'799'999'999;
constexpr std::size_t kInstanceShownBytesMax = 32;
// SOURCE: Confluent's audit log names a principal that nobody knows so.
constexpr std::string_view kUnknownPrincipal = "None:UNKNOWN_USER";

// The attributes that every event has, in one order.
struct Envelope {
  std::string_view type;
  std::string_view source;
  std::string_view subject;
  std::int64_t time_us = 0;
};
void envelope(JsonWriter& json, const Envelope& of, std::string_view id) {
  json.text("id", id);
  json.text("source", of.source);
  json.text("specversion", "1.0");
  json.text("type", of.type);
  json.text("time", event_time(of.time_us));
  json.text("datacontenttype", "application/json");
  if (!of.subject.empty()) json.text("subject", of.subject);
}

std::string event_id(const EventOptions& options, std::uint64_t sequence) {
  return fmt::format("{}-{}", percent(front(options.instance, kInstanceShownBytesMax)), sequence);
}

Encoded limited(std::string& out, std::size_t begin) {
  if (out.size() - begin <= kEventBytesMax) return Encoded::Whole;
  out.resize(begin);
  return Encoded::TooLarge;
}

}  // namespace

EventOptions under(const AuditPolicy& policy, EventOptions options) {
  if (!policy.source.empty()) options.authority = policy.source;
  options.omitted.insert(options.omitted.end(), policy.omitted.begin(), policy.omitted.end());
  return options;
}

std::int64_t held_time(std::int64_t time_us) {
  return std::clamp(time_us, kFirstTimeUs, kLastTimeUs);
}

std::string event_time(std::int64_t time_us) {
  const std::int64_t held = held_time(time_us);
  const calendar::Date date = calendar::date_of(held);
  const std::int64_t in_minute = calendar::floor_mod(held, calendar::kMicrosPerMinute);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", date.year, date.month, date.day,
                     calendar::hour(held), calendar::minute(held), in_minute / 1'000'000,
                     in_minute % 1'000'000);
}

Encoded encode(const Record& record, const EventOptions& options, std::uint64_t sequence,
               std::string& out) {
  static const SessionFacts kNobody;
  static const PolicyFacts kNoPolicy;
  const SessionFacts& session = record.session == nullptr ? kNobody : *record.session;
  const PolicyFacts& policy = record.policy == nullptr ? kNoPolicy : *record.policy;
  const QuestionParts question = question_parts(record.words->question(), policy, options);
  const Shape shape = question.service.shape;
  const SessionParts who = session_parts(session, shape, options);
  const ResourceParts what = record.by_kind ? any_resource_parts() : resource_parts(record.name);
  const ReasonParts why = reason_parts(record.decision, record.words->explain(), options);
  const std::string method = method_part(question.service, record.attributes, options);
  const std::string request = request_part(session, record.attributes, shape, options);
  const std::string id = event_id(options, sequence);
  const std::string time = event_time(record.time_us);
  Varying varying;
  varying.id = id;
  varying.time = time;
  varying.granted = record.decision.verdict == Verdict::Allow;
  varying.purpose = record.purpose;
  const std::size_t begin = out.size();
  join(varying,
       {.question = &question, .session = &who, .resource = &what, .reason = &why,
        .method = method, .request = request, .list = {}},
       out);
  return limited(out, begin);
}

Encoded encode(const AuthenticationEvent& event, const EventOptions& options,
               std::string_view id, std::string& out) {
  const Authentication& of = event.result;
  const std::string source = source_crn(options.service, of.scope_id, options);
  const std::size_t begin = out.size();
  JsonWriter json(out);
  json.begin_object();
  envelope(json, {options.service.type_prefix + "authentication", source, source, event.time_us},
           id);
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
  if (event.uncertainty_us != 0) json.number("timeUncertaintyMicros", event.uncertainty_us);
  json.end_object();
  json.end_object();
  out += '\n';
  return limited(out, begin);
}

Encoded encode(const AuthenticationEvent& event, const EventOptions& options,
               std::uint64_t sequence, std::string& out) {
  return encode(event, options, event_id(options, sequence), out);
}

Encoded encode(const Lifecycle& lifecycle, const EventOptions& options, std::string_view id,
               std::string& out) {
  const std::size_t begin = out.size();
  JsonWriter json(out);
  json.begin_object();
  envelope(json,
           {options.lifecycle_prefix + std::string(front(lifecycle.type, kTextShownBytesMax)),
            source_crn(options.service, {}, options), {}, lifecycle.time_us},
           id);
  json.begin_object("data");
  named(json, "message", lifecycle.message, kNameShownBytesMax);
  if (lifecycle.count != 0) json.number("count", lifecycle.count);
  if (!lifecycle.detail.empty()) json.raw("detail", lifecycle.detail);
  if (lifecycle.uncertainty_us != 0) json.number("timeUncertaintyMicros", lifecycle.uncertainty_us);
  json.end_object();
  json.end_object();
  out += '\n';
  return limited(out, begin);
}

Encoded encode(const Lifecycle& lifecycle, const EventOptions& options, std::uint64_t sequence,
               std::string& out) {
  return encode(lifecycle, options, event_id(options, sequence), out);
}

}  // namespace writ::audit
