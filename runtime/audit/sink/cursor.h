// How far a sink is: everything in the log before `position` is safe with it. Moves on
// acknowledgement only, and survives a crash of the machine.
#pragma once

#include <optional>
#include <string>

#include "runtime/audit/log/writer.h"
#include "runtime/base/error.h"

namespace writ::audit::sink {

struct Cursor {
  log::Position position;
  std::string state;  // Sink::state() there
  std::string log;    // the id of the log that it is a position of, 32 hexadecimal digits
  friend bool operator==(const Cursor&, const Cursor&) = default;
};

class CursorStore {
 public:
  virtual ~CursorStore() = default;
  /// None: nothing was ever sent. *errors* Unreadable; Malformed: a cursor that cannot be read is
  /// no cursor at the start.
  [[nodiscard]] virtual Result<std::optional<Cursor>> load() = 0;
  /// On disk when it returns.
  [[nodiscard]] virtual Status save(const Cursor& cursor) = 0;
};

/// One file, replaced whole.
class CursorFile final : public CursorStore {
 public:
  explicit CursorFile(std::string path) : path_(std::move(path)) {}
  [[nodiscard]] Result<std::optional<Cursor>> load() override;
  [[nodiscard]] Status save(const Cursor& cursor) override;

 private:
  std::string path_;
};

}  // namespace writ::audit::sink
