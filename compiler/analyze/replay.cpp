#include "compiler/analyze/replay.h"

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <unordered_map>

#include "runtime/audit/attributes.h"
#include "runtime/audit/facts.h"
#include "runtime/audit/query/walk.h"

namespace writ::analyze {
namespace {

using audit::EntryKind;
using audit::log::Columns;

// Attributes repeat from row to row; hostile ones must not fill the memory.
constexpr std::size_t kAttributesKept = 65'536;

struct Opened {
  std::unique_ptr<Session> session;
  SessionFacts facts;
};

struct Asked {
  const audit::QuestionDef* def = nullptr;
  std::vector<std::optional<std::uint32_t>> bits;  // of its operations, in the engine's bundle
};

// One changed verdict, in numbers: what is equal here is one Change.
struct Key {
  std::uint32_t session = 0;
  std::uint32_t question = 0;
  std::uint32_t operation = 0;  // bit
  std::uint32_t reason = 0;     // before
  std::uint32_t grant = 0;      // after
  ReasonClass after = ReasonClass::Default;
  bool allowed = false;         // before
  friend bool operator==(const Key&, const Key&) = default;
};
struct KeyHash {
  std::size_t operator()(const Key& key) const {
    std::uint64_t hash = 0;
    for (const std::uint64_t part :
         {std::uint64_t{key.session} << 32 | key.question,
          std::uint64_t{key.reason} << 32 | key.grant,
          std::uint64_t{key.operation} << 16 | static_cast<std::uint64_t>(key.after) << 1 |
              (key.allowed ? 1U : 0U)}) {
      hash = (hash ^ part) * 0x9E37'79B9'7F4A'7C15;
      hash ^= hash >> 29;
    }
    return static_cast<std::size_t>(hash);
  }
};
struct Tally {
  std::uint64_t count = 0;
  std::string example;
  std::int64_t first_us = 0;
  std::int64_t last_us = 0;
  Decision after;
};

// What a segment's numbers are in the engine; made when first met.
struct Instance {
  std::map<std::pair<std::uint32_t, std::uint32_t>, Opened> sessions;  // session, question's scope
  std::unordered_map<std::uint64_t, Opened*> session_of;               // session, question
  std::unordered_map<std::uint32_t, std::unique_ptr<Resource>> resources;
  std::unordered_map<std::uint32_t, Asked> questions;
  std::map<std::string, std::uint32_t> scopes;
  std::unordered_map<Key, Tally, KeyHash> tallies;
};

// What was found last, by the low bits of its key: looked at before the maps of an instance, whose
// nodes lie anywhere in memory.
template <class Found>
class Near {
 public:
  [[nodiscard]] const Found* find(std::uint64_t key) const {
    const Place& place = places_[index_of(key)];
    return place.used && place.key == key ? &place.found : nullptr;
  }
  const Found& put(std::uint64_t key, const Found& found) {
    Place& place = places_[index_of(key)];
    place = {key, true, found};
    return place.found;
  }
  void expect(std::uint64_t key) const { __builtin_prefetch(&places_[index_of(key)]); }
  void clear() { std::ranges::fill(places_, Place{}); }

 private:
  static constexpr std::size_t kPlaces = 32'768;  // a power of two
  struct Place {
    std::uint64_t key = 0;
    bool used = false;
    Found found{};
  };
  static std::size_t index_of(std::uint64_t key) {
    return static_cast<std::size_t>((key ^ key >> 32) * 0x9E37'79B9'7F4A'7C15 >> 40) % kPlaces;
  }
  std::vector<Place> places_ = std::vector<Place>(kPlaces);
};

// Who asked what, as a row's numbers say it.
struct Asking {
  const Asked* asked = nullptr;
  const Opened* opened = nullptr;  // null: the log does not say who
};

// So many rows ahead is fetched what a row needs, first the places that say where that is.
constexpr std::size_t kAheadFar = 16;
constexpr std::size_t kAheadNear = 8;

class Replay {
 public:
  Replay(const Engine& engine, const ReplayOptions& options, std::uint64_t bytes)
      : engine_(engine), options_(options), bytes_(bytes) {}

  Result<bool> segment(audit::query::Part& part) {
    audit::log::Dictionary dictionary;
    std::map<audit::log::Id128, Instance> instances;
    for (;;) {
      const std::string where = part.segment.where();
      const auto block = audit::query::next_block(part, out_.unreadable_end);
      if (!block) return std::unexpected(block.error());
      if (!*block) break;
      const audit::log::BlockHeader& header = (*block)->header;
      if (header.kind != audit::log::BlockKind::Rows) continue;
      audit::Batch batch;
      WRIT_TRY(unpacker_.definitions(**block, where, batch));
      dictionary.add(header.instance, batch);
      WRIT_TRY(unpacker_.rows(**block, where));
      take(instances[header.instance], dictionary.of(header.instance));
      rows();
      if (options_.progress) options_.progress(done_ + part.segment.place().offset, bytes_);
    }
    for (auto& [id, instance] : instances) {
      take(instance, dictionary.of(id));
      explain();
    }
    instance_ = nullptr;
    done_ += part.segment.place().offset;
    return true;
  }

  Replayed take() {
    for (auto& [words, change] : changes_) out_.changes.push_back(std::move(change));
    std::ranges::stable_sort(out_.changes, std::greater(), &Change::count);
    return std::move(out_);
  }

 private:
  // Numbers may have another meaning where the instance or a definition is another one.
  void take(Instance& instance, const audit::Definitions& definitions) {
    if (instance_ != &instance || epoch_ != definitions.epoch()) {
      near_asking_.clear();
      near_resources_.clear();
      near_reasons_.clear();
    }
    instance_ = &instance;
    definitions_ = &definitions;
    epoch_ = definitions.epoch();
  }

  static std::uint64_t asking_key(const Columns& columns, std::size_t row) {
    return std::uint64_t{columns.session[row]} << 32 | columns.question[row];
  }

  void look_ahead(const Columns& columns, std::size_t row) {
    if (const std::size_t far = row + kAheadFar; far < columns.size()) {
      near_asking_.expect(asking_key(columns, far));
      near_resources_.expect(columns.resource[far]);
    }
    const std::size_t near = row + kAheadNear;
    if (near >= columns.size()) return;
    const Asking* asking = near_asking_.find(asking_key(columns, near));
    if (asking != nullptr) __builtin_prefetch(asking->opened->session.get());
    const Resource* const* resource = near_resources_.find(columns.resource[near]);
    if (resource != nullptr) __builtin_prefetch(*resource);
  }

  void rows() {
    const Columns& columns = unpacker_.columns;
    out_.rows += columns.size();
    for (std::size_t row = 0; row < columns.size(); ++row) {
      look_ahead(columns, row);
      switch (columns.kind(row)) {
        case EntryKind::Decision:
        case EntryKind::Mask:
        case EntryKind::ByKind:
          decide(row);
          break;
        case EntryKind::Unavailable:
          out_.not_decided += columns.count[row];
          break;
        case EntryKind::Infrastructure:
        case EntryKind::Authentication:
        case EntryKind::Lifecycle:
        case EntryKind::Gap:
        case EntryKind::Withdrawn:
          break;
      }
    }
  }

  void decide(std::size_t row) {
    const Columns& columns = unpacker_.columns;
    if (!is_policys(columns.reason[row])) {
      out_.not_decided += columns.count[row];
      return;
    }
    const Asking asking = asking_of(columns, row);
    const std::vector<NamedValue>* attributes = attributes_of(columns.attributes.of(row));
    if (asking.asked->def == nullptr || asking.opened == nullptr) {
      out_.not_decided += columns.count[row];
      return;
    }
    const Asked& asked = *asking.asked;
    if (attributes == nullptr) {
      ++out_.attributes_cut;
      return;
    }
    const bool by_handle = columns.resource[row] != 0;
    const audit::NameSeen name = audit::name_seen(columns.name.of(row));
    if (!by_handle && !name.digest.empty()) {
      ++out_.names_cut;
      return;
    }
    const bool mask = columns.kind(row) == EntryKind::Mask;
    for (std::size_t bit = 0; bit < asked.bits.size(); ++bit) {
      if (mask && (columns.asked[row] >> bit & 1U) == 0) continue;
      const Verdict before =
          !mask ? columns.verdict(row)
                : (columns.allowed[row] >> bit & 1U) != 0 ? Verdict::Allow : Verdict::Deny;
      const Decision after = ask(row, asked, bit, *asking.opened, *attributes, name.front);
      const std::uint64_t count = mask ? 1 : columns.count[row];
      out_.decisions += count;
      if (after.verdict != before) changed(row, bit, before, after, count);
    }
  }

  Decision ask(std::size_t row, const Asked& asked, std::size_t bit, const Opened& opened,
               const std::vector<NamedValue>& attributes, std::string_view name) {
    const Columns& columns = unpacker_.columns;
    if (columns.kind(row) == EntryKind::ByKind) {
      return engine_.any_resource(*opened.session, asked.def->kind, asked.def->operations[bit]);
    }
    if (columns.resource[row] != 0 && asked.bits[bit]) {
      const Resource* resource = resource_of(columns.resource[row]);
      if (resource != nullptr) {
        Ask question;
        question.resource = resource;
        question.operation = *asked.bits[bit];
        question.attributes = &attributes;
        question.time_us = columns.time_us[row];
        return engine_.authorize(*opened.session, question);
      }
    }
    request_.kind = asked.def->kind;
    request_.operation = asked.def->operations[bit];
    const audit::ResourceDef* resource = definitions_->resource(columns.resource[row]);
    request_.name = resource != nullptr ? std::string_view(resource->name) : name;
    if (copied_ != &attributes) {
      request_.attributes = attributes;
      copied_ = &attributes;
    }
    request_.time_us = columns.time_us[row];
    return engine_.authorize(*opened.session, request_);
  }

  // Not of a decision that could not be recorded, or that an error made.
  bool is_policys(std::uint32_t id) {
    if (const bool* known = near_reasons_.find(id)) return *known;
    const audit::ReasonDef* reason = definitions_->reason(id);
    if (reason == nullptr) return true;
    return near_reasons_.put(id, reason->reason != ReasonClass::AuditUnavailable &&
                                     reason->reason != ReasonClass::Internal);
  }

  Asking asking_of(const Columns& columns, std::size_t row) {
    const std::uint64_t key = asking_key(columns, row);
    if (const Asking* known = near_asking_.find(key)) return *known;
    const Asked& asked = question(columns.question[row]);
    const Asking asking{&asked, session(columns.session[row], columns.question[row], asked)};
    // What is not defined yet may be in a later block.
    return asking.opened == nullptr ? asking : near_asking_.put(key, asking);
  }

  const Asked& question(std::uint32_t id) {
    const auto [found, fresh] = instance_->questions.try_emplace(id);
    Asked& asked = found->second;
    if (!fresh) return asked;
    asked.def = definitions_->question(id);
    if (asked.def == nullptr) return asked;
    for (const std::string& operation : asked.def->operations) {
      asked.bits.push_back(engine_.operation(asked.def->kind, operation));
    }
    return asked;
  }

  const Resource* resource_of(std::uint32_t id) {
    if (const Resource* const* known = near_resources_.find(id)) return *known;
    const auto [found, fresh] = instance_->resources.try_emplace(id);
    if (fresh) {
      const audit::ResourceDef* def = definitions_->resource(id);
      if (def != nullptr) found->second = engine_.resource(def->kind, def->name);
    }
    const Resource* made = found->second.get();
    return made == nullptr ? nullptr : near_resources_.put(id, made);
  }

  Opened* session(std::uint32_t id, std::uint32_t question_id, const Asked& asked) {
    const std::uint64_t key = std::uint64_t{id} << 32 | question_id;
    const auto [found, fresh] = instance_->session_of.try_emplace(key, nullptr);
    if (!fresh) return found->second;
    const audit::SessionDef* def = definitions_->session(id);
    if (def == nullptr || asked.def == nullptr) return nullptr;
    const auto scope =
        instance_->scopes.try_emplace(asked.def->scope, instance_->scopes.size()).first->second;
    Opened& opened = instance_->sessions[{id, scope}];
    if (!opened.session) {
      opened.facts = def->facts;
      // A request may have named another scope than its session: the one that was found counts.
      const std::string& path = asked.def->scope;
      const bool same = opened.facts.scope == asked.def->scope_id ||
                        (!opened.facts.scope.empty() && path.ends_with(opened.facts.scope));
      if (!path.empty() && !same) opened.facts.scope = path;
      opened.session = engine_.open(opened.facts);
    }
    return found->second = &opened;
  }

  // Null: the log does not hold them whole.
  const std::vector<NamedValue>* attributes_of(std::string_view bytes) {
    if (bytes.empty()) return &none_;
    if (bytes == last_bytes_) return last_attributes_;
    if (attributes_.size() > kAttributesKept) {
      attributes_.clear();
      copied_ = nullptr;
    }
    const auto [found, fresh] = attributes_.try_emplace(std::string(bytes));
    if (fresh) found->second = audit::decode_attributes(bytes);
    last_bytes_ = found->first;
    last_attributes_ = found->second ? &*found->second : nullptr;
    return last_attributes_;
  }

  void changed(std::size_t row, std::size_t bit, Verdict before, const Decision& after,
               std::uint64_t count) {
    const Columns& columns = unpacker_.columns;
    out_.changed += count;
    Tally& tally = instance_->tallies[{columns.session[row], columns.question[row],
                                       static_cast<std::uint32_t>(bit), columns.reason[row],
                                       after.grant, after.reason, before == Verdict::Allow}];
    if (tally.count == 0) {
      const audit::ResourceDef* resource = definitions_->resource(columns.resource[row]);
      tally.example = resource != nullptr
                          ? resource->name
                          : std::string(audit::name_seen(columns.name.of(row)).front);
      tally.first_us = columns.time_us[row];
      tally.after = after;
    }
    tally.count += count;
    tally.first_us = std::min(tally.first_us, columns.time_us[row]);
    tally.last_us = std::max(tally.last_us, columns.time_us[row]);
  }

  // Numbers become words while their definitions are there; sessions of one principal become one.
  void explain() {
    for (const auto& [key, tally] : instance_->tallies) {
      const Asked& asked = question(key.question);
      const Opened* opened = session(key.session, key.question, asked);
      Change change;
      change.principal = opened->facts.principal_type + ":" + opened->facts.principal_name;
      change.kind = asked.def->kind;
      change.operation = asked.def->operations[key.operation];
      change.scope = asked.def->scope;
      change.before = key.allowed ? Verdict::Allow : Verdict::Deny;
      change.after = tally.after.verdict;
      const audit::ReasonDef* reason = definitions_->reason(key.reason);
      if (reason != nullptr) {
        change.was = {std::string(name_of(reason->reason)), reason->why.statement,
                      reason->why.file, reason->why.line};
      } else {
        // A row of several operations says which were allowed, not by which line each.
        change.was.reason = "mask";
      }
      RequestFacts request;
      request.kind = change.kind;
      request.operation = change.operation;
      request.name = tally.example;
      const Because because = engine_.explain(*opened->session, request, tally.after);
      change.would_be = {std::string(name_of(tally.after.reason)), because.statement,
                         because.file, because.line};
      add(std::move(change), tally);
    }
  }

  void add(Change change, const Tally& tally) {
    std::string words;
    const std::string lines[] = {std::to_string(change.was.line),
                                 std::to_string(change.would_be.line),
                                 std::to_string(static_cast<int>(change.before))};
    const std::initializer_list<const std::string*> parts = {
        &change.principal,          &change.kind,          &change.operation,
        &change.scope,              &change.was.reason,    &change.was.statement,
        &change.was.file,           &change.would_be.reason, &change.would_be.statement,
        &change.would_be.file,      &lines[0],             &lines[1],
        &lines[2]};
    for (const std::string* word : parts) {
      words += *word;
      words += '\0';
    }
    Change& one = changes_.try_emplace(std::move(words), std::move(change)).first->second;
    if (one.count == 0) {
      one.example = tally.example;
      one.first_us = tally.first_us;
      one.last_us = tally.last_us;
    }
    one.count += tally.count;
    one.first_us = std::min(one.first_us, tally.first_us);
    one.last_us = std::max(one.last_us, tally.last_us);
  }

  const Engine& engine_;
  const ReplayOptions& options_;
  std::uint64_t bytes_;
  std::uint64_t done_ = 0;
  Replayed out_;
  audit::query::Unpacker unpacker_;
  const audit::Definitions* definitions_ = nullptr;
  Instance* instance_ = nullptr;
  std::uint64_t epoch_ = 0;  // of definitions_
  Near<Asking> near_asking_;
  Near<const Resource*> near_resources_;
  Near<bool> near_reasons_;
  RequestFacts request_;
  std::vector<NamedValue> none_;
  std::unordered_map<std::string, std::optional<std::vector<NamedValue>>> attributes_;
  std::string_view last_bytes_;
  const std::vector<NamedValue>* last_attributes_ = nullptr;
  const std::vector<NamedValue>* copied_ = nullptr;  // in request_
  std::map<std::string, Change> changes_;
};

}  // namespace

Result<Replayed> replay(const std::string& folder, const Engine& engine,
                        const ReplayOptions& options) {
  Replay all(engine, options, audit::query::log_bytes(folder));
  WRIT_TRY(audit::query::each_segment(
      folder, [&](audit::query::Part& part) { return all.segment(part); }));
  return all.take();
}

}  // namespace writ::analyze
