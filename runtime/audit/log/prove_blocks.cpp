// What a proof asks of each block.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "runtime/audit/event.h"
#include "runtime/audit/log/definition_codec.h"
#include "runtime/audit/log/prover.h"

namespace writ::audit::log {
namespace {

std::string ring_text(const RingName& name) {
  return fmt::format("ring {} of instance {}", name.ring, to_text(name.instance));
}

std::uint64_t member(const nlohmann::json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}
std::string text_member(const nlohmann::json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

void Prover::block(const BlockView& block, const std::string& where) {
  ++report_.blocks;
  const bool first = block.header.index == 0;
  if (first != (block.header.kind == BlockKind::Positions)) {
    wrong(Wrong::Inconsistent, "a segment's first block, and no other, says where its rings are",
          where);
  }
  switch (block.header.kind) {
    case BlockKind::Positions:
      return positions(block, where);
    case BlockKind::Seal:
      return seal(block, where);
    case BlockKind::Rows:
      return rows(block, where);
  }
}

void Prover::positions(const BlockView& block, const std::string& where) {
  Status status = press_.unpress(block.rows, block.header.rows, raw_);
  if (!status) return wrong(Wrong::Damaged, status.error().message, where);
  const auto table = decode_positions(raw_);
  if (!table) return wrong(Wrong::Damaged, table.error().message, where);
  for (const auto& [name, position] : *table) {
    const auto known = rings_.find(name);
    // The first segment that is there says where the log begins.
    if (!first_ && known == rings_.end()) {
      wrong(Wrong::Missing, ring_text(name) + " has rows before this segment that are not there",
            where);
    } else if (known != rings_.end() && known->second != position) {
      wrong(Wrong::Missing,
            fmt::format("{} is said to be at {} with {} decisions, but the rows before end at {} "
                        "with {}",
                        ring_text(name), position.sequence, position.decisions,
                        known->second.sequence, known->second.decisions),
            where);
    }
    rings_[name] = position;
  }
}

void Prover::seal(const BlockView& block, const std::string& where) {
  Status status = press_.unpress(block.rows, block.header.rows, raw_);
  if (!status) return wrong(Wrong::Damaged, status.error().message, where);
  const auto read = decode_seal(raw_);
  if (!read) return wrong(Wrong::Seal, read.error().message, where);
  const Seal& seal = read->seal;
  ++report_.seals;
  if (seal.log_id != log_id_) {
    return wrong(Wrong::Seal, "a seal of another log: " + to_text(seal.log_id), where);
  }
  if (seal.segment != header_.number || seal.block != block.header.index ||
      seal.chain != block.header.previous_hash) {
    return wrong(Wrong::Seal,
                 fmt::format("a seal of another place: of segment {}, block {}", seal.segment,
                             seal.block),
                 where);
  }
  const std::string_view key_id(seal.key_id.data(), seal.key_id.size());
  if (report_.signatures_checked) {
    const auto key = std::ranges::find_if(keys_, [&](const auto& k) { return k.id() == key_id; });
    if (key == keys_.end()) {
      return wrong(Wrong::Seal,
                   fmt::format("a seal of key `{}`, which is not among the trusted ones", key_id),
                   where);
    }
    if (!is_good(seal, *key)) {
      return wrong(Wrong::Seal, fmt::format("a seal that key `{}` did not make", key_id), where);
    }
  }
  if (segment_whole_ && !std::ranges::equal(read->rings, segment_rings_, [](auto& a, auto& b) {
        return a.first == b.first && a.second == b.second;
      })) {
    wrong(Wrong::Seal, "a seal that counts other rows than those before it", where);
  }
  if (seal.time_us < sealed_us_) {
    note(fmt::format("the clock went back: a seal of {} stands behind one of {}",
                     event_time(seal.time_us), event_time(sealed_us_)),
         where);
  }
  sealed_us_ = seal.time_us;
  report_.last_seal = seal;
  report_.rows_after_seal = 0;
  compare_head(seal, where);
}

void Prover::compare_head(const Seal& seal, const std::string& where) {
  if (!options_.head || seal.segment != options_.head->segment ||
      seal.block != options_.head->block) {
    return;
  }
  const Seal& head = *options_.head;
  if (seal.chain == head.chain && seal.rings_digest == head.rings_digest &&
      seal.time_us == head.time_us) {
    report_.head_found = true;
    return;
  }
  head_passed_ = true;
  wrong(Wrong::Head, "the log's seal here is not the one of the head: the log was written anew",
        where);
}

void Prover::rows(const BlockView& block, const std::string& where) {
  const BlockHeader& header = block.header;
  Batch batch;
  Status status = press_.unpress(block.definitions, header.definitions, raw_);
  if (status) status = decode_definitions(raw_, batch);
  if (status) status = press_.unpress(block.rows, header.rows, raw_);
  if (status) status = decode_rows(raw_, header, columns_);
  if (!status) {
    segment_whole_ = false;
    return wrong(Wrong::Damaged, status.error().message, where);
  }
  define(block, batch, where);
  for (std::size_t row = 0; row < columns_.size(); ++row) {
    if (columns_.kind(row) == EntryKind::Gap) gap_row(block, columns_.text.of(row), where);
  }
  ring_rows(block, where);
  references(block, where);
  report_.rows += header.entries;
  report_.rows_after_seal += header.entries;
  report_.decisions += header.decisions;
  report_.last_row_us = std::max(report_.last_row_us, header.last_us);
}

void Prover::define(const BlockView& block, const Batch& batch, const std::string& where) {
  Defined& defined = defined_[block.header.instance];
  if (!batch.instance.id.empty() && batch.instance.id != to_text(block.header.instance)) {
    wrong(Wrong::Inconsistent, "a block defines another instance than its own", where);
  }
  for (const SessionDef& def : batch.sessions) defined.sessions.add(def.id);
  for (const ResourceDef& def : batch.resources) defined.resources.add(def.id);
  for (const QuestionDef& def : batch.questions) defined.questions.add(def.id);
  for (const ReasonDef& def : batch.reasons) defined.reasons.add(def.id);
}

// No sequence is missing or twice, and each row's total is that of the row before and its count.
void Prover::ring_rows(const BlockView& block, const std::string& where) {
  RingName name{block.header.instance, 0};
  RingPosition* at = nullptr;
  for (std::size_t row = 0; row < columns_.size(); ++row) {
    if (at == nullptr || name.ring != columns_.ring[row]) {
      name.ring = columns_.ring[row];
      at = &rings_[name];
    }
    const std::uint64_t sequence = columns_.sequence[row];
    const std::uint64_t decisions = columns_.decisions[row];
    if (sequence <= at->sequence) {
      wrong(Wrong::Inconsistent,
            fmt::format("row {} of {} stands behind row {}", sequence, ring_text(name),
                        at->sequence),
            where);
      continue;
    }
    // Equal decisions counted together stand for as many records.
    const std::uint64_t first = sequence + 1 - std::min(sequence, columns_.records(row));
    const bool follows = first == at->sequence + 1;
    if (first <= at->sequence) {
      wrong(Wrong::Inconsistent,
            fmt::format("row {} of {} counts {} records, but row {} stands before it", sequence,
                        ring_text(name), columns_.records(row), at->sequence),
            where);
    } else if (!follows && !is_explained(name, at->sequence + 1, first - 1)) {
      wrong(Wrong::Missing,
            fmt::format("rows {} to {} of {} are missing, {} decisions", at->sequence + 1,
                        first - 1, ring_text(name),
                        decisions - columns_.count[row] - at->decisions),
            where);
    } else if (follows && decisions != at->decisions + columns_.count[row]) {
      wrong(Wrong::Law,
            fmt::format("row {} of {}: {} decisions were made, but the rows count {}", sequence,
                        ring_text(name), decisions, at->decisions + columns_.count[row]),
            where);
    }
    *at = {sequence, decisions};
  }
  for (const RingSpan& ring : block.header.rings) {
    segment_rings_[{block.header.instance, ring.ring}] = {ring.last, ring.decisions};
  }
}

void Prover::references(const BlockView& block, const std::string& where) {
  const Defined& defined = defined_[block.header.instance];
  const auto unknown = [](const IdSet& set, const std::vector<std::uint32_t>& ids) {
    return std::ranges::any_of(ids, [&](std::uint32_t id) { return id != 0 && !set.has(id); });
  };
  if (segment_whole_ && (unknown(defined.sessions, columns_.session) ||
                         unknown(defined.resources, columns_.resource) ||
                         unknown(defined.questions, columns_.question) ||
                         unknown(defined.reasons, columns_.reason))) {
    wrong(Wrong::Inconsistent, "a row refers to what its segment does not define", where);
  }
}

void Prover::gap_row(const BlockView& block, std::string_view text, const std::string& where) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) {
    return wrong(Wrong::Inconsistent, "a gap row says nothing that can be read", where);
  }
  const std::uint64_t last_segment = member(json, "lastSegment");
  if (text_member(json, "cause") == "retention" && block.header.instance == log_id_) {
    removed_ = std::max(removed_, last_segment);
    removed_hash_ = text_member(json, "hash");
    return note(fmt::format("segments up to {} were removed by retention", last_segment), where);
  }
  const auto instance = id_of(text_member(json, "instance"));
  if (instance && json.contains("first")) {
    explained_.push_back({{*instance, static_cast<std::uint16_t>(member(json, "ring"))},
                          member(json, "first"), member(json, "last")});
  }
  note("a gap, as the log says itself: " + std::string(text), where);
}

bool Prover::is_explained(const RingName& ring, std::uint64_t first, std::uint64_t last) const {
  return std::ranges::any_of(explained_, [&](const Explained& gap) {
    return gap.ring == ring && gap.first <= first && gap.last >= last;
  });
}

}  // namespace writ::audit::log
