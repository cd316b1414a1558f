#include "runtime/audit/query/filter.h"

#include <algorithm>
#include <string_view>

#include "runtime/audit/facts.h"

namespace writ::audit::query {
namespace {

bool is_prefix(std::string_view wanted) { return wanted.ends_with('*'); }

bool fits(std::string_view wanted, std::string_view text) {
  if (!is_prefix(wanted)) return wanted == text;
  wanted.remove_suffix(1);
  return text.starts_with(wanted);
}

bool one_fits(const std::vector<std::string>& wanted, std::string_view text) {
  return wanted.empty() ||
         std::ranges::any_of(wanted, [&](const std::string& one) { return fits(one, text); });
}

std::string as_recorded(const std::string& name) {
  std::string out;
  append_name(name, out);
  return out;
}

}  // namespace

void Resolved::define(const Batch& batch) {
  for (const SessionDef& def : batch.sessions) {
    if (one_fits(filter_.principals,
                 def.facts.principal_type + ":" + def.facts.principal_name)) {
      sessions_.add(def.id);
    }
  }
  for (const ResourceDef& def : batch.resources) {
    if (one_fits(filter_.resources, def.name)) resources_.add(def.id);
  }
  for (const QuestionDef& def : batch.questions) {
    std::uint32_t bits = 0;
    for (std::size_t bit = 0; bit < def.operations.size() && bit < 32; ++bit) {
      if (one_fits(filter_.operations, def.operations[bit])) bits |= 1U << bit;
    }
    const bool asks = bits != 0 || filter_.operations.empty();
    if (asks && one_fits(filter_.kinds, def.kind)) {
      questions_.add(def.id);
      wanted_bits_[def.id] = filter_.operations.empty() ? UINT32_MAX : bits;
    }
  }
  for (const ReasonDef& def : batch.reasons) {
    if (one_fits(filter_.reasons, name_of(def.reason))) reasons_.add(def.id);
  }
}

void Resolved::finish() {
  for (Wanted* wanted : {&sessions_, &resources_, &questions_, &reasons_}) {
    std::ranges::sort(wanted->ids);
  }
}

bool Resolved::may_match(const BlockEntry& block) const {
  if (filter_.since_us && block.last_us < *filter_.since_us) return false;
  if (filter_.until_us && block.first_us >= *filter_.until_us) return false;
  if (filter_.verdict && (block.verdicts & (*filter_.verdict == Verdict::Allow ? 2U : 1U)) == 0) {
    return false;
  }
  if (!filter_.principals.empty() && !block.sessions.has_any(sessions_.ids)) return false;
  if (!filter_.reasons.empty() && !block.reasons.has_any(reasons_.ids)) return false;
  const bool asks = !filter_.kinds.empty() || !filter_.operations.empty();
  if (asks && !block.questions.has_any(questions_.ids)) return false;
  if (filter_.resources.empty() || block.resources.has_any(resources_.ids)) return true;
  return std::ranges::any_of(filter_.resources, [&](const std::string& name) {
    return is_prefix(name) ? !block.names.empty() : block.names.may_have(as_recorded(name));
  });
}

bool Resolved::matches(const log::Columns& columns, std::size_t row) const {
  const std::int64_t time_us = columns.time_us[row];
  if (filter_.since_us && time_us < *filter_.since_us) return false;
  if (filter_.until_us && time_us >= *filter_.until_us) return false;
  if (!filter_.principals.empty() && !sessions_.set.has(columns.session[row])) return false;
  if (!filter_.reasons.empty() && !reasons_.set.has(columns.reason[row])) return false;
  if ((!filter_.kinds.empty() || !filter_.operations.empty()) &&
      !questions_.set.has(columns.question[row])) {
    return false;
  }
  return resource_matches(columns, row) && verdict_matches(columns, row);
}

bool Resolved::resource_matches(const log::Columns& columns, std::size_t row) const {
  if (filter_.resources.empty()) return true;
  if (columns.resource[row] != 0) return resources_.set.has(columns.resource[row]);
  switch (columns.kind(row)) {
    case EntryKind::Decision:
    case EntryKind::Mask: break;
    case EntryKind::ByKind:
    case EntryKind::Unavailable:
    case EntryKind::Infrastructure:
    case EntryKind::Authentication:
    case EntryKind::Lifecycle:
    case EntryKind::Gap:
    case EntryKind::Withdrawn: return false;
  }
  const std::string_view name = columns.name.of(row);
  return std::ranges::any_of(filter_.resources, [&](const std::string& one) {
    return is_prefix(one) ? fits(one, name_seen(name).front) : as_recorded(one) == name;
  });
}

// Of several operations: is one of those that are asked for answered so?
bool Resolved::verdict_matches(const log::Columns& columns, std::size_t row) const {
  const EntryKind kind = columns.kind(row);
  if (kind != EntryKind::Mask) {
    const bool decides = kind == EntryKind::Decision || kind == EntryKind::ByKind ||
                         kind == EntryKind::Unavailable;
    return !filter_.verdict || (decides && columns.verdict(row) == *filter_.verdict);
  }
  std::uint32_t bits = columns.asked[row];
  const auto wanted = wanted_bits_.find(columns.question[row]);
  if (wanted != wanted_bits_.end()) bits &= wanted->second;
  if (!filter_.verdict) return bits != 0;
  const std::uint32_t allowed = columns.allowed[row];
  return (bits & (*filter_.verdict == Verdict::Allow ? allowed : ~allowed)) != 0;
}

}  // namespace writ::audit::query
