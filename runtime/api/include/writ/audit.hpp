// The audit trail of an embedding: what an engine decides is recorded, drained into a log, and sent
// on, in one object. And, for drains outside, the words of bundles that another process ran.
#pragma once

#include "runtime/base/error.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace writ {

namespace audit {

class PolicyWords;  // runtime/audit/recorder.h
class Recorder;

struct TrailOptions {
  std::string log;      // the folder of the log; made if it is not there
  std::string key_pem;  // Ed25519, private: signs the log. Empty: it is not signed
  std::string rings;    // the folder of the rings, in memory; empty: in /dev/shm, by the log's path
  std::string cursors;  // the folder of the sinks' cursors; empty: in the log's
  std::string source;   // of events, unless the policy says one
  // `-`, `file:PATH`, `kafka:TOPIC`. The first gets what no route of the policy speaks of.
  std::vector<std::string> sinks;
  // Of the Kafka client; `bootstrap.servers` says the cluster.
  std::vector<std::pair<std::string, std::string>> kafka;
  // The principal as which the Kafka client writes, `Type:name`, where the engine guards that very
  // cluster. What it asks about a topic is in the log and not sent to that topic: an event of each
  // delivery would need another one, for ever. Empty: the cluster is another.
  std::string sender;
  std::uint64_t file_bytes_max = std::uint64_t{256} << 20;  // of a file sink; 0: no end
  std::uint64_t files_max = 0;                              // renamed files that are kept; 0: all
  std::chrono::seconds keep_age{0};   // of the log's segments; 0: all
  std::uint64_t keep_bytes = 0;       // of the log; 0: all
  std::uint32_t threads_max = 64;     // that decide at once: one ring each
  std::uint64_t ring_slots = 16'384;  // of 64 bytes; a power of two
  // How long a decision waits for room in its ring; and for its record, where the policy asks for
  // more than level ring. Then it is denied.
  std::chrono::nanoseconds wait = std::chrono::milliseconds(50);
  std::chrono::nanoseconds wait_durable = std::chrono::seconds(2);
  // close() waits so long for the sinks. What they did not get is sent by the next trail.
  std::chrono::nanoseconds close_wait = std::chrono::seconds(5);
  /// For people: a sink that is away or back. From a thread of the trail.
  std::function<void(std::string_view)> note;
};

struct TrailState {
  std::uint64_t rows = 0;      // that the log took since the start
  std::uint64_t syncs = 0;
  std::size_t regions = 0;     // of rings that are read: this process's, and those of the dead
  std::size_t waiting = 0;     // threads that wait for room or for their record at this moment
  std::size_t broken_rings = 0;
  std::uint64_t denied = 0;    // decisions that became denials for want of room or ring
  std::uint64_t uncounted = 0; // infrastructure operations that went on without room
  bool closed = false;
  std::optional<Error> trouble;  // why nothing reaches the log
};

/// Threads: any. Serves one engine at a time, and outlives it.
class Trail {
 public:
  /// Recovers what earlier processes left in the log and in rings, then starts its threads.
  /// *errors* Usage: sizes, sinks, another process has the log; Unreadable, Malformed: the log.
  [[nodiscard]] static Result<std::unique_ptr<Trail>> open(TrailOptions options);
  /// Closes, if nobody did.
  ~Trail();
  Trail(const Trail&) = delete;
  Trail& operator=(const Trail&) = delete;

  /// For EngineOptions::recorder. Lives as long as the trail; after close() it refuses.
  [[nodiscard]] Recorder* recorder() const;
  [[nodiscard]] TrailState state() const;
  /// Everything recorded is in the log, on disk and sealed; sinks have it, or their time was up.
  /// *errors* Usage: an engine records here, free it first, nothing was done; or what the log says:
  /// then the records stay in their ring for the next trail, and this one is closed all the same.
  [[nodiscard]] Status close();

 private:
  struct State;
  explicit Trail(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace audit

/// The words of the bundle with this digest. WHY no keys: whoever recorded had them verified, and
/// the digest says that it is the same bundle; nothing is decided from it.
/// Errors: Malformed, Limit; Signature: another digest.
[[nodiscard]] Result<std::shared_ptr<const audit::PolicyWords>> bundle_words(
    std::span<const std::byte> bundle, std::string_view digest);

/// The same of a bundle's file, which its process kept for drains. Null: it is not there, or it is
/// another.
[[nodiscard]] std::shared_ptr<const audit::PolicyWords> kept_bundle_words(const std::string& path,
                                                                          std::string_view digest);

}  // namespace writ
