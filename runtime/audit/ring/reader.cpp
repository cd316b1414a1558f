#include "runtime/audit/ring/reader.h"

#include <algorithm>
#include <cstring>

#include "runtime/audit/append.h"
#include "runtime/audit/facts.h"
#include "runtime/audit/recorder.h"
#include "runtime/audit/ring/entry_check.h"
#include "runtime/audit/ring/futex.h"

namespace writ::audit::ring {
namespace {

// The process moves what lives rarely; that it does so while we copy, more rarely still.
constexpr int kCopiesMax = 100;

bool same_slots(const Slot& slot) { return slot.slots >= 1 && slot.slots <= kSlotsMax; }

}  // namespace

Mark load_mark(const RingHeader& ring) {
  return ring.marks[ring.mark.load(std::memory_order_acquire) % 2];
}

void store_mark(RingHeader& ring, const Mark& mark) {
  const std::uint32_t next = ring.mark.load(std::memory_order_relaxed) + 1;
  ring.marks[next % 2] = mark;
  ring.mark.store(next, std::memory_order_release);
  ring.tail.store(mark.place, std::memory_order_seq_cst);
  ring.durable.store(mark.number, std::memory_order_seq_cst);
  if (ring.waiting.exchange(0, std::memory_order_seq_cst) != 0) move_and_wake(ring.wake);
}

void store_replicated(RingHeader& ring, std::uint64_t number) {
  ring.replicated.store(number, std::memory_order_seq_cst);
  if (ring.waiting.exchange(0, std::memory_order_seq_cst) != 0) move_and_wake(ring.wake);
}

Read read_records(const Region& region, std::size_t ring, Mark& cursor, std::span<Slot> out) {
  Slot* const slots = region.slots(ring);
  const std::uint64_t mask = region.facts().slots - 1;
  Read read;
  for (;;) {
    Slot& first = slots[cursor.place & mask];
    const std::uint64_t committed = std::atomic_ref(first.number).load(std::memory_order_acquire);
    if (committed != cursor.number + 1) return read;
    if (out.size() - read.slots < kSlotsMax) {
      read.end = ReadEnd::Full;
      return read;
    }
    Slot& copy = out[read.slots];
    copy = first;
    copy.number = committed;
    if (!same_slots(copy)) {
      read.end = ReadEnd::Broken;
      return read;
    }
    for (std::uint64_t at = 1; at < copy.slots; ++at) {
      out[read.slots + at] = slots[(cursor.place + at) & mask];
    }
    cursor.place += copy.slots;
    cursor.number = committed;
    read.slots += copy.slots;
  }
}

bool is_sound(const Slot& slot) {
  const auto at_most = [](std::uint8_t value, auto max) {
    return value <= static_cast<std::uint8_t>(max);
  };
  return slot.type >= static_cast<std::uint8_t>(RecordType::Decision) &&
         at_most(slot.type, RecordType::Withdrawn) && at_most(slot.reason, ReasonClass::Unlisted) &&
         at_most(slot.verdict, Verdict::Allow) && at_most(slot.purpose, Purpose::Filter) &&
         at_most(slot.level, Level::Replicated) && slot.flags <= kFlagsKnown &&
         slot.reserved == 0 && same_slots(slot);
}

void append_payload(std::span<const Slot> record, std::string& out) {
  for (const Slot& slot : record.subspan(1)) {
    const auto* raw = static_cast<const char*>(static_cast<const void*>(&slot));
    out.append(raw + sizeof slot.number, kPayloadBytes);
  }
}

bool DictionaryReader::read() {
  RegionHeader& header = region_->header();
  for (int attempt = 0; attempt < kCopiesMax; ++attempt) {
    const std::uint64_t flips = header.flips.load(std::memory_order_seq_cst);
    const std::uint64_t from = flips == flips_ ? read_ : 0;
    const std::uint64_t committed = header.committed[flips % 2].load(std::memory_order_acquire);
    if (committed > region_->facts().dictionary_bytes || committed < from) return false;
    if (committed == from && flips == flips_) return true;
    const std::byte* half = region_->dictionary(flips);
    copy_.assign(half + from, half + committed);
    // WHY it writes what is there: the copy's loads cannot move behind a release.
    if (header.flips.fetch_add(0, std::memory_order_acq_rel) != flips) continue;
    if (flips != flips_) {
      maps_ = {};
      flips_ = flips;
    }
    read_ = committed;
    return parse(copy_);
  }
  return false;
}

bool DictionaryReader::parse(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    EntryHead head{};
    if (bytes.size() < sizeof head) return false;
    std::memcpy(&head, bytes.data(), sizeof head);
    const std::uint64_t padded = (sizeof head + std::uint64_t{head.bytes} + 7) / 8 * 8;
    if (padded > bytes.size()) return false;
    ByteReader in(bytes.subspan(sizeof head));
    const std::string_view payload = in.text(head.bytes);
    if (entry_check(payload) != head.check || !add(head, payload)) return false;
    bytes = bytes.subspan(padded);
  }
  return true;
}

bool DictionaryReader::add(const EntryHead& head, std::string_view payload) {
  ByteReader in(std::as_bytes(std::span(payload)));
  switch (static_cast<EntryType>(head.type)) {
    case EntryType::Session: {
      auto facts = decode_session(payload);
      if (!facts) return false;
      maps_.sessions.insert_or_assign(head.id, std::move(*facts));
      return true;
    }
    case EntryType::Resource: {
      ResourceEntry entry;
      entry.kind = take_text(in);
      entry.name = take_text(in);
      if (in.failed() || in.left() != 0) return false;
      maps_.resources.insert_or_assign(head.id, std::move(entry));
      return true;
    }
    case EntryType::Policy: {
      PolicyEntry entry;
      entry.digest = take_text(in);
      entry.package = take_text(in);
      entry.version = in.integer<std::uint64_t>();
      entry.path = take_text(in);
      if (in.failed() || in.left() != 0) return false;
      maps_.policies.insert_or_assign(head.id, std::move(entry));
      return true;
    }
  }
  return false;
}

namespace {

template <class Map>
const typename Map::mapped_type* find(const Map& map, std::uint32_t id) {
  const auto found = map.find(id);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace

const SessionFacts* DictionaryReader::session(std::uint32_t id) const {
  return find(maps_.sessions, id);
}
const ResourceEntry* DictionaryReader::resource(std::uint32_t id) const {
  return find(maps_.resources, id);
}
const PolicyEntry* DictionaryReader::policy(std::uint32_t generation) const {
  return find(maps_.policies, generation);
}

}  // namespace writ::audit::ring
