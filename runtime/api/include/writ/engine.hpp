// The C++ API: load a signed bundle, open sessions, ask. An Engine may be shared by threads; a
// Session or a Resource too. Nothing throws. Anything that goes wrong inside a question is a
// denial with a reason.
#pragma once

#include "runtime/base/error.h"
#include "runtime/value/decision.h"
#include "runtime/value/request.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace writ {

namespace audit {
class Recorder;  // runtime/audit/recorder.h
}

/// How conditions are evaluated. Every tier gives the same answer.
enum class Tier : std::uint8_t { Interpreter, Native };

/// Whom to believe: at least `threshold` distinct keys of these must have signed.
struct TrustOptions {
  std::vector<std::string> public_keys_pem;
  std::uint32_t threshold = 1;
};

struct EngineOptions {
  Tier tier = Tier::Native;  // made in the background; until then the interpreter
  // Not owned, outlives the engine; null: decisions leave no event. One that keeps numbers serves
  // one engine at a time: a second one loads nothing and denies everything.
  audit::Recorder* recorder = nullptr;
  std::string cluster_id;  // what the broker reports; empty: any bundle's cluster is accepted
};

/// What the active bundle is.
struct BundleInfo {
  std::string package;
  std::string digest;  // SHA-256 of the manifest, hex
  std::uint64_t version = 0;
  std::uint64_t generation = 0;  // counts activations; of one audit trail, over all its engines
  std::int64_t expires_us = INT64_MAX;  // a bundle that runs goes on then; a new one is due
};

/// The deciding statement, for people.
struct Because {
  std::string rule;  // the guard's or role's name, or the reason class (`default`, `superuser`)
  std::string statement;  // one line of policy
  std::string file;       // relative to the package root
  std::uint32_t line = 0;
  std::string role_file;  // for a binding: where the role says it
  std::uint32_t role_line = 0;
  std::string error;  // `attribute tls.version was not supplied`; empty: none
};

class Engine;
class Session;
class Resource;

/// Request attributes by position (Engine::attribute): names are looked up once a bundle, what does
/// not change is converted once, memory is kept. For one thread at a time; ends before its engine.
/// Values are as in NamedValue; a position that no engine gave is passed over.
class RequestValues {
 public:
  ~RequestValues();
  void set(std::uint32_t attribute, const Value& value);
  void set_text(std::uint32_t attribute, std::string_view text);
  void set_texts(std::uint32_t attribute, std::span<const std::string_view> texts);
  void set_int(std::uint32_t attribute, std::int64_t number);
  void set_bool(std::uint32_t attribute, bool truth);
  /// It is said to be absent.
  void set_absent(std::uint32_t attribute);
  /// Nothing is said any more.
  void clear();
  struct State;  // runtime/engine
  explicit RequestValues(std::unique_ptr<State> state);
  [[nodiscard]] State& state() const { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

/// A request in handles: the fast way. `operation` is a bit of the resource's kind
/// (Engine::operation). `attributes` may be null; `values`, if not null, count in their place.
struct Ask {
  const Resource* resource = nullptr;
  std::uint32_t operation = 0;
  const std::vector<NamedValue>* attributes = nullptr;
  std::optional<std::int64_t> time_us;  // empty: the engine's clock
  const RequestValues* values = nullptr;
  Purpose purpose = Purpose::Enforce;
};

class Engine {
 public:
  struct State;  // runtime/engine
  [[nodiscard]] static std::unique_ptr<Engine> create(const EngineOptions& options);
  explicit Engine(std::unique_ptr<State> state);
  ~Engine();

  /// Verifies and activates a bundle; on any failure the running one stays. The bytes are memory of
  /// the caller's own, which nobody changes during the call: a file read, never one mapped.
  /// Errors: Signature, Malformed, Version, Limit, with what is wrong and where.
  [[nodiscard]] Status load(std::span<const std::byte> bundle, const TrustOptions& trust);
  /// From now on each bundle is put on disk before it decides, in a folder of this engine alone,
  /// with its version: after a restart nothing older is accepted, wherever bundles come from.
  /// Errors: Usage: another engine has the folder, or a bundle runs already; Unreadable; Malformed:
  /// what was kept cannot be read.
  [[nodiscard]] Status keep_in(const std::string& folder);
  /// Activates the bundle that is kept: what decided last decides again. It is verified like any
  /// other, but it may have expired meanwhile. Errors: Usage: none is kept; as load().
  [[nodiscard]] Status restore(const TrustOptions& trust);
  [[nodiscard]] std::optional<BundleInfo> active() const;
  /// Waits until the running bundle has its best native code, or needs none; for measurements, and
  /// whoever must know. Decisions need not wait: they are the same before.
  /// Errors, where the interpreter stays: Unsupported: there can be none, and why; Internal: it was
  /// refused.
  [[nodiscard]] Status await_native() const;

  /// Opens a session. Never fails: an unknown scope, an ill-formed principal or a missing bundle
  /// make a session in which everything is denied with that reason. Microseconds; allocates.
  [[nodiscard]] std::unique_ptr<Session> open(const SessionFacts& facts) const;
  /// Resolves a name once; follows the engine from bundle to bundle by itself.
  [[nodiscard]] std::unique_ptr<Resource> resource(std::string_view kind,
                                                   std::string_view name) const;
  /// The bit of an operation in its kind, or none.
  [[nodiscard]] std::optional<std::uint32_t> operation(std::string_view kind,
                                                       std::string_view operation) const;
  /// The operations of a kind in bit order.
  [[nodiscard]] std::vector<std::string> operations(std::string_view kind) const;

  /// The position of a request attribute, for the life of this engine, whatever bundle runs and
  /// whether or not its model has it. None: too many names were asked for.
  [[nodiscard]] std::optional<std::uint32_t> attribute(std::string_view name) const;
  [[nodiscard]] std::unique_ptr<RequestValues> request_values() const;

  /// The decision. By handle, from the second time on: no allocation, lock or system call.
  [[nodiscard]] Decision authorize(const Session& session, const Ask& ask) const;
  /// authorize().verdict == Allow, without the reason: the cheapest question by handle.
  [[nodiscard]] bool permits(const Session& session, const Ask& ask) const;
  /// By strings: the same answer. An empty `time_us` says that the time is unknown: grants that
  /// depend on it end in an error, as everywhere. now_us() reads the clock.
  [[nodiscard]] Decision authorize(const Session& session, const RequestFacts& request,
                                   Purpose purpose = Purpose::Enforce) const;
  /// Bits of all operations of the resource that are allowed, of those in `asked`.
  [[nodiscard]] std::uint32_t allowed(const Session& session, const Ask& ask,
                                      std::uint32_t asked) const;
  /// Positional; equal to asking one by one at one reading of the clock and one bundle.
  void authorize_batch(const Session& session, std::span<const Ask> asks,
                       std::span<Decision> out) const;
  /// Is there a resource of this kind for which the decision would be ALLOW?
  [[nodiscard]] Decision any_resource(const Session& session, std::string_view kind,
                                      std::string_view operation) const;
  /// Positions of the names for which the operation is allowed.
  [[nodiscard]] std::vector<std::uint32_t> filter(const Session& session, std::string_view kind,
                                                  std::string_view operation,
                                                  std::span<const std::string_view> names) const;

  /// Expands a decision to the statement, file and line; the session and request it was given for
  /// must be the same. Slow, for people and for the audit drain.
  [[nodiscard]] Because explain(const Session& session, const RequestFacts& request,
                                const Decision& decision) const;
  /// The key that must protect the resource (`protect`), or empty.
  [[nodiscard]] std::string key_for(std::string_view kind, std::string_view name,
                                    std::string_view scope) const;

  /// Microseconds since 1970 by the engine's clock.
  [[nodiscard]] static std::int64_t now_us();

  [[nodiscard]] State& state() const { return *state_; }

 private:
  /// May the question be answered from the session's memory alone? Then `stamp` says which answers
  /// in it are of the running bundle and of what the session is now.
  [[nodiscard]] bool remembers(const Session& session, std::uint64_t& stamp) const;
  std::unique_ptr<State> state_;
};

/// Lies within its state, so that what the fast questions read of both is close together.
class Session {
 public:
  /// Replaces what the identity provider and the broker say; the next question sees it.
  void refresh(const SessionFacts& facts);
  struct State;
  explicit Session(State& state);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  /// Ends the state, and the session with it.
  void operator delete(Session* session, std::destroying_delete_t);
  [[nodiscard]] State& state() const { return state_; }

 private:
  friend class Engine;
  State& state_;
  // What is remembered: of which bundle, and of which of the session's views. The state says what
  // they mean, and writes them.
  std::atomic<std::uint64_t> generation_;
  std::atomic<std::uint64_t> stamp_;
};

class Resource {
 public:
  ~Resource();
  struct State;
  Resource(std::unique_ptr<State> state, std::uint64_t id);
  [[nodiscard]] State& state() const { return *state_; }
  /// Never used again in this process; what sessions remember answers by.
  [[nodiscard]] std::uint64_t id() const { return id_; }

 private:
  std::unique_ptr<State> state_;
  std::uint64_t id_;
};

}  // namespace writ
