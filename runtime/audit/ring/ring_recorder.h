// The recorder over a region: a decision becomes one slot in the ring of its thread, by plain
// stores. It formats, allocates, locks and calls nothing on that path.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "runtime/audit/recorder.h"
#include "runtime/audit/ring/dictionary.h"
#include "runtime/audit/ring/payload.h"
#include "runtime/audit/ring/region.h"
#include "runtime/audit/ring/writer.h"

namespace writ::audit::ring {

struct RecorderOptions {
  RegionOptions region;
  WriterOptions writer;
  // Where bundles are kept while records refer to them, so that a drain that never saw the process
  // can say their words. Empty: they are not kept.
  std::string bundles;
};

class RingRecorder final : public Recorder {
 public:
  /// *errors* as Region::create and Pool::make.
  [[nodiscard]] static Result<std::unique_ptr<RingRecorder>> open(RecorderOptions options);
  ~RingRecorder() override;
  RingRecorder(const RingRecorder&) = delete;
  RingRecorder& operator=(const RingRecorder&) = delete;

  /// The region says from now on that its process has finished in order: nothing is recorded.
  void close() noexcept;

  [[nodiscard]] bool record(const Record& record) noexcept override;
  void lifecycle(std::string_view type, std::string_view message) noexcept override;
  [[nodiscard]] bool authentication(const Authentication& result) noexcept override;
  [[nodiscard]] Form form() const noexcept override { return Form::Numbers; }
  [[nodiscard]] std::optional<std::uint64_t> begin_engine() noexcept override;
  void end_engine() noexcept override { has_engine_ = false; }
  [[nodiscard]] bool has_engine() const noexcept { return has_engine_; }
  [[nodiscard]] Opened open_session(const SessionFacts& facts) noexcept override;
  [[nodiscard]] Opened open_resource(std::string_view kind,
                                     std::string_view name) noexcept override;
  [[nodiscard]] std::shared_ptr<const void> use_policy(
      std::shared_ptr<const PolicyWords> words,
      std::span<const std::byte> bundle) noexcept override;

  [[nodiscard]] const std::shared_ptr<Region>& region() const { return pool_->region(); }
  [[nodiscard]] Dictionary& dictionary() const { return *dictionary_; }
  [[nodiscard]] Pool& pool() const { return *pool_; }

 private:
  RingRecorder(RecorderOptions options, std::shared_ptr<Pool> pool);
  [[nodiscard]] bool record_mask(Writer& writer, const Record& record) noexcept;
  [[nodiscard]] bool record_slowly(Writer* writer, const Record& record) noexcept;
  [[nodiscard]] bool refuse(Writer* writer, const Record& record) noexcept;
  [[nodiscard]] bool wait_level(Writer& writer, Level level) noexcept;
  [[nodiscard]] bool put_text(RecordType type, std::string_view text,
                              Writer::Patience patience) noexcept;
  [[nodiscard]] std::shared_ptr<const void> open_policy(std::shared_ptr<const PolicyWords> words,
                                                        std::span<const std::byte> bundle);
  void pay() noexcept;
  [[nodiscard]] bool pay_lost() noexcept;

  RecorderOptions options_;
  std::shared_ptr<Pool> pool_;
  std::shared_ptr<Dictionary> dictionary_;
  std::uint64_t pool_id_;
  bool counter_;  // the processor's counter tells the time
  std::mutex owed_mutex_;
  std::deque<std::string> owed_;  // lifecycle events that found no room yet; at most kOwedMax
  std::atomic<std::uint64_t> lost_ = 0;  // events that could not wait there: their count is one
  std::atomic<bool> owes_ = false;
  std::atomic<bool> has_engine_ = false;
  std::atomic<std::uint64_t> generation_ = 0;  // the highest that was used
};

}  // namespace writ::audit::ring
