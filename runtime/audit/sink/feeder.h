// From the log to one sink: reads on from the cursor, renders, delivers, and moves the cursor when
// the sink has it. The log is the queue: what a sink does not take stays there. Each sink has its
// own feeder; one that is away holds up nobody.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "runtime/audit/render/renderer.h"
#include "runtime/audit/sink/cursor.h"
#include "runtime/audit/sink/router.h"
#include "runtime/audit/sink/sink.h"
#include "runtime/audit/sink/source.h"

namespace writ::audit::sink {

/// Everything of the ring up to the sequence is safe with the sink, or goes elsewhere.
struct Acknowledged {
  std::string instance;
  std::uint16_t ring = 0;
  std::uint64_t sequence = 0;
};

struct FeederOptions {
  EventOptions events;
  Destination destination = {.by_default = true};  // what the routes of a policy call it
  std::size_t delivery_bytes = std::size_t{1} << 20;       // of lines, about
  std::size_t outstanding_bytes_max = std::size_t{64} << 20;  // delivered, not acknowledged
  std::uint32_t poll_ms = 50;            // a poll waits so long for progress
  std::uint32_t idle_ms = 100;           // an empty log is asked again so much later
  std::uint32_t backoff_ms = 100;        // after a failure; doubles with each that follows
  std::uint32_t backoff_ms_max = 30'000;
  std::uint32_t save_ms = 1'000;         // the cursor is on disk so often while it moves
  std::function<std::int64_t()> now_ms;  // steady; empty: the system's
  /// After rows were read, before they are rendered: the time to follow the policy. Whoever wrote
  /// them has told of it before.
  std::function<void()> read;
  /// After each acknowledgement. Called by the feeder's thread.
  std::function<void(std::span<const Acknowledged>)> acknowledged;
  /// After the cursor is on disk: nothing before it will be read again.
  std::function<void(log::Position)> saved;
  /// Something to tell people: a failure, once until it changes; what retention took.
  std::function<void(std::string_view)> note;
};

struct FeederCounts {
  std::uint64_t events_delivered = 0;  // to the sink, repeats too
  std::uint64_t bytes_delivered = 0;
  std::uint64_t failures = 0;
  std::uint64_t skipped_segments = 0;
};

/// Threads: one.
class Feeder {
 public:
  Feeder(std::unique_ptr<Source> source, std::unique_ptr<Sink> sink,
         std::unique_ptr<CursorStore> cursors, FeederOptions options);

  /// Does what can be done now. The answer is for how many milliseconds there is nothing to do.
  [[nodiscard]] std::uint32_t step();
  /// Steps until told to stop, with `before` before each step; then saves the cursor.
  void run(const std::stop_token& stop, const std::function<void()>& before);
  /// What is rendered from now on follows the policy: its source, what it omits, its routes.
  void use_policy(const AuditPolicy& policy);
  /// Puts the cursor on disk if it moved.
  [[nodiscard]] Status save();

  /// Is everything that the log held at the last step safe with the sink?
  [[nodiscard]] bool is_drained() const { return drained_; }
  [[nodiscard]] const Cursor& cursor() const { return cursor_; }
  [[nodiscard]] const FeederCounts& counts() const { return counts_; }

 private:
  // A piece of a batch that the sink has or will be given.
  struct Piece {
    std::uint64_t number = 0;              // of its delivery
    std::size_t bytes = 0;
    bool last = false;                     // of its batch: then
    log::Position position;                // where to go on behind it, and
    std::vector<Acknowledged> rings;       // what it held
  };

  [[nodiscard]] Status begin();
  [[nodiscard]] Status name_log();
  [[nodiscard]] Result<bool> fill();
  [[nodiscard]] Result<bool> read_batch();
  void render_piece();
  [[nodiscard]] Result<bool> deliver_piece();
  [[nodiscard]] Result<bool> settle();
  [[nodiscard]] std::uint32_t failed(const Error& error);
  void tell(std::string_view message);
  [[nodiscard]] std::int64_t now() const;

  std::unique_ptr<Source> source_;
  std::unique_ptr<Sink> sink_;
  std::unique_ptr<CursorStore> cursors_;
  FeederOptions options_;
  std::unique_ptr<render::Renderer> renderer_;
  Router router_;

  bool loaded_ = false;
  bool begun_ = false;
  bool drained_ = false;
  Cursor cursor_;                // what the sink acknowledged
  Cursor saved_;                 // what is on disk
  std::int64_t saved_ms_ = 0;
  std::int64_t retry_ms_ = 0;
  std::uint32_t backoff_ms_ = 0;
  std::string told_;
  std::uint64_t skipped_told_ = 0;

  Batch batch_;
  std::size_t row_ = 0;          // of batch_, that is rendered next
  bool reading_ = false;         // batch_ is not delivered whole
  std::uint64_t next_number_ = 1;
  std::deque<Piece> outstanding_;
  std::size_t outstanding_bytes_ = 0;

  // The delivery at hand.
  bool ready_ = false;           // rendered, not taken yet
  std::string lines_;
  std::vector<std::size_t> ends_;
  std::vector<Event> events_;
  FeederCounts counts_;
};

}  // namespace writ::audit::sink
