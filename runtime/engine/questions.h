// The steps that all questions share: refusals before any grant is looked at, and the record
// after the decision. Used by engine.cpp and questions.cpp.
#pragma once

#include <optional>
#include <string_view>

#include "runtime/base/limits.h"
#include "runtime/engine/state.h"

namespace writ::engine {

/// Who asks, for the record.
struct Asker {
  explicit Asker(const View& of)
      : view(&of), session(of.facts.get()), session_id(of.audit_session) {}
  Asker(const SessionFacts* facts, std::uint32_t id) : session(facts), session_id(id) {}

  const View* view = nullptr;
  const SessionFacts* session = nullptr;
  std::uint32_t session_id = 0;  // of the recorder
};

/// What a question is about, in words and in numbers, for its record.
struct Asked {
  std::string_view kind;
  std::string_view operation;  // empty: named from the kind by its bit
  std::uint32_t bit = 0;       // kNone: the kind has no such operation
  std::string_view name;
  audit::Purpose purpose = audit::Purpose::Enforce;
  bool by_kind = false;
  std::uint32_t kind_id = kNone;  // kNone: the bundle has no such kind
  std::uint32_t resource_id = 0;  // of the recorder
  const std::vector<NamedValue>* attributes = nullptr;
  std::uint32_t mask = 0;         // several operations at once, and which of them are allowed
  std::uint32_t allowed = 0;
};

[[nodiscard]] constexpr Decision refusal(ReasonClass reason) {
  Decision decision;
  decision.reason = reason;
  return decision;
}

/// The reason for which a question is denied before any grant is looked at, or none.
[[nodiscard]] std::optional<ReasonClass> refused(const Snapshot& snapshot, const View& view,
                                                 const Name& name, std::uint32_t operation);

/// Offers the decision to the recorder, if there is one. What cannot be recorded is denied.
[[nodiscard]] Decision recorded(const Engine::State& state, const Snapshot* snapshot,
                                const Asker& asker, const Asked& asked,
                                const Decision& decision, Clock& clock);

/// The same of a question while no bundle is active.
[[nodiscard]] Decision without_bundle(const Engine::State& state, Session::State& session,
                                      const Asked& asked, Clock& clock);

/// Is there a name of the kind for which the decision would be ALLOW? (runtime/reference)
[[nodiscard]] Decision any_resource(const Snapshot& snapshot, const View& view,
                                    std::string_view kind, std::string_view operation,
                                    Clock& clock);
/// The key that must protect the resource, or empty.
[[nodiscard]] std::string_view key_for(const Snapshot& snapshot, std::string_view kind,
                                       std::string_view name, std::string_view scope);

/// The deciding statement of a grant, for people.
[[nodiscard]] Because because(const Snapshot& snapshot, const Decision& decision);

}  // namespace writ::engine
