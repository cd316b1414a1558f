#include "runtime/audit/drain/translator.h"

#include <algorithm>
#include <array>
#include <bit>

#include <fmt/format.h>

#include "runtime/audit/facts.h"
#include "runtime/base/limits.h"

namespace writ::audit::drain {
namespace {

using ring::RecordType;
using ring::Slot;

// Ids that are remembered before everything is forgotten and given anew.
constexpr std::size_t kQuestionsMax = 65'536;
constexpr std::size_t kReasonsMax = 262'144;
constexpr std::size_t kMissesMax = 65'536;
constexpr std::size_t kMissTextsMax = 16'384;
constexpr std::size_t kGivenNear = 65'536;  // a power of two
constexpr std::uint16_t kMaskOperation = 0x100;

// What came closest is worth a twentieth of the drain's time; a flood of denials gets no more.
constexpr int kMissShare = 20;
constexpr auto kMissFree = std::chrono::milliseconds(100);

EntryKind kind_of(RecordType type) {
  switch (type) {
    case RecordType::Decision: return EntryKind::Decision;
    case RecordType::Mask: return EntryKind::Mask;
    case RecordType::ByKind: return EntryKind::ByKind;
    case RecordType::Unavailable: return EntryKind::Unavailable;
    case RecordType::Infrastructure: return EntryKind::Infrastructure;
    case RecordType::Authentication: return EntryKind::Authentication;
    case RecordType::Lifecycle: return EntryKind::Lifecycle;
    case RecordType::Withdrawn: return EntryKind::Withdrawn;
  }
  return EntryKind::Gap;
}

bool is_question(RecordType type) {
  return type == RecordType::Decision || type == RecordType::Mask || type == RecordType::ByKind;
}

/// Moves a running count on; gives by how much, or 0 for one that does not grow.
std::uint64_t grown(std::uint64_t& so_far, std::uint64_t now) {
  if (now <= so_far) return 0;
  return now - std::exchange(so_far, now);
}

/// Are its question and its reason a matter of the slot alone?
bool is_plain(const Slot& slot) {
  const auto type = static_cast<RecordType>(slot.type);
  if (!is_question(type) || slot.slots != 1 || slot.kind == Record::kNoKind) return false;
  return type == RecordType::Mask || slot.operation != Record::kNoOperation;
}

// So many slots ahead is fetched what will be looked up.
constexpr std::size_t kAheadFar = 16;
constexpr std::size_t kAheadNear = 8;

}  // namespace

Translator::Translator(std::shared_ptr<const ring::Region> region, WordsSource words)
    : region_(std::move(region)),
      words_(std::move(words)),
      dictionary_(region_),
      given_near_(2 * kGivenNear, 0),
      questions_(kQuestionsMax),
      reasons_(kReasonsMax),
      misses_(kMissesMax),
      began_(std::chrono::steady_clock::now()) {}

bool Translator::read_dictionary() {
  const bool sound = dictionary_.read();
  if (dictionary_.flips() != flips_) {
    flips_ = dictionary_.flips();
    forget_dropped();
  }
  return sound;
}

/// What the process closed and the log holds has no entry any more.
void Translator::forget_dropped() {
  std::ranges::fill(given_near_, 0);
  seen_.clear();
  const auto drop = [this](auto& given, log::Defines what, auto is_there) {
    std::erase_if(given, [&](std::uint32_t id) {
      if (is_there(id)) return false;
      forgotten_.push_back({what, id});
      return true;
    });
  };
  drop(sessions_given_, log::Defines::Session,
       [this](std::uint32_t id) { return dictionary_.session(id) != nullptr; });
  drop(resources_given_, log::Defines::Resource,
       [this](std::uint32_t id) { return dictionary_.resource(id) != nullptr; });
  std::erase_if(policies_, [this](const auto& pair) {
    return pair.first != 0 && dictionary_.policy(pair.first) == nullptr;
  });
}

std::vector<Translator::Forgotten> Translator::take_forgotten() {
  return std::exchange(forgotten_, {});
}

bool Translator::count(const Slot& slot, Expected& expected, Row& row, std::string& why) const {
  Expected next = expected;
  switch (static_cast<RecordType>(slot.type)) {
    case RecordType::Decision:
    case RecordType::ByKind: row.count = 1; break;
    case RecordType::Mask:
      row.count = static_cast<std::uint64_t>(std::popcount(slot.grant));
      if (slot.grant == 0 || (slot.error & ~slot.grant) != 0) why = "a mask of nothing";
      break;
    case RecordType::Unavailable:
      row.count = grown(next.unavailable, slot.count);
      if (row.count == 0) why = "a count that did not grow";
      break;
    case RecordType::Infrastructure:
      row.count = grown(next.infrastructure, slot.count);
      if (row.count == 0) why = "a count that did not grow";
      break;
    case RecordType::Authentication:
    case RecordType::Lifecycle:
    case RecordType::Withdrawn: row.count = 0; break;
  }
  next.decisions += row.count;
  if (why.empty() && slot.decisions != next.decisions) {
    why = fmt::format("{} decisions where {} were made", slot.decisions, next.decisions);
  }
  if (!why.empty()) return false;
  expected = next;
  return true;
}

std::size_t Translator::add(std::uint16_t ring, std::span<const Slot> slots, Expected& expected,
                            Batch& batch, log::Columns& rows, std::string& why) {
  see_time_left(std::chrono::steady_clock::now());
  std::size_t row = rows.size();
  rows.resize(row + slots.size());
  std::array<std::uint64_t, 2 * kAheadFar> hashes{};
  const auto hash = [&](std::size_t slot) -> std::uint64_t& {
    return hashes[slot % hashes.size()];
  };
  std::size_t far = 0;
  std::size_t near = 0;
  std::size_t at = 0;
  for (; at < slots.size(); ++row) {
    const Slot& slot = slots[at];
    for (; far < std::min(at + kAheadFar, slots.size()); ++far) {
      hash(far) = SeenRecords::hash_of(slots[far]);
      seen_.expect(hash(far));
    }
    for (; near < std::min(at + kAheadNear, slots.size()); ++near) seen_.expect_soon(hash(near));
    const SeenRecords::Seen* seen = seen_.find(slot, hash(at));
    const bool known = seen != nullptr && !(seen->put_off && may_look_);
    if (!known || !add_seen(ring, slot, *seen, expected, rows, row)) {
      const std::size_t size = slot.slots;
      Row made;
      if (!add_new(ring, slots.subspan(at, size), expected, batch, made, why)) break;
      rows.set(row, made);
      at += size;
      continue;
    }
    ++at;
  }
  rows.resize(row);
  return at;
}

/// A record that says what one before it said. False, and nothing is added: it breaks the law.
bool Translator::add_seen(std::uint16_t ring, const Slot& slot, const SeenRecords::Seen& seen,
                          Expected& expected, log::Columns& rows, std::size_t row) const {
  const bool mask = static_cast<RecordType>(slot.type) == RecordType::Mask;
  const std::uint64_t count = mask ? static_cast<std::uint64_t>(std::popcount(slot.grant)) : 1;
  if (slot.decisions != expected.decisions + count) return false;
  expected.decisions = slot.decisions;
  rows.form[row] = seen.form;
  rows.ring[row] = ring;
  rows.sequence[row] = slot.number;
  rows.decisions[row] = slot.decisions;
  rows.count[row] = count;
  const Moment moment = moment_of(slot);
  rows.time_us[row] = moment.utc_us;
  rows.uncertainty_us[row] = moment.uncertainty_us;
  rows.session[row] = slot.session;
  rows.resource[row] = slot.resource;
  rows.question[row] = seen.question;
  rows.reason[row] = seen.reason;
  if (mask) {
    rows.asked[row] = slot.grant;
    rows.allowed[row] = slot.error;
  }
  return true;
}

Moment Translator::moment_of(const Slot& slot) const {
  if ((slot.flags & ring::kTimeIsTsc) != 0) return time_->of(slot.time);
  return {static_cast<std::int64_t>(slot.time), 1};
}

/// Makes the row of a record; its texts live until the next call. False: `why`.
bool Translator::add_new(std::uint16_t ring, std::span<const Slot> record, Expected& expected,
                         Batch& batch, Row& row, std::string& why) {
  const Slot& slot = record.front();
  if (!ring::is_sound(slot)) {
    why = "fields that no recorder writes";
    return false;
  }
  ring::Parts parts;
  if (record.size() > 1) {
    payload_.clear();
    ring::append_payload(record, payload_);
    const auto read = ring::read_parts(payload_);
    if (!read) {
      why = "a payload that no recorder writes";
      return false;
    }
    parts = *read;
  }
  const auto type = static_cast<RecordType>(slot.type);
  row.kind = kind_of(type);
  row.purpose = static_cast<Purpose>(slot.purpose);
  row.verdict = static_cast<Verdict>(slot.verdict);
  row.ring = ring;
  row.sequence = slot.number;
  row.decisions = slot.decisions;
  const Moment moment = moment_of(slot);
  row.time_us = moment.utc_us;
  row.uncertainty_us = moment.uncertainty_us;
  put_off_ = false;
  if (!count(slot, expected, row, why)) return false;
  if (is_question(type) && !refer(slot, parts, row, batch, why)) return false;
  if (type == RecordType::Withdrawn) {
    text_ = fmt::format("{}", slot.count);
    row.text = text_;
  }
  if (parts.text) row.text = *parts.text;
  if (is_plain(slot)) {
    seen_.put(slot, SeenRecords::hash_of(slot),
              {{}, row.question, row.reason, log::form_of(row.kind, row.purpose, row.verdict),
               put_off_});
  }
  return true;
}

bool Translator::refer(const Slot& slot, const ring::Parts& parts, Row& row, Batch& batch,
                       std::string& why) {
  if (slot.session != 0 && !give_session(slot.session, batch)) {
    why = "a session that is not in the dictionary";
  } else if (slot.resource != 0 && !give_resource(slot.resource, batch)) {
    why = "a resource that is not in the dictionary";
  } else if (policy(slot.generation) == nullptr) {
    why = "a bundle that is not in the dictionary";
  }
  if (!why.empty()) return false;
  row.session = slot.session;
  row.resource = slot.resource;
  if (slot.resource == 0 && parts.name) row.name = *parts.name;
  if (parts.attributes) row.attributes = *parts.attributes;
  row.question = question(slot, parts, batch);
  if (static_cast<RecordType>(slot.type) == RecordType::Mask) {
    row.asked = slot.grant;
    row.allowed = slot.error;
  } else {
    row.reason = reason(slot, row, batch);
  }
  return true;
}

bool Translator::give_session(std::uint32_t id, Batch& batch) {
  std::uint32_t& near = given_near_[id % kGivenNear];
  if (near == id) return true;
  const SessionFacts* facts = dictionary_.session(id);
  if (facts == nullptr) return false;
  if (sessions_given_.insert(id).second) batch.sessions.push_back({id, *facts});
  near = id;
  return true;
}

bool Translator::give_resource(std::uint32_t id, Batch& batch) {
  std::uint32_t& near = given_near_[kGivenNear + id % kGivenNear];
  if (near == id) return true;
  const ring::ResourceEntry* entry = dictionary_.resource(id);
  if (entry == nullptr) return false;
  if (resources_given_.insert(id).second) {
    batch.resources.push_back({id, entry->kind, entry->name});
  }
  near = id;
  return true;
}

/// Of generation 0, no bundle, there is nothing to know.
const Translator::Policy* Translator::policy(std::uint32_t generation) {
  Policy& policy = policies_[generation];
  if (policy.known || generation == 0) return &policy;
  const ring::PolicyEntry* entry = dictionary_.policy(generation);
  if (entry == nullptr) return nullptr;
  policy.entry = *entry;
  policy.words = words_(generation, *entry);
  if (policy.words != nullptr) policy.audit = policy.words->audit();
  policy.known = true;
  return &policy;
}

void Translator::define_question(std::uint32_t id, const Slot& slot, std::string_view kind,
                                 std::string_view operation, Batch& batch) {
  const Policy& of = *policy(slot.generation);
  QuestionDef& def = batch.questions.emplace_back();
  def.id = id;
  def.generation = slot.generation;
  def.version = of.entry.version;
  def.digest = of.entry.digest;
  def.package = of.entry.package;
  const bool mask = static_cast<RecordType>(slot.type) == RecordType::Mask;
  Question words;
  if (of.words != nullptr) words = of.words->question(slot.kind, slot.operation, slot.scope);
  def.kind = kind.empty() ? std::string(words.kind) : std::string(kind);
  if (def.kind.empty() && of.words == nullptr) def.kind = fmt::format("kind {}", slot.kind);
  def.model = words.model;
  def.scope = words.scope;
  def.scope_id = words.scope_id;
  def.levels = words.levels;
  if (!mask) {
    def.operations.emplace_back(operation.empty() ? words.operation : operation);
    remember_window(def, of.audit);
    if (of.words == nullptr && operation.empty()) {
      def.operations.front() = fmt::format("operation {}", slot.operation);
    }
    return;
  }
  if (of.words != nullptr) {
    for (const std::string_view name : of.words->operations(slot.kind)) {
      def.operations.emplace_back(name);
    }
  }
  // Bits that are no operation of the kind may have been asked; they have a name here.
  for (std::size_t bit = def.operations.size(); bit < limits::kOperationsPerKindMax; ++bit) {
    if (slot.grant >> bit == 0) break;
    def.operations.push_back(fmt::format("operation {}", bit));
  }
}

/// Of several windows the shortest holds.
void Translator::remember_window(const QuestionDef& question, const AuditPolicy& policy) {
  std::int64_t shortest = 0;
  for (const Coalescing& each : policy.coalescing) {
    if (!each.of.holds(Verdict::Allow, question.kind, question.operations.front(),
                       question.scope)) {
      continue;
    }
    shortest = shortest == 0 ? each.window_us : std::min(shortest, each.window_us);
  }
  if (shortest != 0) windows_.insert_or_assign(question.id, shortest);
}

/// Words that no bundle knows are anybody's invention: only the last ones are remembered.
std::uint32_t Translator::stranger(const Slot& slot, const ring::Parts& parts, Batch& batch) {
  const std::string_view kind = parts.kind.value_or("");
  const std::string_view operation = parts.operation.value_or("");
  const std::string key = fmt::format("{} {} {} {}\n{}\n{}", slot.generation, slot.scope,
                                      slot.type, slot.grant, kind, operation);
  if (stranger_question_ != 0 && key == stranger_) return stranger_question_;
  if (stranger_question_ != 0) forgotten_.push_back({log::Defines::Question, stranger_question_});
  stranger_ = key;
  stranger_question_ = next_question_++;
  define_question(stranger_question_, slot, kind, operation, batch);
  return stranger_question_;
}

std::uint32_t Translator::question(const Slot& slot, const ring::Parts& parts, Batch& batch) {
  const bool mask = static_cast<RecordType>(slot.type) == RecordType::Mask;
  const bool no_operation = !mask && slot.operation == Record::kNoOperation;
  if (slot.kind == Record::kNoKind || no_operation) return stranger(slot, parts, batch);
  // A mask may ask for bits beyond the kind's operations: the highest one is part of the key.
  const auto operation = static_cast<std::uint16_t>(
      mask ? kMaskOperation + std::bit_width(slot.grant) : slot.operation);
  const QuestionKey key{slot.generation, slot.scope, slot.kind, operation};
  if (const std::uint32_t known = questions_.find(key); known != 0) return known;
  if (questions_.is_full()) {
    questions_.clear([this](std::uint32_t id) {
      forgotten_.push_back({log::Defines::Question, id});
    });
    windows_.clear();
    seen_.clear();
  }
  const std::uint32_t id = next_question_++;
  questions_.put(key, id);
  define_question(id, slot, {}, {}, batch);
  return id;
}

void Translator::see_time_left(std::chrono::steady_clock::time_point now) {
  may_look_ = spent_on_misses_ <= kMissFree + (now - began_) / kMissShare;
}

/// What came closest to allowing it, as 1 + the index of its text; 0: nothing, or not looked for.
std::uint32_t Translator::miss(const Slot& slot, const Row& row, const Policy& policy) {
  if (policy.words == nullptr || static_cast<RecordType>(slot.type) == RecordType::ByKind) return 0;
  constexpr std::uint64_t kByName = std::uint64_t{1} << 63;
  const MissKey key{row.session, row.question,
                    row.resource != 0 ? row.resource
                                      : kByName | std::hash<std::string_view>{}(row.name)};
  if (const std::uint32_t known = misses_.find(key); known != 0) return known - 1;
  const SessionFacts* session = dictionary_.session(row.session);
  if (session == nullptr) return 0;
  const ring::ResourceEntry* resource = dictionary_.resource(row.resource);
  const std::string_view name = resource == nullptr ? row.name : std::string_view(resource->name);
  if (name.size() == kCutNameBytes && resource == nullptr) return 0;
  if (!may_look_) {
    put_off_ = true;
    return 0;
  }
  const auto begun = std::chrono::steady_clock::now();
  Decision decision;
  const Question asked = policy.words->question(slot.kind, slot.operation, slot.scope);
  std::string text = policy.words->explain(decision, asked, session, name).nearest;
  const auto now = std::chrono::steady_clock::now();
  spent_on_misses_ += now - begun;
  see_time_left(now);
  if (misses_.is_full()) misses_.clear([](std::uint32_t) {});
  std::uint32_t index = 0;
  if (!text.empty() && (miss_texts_.size() < kMissTextsMax || miss_ids_.contains(text))) {
    const auto [found, fresh] = miss_ids_.try_emplace(
        text, static_cast<std::uint32_t>(miss_texts_.size() + 1));
    if (fresh) miss_texts_.push_back(std::move(text));
    index = found->second;
  }
  misses_.put(key, index + 1);
  return index;
}

std::uint32_t Translator::reason(const Slot& slot, const Row& row, Batch& batch) {
  const Policy& of = *policy(slot.generation);
  ReasonKey key{slot.generation, slot.reason, slot.grant, slot.error, slot.error_grant, 0};
  Decision decision;
  decision.verdict = row.verdict;
  decision.reason = static_cast<ReasonClass>(slot.reason);
  decision.grant = slot.grant;
  decision.error = slot.error;
  decision.error_grant = slot.error_grant;
  if (decision.reason == ReasonClass::Default) key.miss = miss(slot, row, of);
  if (const std::uint32_t known = reasons_.find(key); known != 0) return known;
  if (reasons_.is_full()) {
    reasons_.clear([this](std::uint32_t id) {
      forgotten_.push_back({log::Defines::Reason, id});
    });
    seen_.clear();
  }
  const std::uint32_t id = next_reason_++;
  reasons_.put(key, id);
  ReasonDef& def = batch.reasons.emplace_back();
  def.id = id;
  def.reason = decision.reason;
  def.grant = decision.grant;
  def.error = decision.error;
  def.error_grant = decision.error_grant;
  if (of.words != nullptr) {
    def.why = of.words->explain(decision, {}, nullptr, {});
    if (key.miss != 0) def.why.nearest = miss_texts_[key.miss - 1];
  } else {
    def.why.rule = name_of(decision.reason);
  }
  return id;
}

}  // namespace writ::audit::drain
