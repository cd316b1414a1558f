// Where events go. A sink takes deliveries, numbered from 1, and says up to which of them all is
// safe with it; the rest the feeder gives again after a failure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "runtime/base/error.h"

namespace writ::audit::sink {

/// One event. Texts live as long as the call that they are given to.
struct Event {
  std::string_view line;  // JSON, with its newline
  std::string_view id;    // its CloudEvents id
  std::string_view key;   // events of one key stay in order: the session's
};

struct Delivery {
  std::uint64_t number = 0;  // one more than the delivery before
  std::span<const Event> events;
};

/// Threads: one.
class Sink {
 public:
  virtual ~Sink() = default;

  /// Begins, or begins anew after a failure: what was delivered and not acknowledged is forgotten
  /// and will be given again. `state` is what state() said of the last delivery that counts; empty
  /// the first time. The next delivery is `next`, and all before it count as acknowledged.
  [[nodiscard]] virtual Status begin(std::string_view state, std::uint64_t next) = 0;

  /// Takes the events, in order. False: no room now, nothing was taken; ask again after poll().
  /// An error: what was delivered and not acknowledged is lost here; begin() comes next.
  [[nodiscard]] virtual Result<bool> deliver(const Delivery& delivery) = 0;

  /// Waits up to `wait_ms` for progress and gives the number up to which all deliveries are safe
  /// with the sink. An error: as of deliver().
  [[nodiscard]] virtual Result<std::uint64_t> poll(std::uint32_t wait_ms) = 0;

  /// What the sink wants to know again at begin(): where it was behind the acknowledged delivery
  /// `number`. Asked in ascending order.
  [[nodiscard]] virtual std::string state(std::uint64_t number) {
    static_cast<void>(number);
    return {};
  }

  /// For people: `kafka topic audit`.
  [[nodiscard]] virtual std::string name() const = 0;
};

}  // namespace writ::audit::sink
