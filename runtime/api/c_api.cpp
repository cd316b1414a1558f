// writ.h over engine.hpp. Every body runs in a guard.
#include "runtime/api/include/writ/writ_audit.h"
#include "runtime/api/opaque.h"

#include <algorithm>

using writ::api::copy_terminated;
using writ::api::copy_text;
using writ::api::denial;
using writ::api::exported;
using writ::api::guarded;
using writ::api::imported;
using writ::api::status_of;
using writ::api::text_set;
using writ::api::time_of;
using writ::api::told;
using writ::api::view;

namespace {

writ::TrustOptions trust_in(const char* const* keys, const size_t* key_bytes, size_t count,
                            uint32_t threshold) {
  writ::TrustOptions trust;
  trust.threshold = threshold;
  for (std::size_t at = 0; at < count; ++at) {
    trust.public_keys_pem.emplace_back(view(keys[at], key_bytes[at]));
  }
  return trust;
}

}  // namespace

uint32_t writ_abi_version(void) { return WRIT_ABI_VERSION; }

const char* writ_reason_name(uint8_t reason) {
  // Names are literals, so they end in a zero byte.
  if (reason > static_cast<std::uint8_t>(writ::ReasonClass::Unlisted)) return "internal";
  return writ::name_of(static_cast<writ::ReasonClass>(reason)).data();
}

writ_status writ_engine_new(const char* cluster, size_t cluster_bytes, int native,
                            writ_engine** out) {
  return guarded([&] {
    if (out == nullptr) return WRIT_USAGE;
    *out = nullptr;
    writ::EngineOptions options;
    options.cluster_id = view(cluster, cluster_bytes);
    options.tier = native != 0 ? writ::Tier::Native : writ::Tier::Interpreter;
    *out = new writ_engine{nullptr, writ::Engine::create(options)};
    return WRIT_OK;
  });
}

void writ_engine_free(writ_engine* engine) { delete engine; }

writ_status writ_engine_load(writ_engine* engine, const uint8_t* bundle, size_t bundle_bytes,
                             const char* const* keys, const size_t* key_bytes, size_t key_count,
                             uint32_t threshold, char* message, size_t message_bytes) {
  return guarded([&] {
    copy_terminated({}, message, message_bytes);
    if (engine == nullptr || (bundle == nullptr && bundle_bytes != 0) ||
        (keys == nullptr && key_count != 0)) {
      return WRIT_USAGE;
    }
    const writ::Status loaded =
        engine->engine->load(std::as_bytes(std::span(bundle, bundle_bytes)),
                             trust_in(keys, key_bytes, key_count, threshold));
    return loaded ? WRIT_OK : told(loaded.error(), message, message_bytes);
  });
}

writ_status writ_engine_keep_in(writ_engine* engine, const char* folder, size_t folder_bytes,
                                char* message, size_t message_bytes) {
  return guarded([&] {
    copy_terminated({}, message, message_bytes);
    if (engine == nullptr || folder == nullptr || folder_bytes == 0) return WRIT_USAGE;
    const writ::Status kept = engine->engine->keep_in(std::string(view(folder, folder_bytes)));
    return kept ? WRIT_OK : told(kept.error(), message, message_bytes);
  });
}

writ_status writ_engine_restore(writ_engine* engine, const char* const* keys,
                                const size_t* key_bytes, size_t key_count, uint32_t threshold,
                                char* message, size_t message_bytes) {
  return guarded([&] {
    copy_terminated({}, message, message_bytes);
    if (engine == nullptr || (keys == nullptr && key_count != 0)) return WRIT_USAGE;
    const writ::Status restored =
        engine->engine->restore(trust_in(keys, key_bytes, key_count, threshold));
    return restored ? WRIT_OK : told(restored.error(), message, message_bytes);
  });
}

writ_status writ_engine_await_native(const writ_engine* engine, char* message,
                                     size_t message_bytes) {
  return guarded([&] {
    copy_terminated({}, message, message_bytes);
    if (engine == nullptr) return WRIT_USAGE;
    const writ::Status native = engine->engine->await_native();
    return native ? WRIT_OK : told(native.error(), message, message_bytes);
  });
}

writ_status writ_engine_info(const writ_engine* engine, writ_bundle_info* out) {
  return guarded([&] {
    if (engine == nullptr || out == nullptr) return WRIT_USAGE;
    *out = {};
    const std::optional<writ::BundleInfo> info = engine->engine->active();
    if (!info) return WRIT_OK;
    out->version = info->version;
    out->generation = info->generation;
    out->expires_us = info->expires_us;
    copy_terminated(info->digest, out->digest, sizeof out->digest);
    copy_terminated(info->package, out->package, sizeof out->package);
    return WRIT_OK;
  });
}

writ_status writ_operation(const writ_engine* engine, const char* kind, size_t kind_bytes,
                           const char* operation, size_t operation_bytes, uint32_t* out) {
  return guarded([&] {
    if (engine == nullptr || out == nullptr) return WRIT_USAGE;
    const std::optional<std::uint32_t> bit =
        engine->engine->operation(view(kind, kind_bytes), view(operation, operation_bytes));
    *out = bit.value_or(UINT32_MAX);
    return bit ? WRIT_OK : WRIT_USAGE;
  });
}

writ_status writ_session_open(const writ_engine* engine, const writ_session_facts* facts,
                              writ_session** out) {
  return guarded([&] {
    if (out == nullptr) return WRIT_USAGE;
    *out = nullptr;
    if (engine == nullptr || facts == nullptr) return WRIT_USAGE;
    *out = new writ_session{engine->engine->open(imported(*facts))};
    return WRIT_OK;
  });
}

writ_status writ_session_refresh(writ_session* session, const writ_session_facts* facts) {
  return guarded([&] {
    if (session == nullptr || facts == nullptr) return WRIT_USAGE;
    session->session->refresh(imported(*facts));
    return WRIT_OK;
  });
}

void writ_session_free(writ_session* session) { delete session; }

writ_status writ_resource_new(const writ_engine* engine, const char* kind, size_t kind_bytes,
                              const char* name, size_t name_bytes, writ_resource** out) {
  return guarded([&] {
    if (out == nullptr) return WRIT_USAGE;
    *out = nullptr;
    if (engine == nullptr) return WRIT_USAGE;
    *out = new writ_resource{
        engine->engine->resource(view(kind, kind_bytes), view(name, name_bytes))};
    return WRIT_OK;
  });
}

void writ_resource_free(writ_resource* resource) { delete resource; }

writ_status writ_authorize(const writ_engine* engine, const writ_session* session,
                           const writ_resource* resource, uint32_t operation,
                           const writ_attribute* attributes, size_t attribute_count,
                           int64_t time_us, writ_decision* out) {
  return guarded([&] {
    if (out == nullptr) return WRIT_USAGE;
    *out = denial();
    if (engine == nullptr || session == nullptr || resource == nullptr) return WRIT_USAGE;
    writ::Ask ask;
    ask.resource = resource->resource.get();
    ask.operation = operation;
    ask.time_us = time_of(time_us);
    if (attribute_count == 0) {
      *out = exported(engine->engine->authorize(*session->session, ask));
      return WRIT_OK;
    }
    const std::vector<writ::NamedValue> values = imported(attributes, attribute_count);
    ask.attributes = &values;
    *out = exported(engine->engine->authorize(*session->session, ask));
    return WRIT_OK;
  });
}

writ_status writ_values_new(const writ_engine* engine, writ_values** out) {
  return guarded([&] {
    if (out == nullptr) return WRIT_USAGE;
    *out = nullptr;
    if (engine == nullptr) return WRIT_USAGE;
    *out = new writ_values{engine->engine->request_values()};
    return WRIT_OK;
  });
}

void writ_values_free(writ_values* values) { delete values; }

writ_status writ_values_position(const writ_engine* engine, const char* name, size_t name_bytes,
                                 uint32_t* out) {
  return guarded([&] {
    if (engine == nullptr || out == nullptr) return WRIT_USAGE;
    const std::optional<std::uint32_t> at = engine->engine->attribute(view(name, name_bytes));
    *out = at.value_or(UINT32_MAX);
    return at ? WRIT_OK : WRIT_LIMIT;
  });
}

writ_status writ_values_set(writ_values* values, uint32_t position, const writ_attribute* value) {
  return guarded([&] {
    if (values == nullptr || value == nullptr) return WRIT_USAGE;
    writ::RequestValues& into = *values->values;
    const std::string_view text = view(value->text, value->text_bytes);
    switch (value->type) {
      case WRIT_VALUE_TEXT: into.set_text(position, text); break;
      case WRIT_VALUE_INT: into.set_int(position, value->integer); break;
      case WRIT_VALUE_BOOL: into.set_bool(position, value->integer != 0); break;
      case WRIT_VALUE_TEXT_SET: into.set(position, text_set(text)); break;
      case WRIT_VALUE_ABSENT: into.set_absent(position); break;
      default: into.set(position, writ::Value()); break;  // fits no type: an error value
    }
    return WRIT_OK;
  });
}

writ_status writ_values_clear(writ_values* values) {
  return guarded([&] {
    if (values == nullptr) return WRIT_USAGE;
    values->values->clear();
    return WRIT_OK;
  });
}

writ_status writ_authorize_values(const writ_engine* engine, const writ_session* session,
                                  const writ_resource* resource, uint32_t operation,
                                  const writ_values* values, int64_t time_us, writ_decision* out) {
  return guarded([&] {
    if (out == nullptr) return WRIT_USAGE;
    *out = denial();
    if (engine == nullptr || session == nullptr || resource == nullptr) return WRIT_USAGE;
    writ::Ask ask;
    ask.resource = resource->resource.get();
    ask.operation = operation;
    ask.time_us = time_of(time_us);
    ask.values = values == nullptr ? nullptr : values->values.get();
    *out = exported(engine->engine->authorize(*session->session, ask));
    return WRIT_OK;
  });
}

writ_status writ_authorize_text(const writ_engine* engine, const writ_session* session,
                                const char* operation, size_t operation_bytes, const char* kind,
                                size_t kind_bytes, const char* name, size_t name_bytes,
                                const char* scope, size_t scope_bytes,
                                const writ_attribute* attributes, size_t attribute_count,
                                int64_t time_us, writ_decision* out) {
  return guarded([&] {
    if (out == nullptr) return WRIT_USAGE;
    *out = denial();
    if (engine == nullptr || session == nullptr) return WRIT_USAGE;
    writ::RequestFacts request;
    request.operation = view(operation, operation_bytes);
    request.kind = view(kind, kind_bytes);
    request.name = view(name, name_bytes);
    request.scope = view(scope, scope_bytes);
    request.attributes = imported(attributes, attribute_count);
    request.time_us = time_us == WRIT_NOW ? writ::Engine::now_us() : time_us;
    *out = exported(engine->engine->authorize(*session->session, request));
    return WRIT_OK;
  });
}

writ_status writ_mask(const writ_engine* engine, const writ_session* session,
                      const writ_resource* resource, uint32_t asked, int64_t time_us,
                      uint32_t* allowed) {
  return guarded([&] {
    if (allowed == nullptr) return WRIT_USAGE;
    *allowed = 0;
    if (engine == nullptr || session == nullptr || resource == nullptr) return WRIT_USAGE;
    writ::Ask ask;
    ask.resource = resource->resource.get();
    ask.time_us = time_of(time_us);
    *allowed = engine->engine->allowed(*session->session, ask, asked);
    return WRIT_OK;
  });
}

writ_status writ_batch(const writ_engine* engine, const writ_session* session,
                       const writ_resource* const* resources, const uint32_t* operations,
                       size_t count, int64_t time_us, writ_decision* out) {
  return writ_batch_as(engine, session, resources, operations, nullptr, count, nullptr, time_us,
                       out);
}

writ_status writ_by_kind(const writ_engine* engine, const writ_session* session, const char* kind,
                         size_t kind_bytes, const char* operation, size_t operation_bytes,
                         writ_decision* out) {
  return guarded([&] {
    if (out == nullptr) return WRIT_USAGE;
    *out = denial();
    if (engine == nullptr || session == nullptr) return WRIT_USAGE;
    *out = exported(engine->engine->any_resource(*session->session, view(kind, kind_bytes),
                                                 view(operation, operation_bytes)));
    return WRIT_OK;
  });
}

writ_status writ_filter(const writ_engine* engine, const writ_session* session, const char* kind,
                        size_t kind_bytes, const char* operation, size_t operation_bytes,
                        const char* const* names, const size_t* name_bytes, size_t count,
                        uint32_t* out, size_t* out_count) {
  return guarded([&] {
    if (out_count == nullptr) return WRIT_USAGE;
    *out_count = 0;
    if (engine == nullptr || session == nullptr ||
        (count != 0 && (names == nullptr || name_bytes == nullptr || out == nullptr))) {
      return WRIT_USAGE;
    }
    std::vector<std::string_view> views(count);
    for (std::size_t at = 0; at < count; ++at) views[at] = view(names[at], name_bytes[at]);
    const std::vector<std::uint32_t> kept =
        engine->engine->filter(*session->session, view(kind, kind_bytes),
                               view(operation, operation_bytes), views);
    std::ranges::copy(kept, out);
    *out_count = kept.size();
    return WRIT_OK;
  });
}

writ_status writ_key_for(const writ_engine* engine, const char* kind, size_t kind_bytes,
                         const char* name, size_t name_bytes, const char* scope,
                         size_t scope_bytes, char* out, size_t out_bytes, size_t* key_bytes) {
  return guarded([&] {
    if (key_bytes == nullptr) return WRIT_USAGE;
    *key_bytes = 0;
    if (engine == nullptr || (out == nullptr && out_bytes != 0)) return WRIT_USAGE;
    const std::string key = engine->engine->key_for(
        view(kind, kind_bytes), view(name, name_bytes), view(scope, scope_bytes));
    *key_bytes = copy_text(key, out, out_bytes);
    return WRIT_OK;
  });
}

writ_status writ_explain(const writ_engine* engine, const writ_session* session,
                         const writ_decision* decision, writ_because** out) {
  return guarded([&] {
    if (out == nullptr) return WRIT_USAGE;
    *out = nullptr;
    if (engine == nullptr || session == nullptr || decision == nullptr ||
        decision->reason > static_cast<std::uint8_t>(writ::ReasonClass::Unlisted)) {
      return WRIT_USAGE;
    }
    writ::Decision given;
    given.verdict = decision->allowed != 0 ? writ::Verdict::Allow : writ::Verdict::Deny;
    given.reason = static_cast<writ::ReasonClass>(decision->reason);
    given.grant = decision->grant;
    given.error = decision->error;
    given.error_grant = decision->error_grant;
    *out = new writ_because{engine->engine->explain(*session->session, {}, given)};
    return WRIT_OK;
  });
}

const char* writ_because_text(const writ_because* because, uint32_t field, size_t* bytes) {
  static const std::string none;
  const std::string* text = &none;
  if (because != nullptr) {
    const writ::Because& of = because->because;
    switch (field) {
      case WRIT_BECAUSE_RULE: text = &of.rule; break;
      case WRIT_BECAUSE_STATEMENT: text = &of.statement; break;
      case WRIT_BECAUSE_FILE: text = &of.file; break;
      case WRIT_BECAUSE_ROLE_FILE: text = &of.role_file; break;
      case WRIT_BECAUSE_ERROR: text = &of.error; break;
      default: break;
    }
  }
  if (bytes != nullptr) *bytes = text->size();
  return text->c_str();
}

uint32_t writ_because_line(const writ_because* because) {
  return because == nullptr ? 0 : because->because.line;
}
uint32_t writ_because_role_line(const writ_because* because) {
  return because == nullptr ? 0 : because->because.role_line;
}
void writ_because_free(writ_because* because) { delete because; }
