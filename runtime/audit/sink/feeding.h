// Several sinks of one log, each with a thread, a cursor and its own pace; and what all of them
// have, for `level replicated` and for retention.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/audit/sink/feeder.h"

namespace writ::audit::sink {

/// How far the slowest of some sinks is. A ring of which one sink has said nothing yet counts as
/// not sent there: after a restart its next row tells. Threads: any.
class Watermarks {
 public:
  explicit Watermarks(std::size_t sinks) : rings_of_(sinks), saved_(sinks) {}
  /// What one sink says; gives the rings in which all of them are further now.
  [[nodiscard]] std::vector<Acknowledged> acknowledged(std::size_t sink,
                                                       std::span<const Acknowledged> rings);
  /// The segment before which no sink reads any more.
  [[nodiscard]] std::uint64_t saved(std::size_t sink, log::Position position);

 private:
  using Ring = std::pair<std::string, std::uint16_t>;
  std::mutex mutex_;
  std::vector<std::map<Ring, std::uint64_t>> rings_of_;
  std::vector<std::uint64_t> saved_;
};

struct FeedingOptions {
  std::string log;      // its folder
  std::string cursors;  // the folder of the cursors, one file a sink
  log::Shown shown = log::Shown::Synced;
  FeederOptions feeder;  // what is said once is for all; callbacks below replace its own
  /// Everything up to there is safe with every sink it goes to.
  std::function<void(const Acknowledged&)> replicated;
  /// Segments before this one may be removed (log::Writer::hold).
  std::function<void(std::uint64_t segment)> hold;
  std::function<void(std::string_view)> note;
};

class Feeding {
 public:
  struct One {
    std::string cursor;  // the name of its file, for ever the same for one sink
    std::unique_ptr<Sink> sink;
    Destination destination;
  };

  explicit Feeding(FeedingOptions options) : options_(std::move(options)) {}
  ~Feeding() { stop(); }
  Feeding(const Feeding&) = delete;
  Feeding& operator=(const Feeding&) = delete;

  /// Begins a thread a sink. Once, when the policy is known: what waits in the log is routed by it.
  void start(std::vector<One> sinks, const AuditPolicy& policy);
  /// Ends the threads; cursors are on disk. What was not sent stays in the log.
  void stop();
  /// Waits until every sink has all that the log holds, or until `give_up` is set; then stops.
  void finish(const std::atomic<bool>& give_up);
  /// A bundle is about to decide. Any thread; each sink follows with its next step. A route to what
  /// is no sink here is passed over: its events go to the default.
  void use_policy(AuditPolicy policy);

 private:
  struct Line {
    std::unique_ptr<Feeder> feeder;
    std::jthread thread;
    std::shared_ptr<const AuditPolicy> followed;  // the thread's
  };
  void follow(Line& line);
  void run(Line& line, const std::stop_token& stop);

  FeedingOptions options_;
  std::unique_ptr<Watermarks> marks_;
  std::mutex policy_mutex_;
  std::shared_ptr<const AuditPolicy> policy_;
  std::vector<Destination> destinations_;
  std::atomic<const std::atomic<bool>*> give_up_ = nullptr;  // not null: see finish()
  std::deque<Line> lines_;  // each where its feeder's callbacks know it
};

}  // namespace writ::audit::sink
