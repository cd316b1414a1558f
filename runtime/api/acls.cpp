// The listing of writ.h over runtime/engine/acls.h.
#include "runtime/engine/acls.h"

#include <optional>
#include <utility>

#include "runtime/api/opaque.h"
#include "runtime/engine/state.h"

using writ::api::guarded;

struct writ_acls {
  std::optional<writ::engine::Acls> rows;  // none: no policy runs
};

namespace {

static_assert(WRIT_UNSAID_HOST + 1 == writ::engine::kUnsaidCount);

/// Never null, which would say everything.
void put(std::string_view text, const char*& out, std::size_t& bytes) {
  out = text.data() == nullptr ? "" : text.data();
  bytes = text.size();
}

}  // namespace

writ_status writ_acls_new(const writ_engine* engine, const char* scope, size_t scope_bytes,
                          writ_acls** out) {
  return guarded([&] {
    if (out == nullptr) return WRIT_USAGE;
    *out = nullptr;
    if (engine == nullptr) return WRIT_USAGE;
    auto made = std::make_unique<writ_acls>();
    writ::Engine::State& state = engine->engine->state();
    std::shared_ptr<const writ::engine::Snapshot> snapshot;
    {
      const std::lock_guard lock(state.activation);
      if (state.running != nullptr) snapshot = state.running->snapshot;
    }
    if (snapshot != nullptr) {
      auto rows = writ::engine::Acls::at(std::move(snapshot), writ::api::view(scope, scope_bytes));
      if (!rows) return writ::api::status_of(rows.error().code);
      made->rows = std::move(*rows);
    }
    *out = made.release();
    return WRIT_OK;
  });
}

void writ_acls_free(writ_acls* acls) { delete acls; }

size_t writ_acls_count(const writ_acls* acls) {
  return acls == nullptr || !acls->rows ? 0 : acls->rows->rows().size();
}

size_t writ_acls_unsaid(const writ_acls* acls, uint32_t why) {
  const bool known = acls != nullptr && acls->rows && why < writ::engine::kUnsaidCount;
  return known ? acls->rows->unsaid(static_cast<writ::engine::Unsaid>(why)) : 0;
}

writ_status writ_acls_at(const writ_acls* acls, size_t position, writ_acl* out) {
  return guarded([&] {
    if (out == nullptr) return WRIT_USAGE;
    *out = {};
    if (position >= writ_acls_count(acls)) return WRIT_USAGE;
    const writ::engine::AclRow& row = acls->rows->rows()[position];
    const writ::ir::Program& program = acls->rows->program();
    if (row.subject != writ::engine::kNone) {
      const writ::ir::Subject& subject = program.subjects[row.subject];
      put(program.text(subject.type_name), out->principal_type, out->principal_type_bytes);
      put(program.text(subject.name), out->principal_name, out->principal_name_bytes);
    }
    if (row.network != writ::engine::kNone) {
      put(acls->rows->host(row), out->host, out->host_bytes);
    }
    const writ::ir::Kind& kind = program.kinds[row.kind];
    put(program.text(kind.name), out->kind, out->kind_bytes);
    if (row.operation != writ::engine::kNone) {
      const writ::ir::OperationId id = kind.operations[row.operation];
      put(program.text(program.operations[id.index].name), out->operation, out->operation_bytes);
    }
    const writ::ir::Pattern& pattern = program.patterns[row.pattern];
    if (pattern.form != writ::ir::PatternForm::Any) {
      put(program.text(pattern.text), out->name, out->name_bytes);
    }
    out->prefix = pattern.form == writ::ir::PatternForm::Prefix ? 1 : 0;
    out->allow = row.effect == writ::ir::Effect::Allow ? 1 : 0;
    return WRIT_OK;
  });
}
