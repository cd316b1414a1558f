// Bytes → columns. The bytes are foreign: every length and every sum is checked.
#include <algorithm>
#include <limits>
#include <type_traits>

#include "runtime/audit/log/columns.h"
#include "runtime/audit/log/running_rings.h"
#include "runtime/audit/log/varint.h"

namespace writ::audit::log {
namespace {

std::uint64_t restored(std::uint64_t difference, std::uint64_t expected) {
  return expected + static_cast<std::uint64_t>(unzigzag(difference));
}

template <class T>
void take_column(ByteReader& in, std::size_t count, std::vector<T>& out) {
  using Bits = std::make_unsigned_t<T>;
  constexpr std::uint64_t kMax = std::numeric_limits<Bits>::max();
  out.resize(count);
  const std::uint64_t width = take_number(in, sizeof(T));
  const std::uint64_t low = take_number(in, kMax);
  const std::byte* at = in.column<std::uint8_t>(static_cast<std::size_t>(width) * count);
  if (at == nullptr || in.failed()) {
    std::ranges::fill(out, T{});
    return in.fail();
  }
  if (width == 0) {
    std::ranges::fill(out, static_cast<T>(static_cast<Bits>(low)));
    return;
  }
  T* const values = out.data();
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<T>(at[i]);
  for (std::size_t plane = 1; plane < width; ++plane) {
    at += count;
    const unsigned shift = static_cast<unsigned>(plane) * 8;
    for (std::size_t i = 0; i < count; ++i) {
      values[i] = static_cast<T>(static_cast<Bits>(values[i]) |
                                 static_cast<Bits>(std::to_integer<std::uint64_t>(at[i]) << shift));
    }
  }
  if (low == 0) return;
  Bits highest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    highest = std::max(highest, static_cast<Bits>(values[i]));
    values[i] = static_cast<T>(static_cast<Bits>(values[i]) + static_cast<Bits>(low));
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
  RunningRings rings(header, columns.ring, columns.count);
  std::uint64_t decisions = 0;
  bool known = true;
  each_run(columns.ring, [&](std::size_t begin, std::size_t end) {
    Running* ring = rings.find(columns.ring[begin]);
    if (ring == nullptr) {
      known = false;
      return;
    }
    std::uint64_t next = ring->next;
    std::uint64_t total = ring->decisions;
    for (std::size_t row = begin; row < end; ++row) {
      columns.sequence[row] = restored(columns.sequence[row], next);
      next = columns.sequence[row] + 1;
      columns.decisions[row] = restored(columns.decisions[row], total + columns.count[row]);
      total = columns.decisions[row];
      decisions += columns.count[row];
    }
    *ring = {next, total, ring->entries + static_cast<std::uint32_t>(end - begin)};
  });
  auto time = static_cast<std::uint64_t>(header.first_us);
  for (std::size_t row = 0; row < count; ++row) {
    time = restored(static_cast<std::uint64_t>(columns.time_us[row]), time);
    const auto now = static_cast<std::int64_t>(time);
    known = known && now >= header.first_us && now <= header.last_us;
    columns.time_us[row] = now;
  }
  if (!known) return false;
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
  columns.joined.clear();
  if (in.failed() || in.left() != 0 || !std::ranges::all_of(columns.form, known_form) ||
      !restore(header, columns)) {
    return fail(ErrorCode::Malformed, "a block's rows are not what its header says");
  }
  return {};
}

}  // namespace writ::audit::log
