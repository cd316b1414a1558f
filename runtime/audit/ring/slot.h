// One slot of a ring, byte by byte, and what a record is: one to kSlotsMax slots side by side, the
// first of this form. docs/internals/audit.md has the same table; a test compares them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace writ::audit::ring {

// A cache line: a record of one slot is stored as one.
inline constexpr std::size_t kSlotBytes = 64;
// A record with a name and attributes takes more; what does not fit is cut to its digest.
inline constexpr std::size_t kSlotsMax = 64;
// Of each slot after the first: its first word stays 0, so that old payload is never taken for a
// record.
inline constexpr std::size_t kPayloadBytes = kSlotBytes - sizeof(std::uint64_t);
inline constexpr std::size_t kPayloadBytesMax = (kSlotsMax - 1) * kPayloadBytes;

/// Stored. 0 is none, so zeroed memory holds no record.
enum class RecordType : std::uint8_t {
  Decision = 1,
  Mask = 2,            // `grant` holds the bits asked, `error` those allowed
  ByKind = 3,
  Unavailable = 4,     // `count` decisions of this ring were denied so far for want of room
  Infrastructure = 5,  // `count` operations of this ring did not wait for room so far
  Authentication = 6,  // payload: Part::Text
  Lifecycle = 7,       // payload: Part::Text
  Withdrawn = 8,       // record number `count` of this ring was not released
};

/// Bits of Slot::flags.
inline constexpr std::uint8_t kTimeIsTsc = 1;  // else microseconds since 1970
inline constexpr std::uint8_t kInfrastructure = 2;
inline constexpr std::uint8_t kFlagsKnown = 3;

struct alignas(kSlotBytes) Slot {
  // Commit word, stored last: the record's number, from 1. Whoever reads takes a record only when
  // it is the number that comes next.
  std::uint64_t number;
  std::uint64_t time;
  std::uint32_t session;
  std::uint32_t resource;
  union {
    struct {
      std::uint32_t grant;
      std::uint32_t error;
    };
    std::uint64_t count;
  };
  std::uint32_t error_grant;
  std::uint32_t generation;  // of the bundle; 0: none
  std::uint32_t scope;
  std::uint16_t kind;
  std::uint8_t operation;
  std::uint8_t type;         // RecordType
  std::uint8_t reason;
  std::uint8_t verdict;
  std::uint8_t purpose;
  std::uint8_t level;
  std::uint8_t flags;
  std::uint8_t slots;        // of the record
  std::uint16_t reserved;    // 0
  std::uint64_t decisions;   // made by the ring up to and with this record
};
static_assert(sizeof(Slot) == kSlotBytes && offsetof(Slot, time) == 8);
static_assert(offsetof(Slot, session) == 16 && offsetof(Slot, resource) == 20);
static_assert(offsetof(Slot, grant) == 24 && offsetof(Slot, error) == 28);
static_assert(offsetof(Slot, count) == 24 && offsetof(Slot, error_grant) == 32);
static_assert(offsetof(Slot, generation) == 36 && offsetof(Slot, scope) == 40);
static_assert(offsetof(Slot, kind) == 44 && offsetof(Slot, operation) == 46);
static_assert(offsetof(Slot, type) == 47 && offsetof(Slot, reason) == 48);
static_assert(offsetof(Slot, verdict) == 49 && offsetof(Slot, purpose) == 50);
static_assert(offsetof(Slot, level) == 51 && offsetof(Slot, flags) == 52);
static_assert(offsetof(Slot, slots) == 53 && offsetof(Slot, decisions) == 56);

/// What follows the first slot: parts, each a type, a size in two bytes, its bytes.
enum class Part : std::uint8_t {
  Name = 1,        // of a resource without a handle, as append_name (facts.h) writes it
  Kind = 2,        // a kind that the bundle does not know, its front
  Operation = 3,   // likewise
  Attributes = 4,  // of the request (attributes.h)
  Text = 5,
};

}  // namespace writ::audit::ring
