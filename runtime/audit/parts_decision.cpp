// What was asked, of which bundle, and why it was decided so.
#include <algorithm>

#include <fmt/format.h>

#include "runtime/audit/crn.h"
#include "runtime/audit/parts.h"

namespace writ::audit {
namespace {

constexpr std::size_t kOperationShownBytesMax = 64;
// Of a path from the root: levels and ids are the policy's, not a client's.
constexpr std::size_t kLevelsShownBytesMax = 1'024;

std::string decoded(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%' && at + 2 < text.size() && digit(text[at + 1]) >= 0 &&
        digit(text[at + 2]) >= 0) {
      out += static_cast<char>(digit(text[at + 1]) << 4 | digit(text[at + 2]));
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

struct LevelAndId {
  std::string level;
  std::string id;
};
std::vector<LevelAndId> split(std::string_view levels) {
  std::vector<LevelAndId> out;
  levels = front(levels, kLevelsShownBytesMax);
  while (!levels.empty()) {
    const std::string_view part = levels.substr(0, levels.find('/'));
    levels.remove_prefix(std::min(levels.size(), part.size() + 1));
    const std::size_t equals = std::min(part.find('='), part.size());
    const std::string_view id = part.substr(std::min(equals + 1, part.size()));
    if (equals != 0) out.push_back({decoded(part.substr(0, equals)), decoded(id)});
  }
  return out;
}

std::string_view cluster_of(std::string_view level, const EventOptions& options) {
  const auto row = std::ranges::find(options.clusters, level, [](const auto& entry) {
    return std::string_view(entry.first);
  });
  return row == options.clusters.end() ? std::string_view() : std::string_view(row->second);
}

// `SchemaRegistry`, `kafka-cluster` → `SCHEMA_REGISTRY`, `KAFKA_CLUSTER`.
std::string constant_case(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool lower = c >= 'a' && c <= 'z';
    if (upper && !out.empty() && out.back() != '_') out += '_';
    if (lower) {
      out += static_cast<char>(c - 'a' + 'A');
    } else {
      out += c == '-' ? '_' : c;
    }
  }
  return out;
}

void pattern(JsonWriter& json, const Explained& why) {
  named_if(json, "patternType", why.pattern_type);
  named_if(json, "patternName", why.pattern_name, kNameShownBytesMax);
}

// SOURCE: the scope of a role binding in Confluent's metadata service.
void binding_scope(JsonWriter& json, std::string_view levels, const EventOptions& options) {
  const std::vector<LevelAndId> parts = split(levels);
  json.begin_object("scope");
  json.begin_list("outerScope");
  for (const LevelAndId& part : parts) {
    if (cluster_of(part.level, options).empty()) json.text(part.level + "=" + part.id);
  }
  json.end_list();
  json.begin_object("clusters");
  for (const LevelAndId& part : parts) {
    const std::string_view cluster = cluster_of(part.level, options);
    if (!cluster.empty()) named(json, cluster, part.id);
  }
  json.end_object();
  json.end_object();
}

void acting(JsonWriter& json, const Explained& why, Shape shape, const EventOptions& options) {
  const std::string_view who = why.acting_principal;
  if (who.empty()) return;
  if (shape == Shape::Kafka) return named(json, "actingPrincipal", who);
  const std::size_t colon = who.find(':');
  const bool typed = colon != std::string_view::npos;
  principal_object(json, "actingPrincipal", typed ? who.substr(0, colon) : "any",
                   front(typed ? who.substr(colon + 1) : who, kTextShownBytesMax), options);
}

void granted_by(JsonWriter& json, const Decision& decision, const Explained& why, Shape shape,
                const EventOptions& options) {
  if (!why.role.empty()) {
    json.begin_object("rbacAuthorization");
    named(json, "role", why.role);
    if (shape == Shape::Kafka) {
      if (!why.scope_levels.empty()) binding_scope(json, why.scope_levels, options);
    } else {
      json.begin_object("cloudScope");
      cloud_scope(json, why.scope_levels, options);
      json.end_object();
    }
  } else {
    json.begin_object("aclAuthorization");
    json.text("permissionType", decision.reason == ReasonClass::Allow ? "ALLOW" : "DENY");
    named_if(json, "host", why.host);
  }
  pattern(json, why);
  acting(json, why, shape, options);
  json.end_object();
}

// At most one of the three explains a decision; guards, defaults and refusals have none, and
// policyInfo alone speaks of them.
std::string grounds(const Decision& decision, const Explained& why, Shape shape,
                    const EventOptions& options) {
  std::string out;
  JsonWriter json(out);
  switch (decision.reason) {
    case ReasonClass::Deny:
    case ReasonClass::Allow:
      granted_by(json, decision, why, shape, options);
      break;
    case ReasonClass::Infrastructure:
    case ReasonClass::Superuser:
      json.boolean("superUserAuthorization", true);
      break;
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
      break;
  }
  return out;
}

}  // namespace

void cloud_scope(JsonWriter& json, std::string_view levels, const EventOptions& options) {
  json.begin_list("resources");
  for (const LevelAndId& part : split(levels)) {
    const std::string_view cluster = cluster_of(part.level, options);
    json.begin_object();
    named(json, "type", constant_case(cluster.empty() ? part.level : cluster));
    named(json, "resourceId", part.id);
    json.end_object();
  }
  json.end_list();
}

std::string source_crn(const Service& service, std::string_view scope,
                       const EventOptions& options) {
  std::string out = "crn://" + percent(options.authority) + "/";
  if (scope.empty()) return out;
  return out + service.crn_element + "=" + percent(front(scope, kTextShownBytesMax));
}

QuestionParts question_parts(const Question& asked, const PolicyFacts& policy,
                             const EventOptions& options) {
  QuestionParts out;
  out.service = service_of(options.services, options.service, asked.model, asked.kind);
  const std::string_view scope = asked.scope_id.empty() ? asked.scope : asked.scope_id;
  const std::string source = source_crn(out.service, scope, options);
  JsonWriter head(out.head);
  head.text("source", source);
  head.text("specversion", "1.0");
  head.text("type", out.service.type_prefix + "authorization");
  head.text("datacontenttype", "application/json");
  JsonWriter(out.names).text("serviceName", source);
  out.method = method_part(out.service, nullptr, options);
  const std::string_view kind_shown = front(asked.kind, kTextShownBytesMax);
  const std::string element = crn_element(kind_shown);
  out.crn = fmt::format("{}{}{}=", source, scope.empty() ? "" : "/",
                        element.empty() ? "resource" : element);
  JsonWriter operation(out.operation);
  named(operation, "operation", asked.operation);
  JsonWriter kind(out.kind);
  named(kind, "resourceType", asked.kind);
  if (out.service.shape == Shape::General) {
    JsonWriter cloud(out.cloud);
    cloud.begin_object("scope");
    cloud_scope(cloud, asked.levels, options);
    cloud.end_object();
    cloud.begin_object("resource");
    named(cloud, "type", kind_shown.empty() ? "RESOURCE" : constant_case(kind_shown));
  }
  JsonWriter facts(out.policy);
  named(facts, "bundle", policy.digest);
  named(facts, "package", policy.package);
  facts.number("version", policy.version);
  facts.number("generation", policy.generation);
  named_if(facts, "scope", asked.scope);
  return out;
}

ReasonParts reason_parts(const Decision& decision, const Explained& why,
                         const EventOptions& options) {
  ReasonParts out;
  for (const Shape shape : {Shape::Kafka, Shape::General}) {
    out.grounds[static_cast<std::size_t>(shape)] = grounds(decision, why, shape, options);
  }
  JsonWriter json(out.policy);
  if (decision.grant != kNoGrant) json.number("grant", decision.grant);
  json.text("reason", name_of(decision.reason));
  named_if(json, "rule", why.rule);
  named_if(json, "statement", why.statement, kNameShownBytesMax);
  named_if(json, "statementScope", why.scope);
  named_if(json, "file", why.file);
  if (why.line != 0) json.number("line", why.line);
  named_if(json, "error", why.error);
  named_if(json, "nearest", why.nearest);
  return out;
}

}  // namespace writ::audit
