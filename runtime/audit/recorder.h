// Where decisions go. The engine offers one record a decision and waits for the answer: recorded,
// or the decision turns into a denial (audit-unavailable). The lossless pipeline stands behind
// the same interface.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "runtime/value/decision.h"
#include "runtime/value/request.h"

namespace writ::audit {

enum class Purpose : std::uint8_t { Enforce, Probe, Filter };

/// The deciding statement, expanded only when somebody asks.
struct Explained {
  std::string rule, statement, file, error;
  std::uint32_t line = 0;
  std::string role;                               // of a binding, for rbacAuthorization
  std::string pattern_type, pattern_name, host;   // of the deciding grant, for aclAuthorization
};
class Explainer {
 public:
  virtual ~Explainer() = default;
  [[nodiscard]] virtual Explained explain() const = 0;
};

/// One decision, in views that live as long as the call.
struct Record {
  const SessionFacts* session = nullptr;
  std::string_view operation;
  std::string_view kind;
  std::string_view name;        // empty for by-kind questions
  std::string_view scope;       // path of the request's scope
  std::string_view scope_id;    // its id, if it has one
  Decision decision;
  std::int64_t time_us = 0;
  Purpose purpose = Purpose::Enforce;
  bool by_kind = false;
  // policyInfo
  std::string_view bundle_digest;
  std::string_view package;
  std::uint64_t bundle_version = 0;
  std::uint64_t generation = 0;
  const Explainer* explainer = nullptr;  // never null
};

class Recorder {
 public:
  virtual ~Recorder() = default;
  /// Records one decision. False: it could not be recorded, and the effect must not be released.
  [[nodiscard]] virtual bool record(const Record& record) noexcept = 0;
  /// A bundle was activated or refused, an engine started: `type` as in docs/operations/audit.md.
  virtual void lifecycle(std::string_view type, std::string_view message) noexcept = 0;
};

}  // namespace writ::audit
