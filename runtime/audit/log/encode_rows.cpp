// Columns → bytes.
#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "runtime/audit/log/columns.h"
#include "runtime/audit/log/running_rings.h"
#include "runtime/audit/log/varint.h"
#include "runtime/base/check.h"

namespace writ::audit::log {
namespace {

std::uint64_t difference(std::uint64_t value, std::uint64_t expected) {
  return zigzag(static_cast<std::int64_t>(value - expected));
}

std::size_t bytes_of(std::uint64_t value) {
  return (static_cast<std::size_t>(std::bit_width(value)) + 7) / 8;
}

template <class Number>
std::span<const Number> part(const std::vector<Number>& column, RowRange rows) {
  return std::span(column).subspan(rows.begin, rows.size());
}

}  // namespace

std::byte* RowEncoder::room(std::size_t bytes) {
  if (out_.size() < size_ + bytes) out_.resize((size_ + bytes) * 2);
  return out_.data() + size_;
}

void RowEncoder::head(std::uint64_t width, std::uint64_t low) {
  std::string head;
  put_number(head, width);
  put_number(head, low);
  std::memcpy(room(head.size()), head.data(), head.size());
  size_ += head.size();
}

// A column: its width in bytes, the smallest value, then the values less that, byte by byte: the
// low bytes of all rows, the next bytes of all rows, and so on.
template <class Number>
void RowEncoder::planes(std::span<const Number> values) {
  Number low = values.empty() ? Number{0} : std::numeric_limits<Number>::max();
  Number high = 0;
  for (const Number value : values) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const std::size_t count = values.size();
  const std::size_t width = bytes_of(static_cast<std::uint64_t>(high) - low);
  head(width, low);
  std::byte* out = room(width * count);
  const Number* const from = values.data();
  for (std::size_t plane = 0; plane < width; ++plane, out += count) {
    const unsigned shift = static_cast<unsigned>(plane) * 8;
    for (std::size_t i = 0; i < count; ++i) {
      out[i] = static_cast<std::byte>(static_cast<Number>(from[i] - low) >> shift);
    }
  }
  size_ += width * count;
}

void RowEncoder::lengths_and_bytes(const TextColumn& texts, RowRange rows) {
  const std::size_t count = rows.size();
  // Rows behind the last that has a text: nothing.
  if (texts.ends.size() <= rows.begin) {
    head(0, 0);
    return;
  }
  const std::uint32_t begin = rows.begin == 0 ? 0 : texts.ends[rows.begin - 1];
  std::uint32_t before = begin;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t row = rows.begin + i;
    const std::uint32_t end = row < texts.ends.size() ? texts.ends[row] : before;
    values_[i] = end - before;
    before = end;
  }
  planes(std::span<const std::uint64_t>(values_).first(count));
  const std::size_t bytes = before - begin;
  if (bytes == 0) return;
  std::memcpy(room(bytes), texts.bytes.data() + begin, bytes);
  size_ += bytes;
}

// Sequences and totals against what the law of counts lets expect, times against the row before.
void RowEncoder::differences(const Columns& columns, RowRange rows, const BlockHeader& header) {
  const auto rings = part(columns.ring, rows);
  const auto sequence = part(columns.sequence, rows);
  const auto decisions = part(columns.decisions, rows);
  const auto count = part(columns.count, rows);
  const auto time = part(columns.time_us, rows);
  const auto values = std::span(values_).first(rows.size());
  RunningRings running(header, rings, count);
  each_run(rings, [&](std::size_t begin, std::size_t end) {
    Running* ring = running.find(rings[begin]);
    WRIT_CHECK(ring != nullptr);
    std::uint64_t next = ring->next;
    for (std::size_t row = begin; row < end; ++row) {
      values[row] = difference(sequence[row], next);
      next = sequence[row] + 1;
    }
    ring->next = next;
  });
  planes<std::uint64_t>(values);
  each_run(rings, [&](std::size_t begin, std::size_t end) {
    Running* ring = running.find(rings[begin]);
    std::uint64_t so_far = ring->decisions;
    for (std::size_t row = begin; row < end; ++row) {
      values[row] = difference(decisions[row], so_far + count[row]);
      so_far = decisions[row];
    }
    ring->decisions = so_far;
  });
  planes<std::uint64_t>(values);
  auto before = static_cast<std::uint64_t>(header.first_us);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto now = static_cast<std::uint64_t>(time[row]);
    values[row] = difference(now, before);
    before = now;
  }
  planes<std::uint64_t>(values);
}

std::span<const std::byte> RowEncoder::encode(const Columns& columns, RowRange rows,
                                              const BlockHeader& header) {
  size_ = 0;
  if (values_.size() < rows.size()) values_.resize(rows.size());
  planes(part(columns.form, rows));
  planes(part(columns.ring, rows));
  planes(part(columns.count, rows));
  differences(columns, rows, header);
  planes(part(columns.uncertainty_us, rows));
  planes(part(columns.session, rows));
  planes(part(columns.resource, rows));
  planes(part(columns.question, rows));
  planes(part(columns.reason, rows));
  planes(part(columns.asked, rows));
  planes(part(columns.allowed, rows));
  lengths_and_bytes(columns.name, rows);
  lengths_and_bytes(columns.attributes, rows);
  lengths_and_bytes(columns.text, rows);
  return std::span(out_).first(size_);
}

}  // namespace writ::audit::log
