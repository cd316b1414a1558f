// A region: one file in memory that outlives its process, with the rings and the dictionary of
// one engine. The deciding process creates it; a drain, in the process or outside, attaches to it
// and trusts nothing that it holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/audit/ring/layout.h"
#include "runtime/audit/ring/process.h"
#include "runtime/base/error.h"
#include "runtime/base/fork_guard.h"

namespace writ::audit::ring {

inline constexpr std::string_view kRegionSuffix = ".ring";

struct RegionOptions {
  std::string directory = "/dev/shm/writ";
  std::uint32_t rings = 64;                               // threads that decide at once
  std::uint64_t slots = 16'384;                           // of each; a power of two
  std::uint64_t dictionary_bytes = std::uint64_t{16} << 20;  // of each half
};

/// What the header says for good, copied once and checked.
struct RegionFacts {
  std::string instance;  // 32 hexadecimal digits
  std::string boot;
  ProcessId process;
  std::int64_t started_us = 0;
  std::uint32_t rings = 0;
  std::uint64_t slots = 0;
  std::uint64_t dictionary_bytes = 0;
};

class Region {
 public:
  /// Makes `directory/INSTANCE.ring`, mode 0600, with all its bytes allocated: memory that is
  /// promised only would end a decision in SIGBUS. The directory is made if it is not there.
  /// *errors* Usage (sizes), Unreadable (no room, no right, a directory that others may write to).
  [[nodiscard]] static Result<std::shared_ptr<Region>> create(const RegionOptions& options);
  /// *errors* Unreadable, Malformed (what is not as create() makes it), Version.
  [[nodiscard]] static Result<std::shared_ptr<Region>> attach(const std::string& path);
  ~Region();
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  [[nodiscard]] const RegionFacts& facts() const { return facts_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] RegionHeader& header() const { return *header_; }
  [[nodiscard]] RingHeader& ring(std::size_t index) const { return rings_[index]; }
  [[nodiscard]] Slot* slots(std::size_t index) const { return slots_ + index * facts_.slots; }
  [[nodiscard]] std::byte* dictionary(std::uint64_t flips) const {
    return dictionary_ + (flips % 2) * facts_.dictionary_bytes;
  }

  /// Has the process that made it ended?
  [[nodiscard]] bool is_orphan() const;
  /// One drain a region: false while another holds it. Let go with the object.
  [[nodiscard]] bool hold_for_drain() const;
  /// Removes the file. Whoever has it mapped keeps it.
  void unlink() const;

 private:
  Region() = default;
  [[nodiscard]] Status map(const std::string& path, std::uint64_t bytes);
  void place();
  void write_facts(std::span<const std::byte, 16> instance);
  [[nodiscard]] Status read_facts();

  std::string path_;
  RegionFacts facts_;
  int fd_ = -1;  // for the locks; not what is mapped
  mutable ForkGuard guard_;  // of fd_, while it holds a lock
  bool made_here_ = false;
  void* base_ = nullptr;
  std::uint64_t bytes_ = 0;
  RegionHeader* header_ = nullptr;
  RingHeader* rings_ = nullptr;
  Slot* slots_ = nullptr;
  std::byte* dictionary_ = nullptr;
};

/// Paths of the regions in a directory, in order. Files that a process left half made are removed.
[[nodiscard]] std::vector<std::string> find_regions(const std::string& directory);

/// Bytes of a region with these sizes.
[[nodiscard]] constexpr std::uint64_t region_bytes(std::uint32_t rings, std::uint64_t slots,
                                                   std::uint64_t dictionary_bytes) {
  return kHeaderBytes + rings * (kRingHeaderBytes + slots * kSlotBytes) + 2 * dictionary_bytes;
}

}  // namespace writ::audit::ring
