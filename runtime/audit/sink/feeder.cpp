#include "runtime/audit/sink/feeder.h"

#include "runtime/base/check.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>

#include <fmt/format.h>

namespace writ::audit::sink {
namespace {

std::int64_t steady_ms() {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  return duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Every event begins with its id, which holds no quote.
std::string_view id_in(std::string_view line) {
  constexpr std::string_view kBegin = R"({"id":")";
  WRIT_CHECK(line.starts_with(kBegin));
  line.remove_prefix(kBegin.size());
  return line.substr(0, line.find('"'));
}

// How far the batch brings each ring.
std::vector<Acknowledged> rings_of(const Batch& batch) {
  std::map<std::uint16_t, std::uint64_t> last;
  for (const Entry& row : batch.entries) {
    std::uint64_t& sequence = last[row.ring];
    sequence = std::max(sequence, row.sequence);
  }
  std::vector<Acknowledged> out;
  for (const auto& [ring, sequence] : last) out.push_back({batch.instance.id, ring, sequence});
  return out;
}

}  // namespace

Feeder::Feeder(std::unique_ptr<Source> source, std::unique_ptr<Sink> sink,
               std::unique_ptr<CursorStore> cursors, FeederOptions options)
    : source_(std::move(source)),
      sink_(std::move(sink)),
      cursors_(std::move(cursors)),
      options_(std::move(options)),
      renderer_(std::make_unique<render::Renderer>(options_.events)),
      router_({}, options_.destination) {}

void Feeder::use_policy(const AuditPolicy& policy) {
  renderer_ = std::make_unique<render::Renderer>(under(policy, options_.events));
  router_ = Router(policy.routes, options_.destination);
}

std::int64_t Feeder::now() const { return options_.now_ms ? options_.now_ms() : steady_ms(); }

void Feeder::tell(std::string_view message) {
  if (message == told_) return;
  told_ = message;
  if (options_.note) options_.note(message);
}

// What was delivered and not acknowledged is read again.
std::uint32_t Feeder::failed(const Error& error) {
  ++counts_.failures;
  begun_ = false;
  drained_ = false;
  outstanding_.clear();
  outstanding_bytes_ = 0;
  reading_ = ready_ = false;
  backoff_ms_ = backoff_ms_ == 0 ? options_.backoff_ms
                                 : std::min(options_.backoff_ms_max, backoff_ms_ * 2);
  retry_ms_ = now() + backoff_ms_;
  tell(fmt::format("{}: {}{}{}", sink_->name(), error.message, error.where.empty() ? "" : ": ",
                   error.where));
  return backoff_ms_;
}

Status Feeder::begin() {
  if (!loaded_) {
    WRIT_ASSIGN(known, cursors_->load());
    if (known) cursor_ = *known;
    saved_ = cursor_;
    loaded_ = true;
  }
  WRIT_TRY(name_log());
  WRIT_TRY(source_->seek(cursor_.position));
  WRIT_TRY(sink_->begin(cursor_.state, next_number_));
  begun_ = true;
  return {};
}

/// A position means nothing in another log: somebody began one anew in this folder.
Status Feeder::name_log() {
  WRIT_ASSIGN(id, source_->log_id());
  if (id.empty() || id == cursor_.log) return {};
  if (!cursor_.log.empty()) {
    tell(fmt::format("{}: this is another log than the cursor's: sent from its begin",
                     sink_->name()));
    cursor_.position = {};
  }
  // The name alone is not worth a write.
  cursor_.log = saved_.log = std::move(id);
  return {};
}

Result<bool> Feeder::read_batch() {
  batch_ = Batch();
  WRIT_ASSIGN(there, source_->next(batch_));
  if (there) {
    reading_ = true;
    row_ = 0;
    if (options_.read) options_.read();
  }
  const std::uint64_t skipped = source_->skipped_segments();
  if (skipped > skipped_told_) {
    counts_.skipped_segments += skipped - skipped_told_;
    tell(fmt::format("{}: {} segments of the log were removed before they were sent",
                     sink_->name(), counts_.skipped_segments));
  }
  skipped_told_ = skipped;
  return there;
}

void Feeder::render_piece() {
  lines_.clear();
  ends_.clear();
  const Definitions& definitions = source_->definitions();
  const std::span<const Entry> rows(batch_.entries);
  while (row_ < rows.size() && lines_.size() < options_.delivery_bytes) {
    const std::size_t before = lines_.size();
    const std::size_t count = renderer_->next(definitions, rows.subspan(row_), lines_);
    if (router_.takes(definitions, rows.subspan(row_, count))) {
      ends_.push_back(lines_.size());
    } else {
      lines_.resize(before);
    }
    row_ += count;
  }
  events_.clear();
  std::size_t begin = 0;
  for (const std::size_t end : ends_) {
    const std::string_view line = std::string_view(lines_).substr(begin, end - begin);
    const std::string_view id = id_in(line);
    events_.push_back({line, id, id.substr(0, id.rfind('-'))});
    begin = end;
  }
  ready_ = true;
}

// False: the sink has no room.
Result<bool> Feeder::deliver_piece() {
  Piece piece;
  piece.number = next_number_ - 1;
  if (!events_.empty()) {
    WRIT_ASSIGN(taken, sink_->deliver({next_number_, events_}));
    if (!taken) return false;
    piece.number = next_number_++;
    piece.bytes = lines_.size();
    counts_.events_delivered += events_.size();
    counts_.bytes_delivered += lines_.size();
  }
  ready_ = false;
  if (row_ == batch_.entries.size()) {
    reading_ = false;
    piece.last = true;
    piece.position = source_->position();
    piece.rings = rings_of(batch_);
  }
  outstanding_bytes_ += piece.bytes;
  outstanding_.push_back(std::move(piece));
  return true;
}

// True: the sink was given something.
Result<bool> Feeder::fill() {
  bool moved = false;
  drained_ = false;
  while (outstanding_bytes_ < options_.outstanding_bytes_max) {
    if (!reading_) {
      WRIT_ASSIGN(there, read_batch());
      if (!there) {
        drained_ = outstanding_.empty();
        return moved;
      }
    }
    if (!ready_) render_piece();
    WRIT_ASSIGN(taken, deliver_piece());
    if (!taken) return moved;
    moved = true;
  }
  return moved;
}

// True: the cursor moved.
Result<bool> Feeder::settle() {
  if (outstanding_.empty()) return false;
  WRIT_ASSIGN(number, sink_->poll(options_.poll_ms));
  std::vector<Acknowledged> rings;
  std::uint64_t whole = 0;  // delivery that ended the last whole batch
  bool moved = false;
  while (!outstanding_.empty() && outstanding_.front().number <= number) {
    Piece& piece = outstanding_.front();
    outstanding_bytes_ -= piece.bytes;
    if (piece.last) {
      cursor_.position = piece.position;
      whole = piece.number;
      rings.insert(rings.end(), piece.rings.begin(), piece.rings.end());
      moved = true;
    }
    outstanding_.pop_front();
  }
  if (!moved) return false;
  cursor_.state = sink_->state(whole);
  // Of a log that had not begun when we did.
  if (cursor_.log.empty()) WRIT_TRY(name_log());
  if (backoff_ms_ != 0) told_.clear();
  backoff_ms_ = 0;
  if (options_.acknowledged) options_.acknowledged(rings);
  return true;
}

Status Feeder::save() {
  if (!loaded_ || cursor_ == saved_) return {};
  WRIT_TRY(cursors_->save(cursor_));
  saved_ = cursor_;
  saved_ms_ = now();
  if (options_.saved) options_.saved(cursor_.position);
  return {};
}

std::uint32_t Feeder::step() {
  const std::int64_t wait = retry_ms_ - now();
  if (!begun_ && wait > 0) return static_cast<std::uint32_t>(wait);
  if (!begun_) {
    if (const Status status = begin(); !status) return failed(status.error());
  }
  const Result<bool> filled = fill();
  if (!filled) return failed(filled.error());
  const Result<bool> settled = settle();
  if (!settled) return failed(settled.error());
  const bool idle = !*filled && !*settled && outstanding_.empty();
  if (idle || now() - saved_ms_ >= options_.save_ms) {
    // The sink is well, and so is the log: a disk that takes no cursor only makes repeats likelier.
    if (const Status status = save(); !status) tell(status.error().message);
  }
  return idle ? options_.idle_ms : 0;
}

void Feeder::run(const std::stop_token& stop, const std::function<void()>& before) {
  std::mutex mutex;
  std::condition_variable_any wake;
  while (!stop.stop_requested()) {
    if (before) before();
    const std::uint32_t wait = step();
    if (wait == 0) continue;
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, std::chrono::milliseconds(wait), [] { return false; });
  }
  if (const Status status = save(); !status) tell(status.error().message);
}

}  // namespace writ::audit::sink
