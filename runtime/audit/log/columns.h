// Rows of a block, column by column: how they lie on disk, so that neighbours are alike and a
// decision costs a few bytes, and how a query reads them without making an Entry of each.
// docs/internals/audit.md, "Rows", says the bytes.
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
  std::vector<std::uint32_t> ends;  // one a row; empty: every text is empty
  std::vector<char> bytes;
  [[nodiscard]] std::string_view of(std::size_t row) const {
    if (ends.empty()) return {};
    const std::uint32_t begin = row == 0 ? 0 : ends[row - 1];
    return {bytes.data() + begin, ends[row] - begin};
  }
};

/// The fields of Entry, all of one length. Kept by a reader, so that a warm one does not allocate.
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
  void read(std::size_t row, Entry& entry) const;
};
[[nodiscard]] std::uint8_t form_of(const Entry& entry);

/// The ring table, times and counts of a block of these rows, in `header`.
void summarize(std::span<const Entry> rows, BlockHeader& header);

/// Turns rows into bytes. Kept by a writer for its room.
class RowEncoder {
 public:
  /// `header` is as summarize() left it. The bytes live until the next call.
  [[nodiscard]] std::span<const std::byte> encode(std::span<const Entry> rows,
                                                  const BlockHeader& header);

 private:
  template <class Get>
  void column(std::span<const Entry> rows, Get get);
  template <class Get>
  void texts(std::span<const Entry> rows, Get get);
  void planes(std::size_t count);

  std::vector<std::byte> out_;
  std::size_t size_ = 0;
  std::vector<std::uint64_t> values_;
};

/// *errors* Malformed: anything that is not what RowEncoder writes for such a header.
[[nodiscard]] Status decode_rows(std::span<const std::byte> bytes, const BlockHeader& header,
                                 Columns& columns);

}  // namespace writ::audit::log
