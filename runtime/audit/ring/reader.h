// The reading end of a region, for a drain. Records and entries are copied before they are looked
// at, and nothing that they say is believed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/audit/ring/payload.h"
#include "runtime/audit/ring/region.h"
#include "runtime/value/request.h"

namespace writ::audit::ring {

/// Where the last drain stopped.
[[nodiscard]] Mark load_mark(const RingHeader& ring);
/// The log holds every record before the mark on disk: the writer may use their slots again, and
/// whoever waits for them goes on.
void store_mark(RingHeader& ring, const Mark& mark);
/// Sinks have acknowledged records up to this number.
void store_replicated(RingHeader& ring, std::uint64_t number);

enum class ReadEnd : std::uint8_t {
  CaughtUp,  // there is no further record
  Full,      // of `out`
  Broken,    // what stands there is no record of any size: this ring cannot be read on
};
struct Read {
  std::size_t slots = 0;  // of `out` that were filled
  ReadEnd end = ReadEnd::CaughtUp;
};
/// Copies whole records from the cursor on and moves it. `out` has at least kSlotsMax slots.
[[nodiscard]] Read read_records(const Region& region, std::size_t ring, Mark& cursor,
                                std::span<Slot> out);
/// Is each field of the first slot one that a recorder writes?
[[nodiscard]] bool is_sound(const Slot& slot);
/// The payload of a record that was copied, `slot.slots` slots from its first on.
void append_payload(std::span<const Slot> record, std::string& out);

struct ResourceEntry {
  std::string kind;
  std::string name;
};
struct PolicyEntry {
  std::string digest;
  std::string package;
  std::uint64_t version = 0;
  std::string path;  // of the bundle's file; empty: not kept
};

/// What the dictionary says. Threads: one.
class DictionaryReader {
 public:
  explicit DictionaryReader(std::shared_ptr<const Region> region) : region_(std::move(region)) {}

  /// Reads what is new; after the process moved what lives, everything again. Records that were
  /// copied before have their entries then.
  /// False: an entry is not as a recorder writes it; those before it are there.
  [[nodiscard]] bool read();
  [[nodiscard]] const SessionFacts* session(std::uint32_t id) const;
  [[nodiscard]] const ResourceEntry* resource(std::uint32_t id) const;
  [[nodiscard]] const PolicyEntry* policy(std::uint32_t generation) const;
  /// Moves on when entries were dropped, so that what was made of them can be dropped too.
  [[nodiscard]] std::uint64_t flips() const { return flips_; }

 private:
  struct Maps {
    std::unordered_map<std::uint32_t, SessionFacts> sessions;
    std::unordered_map<std::uint32_t, ResourceEntry> resources;
    std::unordered_map<std::uint32_t, PolicyEntry> policies;
  };
  [[nodiscard]] bool parse(std::span<const std::byte> bytes);
  [[nodiscard]] bool add(const EntryHead& head, std::string_view payload);

  std::shared_ptr<const Region> region_;
  Maps maps_;
  std::uint64_t flips_ = 0;
  std::uint64_t read_ = 0;  // bytes of the half
  std::vector<std::byte> copy_;
};

}  // namespace writ::audit::ring
