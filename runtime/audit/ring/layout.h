// The file that a region is: a header, the rings' headers, the rings' slots, the two halves of the
// dictionary. The process that decides writes it, a drain reads it and moves the tails.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "runtime/audit/ring/slot.h"

namespace writ::audit::ring {

inline constexpr char kMagic[8] = {'W', 'R', 'I', 'T', 'R', 'I', 'N', 'G'};
inline constexpr std::uint32_t kLayoutVersion = 1;
inline constexpr std::size_t kHeaderBytes = 4'096;
inline constexpr std::size_t kRingHeaderBytes = 256;

// More threads than that decide at once on no machine that we know.
inline constexpr std::uint32_t kRingsMax = 4'096;
// The number that stands for no ring: rows that the drain makes itself.
inline constexpr std::uint16_t kNoRing = 0xFFFF;
inline constexpr std::uint64_t kRingSlotsMin = 256;
inline constexpr std::uint64_t kRingSlotsMax = std::uint64_t{1} << 24;
inline constexpr std::uint64_t kDictionaryBytesMin = std::uint64_t{64} << 10;
inline constexpr std::uint64_t kDictionaryBytesMax = std::uint64_t{4} << 30;
inline constexpr std::size_t kBootIdBytes = 36;

enum class RegionState : std::uint32_t { Making = 0, Open = 1, Closed = 2 };

struct RegionHeader {
  char magic[8];
  std::uint32_t version;
  std::uint32_t rings;
  std::uint8_t instance[16];
  char boot[40];  // kBootIdBytes and zeros
  std::uint32_t pid;
  std::uint32_t reserved;
  std::uint64_t pid_start;      // clock ticks since the machine's start; pids are used again
  std::uint64_t pid_namespace;  // inode; pids mean nothing in another one
  std::int64_t started_us;
  std::uint64_t slots;             // of each ring; a power of two
  std::uint64_t dictionary_bytes;  // of each half
  std::uint64_t file_bytes;

  alignas(64) std::atomic<std::uint32_t> state;  // RegionState
  // Decisions that were denied because no ring was free, or in a forked child.
  alignas(64) std::atomic<std::uint64_t> unleased;
  // Infrastructure operations that went on without a ring.
  std::atomic<std::uint64_t> unleased_infrastructure;
  // Of the drain: how many of them are in the log, so that the next one tells both counts apart.
  std::atomic<std::uint64_t> told_infrastructure;
  // The dictionary: half `flips % 2` holds it; of half h entries up to committed[h] are whole.
  alignas(64) std::atomic<std::uint64_t> flips;
  std::atomic<std::uint64_t> committed[2];
  // Of the drain: once a pass that began after an entry was closed has ended, the log holds every
  // record that carries it.
  alignas(64) std::atomic<std::uint64_t> passes_begun;
  std::atomic<std::uint64_t> passes_ended;
  // The drain sleeps on it; whoever waits for the drain moves it.
  std::atomic<std::uint32_t> doorbell;
};
static_assert(offsetof(RegionHeader, instance) == 16 && offsetof(RegionHeader, boot) == 32);
static_assert(offsetof(RegionHeader, pid) == 72 && offsetof(RegionHeader, pid_start) == 80);
static_assert(offsetof(RegionHeader, pid_namespace) == 88);
static_assert(offsetof(RegionHeader, started_us) == 96 && offsetof(RegionHeader, slots) == 104);
static_assert(offsetof(RegionHeader, dictionary_bytes) == 112);
static_assert(offsetof(RegionHeader, file_bytes) == 120 && offsetof(RegionHeader, state) == 128);
static_assert(offsetof(RegionHeader, unleased_infrastructure) == 200);
static_assert(offsetof(RegionHeader, told_infrastructure) == 208);
static_assert(offsetof(RegionHeader, unleased) == 192 && offsetof(RegionHeader, flips) == 256);
static_assert(offsetof(RegionHeader, committed) == 264);
static_assert(offsetof(RegionHeader, passes_begun) == 320);
static_assert(offsetof(RegionHeader, passes_ended) == 328);
static_assert(offsetof(RegionHeader, doorbell) == 336 && sizeof(RegionHeader) <= kHeaderBytes);

/// Where a drain goes on reading.
struct Mark {
  std::uint64_t place;           // slots before it are free
  std::uint64_t number;          // of the last record before it
  std::uint64_t decisions;       // of the same
  std::uint64_t unavailable;     // the last count that a record carried
  std::uint64_t infrastructure;  // likewise
};

struct RingHeader {
  // Of the deciding thread.
  alignas(64) std::atomic<std::uint64_t> unavailable;  // decisions denied for want of room
  std::atomic<std::uint64_t> infrastructure;           // operations that did not wait for it
  std::atomic<std::uint32_t> waiting;                  // 1: the thread waits for `wake` to move
  // Of the drain.
  // The writer may fill the slots before the place `tail` + slots.
  alignas(64) std::atomic<std::uint64_t> tail;
  std::atomic<std::uint64_t> durable;     // records up to this number are on disk
  std::atomic<std::uint64_t> replicated;  // … are acknowledged by the sinks
  std::atomic<std::uint32_t> wake;
  std::atomic<std::uint32_t> mark;        // marks[mark % 2] is whole
  alignas(64) Mark marks[2];
};
static_assert(offsetof(RingHeader, infrastructure) == 8 && offsetof(RingHeader, waiting) == 16);
static_assert(offsetof(RingHeader, tail) == 64 && offsetof(RingHeader, durable) == 72);
static_assert(offsetof(RingHeader, replicated) == 80 && offsetof(RingHeader, wake) == 88);
static_assert(offsetof(RingHeader, mark) == 92 && offsetof(RingHeader, marks) == 128);
static_assert(sizeof(Mark) == 40 && sizeof(RingHeader) == kRingHeaderBytes);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

/// An entry of the dictionary: this, `bytes` of payload, zeros up to a multiple of 8.
struct EntryHead {
  std::uint32_t bytes;
  std::uint16_t type;  // EntryType
  std::uint16_t reserved;
  std::uint32_t id;
  std::uint32_t check;  // FNV-1a of the payload
};
static_assert(sizeof(EntryHead) == 16);
enum class EntryType : std::uint16_t {
  Session = 1,   // encode_session (facts.h)
  Resource = 2,  // kind, name
  Policy = 3,    // id: the generation; digest, package, version, file that holds the bundle
};

}  // namespace writ::audit::ring
