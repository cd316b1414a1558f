// The sinks of a drain's log: named, fed as the policy says that was seen last, and heard by the
// drain: what they have lets `level replicated` go on, and retention remove segments.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "runtime/audit/drain/drain.h"
#include "runtime/audit/outlet/named.h"

namespace writ::audit::outlet {

struct OutletOptions {
  SinkNames names;
  std::string log;      // its folder
  std::string cursors;  // the folder of the cursors, made if it is not there; empty: in the log's
  EventOptions events;  // a policy's source goes before its authority
};

/// Threads: any. Where there are several sinks they wait for a policy: without one nobody knows
/// what goes where. A single one gets events without any attributes until then.
class Outlets {
 public:
  explicit Outlets(OutletOptions options) : options_(std::move(options)) {}
  ~Outlets() {
    if (feeding_ != nullptr) stop();
  }
  Outlets(const Outlets&) = delete;
  Outlets& operator=(const Outlets&) = delete;

  [[nodiscard]] bool any() const { return !options_.names.to.empty(); }
  /// Makes the sinks, before a log is begun for nothing, and tells its writer to remove nothing
  /// until they say how far they are. *errors* as make_sinks.
  [[nodiscard]] Status prepare(log::WriterOptions& writer);
  /// The log is there: they may begin. `drain` outlives them. *errors* Unreadable: the cursors.
  [[nodiscard]] Status open(drain::Drain& drain);
  /// A bundle decides whose events are routed so. Before open() too.
  void use_policy(AuditPolicy policy);

  /// Sends everything that the log holds, until `give_up` is set or for so long at most; then it
  /// stops.
  void finish(const std::atomic<bool>& give_up);
  void finish(std::chrono::nanoseconds at_most);
  /// Ends the threads. What was not sent stays in the log.
  void stop();
  /// In a forked child, where there are no such threads: nothing is ended.
  void abandon();

 private:
  void start();

  OutletOptions options_;
  std::mutex mutex_;
  std::optional<AuditPolicy> policy_;
  std::vector<sink::Feeding::One> waiting_;
  std::unique_ptr<sink::Feeding> feeding_;
  bool started_ = false;
};

}  // namespace writ::audit::outlet
