#include "runtime/audit/log/columns.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "runtime/audit/log/running_rings.h"
#include "runtime/base/check.h"

namespace writ::audit::log {

void TextColumn::put(std::size_t row, std::string_view text) {
  if (text.empty()) return;
  WRIT_CHECK(row >= ends.size() && bytes.size() + text.size() <= kTextBytesMax);
  ends.resize(row, static_cast<std::uint32_t>(bytes.size()));
  bytes.insert(bytes.end(), text.begin(), text.end());
  ends.push_back(static_cast<std::uint32_t>(bytes.size()));
}

void TextColumn::cut(std::size_t rows) {
  if (rows < ends.size()) ends.resize(rows);
  bytes.resize(ends.empty() ? 0 : ends.back());
}

void Columns::read(std::size_t row, Entry& entry) const {
  entry.kind = kind(row);
  entry.purpose = purpose(row);
  entry.verdict = verdict(row);
  entry.ring = ring[row];
  entry.sequence = sequence[row];
  entry.decisions = decisions[row];
  entry.time_us = time_us[row];
  entry.uncertainty_us = uncertainty_us[row];
  entry.session = session[row];
  entry.resource = resource[row];
  entry.question = question[row];
  entry.reason = reason[row];
  entry.asked = asked[row];
  entry.allowed = allowed[row];
  entry.count = count[row];
  entry.name = name.of(row);
  entry.attributes = attributes.of(row);
  entry.text = text.of(row);
  entry.joined = is_joined(row);
}

void Columns::resize(std::size_t rows) {
  form.resize(rows);
  ring.resize(rows);
  sequence.resize(rows);
  decisions.resize(rows);
  time_us.resize(rows);
  uncertainty_us.resize(rows);
  session.resize(rows);
  resource.resize(rows);
  question.resize(rows);
  reason.resize(rows);
  asked.resize(rows);
  allowed.resize(rows);
  count.resize(rows);
  name.cut(rows);
  attributes.cut(rows);
  text.cut(rows);
  if (joined.size() > rows) joined.resize(rows);
}

void Columns::set(std::size_t row, const Row& value) {
  form[row] = form_of(value.kind, value.purpose, value.verdict);
  ring[row] = value.ring;
  sequence[row] = value.sequence;
  decisions[row] = value.decisions;
  time_us[row] = value.time_us;
  uncertainty_us[row] = value.uncertainty_us;
  session[row] = value.session;
  resource[row] = value.resource;
  question[row] = value.question;
  reason[row] = value.reason;
  asked[row] = value.asked;
  allowed[row] = value.allowed;
  count[row] = value.count;
  name.put(row, value.name);
  attributes.put(row, value.attributes);
  text.put(row, value.text);
}

void Columns::add(const Entry& entry) {
  const std::size_t row = size();
  resize(row + 1);
  set(row, {entry.kind, entry.purpose, entry.verdict, entry.ring, entry.sequence, entry.decisions,
            entry.time_us, entry.uncertainty_us, entry.session, entry.resource, entry.question,
            entry.reason, entry.asked, entry.allowed, entry.count, entry.name, entry.attributes,
            entry.text});
  if (!entry.joined) return;
  joined.resize(row, 0);
  joined.push_back(1);
}

void summarize(const Columns& columns, RowRange rows, BlockHeader& header) {
  header.entries = static_cast<std::uint32_t>(rows.size());
  header.rings.clear();
  header.decisions = 0;
  header.first_us = rows.size() == 0 ? 0 : std::numeric_limits<std::int64_t>::max();
  header.last_us = rows.size() == 0 ? 0 : std::numeric_limits<std::int64_t>::min();
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    header.decisions += columns.count[row];
    header.first_us = std::min(header.first_us, columns.time_us[row]);
    header.last_us = std::max(header.last_us, columns.time_us[row]);
  }
  std::unordered_map<std::uint16_t, std::size_t> at;
  const auto rings = std::span(columns.ring).subspan(rows.begin, rows.size());
  each_run(rings, [&](std::size_t begin, std::size_t end) {
    const std::size_t first = rows.begin + begin;
    const std::size_t last = rows.begin + end - 1;
    const auto [found, fresh] = at.try_emplace(rings[begin], header.rings.size());
    if (fresh) {
      header.rings.push_back(
          {rings[begin], 0, columns.sequence[first] + 1 - columns.records(first), 0, 0});
    }
    RingSpan& span = header.rings[found->second];
    span.entries += static_cast<std::uint32_t>(end - begin);
    span.last = columns.sequence[last];
    span.decisions = columns.decisions[last];
  });
}

}  // namespace writ::audit::log
