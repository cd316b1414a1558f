#include "runtime/audit/sink/source.h"

#include <filesystem>

#include "runtime/audit/log/segment.h"

namespace writ::audit::sink {

LogSource::LogSource(std::string folder, log::Shown shown)
    : folder_(std::move(folder)), shown_(shown) {}
LogSource::~LogSource() = default;

Status LogSource::seek(log::Position position) {
  WRIT_ASSIGN(reader, log::Reader::open(folder_, position, {.shown = shown_, .files = nullptr}));
  reader_ = std::move(reader);
  return {};
}

Result<bool> LogSource::next(Batch& batch) {
  if (reader_ == nullptr) return fail(ErrorCode::Internal, "the log was not opened", folder_);
  return reader_->next(batch);
}

Result<std::string> LogSource::log_id() const {
  if (!std::filesystem::exists(folder_)) return std::string();
  WRIT_ASSIGN(numbers, log::list_segments(folder_));
  if (numbers.empty()) return std::string();
  log::Files files;
  // Retention may take the oldest under our eyes; the newest stays.
  WRIT_ASSIGN(newest, log::Segment::open(files, folder_, numbers.back(), log::Check::Crc));
  return log::to_text(newest.header().log_id);
}

const Definitions& LogSource::definitions() const { return reader_->definitions(); }
log::Position LogSource::position() const { return reader_->position(); }
std::uint64_t LogSource::skipped_segments() const { return reader_->skipped_segments(); }

}  // namespace writ::audit::sink
