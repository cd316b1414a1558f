#include "tests/conformance/c_client.h"

#include <vector>

namespace writ::conformance {
namespace {

std::vector<writ_attribute> c_attributes(const std::vector<NamedValue>& attributes) {
  std::vector<writ_attribute> out;
  for (const auto& [name, value] : attributes) {
    writ_attribute attribute{};
    attribute.name = name.data();
    attribute.name_bytes = name.size();
    attribute.type = WRIT_VALUE_ABSENT;
    if (value && value->type.is(TypeKind::Bool)) {
      attribute.type = WRIT_VALUE_BOOL;
      attribute.integer = value->integer;
    } else if (value && value->type.is(TypeKind::Int)) {
      attribute.type = WRIT_VALUE_INT;
      attribute.integer = value->integer;
    } else if (value) {
      attribute.type = WRIT_VALUE_TEXT;
      attribute.text = value->text.data();
      attribute.text_bytes = value->text.size();
    }
    out.push_back(attribute);
  }
  return out;
}

Decision from_c(writ_status status, const writ_decision& decision) {
  if (status != WRIT_OK) {
    return {Verdict::Deny, ReasonClass::Internal, kNoGrant, 0, kNoGrant};
  }
  return {decision.allowed != 0 ? Verdict::Allow : Verdict::Deny,
          static_cast<ReasonClass>(decision.reason), decision.grant, decision.error,
          decision.error_grant};
}

}  // namespace

Status c_load(writ_engine* engine, std::span<const std::byte> bundle,
              const std::string& public_key_pem) {
  const char* key = public_key_pem.data();
  const std::size_t key_bytes = public_key_pem.size();
  std::string message(256, '\0');
  std::vector<std::uint8_t> bytes(bundle.size());
  for (std::size_t i = 0; i < bundle.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(bundle[i]);
  }
  const writ_status status = writ_engine_load(engine, bytes.data(), bytes.size(), &key, &key_bytes,
                                              1, 1, message.data(), message.size());
  if (status == WRIT_OK) {
    return {};
  }
  return fail(ErrorCode::Malformed, message.c_str(), "writ_engine_load");
}

Decision c_ask(const writ_engine* engine, const Question& question) {
  const SessionFacts& session = question.session;
  const RequestFacts& request = question.request;
  const std::vector<writ_attribute> attributes = c_attributes(session.attributes);
  std::vector<const char*> groups;
  std::vector<std::size_t> group_bytes;
  const char* no_group = "";
  for (const std::string& group : session.groups.value_or(std::vector<std::string>())) {
    groups.push_back(group.data());
    group_bytes.push_back(group.size());
  }
  writ_session_facts facts{};
  facts.principal_type = session.principal_type.data();
  facts.principal_type_bytes = session.principal_type.size();
  facts.principal_name = session.principal_name.data();
  facts.principal_name_bytes = session.principal_name.size();
  facts.groups = !session.groups ? nullptr : groups.empty() ? &no_group : groups.data();
  facts.group_bytes = group_bytes.data();
  facts.group_count = groups.size();
  facts.host = session.host ? session.host->data() : nullptr;
  facts.host_bytes = session.host ? session.host->size() : 0;
  facts.scope = session.scope.data();
  facts.scope_bytes = session.scope.size();
  facts.attributes = attributes.data();
  facts.attribute_count = attributes.size();
  facts.opened_us = session.opened_us;
  writ_session* opened = nullptr;
  writ_decision decision{};
  if (writ_session_open(engine, &facts, &opened) != WRIT_OK) {
    return from_c(WRIT_INTERNAL, decision);
  }
  writ_status status = WRIT_OK;
  if (question.any_resource) {
    status = writ_by_kind(engine, opened, request.kind.data(), request.kind.size(),
                          request.operation.data(), request.operation.size(), &decision);
  } else {
    const std::vector<writ_attribute> of_request = c_attributes(request.attributes);
    status = writ_authorize_text(engine, opened, request.operation.data(), request.operation.size(),
                                 request.kind.data(), request.kind.size(), request.name.data(),
                                 request.name.size(), request.scope.data(), request.scope.size(),
                                 of_request.data(), of_request.size(),
                                 request.time_us.value_or(WRIT_NOW), &decision);
  }
  writ_session_free(opened);
  return from_c(status, decision);
}

}  // namespace writ::conformance
