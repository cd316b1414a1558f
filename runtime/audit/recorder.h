// Where decisions go. The engine offers one record a decision and waits for the answer: recorded,
// or the decision turns into a denial (audit-unavailable). A recorder that keeps numbers is told
// beforehand what they mean; one that keeps words asks for them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/audit/policy.h"
#include "runtime/base/error.h"
#include "runtime/value/decision.h"
#include "runtime/value/request.h"

namespace writ::audit {

using writ::Purpose;

/// What a record has survived when the decision is released. Policy chooses (`audit { … }`).
enum class Level : std::uint8_t {
  Ring,        // the end of this process
  Durable,     // the machine: on disk
  Replicated,  // this machine's disk: acknowledged by the sink
};

/// The deciding statement, expanded only when somebody asks.
struct Explained {
  std::string rule, statement, file, error;
  std::uint32_t line = 0;
  std::string role;                               // of a binding, for rbacAuthorization
  std::string pattern_type, pattern_name, host;   // of the deciding grant, for aclAuthorization
  std::string scope = {};                         // where the deciding statement holds: a path
  std::string scope_levels = {};                  // the same as Question::levels
  std::string acting_principal = {};              // the principal or group that it names
  std::string nearest = {};                       // of a default denial: what came closest
};

/// What was asked, in words.
struct Question {
  std::string_view kind;
  std::string_view operation;
  std::string_view scope;     // path
  std::string_view scope_id;  // its id, if it has one
  std::string_view model = {};   // that the kind is of: kafka, kms
  // The scope from the root: `organization=acme/environment=prod/cluster=lkc-7`, by ids where there
  // are any, percent-encoded (RFC 3986).
  std::string_view levels = {};
};

/// The bundle that decided.
struct PolicyFacts {
  std::string digest;   // of the manifest, hexadecimal; empty: no bundle
  std::string package;
  std::uint64_t version = 0;
  std::uint64_t generation = 0;
};

/// A record's words, made when asked for. Lives as long as the call.
class Words {
 public:
  virtual ~Words() = default;
  [[nodiscard]] virtual Question question() const = 0;
  [[nodiscard]] virtual Explained explain() const = 0;
};

/// One decision. Numbers are the engine's; those that a bundle gives hold within its generation.
struct Record {
  std::uint32_t session_id = 0;   // of Recorder::open_session
  std::uint32_t resource_id = 0;  // of Recorder::open_resource; 0: `name` says it
  std::uint32_t scope = kNone;    // ScopeId
  std::uint16_t kind = kNoKind;   // KindId
  std::uint8_t operation = kNoOperation;  // bit of the kind
  Purpose purpose = Purpose::Enforce;
  bool by_kind = false;           // is there any resource?
  bool infrastructure = false;    // must never wait for room
  Level level = Level::Ring;
  // Several operations at once (Form::Numbers): bits of the kind; the decision says nothing then.
  std::uint32_t asked = 0;
  std::uint32_t allowed = 0;
  Decision decision;
  std::int64_t time_us = 0;       // kNoTime: the recorder looks at its own clock (Form::Numbers)
  const SessionFacts* session = nullptr;       // null: nobody
  const PolicyFacts* policy = nullptr;         // null: no bundle
  const std::vector<NamedValue>* attributes = nullptr;  // of the request; may be null
  std::string_view name;                       // of the resource
  const Words* words = nullptr;                // never null

  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;
  static constexpr std::uint16_t kNoKind = 0xFFFF;
  static constexpr std::uint8_t kNoOperation = 0xFF;
  static constexpr std::int64_t kNoTime = INT64_MIN;
};

/// A number that the recorder gave; it means the same until the last copy of `owner` is gone.
struct Opened {
  std::uint32_t id = 0;
  std::shared_ptr<const void> owner;
};

/// What a drain asks of a bundle long after the decision, on a thread of its own.
class PolicyWords {
 public:
  virtual ~PolicyWords() = default;
  [[nodiscard]] virtual const PolicyFacts& facts() const = 0;
  /// Texts live as long as this. Unknown numbers give empty texts.
  [[nodiscard]] virtual Question question(std::uint16_t kind, std::uint8_t operation,
                                          std::uint32_t scope) const = 0;
  /// Names of a kind's operations by bit.
  [[nodiscard]] virtual std::vector<std::string_view> operations(std::uint16_t kind) const = 0;
  /// `session` and `name` serve the nearest miss of a default denial; the session may be null.
  [[nodiscard]] virtual Explained explain(const Decision& decision, const Question& question,
                                          const SessionFacts* session,
                                          std::string_view name) const = 0;
  /// What the bundle says of events: source, routes, redaction, coalescing.
  [[nodiscard]] virtual AuditPolicy audit() const { return {}; }
};

/// The result of an authentication, as whoever made it tells.
struct Authentication {
  std::string principal;      // Type:name; empty: unknown
  std::string mechanism;
  std::string identifier;     // of the credential: key or token id, never a secret
  bool success = false;
  std::string message;        // of a failure
  std::string host;           // the client's address; empty: unknown
  std::uint16_t port = 0;
  std::string scope_id;
  std::string client_id;
  std::string connection_id;
};

class Recorder {
 public:
  virtual ~Recorder() = default;
  /// Records one decision. False: it could not be recorded, and the effect must not be released.
  [[nodiscard]] virtual bool record(const Record& record) noexcept = 0;
  /// A bundle was activated or refused, an engine started: `type` as in docs/operations/audit.md.
  virtual void lifecycle(std::string_view type, std::string_view message) noexcept = 0;
  /// False: it could not be recorded.
  [[nodiscard]] virtual bool authentication(const Authentication& result) noexcept = 0;

  /// An engine begins to record here: the generation that its first bundle follows. None: another
  /// engine does, and numbers of two would mix. end_engine() for each engine that began.
  [[nodiscard]] virtual std::optional<std::uint64_t> begin_engine() noexcept { return 0; }
  virtual void end_engine() noexcept {}

  /// Words: each record brings its words, one operation and the time; session, resource and
  /// policy ids are not looked at. Numbers: it brings what was opened before.
  enum class Form : std::uint8_t { Words, Numbers };
  [[nodiscard]] virtual Form form() const noexcept { return Form::Words; }
  /// Before the first record that carries the id. 0: there is no room, or none is kept. A recorder
  /// of numbers refuses records of a session without one; a resource then goes by its name.
  [[nodiscard]] virtual Opened open_session(const SessionFacts&) noexcept { return {}; }
  [[nodiscard]] virtual Opened open_resource(std::string_view /*kind*/,
                                             std::string_view /*name*/) noexcept {
    return {};
  }
  /// A bundle is about to decide, in this generation; `bundle` is its file, where there is one. It
  /// decides until the last copy of what is returned is gone; `words` is kept until no record of
  /// it is left to be drained. Null from a recorder of numbers: there is no room, and the bundle is
  /// refused.
  [[nodiscard]] virtual std::shared_ptr<const void> use_policy(
      std::shared_ptr<const PolicyWords> /*words*/,
      std::span<const std::byte> /*bundle*/) noexcept {
    return nullptr;
  }
};

}  // namespace writ::audit
