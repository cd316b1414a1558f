// Rows of a block, column by column: how they lie on disk, so that neighbours are alike and a
// decision costs a few bytes; how a drain fills them and a query reads them without making an
// Entry of each. docs/internals/audit.md, "Rows", says the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/audit/entry.h"
#include "runtime/audit/log/format.h"

namespace writ::audit::log {

/// Texts of a column, one behind the other.
struct TextColumn {
  std::vector<std::uint32_t> ends;  // of rows from the first on; those behind are empty
  std::vector<char> bytes;
  [[nodiscard]] std::string_view of(std::size_t row) const {
    if (row >= ends.size()) return {};
    const std::uint32_t begin = row == 0 ? 0 : ends[row - 1];
    return {bytes.data() + begin, ends[row] - begin};
  }
  /// Of a row behind all that have a text. INVARIANT: all texts are at most kTextBytesMax.
  void put(std::size_t row, std::string_view text);
  void cut(std::size_t rows);
  void clear() { cut(0); }
};
inline constexpr std::size_t kTextBytesMax = 0xFFFF'FFFF;

/// An Entry whose texts are somebody else's.
struct Row {
  EntryKind kind = EntryKind::Decision;
  Purpose purpose = Purpose::Enforce;
  Verdict verdict = Verdict::Deny;
  std::uint16_t ring = 0;
  std::uint64_t sequence = 0;
  std::uint64_t decisions = 0;
  std::int64_t time_us = 0;
  std::uint32_t uncertainty_us = 0;
  std::uint32_t session = 0;
  std::uint32_t resource = 0;
  std::uint32_t question = 0;
  std::uint32_t reason = 0;
  std::uint32_t asked = 0;
  std::uint32_t allowed = 0;
  std::uint64_t count = 0;
  std::string_view name;
  std::string_view attributes;
  std::string_view text;
};

/// The fields of Entry, all of one length. Kept by whoever reads or drains, so that warm ones do
/// not allocate.
struct Columns {
  std::vector<std::uint8_t> form;  // kind, purpose and verdict: see form_of
  std::vector<std::uint16_t> ring;
  std::vector<std::uint64_t> sequence;
  std::vector<std::uint64_t> decisions;
  std::vector<std::int64_t> time_us;
  std::vector<std::uint32_t> uncertainty_us;
  std::vector<std::uint32_t> session;
  std::vector<std::uint32_t> resource;
  std::vector<std::uint32_t> question;
  std::vector<std::uint32_t> reason;
  std::vector<std::uint32_t> asked;
  std::vector<std::uint32_t> allowed;
  std::vector<std::uint64_t> count;
  TextColumn name;
  TextColumn attributes;
  TextColumn text;
  // Entry::joined, of rows on their way into the log; empty: of none.
  std::vector<std::uint8_t> joined;

  [[nodiscard]] std::size_t size() const { return form.size(); }
  [[nodiscard]] EntryKind kind(std::size_t row) const {
    return static_cast<EntryKind>(form[row] & 0x0FU);
  }
  [[nodiscard]] Purpose purpose(std::size_t row) const {
    return static_cast<Purpose>(form[row] >> 4U & 0x03U);
  }
  [[nodiscard]] Verdict verdict(std::size_t row) const {
    return static_cast<Verdict>(form[row] >> 6U);
  }
  /// Entry::records().
  [[nodiscard]] std::uint64_t records(std::size_t row) const {
    return kind(row) == EntryKind::Decision && count[row] > 1 ? count[row] : 1;
  }
  [[nodiscard]] bool is_joined(std::size_t row) const {
    return row < joined.size() && joined[row] != 0;
  }
  [[nodiscard]] bool has_text() const {
    return !name.bytes.empty() || !attributes.bytes.empty() || !text.bytes.empty();
  }
  [[nodiscard]] std::size_t text_bytes(std::size_t row) const {
    return name.of(row).size() + attributes.of(row).size() + text.of(row).size();
  }
  void read(std::size_t row, Entry& entry) const;
  /// Makes them so many rows: new ones are zeros, what is too many goes.
  void resize(std::size_t rows);
  void clear() { resize(0); }
  /// Of a row behind all that have texts.
  void set(std::size_t row, const Row& value);
  void add(const Entry& entry);
};
[[nodiscard]] constexpr std::uint8_t form_of(EntryKind kind, Purpose purpose, Verdict verdict) {
  return static_cast<std::uint8_t>(static_cast<unsigned>(kind) |
                                   static_cast<unsigned>(purpose) << 4U |
                                   static_cast<unsigned>(verdict) << 6U);
}

/// Some of the rows, side by side.
struct RowRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  [[nodiscard]] std::size_t size() const { return end - begin; }
};

/// The ring table, times and counts of a block of these rows, in `header`.
void summarize(const Columns& columns, RowRange rows, BlockHeader& header);

/// Turns rows into bytes. Kept by a writer for its room.
class RowEncoder {
 public:
  /// `header` is as summarize() left it. The bytes live until the next call.
  [[nodiscard]] std::span<const std::byte> encode(const Columns& columns, RowRange rows,
                                                  const BlockHeader& header);

 private:
  template <class Number>
  void planes(std::span<const Number> values);
  void lengths_and_bytes(const TextColumn& texts, RowRange rows);
  void differences(const Columns& columns, RowRange rows, const BlockHeader& header);
  void head(std::uint64_t width, std::uint64_t low);
  [[nodiscard]] std::byte* room(std::size_t bytes);

  std::vector<std::byte> out_;
  std::size_t size_ = 0;
  std::vector<std::uint64_t> values_;
};

/// *errors* Malformed: anything that is not what RowEncoder writes for such a header.
[[nodiscard]] Status decode_rows(std::span<const std::byte> bytes, const BlockHeader& header,
                                 Columns& columns);

}  // namespace writ::audit::log
