// Where a feeder reads: the log, or what a test makes of one.
#pragma once

#include <memory>
#include <string>

#include "runtime/audit/definitions.h"
#include "runtime/audit/log/reader.h"
#include "runtime/base/error.h"

namespace writ::audit::sink {

/// Threads: one.
class Source {
 public:
  virtual ~Source() = default;
  /// The next batch is the first at or behind the position.
  [[nodiscard]] virtual Status seek(log::Position position) = 0;
  /// False: nothing there yet; ask again.
  [[nodiscard]] virtual Result<bool> next(Batch& batch) = 0;
  /// Which log this is, 32 hexadecimal digits; empty: it has not begun.
  [[nodiscard]] virtual Result<std::string> log_id() const = 0;
  /// Of the last batch, until the next call of next() or seek().
  [[nodiscard]] virtual const Definitions& definitions() const = 0;
  /// Where to go on behind the last batch.
  [[nodiscard]] virtual log::Position position() const = 0;
  /// Segments that retention took before they were read, since the last seek().
  [[nodiscard]] virtual std::uint64_t skipped_segments() const = 0;
};

/// A folder of segments. Synced rows can never be taken back by a crash of the machine, but are
/// known as such up to a second late, and in a log that nobody seals only when others follow. Rows
/// that are Written come at once: for `level replicated`, and for a log without seals.
class LogSource final : public Source {
 public:
  explicit LogSource(std::string folder, log::Shown shown = log::Shown::Synced);
  ~LogSource() override;
  [[nodiscard]] Status seek(log::Position position) override;
  [[nodiscard]] Result<bool> next(Batch& batch) override;
  [[nodiscard]] Result<std::string> log_id() const override;
  [[nodiscard]] const Definitions& definitions() const override;
  [[nodiscard]] log::Position position() const override;
  [[nodiscard]] std::uint64_t skipped_segments() const override;

 private:
  std::string folder_;
  log::Shown shown_;
  std::unique_ptr<log::Reader> reader_;
};

}  // namespace writ::audit::sink
