// What a writer was told that numbers mean, kept as the bytes that a block carries, so that each
// segment can say it again where it is first used.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/audit/entry.h"
#include "runtime/audit/log/columns.h"
#include "runtime/audit/log/definition_codec.h"
#include "runtime/base/error.h"

namespace writ::audit::log {

/// What a row refers to; 0: nothing.
struct References {
  std::uint32_t session = 0;
  std::uint32_t resource = 0;
  std::uint32_t question = 0;
  std::uint32_t reason = 0;
};
[[nodiscard]] inline References references(const Columns& columns, std::size_t row) {
  return {columns.session[row], columns.resource[row], columns.question[row], columns.reason[row]};
}

/// Of one instance. Threads: one.
class DefinitionStore {
 public:
  /// Keeps the batch's definitions; a later one of the same id takes its place and is written
  /// again. *errors* Limit: one is too large, and nothing was kept.
  [[nodiscard]] Status add(const Batch& batch);
  void forget(Defines what, std::uint32_t id);

  /// Is everything known that the row refers to?
  [[nodiscard]] bool knows(const References& row) const;
  /// Of every row?
  [[nodiscard]] bool knows(const Columns& rows) const;
  /// Appends the definitions that the row needs and `segment` does not have yet.
  void use(const References& row, std::uint64_t segment, std::string& out);
  /// Does `segment` have everything that these rows need? Then use() has nothing to append.
  [[nodiscard]] bool has_all(const Columns& rows, std::uint64_t segment) const;
  /// Bytes of definitions that the row needs and no row since begin_block() needed: what a block
  /// weighs in a segment that has none of them.
  void begin_block() { ++block_; }
  /// Do all definitions together fit in a block? Then rows weigh nothing.
  [[nodiscard]] bool fits_one_block() const { return bytes_ <= kPartBytesMax / 2; }
  [[nodiscard]] std::size_t weigh(const References& row);
  /// Pages that hold anything; a page of forgotten ids is given back.
  [[nodiscard]] std::size_t pages() const;
  /// What use() appended since the last keep() is in the segment, or is not.
  void keep() { used_.clear(); }
  void take_back();

 private:
  // WHY: a row asks for four marks, at random. They lie close together, apart from the bytes.
  static constexpr std::uint32_t kUnknown = 0;
  static constexpr std::uint32_t kKnown = 1;  // and in no segment; higher: see mark_of
  static constexpr std::size_t kPageSlots = 4'096;
  struct Page {
    std::array<std::uint32_t, kPageSlots> marks{};
    std::array<std::string, kPageSlots> bytes;
    std::array<std::uint32_t, kPageSlots> weighed{};  // the last block that counted it
    std::size_t known = 0;
  };
  struct Used {
    Page* page;
    std::size_t slot;
  };
  // Ids count up from 1: pages are found by number.
  using Table = std::vector<std::unique_ptr<Page>>;

  // Of a segment that has the definition. Numbers that are equal in 31 bits lie 2^31 segments
  // apart.
  [[nodiscard]] static std::uint32_t mark_of(std::uint64_t segment) {
    return static_cast<std::uint32_t>(segment) | 1U << 31;
  }
  [[nodiscard]] static bool knows(const Table& table, std::uint32_t id) {
    const std::size_t page = id / kPageSlots;
    return id == 0 ||
           (page < table.size() && table[page] && table[page]->marks[id % kPageSlots] != kUnknown);
  }
  template <class Good>
  [[nodiscard]] static bool all(const Table& table, std::span<const std::uint32_t> ids, Good good);
  void put(Defines what, std::uint32_t id, std::string bytes);
  void use(Defines what, std::uint32_t id, std::uint64_t segment, std::string& out);
  [[nodiscard]] std::size_t weigh(Defines what, std::uint32_t id);
  [[nodiscard]] Table& table(Defines what) {
    return tables_[static_cast<std::size_t>(what) - static_cast<std::size_t>(Defines::Instance)];
  }
  [[nodiscard]] const Table& table(Defines what) const {
    return tables_[static_cast<std::size_t>(what) - static_cast<std::size_t>(Defines::Instance)];
  }

  std::array<Table, 5> tables_;
  std::vector<Used> used_;
  std::size_t bytes_ = 0;     // of all definitions
  std::uint32_t block_ = 0;
};

}  // namespace writ::audit::log
