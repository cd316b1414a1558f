#include "runtime/audit/log/columns.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <type_traits>
#include <unordered_map>

#include "runtime/audit/log/varint.h"
#include "runtime/base/check.h"

namespace writ::audit::log {
namespace {

constexpr std::size_t kNumberBytesMax = 10;

// Where each ring is while rows go by: the next sequence, and the total so far.
struct Running {
  std::uint64_t next = 0;
  std::uint64_t decisions = 0;
  std::uint32_t entries = 0;
};

// Rings of a block are few and rows of one ring stand together: the last one found is kept.
class Rings {
 public:
  // What the rows of a ring count must be known before: the total before the first row.
  template <class Count>
  Rings(const BlockHeader& header, std::size_t rows, Count count) {
    for (const RingSpan& ring : header.rings) {
      of_[ring.ring] = {ring.first, ring.decisions, 0};
    }
    for (std::size_t row = 0; row < rows; ++row) {
      const auto [ring, counted] = count(row);
      Running* running = find(ring);
      if (running != nullptr) running->decisions -= counted;
    }
  }
  [[nodiscard]] Running* find(std::uint16_t ring) {
    if (last_ != nullptr && last_ring_ == ring) return last_;
    const auto found = of_.find(ring);
    if (found == of_.end()) return nullptr;
    last_ring_ = ring;
    return last_ = &found->second;
  }

 private:
  std::unordered_map<std::uint16_t, Running> of_;
  Running* last_ = nullptr;
  std::uint16_t last_ring_ = 0;
};

std::uint64_t difference(std::uint64_t value, std::uint64_t expected) {
  return zigzag(static_cast<std::int64_t>(value - expected));
}
std::uint64_t restored(std::uint64_t difference, std::uint64_t expected) {
  return expected + static_cast<std::uint64_t>(unzigzag(difference));
}

std::size_t bytes_of(std::uint64_t value) {
  return (static_cast<std::size_t>(std::bit_width(value)) + 7) / 8;
}

}  // namespace

std::uint8_t form_of(const Entry& entry) {
  return static_cast<std::uint8_t>(static_cast<unsigned>(entry.kind) |
                                   static_cast<unsigned>(entry.purpose) << 4U |
                                   static_cast<unsigned>(entry.verdict) << 6U);
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
}

void summarize(std::span<const Entry> rows, BlockHeader& header) {
  header.entries = static_cast<std::uint32_t>(rows.size());
  header.rings.clear();
  header.decisions = 0;
  header.first_us = rows.empty() ? 0 : std::numeric_limits<std::int64_t>::max();
  header.last_us = rows.empty() ? 0 : std::numeric_limits<std::int64_t>::min();
  std::unordered_map<std::uint16_t, std::size_t> at;
  RingSpan* last = nullptr;
  for (const Entry& row : rows) {
    if (last == nullptr || last->ring != row.ring) {
      const auto [found, fresh] = at.try_emplace(row.ring, header.rings.size());
      if (fresh) header.rings.push_back({row.ring, 0, row.sequence + 1 - row.records(), 0, 0});
      last = &header.rings[found->second];
    }
    ++last->entries;
    last->last = row.sequence;
    last->decisions = row.decisions;
    header.decisions += row.count;
    header.first_us = std::min(header.first_us, row.time_us);
    header.last_us = std::max(header.last_us, row.time_us);
  }
}

// A column: its width in bytes, the smallest value, then the values less that, byte by byte: the
// low bytes of all rows, the next bytes of all rows, and so on.
void RowEncoder::planes(std::size_t count) {
  std::uint64_t low = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t high = 0;
  for (std::size_t i = 0; i < count; ++i) {
    low = std::min(low, values_[i]);
    high = std::max(high, values_[i]);
  }
  if (count == 0) low = 0;
  const std::size_t width = bytes_of(high - std::min(low, high));
  std::string head;
  put_number(head, width);
  put_number(head, low);
  if (out_.size() < size_ + head.size() + width * count) {
    out_.resize((size_ + head.size() + width * count) * 2);
  }
  std::memcpy(out_.data() + size_, head.data(), head.size());
  size_ += head.size();
  for (std::size_t plane = 0; plane < width; ++plane) {
    std::byte* out = out_.data() + size_;
    const unsigned shift = static_cast<unsigned>(plane) * 8;
    for (std::size_t i = 0; i < count; ++i) {
      out[i] = static_cast<std::byte>((values_[i] - low) >> shift);
    }
    size_ += count;
  }
}

template <class Get>
void RowEncoder::column(std::span<const Entry> rows, Get get) {
  for (std::size_t i = 0; i < rows.size(); ++i) values_[i] = get(rows[i]);
  planes(rows.size());
}

template <class Get>
void RowEncoder::texts(std::span<const Entry> rows, Get get) {
  std::size_t total = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    values_[i] = get(rows[i]).size();
    total += get(rows[i]).size();
  }
  planes(rows.size());
  if (total == 0) return;
  if (out_.size() < size_ + total) out_.resize((size_ + total) * 2);
  for (const Entry& row : rows) {
    const std::string& text = get(row);
    std::memcpy(out_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }
}

std::span<const std::byte> RowEncoder::encode(std::span<const Entry> rows,
                                              const BlockHeader& header) {
  size_ = 0;
  if (values_.size() < rows.size()) values_.resize(rows.size());
  column(rows, [](const Entry& row) { return std::uint64_t{form_of(row)}; });
  column(rows, [](const Entry& row) { return std::uint64_t{row.ring}; });
  column(rows, [](const Entry& row) { return row.count; });
  Rings rings(header, rows.size(), [&](std::size_t row) {
    return std::pair(rows[row].ring, rows[row].count);
  });
  column(rows, [&](const Entry& row) {
    Running* ring = rings.find(row.ring);
    WRIT_CHECK(ring != nullptr);
    const std::uint64_t value = difference(row.sequence, ring->next);
    ring->next = row.sequence + 1;
    return value;
  });
  column(rows, [&](const Entry& row) {
    Running* ring = rings.find(row.ring);
    const std::uint64_t value = difference(row.decisions, ring->decisions + row.count);
    ring->decisions = row.decisions;
    return value;
  });
  auto before = static_cast<std::uint64_t>(header.first_us);
  column(rows, [&](const Entry& row) {
    const auto time = static_cast<std::uint64_t>(row.time_us);
    const std::uint64_t value = difference(time, before);
    before = time;
    return value;
  });
  column(rows, [](const Entry& row) { return std::uint64_t{row.uncertainty_us}; });
  column(rows, [](const Entry& row) { return std::uint64_t{row.session}; });
  column(rows, [](const Entry& row) { return std::uint64_t{row.resource}; });
  column(rows, [](const Entry& row) { return std::uint64_t{row.question}; });
  column(rows, [](const Entry& row) { return std::uint64_t{row.reason}; });
  column(rows, [](const Entry& row) { return std::uint64_t{row.asked}; });
  column(rows, [](const Entry& row) { return std::uint64_t{row.allowed}; });
  texts(rows, [](const Entry& row) -> const std::string& { return row.name; });
  texts(rows, [](const Entry& row) -> const std::string& { return row.attributes; });
  texts(rows, [](const Entry& row) -> const std::string& { return row.text; });
  return std::span(out_).first(size_);
}

namespace {

template <class T>
void take_column(ByteReader& in, std::size_t count, std::vector<T>& out) {
  using Bits = std::make_unsigned_t<T>;
  constexpr std::uint64_t kMax = std::numeric_limits<Bits>::max();
  out.assign(count, T{});
  const std::uint64_t width = take_number(in, sizeof(T));
  const std::uint64_t low = take_number(in, kMax);
  const std::byte* at = in.column<std::uint8_t>(static_cast<std::size_t>(width) * count);
  if (at == nullptr || in.failed()) return in.fail();
  for (std::size_t plane = 0; plane < width; ++plane) {
    const unsigned shift = static_cast<unsigned>(plane) * 8;
    for (std::size_t i = 0; i < count; ++i) {
      out[i] = static_cast<T>(static_cast<std::uint64_t>(static_cast<Bits>(out[i])) |
                              std::to_integer<std::uint64_t>(at[i]) << shift);
    }
    at += count;
  }
  Bits highest = 0;
  for (T& value : out) {
    highest = std::max(highest, static_cast<Bits>(value));
    value = static_cast<T>(static_cast<Bits>(value) + static_cast<Bits>(low));
  }
  if (highest > kMax - low) in.fail();
}

void take_texts(ByteReader& in, std::size_t count, TextColumn& out) {
  out.bytes.clear();
  take_column(in, count, out.ends);
  std::uint64_t total = 0;
  for (std::uint32_t& end : out.ends) {
    total += end;
    if (total > in.left()) return in.fail();
    end = static_cast<std::uint32_t>(total);
  }
  if (total == 0) {
    out.ends.clear();
    return;
  }
  const std::string_view text = in.text(static_cast<std::size_t>(total));
  out.bytes.assign(text.begin(), text.end());
}

bool known_form(std::uint8_t form) {
  return (form & 0x0FU) <= static_cast<std::uint8_t>(EntryKind::Withdrawn) &&
         (form >> 4U & 0x03U) <= static_cast<std::uint8_t>(Purpose::Filter) &&
         form >> 6U <= static_cast<std::uint8_t>(Verdict::Allow);
}

// From differences to values, and whether they are what the header says.
bool restore(const BlockHeader& header, Columns& columns) {
  const std::size_t count = columns.size();
  Rings rings(header, count, [&](std::size_t row) {
    return std::pair(columns.ring[row], columns.count[row]);
  });
  auto time = static_cast<std::uint64_t>(header.first_us);
  std::uint64_t decisions = 0;
  for (std::size_t row = 0; row < count; ++row) {
    Running* ring = rings.find(columns.ring[row]);
    if (ring == nullptr) return false;
    columns.sequence[row] = restored(columns.sequence[row], ring->next);
    ring->next = columns.sequence[row] + 1;
    const std::uint64_t total = ring->decisions + columns.count[row];
    columns.decisions[row] = restored(columns.decisions[row], total);
    ring->decisions = columns.decisions[row];
    time = restored(static_cast<std::uint64_t>(columns.time_us[row]), time);
    columns.time_us[row] = static_cast<std::int64_t>(time);
    if (columns.time_us[row] < header.first_us || columns.time_us[row] > header.last_us) {
      return false;
    }
    decisions += columns.count[row];
    ++ring->entries;
  }
  if (decisions != header.decisions) return false;
  return std::ranges::all_of(header.rings, [&](const RingSpan& span) {
    const Running* ring = rings.find(span.ring);
    return ring->next == span.last + 1 && ring->decisions == span.decisions &&
           ring->entries == span.entries;
  });
}

}  // namespace

Status decode_rows(std::span<const std::byte> bytes, const BlockHeader& header,
                   Columns& columns) {
  ByteReader in(bytes);
  const std::size_t count = header.entries;
  take_column(in, count, columns.form);
  take_column(in, count, columns.ring);
  take_column(in, count, columns.count);
  take_column(in, count, columns.sequence);
  take_column(in, count, columns.decisions);
  take_column(in, count, columns.time_us);
  take_column(in, count, columns.uncertainty_us);
  take_column(in, count, columns.session);
  take_column(in, count, columns.resource);
  take_column(in, count, columns.question);
  take_column(in, count, columns.reason);
  take_column(in, count, columns.asked);
  take_column(in, count, columns.allowed);
  take_texts(in, count, columns.name);
  take_texts(in, count, columns.attributes);
  take_texts(in, count, columns.text);
  if (in.failed() || in.left() != 0 || !std::ranges::all_of(columns.form, known_form) ||
      !restore(header, columns)) {
    return fail(ErrorCode::Malformed, "a block's rows are not what its header says");
  }
  return {};
}

}  // namespace writ::audit::log
