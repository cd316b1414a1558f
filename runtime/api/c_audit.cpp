// writ_audit.h over audit.hpp and engine.hpp. Every body runs in a guard.
#include "runtime/api/include/writ/writ_audit.h"

#include <algorithm>
#include <deque>
#include <mutex>

#include "runtime/api/opaque.h"
#include "runtime/audit/recorder.h"
#include "runtime/engine/epoch.h"
#include "runtime/engine/state.h"

using writ::api::copy_terminated;
using writ::api::denial;
using writ::api::exported;
using writ::api::guarded;
using writ::api::imported;
using writ::api::time_of;
using writ::api::told;
using writ::api::view;

namespace {

constexpr std::size_t kNotesMax = 64;

/// What there is to tell people. The trail's threads say it, the embedding takes it.
struct Notes {
  std::mutex mutex;
  std::deque<std::string> texts;

  void add(std::string_view text) {
    const std::lock_guard lock(mutex);
    texts.emplace_back(text);
    if (texts.size() > kNotesMax) texts.pop_front();
  }
  [[nodiscard]] std::string take() {
    const std::lock_guard lock(mutex);
    if (texts.empty()) return {};
    std::string text = std::move(texts.front());
    texts.pop_front();
    return text;
  }
};

}  // namespace

struct writ_trail {
  std::shared_ptr<writ::audit::Trail> trail;
  std::shared_ptr<Notes> notes;
};

namespace {

std::vector<std::string> texts(const char* const* from, const std::size_t* bytes,
                               std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < count; ++at) out.emplace_back(view(from[at], bytes[at]));
  return out;
}

std::chrono::nanoseconds or_default(std::uint32_t said_ms, std::chrono::nanoseconds otherwise) {
  return said_ms == 0 ? otherwise : std::chrono::milliseconds(said_ms);
}

writ::Result<std::vector<std::pair<std::string, std::string>>> properties(
    const writ_trail_options& from) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::string& text : texts(from.kafka, from.kafka_bytes, from.kafka_count)) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return writ::fail(writ::ErrorCode::Usage, "a property of the Kafka client is NAME=VALUE",
                        text);
    }
    out.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

writ::Result<writ::audit::TrailOptions> options_of(const writ_trail_options& from) {
  writ::audit::TrailOptions out;
  out.log = view(from.log, from.log_bytes);
  out.key_pem = view(from.key_pem, from.key_pem_bytes);
  out.rings = view(from.rings, from.rings_bytes);
  out.cursors = view(from.cursors, from.cursors_bytes);
  out.source = view(from.source, from.source_bytes);
  out.sinks = texts(from.sinks, from.sink_bytes, from.sink_count);
  out.sender = view(from.sender, from.sender_bytes);
  WRIT_ASSIGN(kafka, properties(from));
  out.kafka = std::move(kafka);
  if (from.file_bytes_max != 0) out.file_bytes_max = from.file_bytes_max;
  out.files_max = from.files_max;
  out.keep_age = std::chrono::seconds(from.keep_age_s);
  out.keep_bytes = from.keep_bytes;
  if (from.threads_max != 0) out.threads_max = from.threads_max;
  if (from.ring_slots != 0) out.ring_slots = from.ring_slots;
  out.wait = or_default(from.wait_ms, out.wait);
  out.wait_durable = or_default(from.wait_durable_ms, out.wait_durable);
  out.close_wait = or_default(from.close_wait_ms, out.close_wait);
  return out;
}

bool has_texts(const char* const* from, const std::size_t* bytes, std::size_t count) {
  return count == 0 || (from != nullptr && bytes != nullptr);
}

bool is_purpose(std::uint32_t purpose) { return purpose <= WRIT_FILTER; }

writ::Ask ask_of(const writ_resource* resource, std::uint32_t operation, std::uint32_t purpose,
                 const writ_values* values, std::int64_t time_us) {
  writ::Ask ask;
  if (resource != nullptr) ask.resource = resource->resource.get();
  ask.operation = operation;
  ask.purpose = static_cast<writ::Purpose>(purpose);
  ask.values = values == nullptr ? nullptr : values->values.get();
  ask.time_us = time_of(time_us);
  return ask;
}

}  // namespace

writ_status writ_trail_open(const writ_trail_options* options, writ_trail** out, char* message,
                            size_t message_bytes) {
  return guarded([&] {
    copy_terminated({}, message, message_bytes);
    if (out == nullptr) return WRIT_USAGE;
    *out = nullptr;
    if (options == nullptr ||
        !has_texts(options->sinks, options->sink_bytes, options->sink_count) ||
        !has_texts(options->kafka, options->kafka_bytes, options->kafka_count)) {
      return WRIT_USAGE;
    }
    auto wanted = options_of(*options);
    if (!wanted) return told(wanted.error(), message, message_bytes);
    auto handle = std::make_unique<writ_trail>();
    handle->notes = std::make_shared<Notes>();
    wanted->note = [notes = handle->notes](std::string_view text) { notes->add(text); };
    auto opened = writ::audit::Trail::open(std::move(*wanted));
    if (!opened) return told(opened.error(), message, message_bytes);
    handle->trail = std::move(*opened);
    *out = handle.release();
    return WRIT_OK;
  });
}

writ_status writ_trail_close(writ_trail* trail, char* message, size_t message_bytes) {
  return guarded([&] {
    copy_terminated({}, message, message_bytes);
    if (trail == nullptr) return WRIT_USAGE;
    const writ::Status closed = trail->trail->close();
    return closed ? WRIT_OK : told(closed.error(), message, message_bytes);
  });
}

void writ_trail_free(writ_trail* trail) { delete trail; }

writ_status writ_trail_state(const writ_trail* trail, writ_trail_info* out) {
  return guarded([&] {
    if (out == nullptr) return WRIT_USAGE;
    *out = {};
    if (trail == nullptr) return WRIT_USAGE;
    const writ::audit::TrailState state = trail->trail->state();
    out->rows = state.rows;
    out->syncs = state.syncs;
    out->denied = state.denied;
    out->uncounted = state.uncounted;
    out->regions = static_cast<std::uint32_t>(state.regions);
    out->waiting = static_cast<std::uint32_t>(state.waiting);
    out->broken = static_cast<std::uint32_t>(state.broken_rings);
    out->closed = state.closed ? 1 : 0;
    if (!state.trouble) return WRIT_OK;
    out->troubled = 1;
    static_cast<void>(told(*state.trouble, out->message, sizeof out->message));
    return WRIT_OK;
  });
}

writ_status writ_trail_note(writ_trail* trail, char* out, size_t out_bytes, size_t* note_bytes) {
  return guarded([&] {
    copy_terminated({}, out, out_bytes);
    if (note_bytes == nullptr) return WRIT_USAGE;
    *note_bytes = 0;
    if (trail == nullptr) return WRIT_USAGE;
    const std::string text = trail->notes->take();
    *note_bytes = text.size();
    copy_terminated(text, out, out_bytes);
    return WRIT_OK;
  });
}

writ_status writ_engine_new_recording(const char* cluster, size_t cluster_bytes, int native,
                                      writ_trail* trail, writ_engine** out) {
  if (trail == nullptr) return writ_engine_new(cluster, cluster_bytes, native, out);
  return guarded([&] {
    if (out == nullptr) return WRIT_USAGE;
    *out = nullptr;
    writ::EngineOptions options;
    options.cluster_id = view(cluster, cluster_bytes);
    options.tier = native != 0 ? writ::Tier::Native : writ::Tier::Interpreter;
    options.recorder = trail->trail->recorder();
    auto engine = writ::Engine::create(options);
    if (engine->state().crowded_out) return WRIT_USAGE;
    *out = new writ_engine{trail->trail, std::move(engine)};
    return WRIT_OK;
  });
}

writ_status writ_engine_level(const writ_engine* engine, uint32_t* out) {
  return guarded([&] {
    if (out == nullptr) return WRIT_USAGE;
    *out = WRIT_LEVEL_RING;
    if (engine == nullptr) return WRIT_USAGE;
    const writ::engine::epoch::Guard guard;
    const writ::engine::Snapshot* snapshot =
        engine->engine->state().snapshot.load(std::memory_order_seq_cst);
    if (snapshot == nullptr) return WRIT_OK;
    for (const writ::ir::AuditRule& rule : snapshot->program.audit_rules) {
      if (rule.form != writ::ir::AuditForm::Level) continue;
      *out = std::max<std::uint32_t>(*out, rule.level);
    }
    return WRIT_OK;
  });
}

writ_status writ_authorize_as(const writ_engine* engine, const writ_session* session,
                              const writ_resource* resource, uint32_t operation, uint32_t purpose,
                              const writ_values* values, int64_t time_us, writ_decision* out) {
  return guarded([&] {
    if (out == nullptr) return WRIT_USAGE;
    *out = denial();
    if (engine == nullptr || session == nullptr || resource == nullptr || !is_purpose(purpose)) {
      return WRIT_USAGE;
    }
    *out = exported(engine->engine->authorize(
        *session->session, ask_of(resource, operation, purpose, values, time_us)));
    return WRIT_OK;
  });
}

writ_status writ_authorize_text_as(const writ_engine* engine, const writ_session* session,
                                   uint32_t purpose, const char* operation, size_t operation_bytes,
                                   const char* kind, size_t kind_bytes, const char* name,
                                   size_t name_bytes, const char* scope, size_t scope_bytes,
                                   const writ_attribute* attributes, size_t attribute_count,
                                   int64_t time_us, writ_decision* out) {
  return guarded([&] {
    if (out == nullptr) return WRIT_USAGE;
    *out = denial();
    if (engine == nullptr || session == nullptr || !is_purpose(purpose)) return WRIT_USAGE;
    writ::RequestFacts request;
    request.operation = view(operation, operation_bytes);
    request.kind = view(kind, kind_bytes);
    request.name = view(name, name_bytes);
    request.scope = view(scope, scope_bytes);
    request.attributes = imported(attributes, attribute_count);
    request.time_us = time_us == WRIT_NOW ? writ::Engine::now_us() : time_us;
    *out = exported(engine->engine->authorize(*session->session, request,
                                              static_cast<writ::Purpose>(purpose)));
    return WRIT_OK;
  });
}

writ_status writ_mask_as(const writ_engine* engine, const writ_session* session,
                         const writ_resource* resource, uint32_t asked, uint32_t purpose,
                         const writ_values* values, int64_t time_us, uint32_t* allowed) {
  return guarded([&] {
    if (allowed == nullptr) return WRIT_USAGE;
    *allowed = 0;
    if (engine == nullptr || session == nullptr || resource == nullptr || !is_purpose(purpose)) {
      return WRIT_USAGE;
    }
    *allowed = engine->engine->allowed(*session->session,
                                       ask_of(resource, 0, purpose, values, time_us), asked);
    return WRIT_OK;
  });
}

writ_status writ_batch_as(const writ_engine* engine, const writ_session* session,
                          const writ_resource* const* resources, const uint32_t* operations,
                          const uint8_t* purposes, size_t count, const writ_values* values,
                          int64_t time_us, writ_decision* out) {
  return guarded([&] {
    if (out == nullptr && count != 0) return WRIT_USAGE;
    std::fill_n(out, count, denial());
    if (engine == nullptr || session == nullptr ||
        (count != 0 && (resources == nullptr || operations == nullptr))) {
      return WRIT_USAGE;
    }
    if (purposes != nullptr && !std::all_of(purposes, purposes + count, is_purpose)) {
      return WRIT_USAGE;
    }
    // Of the thread, so that from the second batch on nothing is allocated.
    thread_local std::vector<writ::Ask> asks;
    thread_local std::vector<writ::Decision> decisions;
    asks.resize(count);
    decisions.assign(count, writ::Decision());  // denials, whatever the last batch left
    for (std::size_t at = 0; at < count; ++at) {
      const std::uint32_t purpose = purposes == nullptr ? 0 : purposes[at];
      asks[at] = ask_of(resources[at], operations[at], purpose, values, time_us);
    }
    engine->engine->authorize_batch(*session->session, asks, decisions);
    std::ranges::transform(decisions, out, exported);
    return WRIT_OK;
  });
}

writ_status writ_record_authentication(const writ_engine* engine,
                                       const writ_authentication* result) {
  return guarded([&] {
    if (engine == nullptr || result == nullptr) return WRIT_USAGE;
    if (engine->trail == nullptr) return WRIT_UNSUPPORTED;
    writ::audit::Authentication said;
    said.principal = view(result->principal, result->principal_bytes);
    said.mechanism = view(result->mechanism, result->mechanism_bytes);
    said.identifier = view(result->identifier, result->identifier_bytes);
    said.success = result->success != 0;
    said.message = view(result->message, result->message_bytes);
    said.host = view(result->host, result->host_bytes);
    said.port = result->port;
    said.scope_id = view(result->scope_id, result->scope_id_bytes);
    said.client_id = view(result->client_id, result->client_id_bytes);
    said.connection_id = view(result->connection_id, result->connection_id_bytes);
    return engine->trail->recorder()->authentication(said) ? WRIT_OK : WRIT_LIMIT;
  });
}

writ_status writ_record_event(const writ_engine* engine, const char* type, size_t type_bytes,
                              const char* message, size_t message_bytes) {
  return guarded([&] {
    const std::string_view said = view(type, type_bytes);
    const auto fits = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '.' || c == '-';
    };
    if (engine == nullptr || said.empty() || !std::ranges::all_of(said, fits)) return WRIT_USAGE;
    if (engine->trail == nullptr) return WRIT_UNSUPPORTED;
    engine->trail->recorder()->lifecycle(said, view(message, message_bytes));
    return WRIT_OK;
  });
}
