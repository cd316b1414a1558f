#include "runtime/audit/ring/ring_recorder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <new>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/audit/append.h"
#include "runtime/audit/attributes.h"
#include "runtime/audit/authentication.h"
#include "runtime/audit/facts.h"
#include "runtime/audit/json_writer.h"
#include "runtime/audit/ring/clock.h"
#include "runtime/audit/ring/points.h"
#include "runtime/base/file.h"

namespace writ::audit::ring {
namespace {

constexpr unsigned kBundleMode = 0600;
// Facts of a session: more than any identity provider says, less than a block of the log holds.
constexpr std::size_t kSessionBytesMax = std::size_t{1} << 20;
constexpr std::size_t kWordBytesMax = 256;  // of a kind or operation that no bundle knows
// Events that wait for room: a broker that reloads each second for a quarter of an hour.
constexpr std::size_t kOwedMax = 1'024;

/// What `body` gives, or `otherwise` where there is no memory: nobody ends a broker for an event.
template <class Otherwise, class Body>
auto unless_memory_ends(Otherwise otherwise, Body&& body) noexcept -> decltype(body()) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return otherwise;
  }
}

RecordType type_of(const Record& record) {
  if (record.asked != 0) return RecordType::Mask;
  return record.by_kind ? RecordType::ByKind : RecordType::Decision;
}

std::uint64_t decisions_of(const Record& record) {
  return record.asked == 0 ? 1 : static_cast<std::uint64_t>(std::popcount(record.asked));
}

struct Shape {
  RecordType type = RecordType::Decision;
  std::size_t slots = 1;
  std::uint64_t decisions = 1;
};

/// WHY alone: two neighbours that were just written apart are not to be read as one; the processor
/// would wait for both to reach the cache.
inline void store_alone(std::uint32_t& field, std::uint32_t value) {
  std::atomic_ref(field).store(value, std::memory_order_relaxed);
}

/// Everything but the commit word.
[[gnu::always_inline]] inline void fill(Slot& slot, Writer& writer, const Record& record,
                                        const Shape& shape, bool counter_time) {
  // The lines that come next are another core's: they are on their way before they are needed.
  __builtin_prefetch(&writer.slots[(writer.place + 6) & writer.mask], 1);
  std::uint8_t flags = record.infrastructure ? kInfrastructure : 0;
  if (record.time_us != Record::kNoTime) {
    slot.time = static_cast<std::uint64_t>(record.time_us);
  } else if (counter_time) {
    slot.time = counter();
    flags |= kTimeIsTsc;
  } else {
    slot.time = static_cast<std::uint64_t>(utc_us());
  }
  store_alone(slot.session, record.session_id);
  store_alone(slot.resource, record.resource_id);
  const bool mask = record.asked != 0;
  store_alone(slot.grant, mask ? record.asked : record.decision.grant);
  store_alone(slot.error, mask ? record.allowed : record.decision.error);
  slot.error_grant = record.decision.error_grant;
  slot.generation =
      record.policy == nullptr ? 0 : static_cast<std::uint32_t>(record.policy->generation);
  slot.scope = record.scope;
  // WHY by hand: a dozen stores of a byte become two.
  const std::uint32_t what = std::uint32_t{record.kind} | std::uint32_t{record.operation} << 16 |
                             static_cast<std::uint32_t>(shape.type) << 24;
  const std::uint64_t how = static_cast<std::uint64_t>(record.decision.reason) |
                            static_cast<std::uint64_t>(record.decision.verdict) << 8 |
                            static_cast<std::uint64_t>(record.purpose) << 16 |
                            static_cast<std::uint64_t>(record.level) << 24 |
                            std::uint64_t{flags} << 32 | std::uint64_t{shape.slots} << 40;
  std::memcpy(&slot.kind, &what, sizeof what);
  std::memcpy(&slot.reason, &how, sizeof how);
  writer.decisions += shape.decisions;
  slot.decisions = writer.decisions;
}

/// After this store the record survives whatever ends the process.
[[gnu::always_inline]] inline void commit(Writer& writer, Slot& slot, std::size_t slots) {
  writer.place += slots;
  std::atomic_ref(slot.number).store(++writer.number, std::memory_order_release);
}

/// Fills the slots after the first.
void put_payload(Writer& writer, std::string_view bytes) {
  for (std::uint64_t at = 1; !bytes.empty(); ++at) {
    Slot& slot = writer.slots[(writer.place + at) & writer.mask];
    auto* raw = static_cast<char*>(static_cast<void*>(&slot));
    const std::size_t size = std::min(bytes.size(), kPayloadBytes);
    // INVARIANT: the first word of a payload slot is 0, so it is never taken for a record.
    std::atomic_ref(slot.number).store(0, std::memory_order_relaxed);
    std::memcpy(raw + sizeof slot.number, bytes.data(), size);
    std::memset(raw + sizeof slot.number + size, 0, kPayloadBytes - size);
    bytes.remove_prefix(size);
  }
}

[[gnu::always_inline]] inline bool needs_payload(const Record& record) {
  return (record.resource_id == 0 && !record.by_kind) ||
         (record.attributes != nullptr && !record.attributes->empty()) ||
         record.kind == Record::kNoKind ||
         (record.operation == Record::kNoOperation && record.asked == 0);
}

bool add_attributes(PayloadWriter& payload, const std::vector<NamedValue>& attributes) {
  std::string bytes;
  encode_attributes(attributes, bytes);
  if (payload.add(Part::Attributes, bytes)) return true;
  std::string cut;
  append_cut_attributes(bytes, cut);
  return payload.add(Part::Attributes, cut);
}

bool fill_payload(PayloadWriter& payload, const Record& record) {
  bool fits = true;
  if (record.resource_id == 0 && !record.by_kind) {
    std::string name;
    append_name(record.name, name);
    fits = payload.add(Part::Name, name);
  }
  const bool no_operation = record.operation == Record::kNoOperation && record.asked == 0;
  if ((record.kind == Record::kNoKind || no_operation) && record.words != nullptr) {
    const Question asked = record.words->question();
    fits = fits && payload.add(Part::Kind, asked.kind.substr(0, kWordBytesMax)) &&
           payload.add(Part::Operation, asked.operation.substr(0, kWordBytesMax));
  }
  if (record.attributes != nullptr && !record.attributes->empty()) {
    fits = fits && add_attributes(payload, *record.attributes);
  }
  return fits;
}

/// Each text of it, at most so long; what was cut ends in an ellipsis.
Authentication shortened(Authentication result, std::size_t bytes_max) {
  for (std::string* text :
       {&result.principal, &result.mechanism, &result.identifier, &result.message, &result.host,
        &result.scope_id, &result.client_id, &result.connection_id}) {
    if (text->size() > bytes_max) *text = std::string(front(*text, bytes_max)) + "\u2026";
  }
  return result;
}

}  // namespace

RingRecorder::RingRecorder(RecorderOptions options, std::shared_ptr<Pool> pool)
    : options_(std::move(options)),
      pool_(std::move(pool)),
      dictionary_(std::make_shared<Dictionary>(pool_, options_.writer.wait)),
      pool_id_(pool_->id()),
      counter_(counter_is_even()) {}

Result<std::unique_ptr<RingRecorder>> RingRecorder::open(RecorderOptions options) {
  WRIT_ASSIGN(region, Region::create(options.region));
  auto pool = Pool::make(region, options.writer);
  if (!pool) {
    region->unlink();
    return std::unexpected(std::move(pool.error()));
  }
  return std::unique_ptr<RingRecorder>(new RingRecorder(std::move(options), std::move(*pool)));
}

RingRecorder::~RingRecorder() { close(); }

void RingRecorder::close() noexcept {
  if (pool_->is_child()) return;
  pool_->close();
  region()->header().state.store(static_cast<std::uint32_t>(RegionState::Closed),
                                 std::memory_order_release);
}

// WHY in pieces: this one, for a decision by numbers that waits for nothing, calls nothing that
// comes back, so it saves no register.
bool RingRecorder::record(const Record& record) noexcept {
  if (leased.pool != pool_id_) [[unlikely]] return record_slowly(pool_->lease(), record);
  Writer* const writer = leased.writer;
  const bool clock = record.time_us == Record::kNoTime && !counter_;
  if (writer == nullptr || !writer->has_room(1) || needs_payload(record) || clock ||
      (record.session != nullptr && record.session_id == 0)) [[unlikely]] {
    return record_slowly(writer, record);
  }
  if (record.asked != 0) return record_mask(*writer, record);
  Slot& slot = writer->slots[writer->place & writer->mask];
  const RecordType type = record.by_kind ? RecordType::ByKind : RecordType::Decision;
  fill(slot, *writer, record, {type, 1, 1}, true);
  commit(*writer, slot, 1);
  if (record.level == Level::Ring || record.infrastructure) [[likely]] return true;
  return wait_level(*writer, record.level);
}

[[gnu::noinline]] bool RingRecorder::record_mask(Writer& writer, const Record& record) noexcept {
  Slot& slot = writer.slots[writer.place & writer.mask];
  fill(slot, writer, record, {RecordType::Mask, 1, decisions_of(record)}, true);
  commit(writer, slot, 1);
  if (record.level == Level::Ring || record.infrastructure) return true;
  return wait_level(writer, record.level);
}

bool RingRecorder::wait_level(Writer& writer, Level level) noexcept {
  return writer.await(level == Level::Durable ? writer.header->durable
                                              : writer.header->replicated);
}

/// Counts what is not recorded. An infrastructure operation goes on, its count is its record.
bool RingRecorder::refuse(Writer* writer, const Record& record) noexcept {
  // Nobody would ever count it.
  if (!pool_->is_child() && pool_->is_closed()) return false;
  const std::uint64_t decisions = decisions_of(record);
  if (writer == nullptr || writer->header == nullptr) {
    RegionHeader& header = region()->header();
    (record.infrastructure ? header.unleased_infrastructure : header.unleased)
        .fetch_add(decisions, std::memory_order_relaxed);
    return record.infrastructure;
  }
  // The next record comes after a record of the count.
  writer->limit.store(0, std::memory_order_relaxed);
  std::atomic<std::uint64_t>& count =
      record.infrastructure ? writer->header->infrastructure : writer->header->unavailable;
  count.store(count.load(std::memory_order_relaxed) + decisions, std::memory_order_release);
  return record.infrastructure;
}

bool RingRecorder::record_slowly(Writer* writer, const Record& record) noexcept {
  if (writer == nullptr || writer->slots == nullptr) return refuse(nullptr, record);
  if (record.session != nullptr && record.session_id == 0) return refuse(writer, record);
  PayloadWriter payload;
  if (needs_payload(record) &&
      !unless_memory_ends(false, [&] { return fill_payload(payload, record); })) {
    return refuse(writer, record);
  }
  const std::size_t slots = payload.slots();
  if (!writer->has_room(slots) &&
      !writer->make_room(slots, record.infrastructure ? Writer::Patience::None
                                                      : Writer::Patience::Wait)) {
    return refuse(writer, record);
  }
  put_payload(*writer, payload.bytes());
  reach("ring.payload");
  Slot& slot = writer->slots[writer->place & writer->mask];
  fill(slot, *writer, record, {type_of(record), slots, decisions_of(record)}, counter_);
  reach("ring.before-commit");
  commit(*writer, slot, slots);
  reach("ring.committed");
  // An infrastructure operation waits for nothing: others pay.
  if (record.infrastructure) return true;
  // Before events are paid: it is this record that is waited for, and withdrawn.
  const bool released = record.level == Level::Ring || wait_level(*writer, record.level);
  if (owes_.load(std::memory_order_relaxed)) pay();
  return released;
}

bool RingRecorder::put_text(RecordType type, std::string_view text,
                            Writer::Patience patience) noexcept {
  Writer* writer = leased.pool == pool_id_ ? leased.writer : pool_->lease();
  if (writer == nullptr || writer->slots == nullptr) return false;
  PayloadWriter payload;
  if (!unless_memory_ends(false, [&] { return payload.add(Part::Text, text); })) return false;
  const std::size_t slots = payload.slots();
  if (!writer->has_room(slots) && !writer->make_room(slots, patience)) return false;
  put_payload(*writer, payload.bytes());
  Slot& slot = writer->slots[writer->place & writer->mask];
  Record none;
  none.time_us = utc_us();
  fill(slot, *writer, none, {type, slots, 0}, false);
  commit(*writer, slot, slots);
  return true;
}

void RingRecorder::lifecycle(std::string_view type, std::string_view message) noexcept {
  if (pool_->is_child()) return;
  const bool kept = unless_memory_ends(false, [&] {
    std::string text = fmt::format("{}\n", type.substr(0, kWordBytesMax));
    text += front(message, kPayloadBytesMax - kPartHeadBytes - text.size());
    const std::lock_guard lock(owed_mutex_);
    if (owed_.size() >= kOwedMax) return false;
    owed_.push_back(std::move(text));
    return true;
  });
  if (!kept) lost_.fetch_add(1, std::memory_order_relaxed);
  owes_.store(true, std::memory_order_relaxed);
  pay();
}

/// Events that are owed become records, in order. What finds no room waits for a record that does.
void RingRecorder::pay() noexcept {
  const std::lock_guard lock(owed_mutex_);
  while (!owed_.empty()) {
    if (!put_text(RecordType::Lifecycle, owed_.front(), Writer::Patience::Wait)) return;
    owed_.pop_front();
  }
  if (pay_lost()) owes_.store(false, std::memory_order_relaxed);
}

bool RingRecorder::pay_lost() noexcept {
  const std::uint64_t count = lost_.load(std::memory_order_relaxed);
  if (count == 0) return true;
  std::array<char, 128> text{};
  const auto end = fmt::format_to_n(
      text.data(), text.size(),
      "audit.events-lost\n{} events found neither room in the ring nor memory to wait", count);
  const std::string_view said(text.data(), std::min<std::size_t>(end.size, text.size()));
  if (!put_text(RecordType::Lifecycle, said, Writer::Patience::Wait)) return false;
  lost_.fetch_sub(count, std::memory_order_relaxed);
  return true;
}

bool RingRecorder::authentication(const Authentication& result) noexcept {
  return unless_memory_ends(false, [&] {
    std::string text = authentication_text(result);
    // Escaped text may be six times as long as what it says.
    for (std::size_t most = kNameWholeBytesMax; text.size() + kPartHeadBytes > kPayloadBytesMax;
         most /= 2) {
      text = authentication_text(shortened(result, most));
    }
    return put_text(RecordType::Authentication, text, Writer::Patience::Wait);
  });
}

Opened RingRecorder::open_session(const SessionFacts& facts) noexcept {
  return unless_memory_ends(Opened(), [&]() -> Opened {
    std::string payload;
    encode_session(facts, payload);
    // What a drain could not read, or the log not hold, would stop the trail for everybody.
    if (payload.size() > kSessionBytesMax || !decode_session(payload)) return {};
    return dictionary_->open(EntryType::Session, payload);
  });
}

Opened RingRecorder::open_resource(std::string_view kind, std::string_view name) noexcept {
  // What is longer goes by its digest, record by record.
  if (kind.size() > kWordBytesMax || name.size() > kNameWholeBytesMax) return {};
  return unless_memory_ends(Opened(), [&] {
    std::string payload;
    append_text(payload, kind);
    append_text(payload, name);
    return dictionary_->open(EntryType::Resource, payload);
  });
}

std::optional<std::uint64_t> RingRecorder::begin_engine() noexcept {
  if (has_engine_.exchange(true)) return std::nullopt;
  return generation_.load();
}

std::shared_ptr<const void> RingRecorder::use_policy(std::shared_ptr<const PolicyWords> words,
                                                     std::span<const std::byte> bundle) noexcept {
  return unless_memory_ends(std::shared_ptr<const void>(),
                            [&] { return open_policy(std::move(words), bundle); });
}

std::shared_ptr<const void> RingRecorder::open_policy(std::shared_ptr<const PolicyWords> words,
                                                      std::span<const std::byte> bundle) {
  const PolicyFacts facts = words->facts();
  std::string path;
  if (!options_.bundles.empty() && !bundle.empty()) {
    path = fmt::format("{}/{}.writb", options_.bundles, facts.digest);
    ::mkdir(options_.bundles.c_str(), 0700);
    // Without the file a drain of another process knows the numbers only; this one knows the words.
    if (::access(path.c_str(), R_OK) != 0 && !write_file(path, bundle, kBundleMode)) path.clear();
  }
  generation_ = std::max(generation_.load(), facts.generation);
  std::string payload;
  append_text(payload, facts.digest);
  append_text(payload, facts.package);
  append_integer(payload, facts.version);
  append_text(payload, path);
  return dictionary_->open_policy(static_cast<std::uint32_t>(facts.generation), payload,
                                  std::move(words));
}

}  // namespace writ::audit::ring
