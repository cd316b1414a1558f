// Rows of the log → events. Everything that rests on a definition alone is made once and kept; a
// row costs the copies of its pieces. For sinks, and for whoever shows the log.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "runtime/audit/definitions.h"
#include "runtime/audit/event.h"

namespace writ::audit::render {

/// Threads: one.
class Renderer {
 public:
  explicit Renderer(EventOptions options);
  ~Renderer();

  /// Appends one event of the first of `rows`, a line with its newline, and says how many rows it
  /// speaks of: more than one only where a filter or a probe asked about several names in one go.
  /// Total: whatever a row holds becomes exactly one line of at most kEventBytesMax.
  /// `rows` must not be empty, and all are of `definitions`.
  [[nodiscard]] std::size_t next(const Definitions& definitions, std::span<const Entry> rows,
                                 std::string& out);
  /// The same of one row by itself.
  void event(const Definitions& definitions, const Entry& row, std::string& out);

 private:
  class State;
  std::unique_ptr<State> state_;
};

/// `INSTANCE-RING-SEQUENCE`, the CloudEvents id of a row.
[[nodiscard]] std::string id_of(const InstanceDef& instance, const Entry& row);

/// One row, of which nothing is kept: for tests and single events.
void event(const Definitions& definitions, const Entry& row, const EventOptions& options,
           std::string& out);

}  // namespace writ::audit::render
