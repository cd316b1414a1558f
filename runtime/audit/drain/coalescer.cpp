#include "runtime/audit/drain/coalescer.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <string_view>
#include <utility>

namespace writ::audit::drain {
namespace {

constexpr std::size_t kStretchMax = 2'048;
constexpr std::uint64_t kSpread = 0x9E37'79B9'7F4A'7C15ULL;

bool is_same(const Entry& a, const Entry& b) {
  return a.session == b.session && a.resource == b.resource && a.question == b.question &&
         a.reason == b.reason && a.purpose == b.purpose && a.name == b.name &&
         a.attributes == b.attributes;
}

std::uint64_t hash_of(const Entry& row) {
  std::uint64_t hash = (std::uint64_t{row.session} << 32 | row.resource) * kSpread;
  hash = (hash ^ hash >> 29 ^ (std::uint64_t{row.question} << 32 | row.reason)) * kSpread;
  if (!row.name.empty()) hash ^= std::hash<std::string_view>{}(row.name);
  if (!row.attributes.empty()) hash ^= std::hash<std::string_view>{}(row.attributes) * kSpread;
  return hash ^ hash >> 32;
}

}  // namespace

std::uint32_t* Coalescer::find(const std::vector<Entry>& rows, const Entry& row) {
  const std::size_t mask = table_.size() - 1;
  std::size_t at = hash_of(row) & mask;
  while (table_[at] > stretch_ && !is_same(rows[table_[at] - 1], row)) at = (at + 1) & mask;
  return &table_[at];
}

void Coalescer::merge(std::vector<Entry>& rows, std::size_t begin,
                      std::span<const Candidate> candidates) {
  if (candidates.size() < 2) return;
  table_.assign(std::bit_ceil(candidates.size() * 2), 0);
  into_.assign(rows.size() - begin, 0);
  last_us_.assign(rows.size() - begin, 0);
  bool merged = false;
  std::size_t next = stretch_ = candidates.front().row;
  for (const Candidate& candidate : candidates) {
    // Nothing moves across a row that stays: it would not keep its record's number.
    // And a stretch ends in time: one block takes it whole.
    if (candidate.row != next || candidate.row - stretch_ >= kStretchMax) {
      stretch_ = candidate.row;
    }
    next = candidate.row + 1;
    Entry& row = rows[candidate.row];
    std::uint32_t* known = find(rows, row);
    if (*known > stretch_) {
      Entry& group = rows[*known - 1];
      // Times are what a ring says: their difference may be anything.
      const auto apart = static_cast<std::int64_t>(static_cast<std::uint64_t>(row.time_us) -
                                                   static_cast<std::uint64_t>(group.time_us));
      if (apart <= candidate.window_us) {
        // The group moves to where its last record stands: rows of a ring ascend.
        row.count += group.count;
        last_us_[candidate.row - begin] = row.time_us;
        row.time_us = group.time_us;
        row.uncertainty_us = std::max(row.uncertainty_us, group.uncertainty_us);
        into_[*known - 1 - begin] = 1;
        merged = true;
      }
    }
    *known = static_cast<std::uint32_t>(candidate.row + 1);
  }
  if (!merged) return;
  // What is kept moves together. Numbers of records go on as if the rows were alone: each stands
  // for so many as it counts. Behind a stretch of candidates they are those of the ring again.
  std::uint64_t sequence = rows[begin].sequence - 1;
  std::uint64_t decisions = rows[begin].decisions - rows[begin].count;
  std::size_t out = begin;
  for (std::size_t at = begin; at < rows.size(); ++at) {
    if (into_[at - begin] != 0) continue;
    if (at != out) std::swap(rows[out], rows[at]);
    Entry& row = rows[out++];
    if (last_us_[at - begin] != 0) row.text = std::to_string(last_us_[at - begin]);
    sequence += row.records();
    decisions += row.count;
    // Where both numbers agree the rows so far stand for the records so far: a block may end here.
    row.joined = sequence != row.sequence;
    row.sequence = sequence;
    row.decisions = decisions;
  }
  rows.resize(out);
}

}  // namespace writ::audit::drain
