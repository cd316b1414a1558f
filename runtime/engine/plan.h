// The residual plan of one handle and operation in one view: what is left to ask once session,
// resource and name have spoken. Takes a decider, gives the unsettled grants in the order of a
// decision, and what holds if none of them decides. A plan answers exactly as Decider::decide
// does. Immutable; kept by its view, retired through the epoch.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "runtime/engine/epoch.h"
#include "runtime/interp/frame.h"
#include "runtime/interp/unsettled.h"
#include "runtime/value/decision.h"
#include "runtime/value/request.h"

namespace writ {
class RequestValues;
}

namespace writ::engine {

class Clock;
class Decider;
class Snapshot;

/// What a question brings beside session and resource.
struct Brought {
  const std::vector<NamedValue>* attributes = nullptr;  // may be null
  const RequestValues* values = nullptr;                // if not null, in place of them
};

class alignas(64) Plan {
 public:
  /// Plans longer than this are not made: the decider finds such rows by index.
  static constexpr std::size_t kStepsMax = 32;

  /// The decider must be of a handle's name, and the operation one of its kind.
  static std::unique_ptr<const Plan> make(Decider& decider, std::uint64_t key,
                                          std::uint32_t operation);

  /// DecisionCache::key.
  [[nodiscard]] std::uint64_t key() const { return key_; }
  /// Too long, or rests on what only a decider knows: ask one.
  [[nodiscard]] bool impossible() const { return impossible_; }
  /// Nothing is left to ask: the answer, whatever a question brings.
  [[nodiscard]] std::optional<Decision> settled(const Snapshot& snapshot) const;
  [[nodiscard]] Decision decide(const Snapshot& snapshot, const Brought& brought,
                                Clock& clock) const;

 private:
  friend class Planner;
  struct Step {
    std::uint32_t grant = 0;
    std::uint32_t error = 0;  // of the class, or of what is settled
    std::uint32_t condition = 0xFFFF'FFFF;
    std::uint32_t validity = 0xFFFF'FFFF;
    interp::Stage stage = interp::Stage::Guard;
  };
  struct Failed {
    std::uint32_t error = 0;
    std::uint32_t grant = kNoGrant;
  };

  [[nodiscard]] Decision walk(const Snapshot& snapshot, const Frame& frame) const;
  [[nodiscard]] Decision by_native(const Snapshot& snapshot, KindFn function,
                                   const Moment& moment) const;
  [[nodiscard]] Decision rest(const Snapshot& snapshot, Failed failed) const;
  [[nodiscard]] Frame at(const Moment& moment) const;

  // What a decision reads, in this order: the first line says what is left, then comes the frame.
  std::uint64_t key_ = 0;
  std::uint64_t rows_ = 0;  // positions in the kind's decision function; 0: walk the steps
  std::uint32_t kind_ = 0;
  bool ties_ = false;  // grants that share a number: an error of one yields to another
  bool reads_request_ = false;
  bool reads_clock_ = false;
  bool impossible_ = false;
  Decision rest_;  // if no step decides; the last step, where it always does, is in it too
  Frame frame_;    // without the moment
  std::optional<std::int64_t> expires_us_;
  std::vector<Step> steps_;
  Failed failed_plain_;
  Failed failed_other_;
};

/// A few plans of a view, by handle and operation; any thread, no lock. One pointer an entry, so
/// nothing can be torn, and a plan says itself what it is for.
class PlanCache {
 public:
  PlanCache() = default;
  ~PlanCache();
  PlanCache(const PlanCache&) = delete;
  PlanCache& operator=(const PlanCache&) = delete;

  [[nodiscard]] const Plan* find(std::uint64_t key) const {
    const Plan* plan = entries_[slot_of(key)].load(std::memory_order_acquire);
    return plan != nullptr && plan->key() == key ? plan : nullptr;
  }
  /// Is it worth making the plan? Always where there is room, else now and then: making and
  /// retiring one costs more than a decision.
  [[nodiscard]] bool wants(std::uint64_t key);
  void insert(std::unique_ptr<const Plan> plan);

 private:
  static constexpr std::size_t kEntries = 64;
  static constexpr std::uint32_t kPatience = 16;
  static constexpr std::size_t slot_of(std::uint64_t key) {
    return static_cast<std::size_t>((key >> 5) + (key & 31) * 11) & (kEntries - 1);
  }
  std::array<std::atomic<const Plan*>, kEntries> entries_{};
  std::atomic<std::uint32_t> refused_{0};
};

}  // namespace writ::engine
