// What is in a log, counted.
#include <algorithm>
#include <bit>
#include <functional>
#include <limits>
#include <unordered_map>

#include "runtime/audit/query/query.h"
#include "runtime/audit/query/walk.h"

namespace writ::audit::query {
namespace {

using ByNumber = std::unordered_map<std::uint32_t, std::uint64_t>;

// Counted by number within a segment; named at its end.
struct Numbers {
  ByNumber sessions, resources, reasons, questions;
};

class Counter {
 public:
  explicit Counter(const Options& options) : options_(options) {
    stats.first_us = std::numeric_limits<std::int64_t>::max();
    stats.last_us = std::numeric_limits<std::int64_t>::min();
  }

  Result<bool> segment(Part& part) {
    log::Dictionary dictionary;
    std::map<log::Id128, Numbers> numbers;
    ++stats.segments;
    for (;;) {
      const std::string where = part.segment.where();
      const auto block = next_block(part, stats.unreadable_end);
      if (!block) return std::unexpected(block.error());
      if (!*block) break;
      ++stats.blocks;
      const log::BlockHeader& header = (*block)->header;
      if (header.kind != log::BlockKind::Rows) continue;
      Batch batch;
      WRIT_TRY(unpacker_.definitions(**block, where, batch));
      dictionary.add(header.instance, batch);
      WRIT_TRY(unpacker_.rows(**block, where));
      rows(numbers[header.instance]);
      stats.first_us = std::min(stats.first_us, header.first_us);
      stats.last_us = std::max(stats.last_us, header.last_us);
      if (options_.progress) options_.progress(stats.bytes + part.segment.place().offset, bytes);
    }
    stats.bytes += part.segment.place().offset;
    for (const auto& [instance, counted] : numbers) name(counted, dictionary.of(instance));
    return true;
  }

  Stats stats;
  std::uint64_t bytes = 0;

 private:
  void rows(Numbers& numbers) {
    const log::Columns& columns = unpacker_.columns;
    stats.rows += columns.size();
    for (std::size_t row = 0; row < columns.size(); ++row) {
      const std::uint64_t count = columns.count[row];
      stats.decisions += count;
      switch (columns.kind(row)) {
        case EntryKind::Decision:
        case EntryKind::ByKind:
          (columns.verdict(row) == Verdict::Allow ? stats.allowed : stats.denied) += count;
          break;
        case EntryKind::Mask: {
          const std::uint32_t asked = columns.asked[row];
          const std::uint32_t allowed = columns.allowed[row];
          stats.allowed += static_cast<std::uint64_t>(std::popcount(asked & allowed));
          stats.denied += static_cast<std::uint64_t>(std::popcount(asked & ~allowed));
          break;
        }
        case EntryKind::Unavailable:
          stats.unavailable += count;
          stats.denied += count;
          continue;
        case EntryKind::Infrastructure:
          stats.infrastructure += count;
          continue;
        case EntryKind::Authentication:
        case EntryKind::Lifecycle:
        case EntryKind::Gap:
        case EntryKind::Withdrawn:
          continue;
      }
      numbers.sessions[columns.session[row]] += count;
      numbers.reasons[columns.reason[row]] += count;
      numbers.questions[columns.question[row]] += count;
      if (columns.resource[row] != 0) numbers.resources[columns.resource[row]] += count;
    }
  }

  void name(const Numbers& numbers, const Definitions& definitions) {
    for (const auto& [id, count] : numbers.sessions) {
      const SessionDef* def = definitions.session(id);
      stats.principals[def == nullptr
                           ? "(nobody)"
                           : def->facts.principal_type + ":" + def->facts.principal_name] += count;
    }
    for (const auto& [id, count] : numbers.resources) {
      const ResourceDef* def = definitions.resource(id);
      if (def != nullptr) stats.resources[def->kind + " " + def->name] += count;
    }
    for (const auto& [id, count] : numbers.reasons) {
      const ReasonDef* def = definitions.reason(id);
      stats.reasons[def == nullptr ? "(none)" : std::string(name_of(def->reason))] += count;
    }
    for (const auto& [id, count] : numbers.questions) {
      const QuestionDef* def = definitions.question(id);
      if (def == nullptr) continue;
      const bool one = def->operations.size() == 1;
      stats.operations[def->kind + " " + (one ? def->operations[0] : "(several)")] += count;
      stats.bundles[def->package + " version " + std::to_string(def->version)] += count;
    }
  }

  const Options& options_;
  Unpacker unpacker_;
};

}  // namespace

Result<Stats> count(const std::string& folder, const Options& options) {
  Counter counter(options);
  counter.bytes = log_bytes(folder);
  WRIT_TRY(each_segment(folder, [&](Part& part) { return counter.segment(part); }));
  if (counter.stats.rows == 0) counter.stats.first_us = counter.stats.last_us = 0;
  return std::move(counter.stats);
}

std::vector<std::pair<std::string, std::uint64_t>> most(
    const std::map<std::string, std::uint64_t>& counts, std::size_t rows) {
  std::vector<std::pair<std::string, std::uint64_t>> sorted(counts.begin(), counts.end());
  std::ranges::stable_sort(sorted, std::greater(), [](const auto& row) { return row.second; });
  sorted.resize(std::min(rows, sorted.size()));
  return sorted;
}

}  // namespace writ::audit::query
