// A ring in a directory of its own, small enough to be full soon, and records to put in it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/audit/ring/reader.h"
#include "runtime/audit/ring/ring_recorder.h"

namespace writ::audit::ring {

/// A directory that goes with the object.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

[[nodiscard]] RecorderOptions small(const Folder& folder, std::uint32_t rings = 4);
[[nodiscard]] std::unique_ptr<RingRecorder> open(const RecorderOptions& options);
/// A decision by handles that asks for nothing but a slot.
[[nodiscard]] Record plain_record(std::uint32_t resource_id);
/// Everything in a ring from its mark on; moves the mark behind it.
[[nodiscard]] std::vector<Slot> drain(const Region& region, std::size_t ring);

}  // namespace writ::audit::ring
