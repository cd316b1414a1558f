// The audit trail that benches record into: a ring in shared memory and a drain that brings records
// into a signed log, in folders that go with it. Used by `writ bench` and tests/bench.
#pragma once

#include "runtime/audit/drain/trail.h"

#include <memory>
#include <string>

namespace writ::cli {

class BenchTrail {
 public:
  /// *errors* Unreadable; as audit::drain::Trail::open.
  [[nodiscard]] static Result<std::unique_ptr<BenchTrail>> open();
  ~BenchTrail();
  BenchTrail(const BenchTrail&) = delete;
  BenchTrail& operator=(const BenchTrail&) = delete;

  /// Lives as long as the trail, which is made before the engine.
  [[nodiscard]] audit::Recorder* recorder() const { return &trail_->recorder(); }
  /// Waits until the drain has emptied the rings: what is timed next finds room.
  void settle() const;
  /// Everything is in the log. *errors* What the log says.
  [[nodiscard]] Status close() { return trail_->close(); }

 private:
  explicit BenchTrail(std::string log) : log_(std::move(log)) {}
  std::string log_;
  std::unique_ptr<audit::drain::Trail> trail_;
};

}  // namespace writ::cli
