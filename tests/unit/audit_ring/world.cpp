#include "tests/unit/audit_ring/world.h"

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

namespace writ::audit::ring {

Folder::Folder() {
  path_ = (std::filesystem::temp_directory_path() / "writ-ring-XXXXXX").string();
  EXPECT_NE(::mkdtemp(path_.data()), nullptr);
}
Folder::~Folder() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

RecorderOptions small(const Folder& folder, std::uint32_t rings) {
  RecorderOptions options;
  options.region = {folder.path(), rings, kRingSlotsMin, kDictionaryBytesMin};
  options.writer = {std::chrono::milliseconds(1), std::chrono::milliseconds(1)};
  return options;
}

std::unique_ptr<RingRecorder> open(const RecorderOptions& options) {
  auto recorder = RingRecorder::open(options);
  EXPECT_TRUE(recorder) << (recorder ? "" : recorder.error().message);
  return recorder ? std::move(*recorder) : nullptr;
}

Record plain_record(std::uint32_t resource_id) {
  Record record;
  record.resource_id = resource_id;
  record.scope = 3;
  record.kind = 1;
  record.operation = 2;
  record.time_us = 1'000;
  record.decision.verdict = Verdict::Allow;
  record.decision.reason = ReasonClass::Allow;
  record.decision.grant = 7;
  return record;
}

std::vector<Slot> drain(const Region& region, std::size_t ring) {
  Mark cursor = load_mark(region.ring(ring));
  std::vector<Slot> slots(region.facts().slots + kSlotsMax);
  const Read read = read_records(region, ring, cursor, slots);
  EXPECT_NE(read.end, ReadEnd::Broken);
  slots.resize(read.slots);
  store_mark(region.ring(ring), cursor);
  return slots;
}

}  // namespace writ::audit::ring
