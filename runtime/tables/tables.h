// What compiler/index built from a program and the engine decides from: read-only plain arrays,
// found by open addressing. Names resolve to nodes, (class, node) to cells; rows and reasons
// carry the why. Ids of strings, networks and grants are the program's. README.md has the map.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/ir/program.h"
#include "runtime/tables/rows.h"

namespace writ::tables {

inline constexpr std::uint32_t kNone = 0xFFFF'FFFF;
/// In place of a network: the class that stands for every network of its subject when the host is
/// unknown, so that such a session costs one class and not one for each network.
inline constexpr std::uint32_t kUnknownHost = 0xFFFF'FFFE;

/// A resource handle keeps kind, node and generation in one word, which leaves 29 bits for nodes.
inline constexpr std::size_t kNodesMax = (std::size_t{1} << 29) - 1;

enum class ClassLayer : std::uint32_t {
  Guard = 0,
  Grant = 1,
  Superuser = 2,
  Infrastructure = 3,
  Listed = 4,  // bit 0 of a cell: some grant at the scope has a pattern that covers the name
};
inline constexpr std::uint32_t kClassLayers = 5;
/// Beside the layers of a subject: some class of it has a network.
inline constexpr std::uint32_t kHasNetworks = 0x80;

/// One operation's state in a cell's word: two bits, merged by the maximum.
enum class State : std::uint8_t { None = 0, Allow = 1, Conditional = 2, Deny = 3 };

/// A subject, a network and a scope that occur together in some grant of a layer.
struct Class {
  std::uint32_t layer = 0;
  std::uint32_t subject = kNone;
  std::uint32_t network = kNone;  // kNone: everywhere
  std::uint32_t scope = kNone;
  std::uint32_t direct_begin = 0;  // guards folded at session open; holders of the two upper layers
  std::uint32_t direct_count = 0;
  std::uint32_t cells_begin = 0;  // into Tables::cells
  std::uint32_t cells_count = 0;
};

/// A pattern of one kind that a grant or a pattern set names.
struct Node {
  std::uint32_t parent = kNone;  // the longest other pattern that covers it; smaller index
  std::uint32_t text_begin = 0;  // into Tables::text
  std::uint32_t text_bytes = 0;
  std::uint16_t kind = 0;
  std::uint8_t form = 0;  // ir::PatternForm: Literal, Prefix or Any
  std::uint8_t reserved = 0;
};

/// What one class says of one pattern, merged with the nearest cell above it.
struct Cell {
  std::uint32_t cls = kNone;
  std::uint32_t node = kNone;
  std::uint64_t word = 0;
  std::uint32_t parent = kNone;  // the nearest cell of the class at a covering pattern
  std::uint32_t reasons_begin = 0;
  std::uint32_t rows_begin = 0;  // if grouped: the first of its row_groups
  std::uint32_t counts = 0;      // reasons in the lower 7 bits, rows or groups above, then the mark
  static constexpr std::uint32_t kGrouped = 1U << 31;
  [[nodiscard]] std::uint32_t reason_count() const { return counts & 0x7F; }
  [[nodiscard]] std::uint32_t row_count() const { return (counts & ~kGrouped) >> 7; }
  [[nodiscard]] bool grouped() const { return (counts & kGrouped) != 0; }
};
/// A slot of Tables::cell_slots: the cell's index below, bits of its hash above, so that a miss
/// touches slots alone. kNone is no slot of a cell: an index is less than the number of cells.
inline constexpr std::size_t kCellsMax = (std::size_t{1} << 31) - 1;
[[nodiscard]] constexpr std::uint32_t cell_slot(std::uint64_t hash, std::uint32_t cell,
                                                std::size_t cells) {
  return static_cast<std::uint32_t>(hash) << std::bit_width(cells) | cell;
}
inline constexpr std::uint32_t kReasonsPerCellMax = 64;       // two effects of 32 operations
inline constexpr std::uint32_t kRowsPerCellMax = 1U << 24;    // fits above the reasons

/// The lowest grant of its cell for these operations, among those with nothing to test.
struct Reason {
  std::uint32_t mask = 0;
  std::uint32_t grant_effect = 0;  // grant << 1 | effect
  [[nodiscard]] std::uint32_t grant() const { return grant_effect >> 1; }
  [[nodiscard]] bool allows() const { return (grant_effect & 1) != 0; }
};

/// A grant with something to test beyond its class: exceptions, tags, validity, a condition.
struct Row {
  std::uint32_t mask = 0;
  std::uint32_t grant_effect = 0;
  std::uint32_t except = kNone;
  std::uint32_t within = kNone;
  std::uint32_t validity = kNone;
  std::uint32_t condition = kNone;
  std::uint32_t kind = kNone;  // of a direct row
  [[nodiscard]] std::uint32_t grant() const { return grant_effect >> 1; }
  [[nodiscard]] bool allows() const { return (grant_effect & 1) != 0; }
  /// Patterns alone limit it.
  [[nodiscard]] bool plain() const { return condition == kNone && validity == kNone; }
};

struct KindNames {
  std::uint32_t node_begin = 0;  // `*` first, prefixes by length, literals
  std::uint32_t node_count = 0;
  std::uint32_t root = kNone;    // the node of `*`, if named
  std::uint32_t length_begin = 0;  // lengths of prefixes, descending
  std::uint32_t length_count = 0;
};

/// Holds the node's text range too, so that node and text are fetched side by side.
struct NameSlot {
  std::uint32_t hash = 0;
  std::uint32_t node = kNone;
  std::uint32_t text_begin = 0;
  std::uint32_t text_bytes = 0;
};
/// A suffix or a text in the middle, of a pattern set.
struct Loose {
  std::uint32_t text_begin = 0;
  std::uint32_t text_bytes = 0;
  std::uint32_t form = 0;  // ir::PatternForm: Suffix or Contains
};
struct SetEntry {
  std::uint32_t loose_begin = 0;
  std::uint32_t loose_count = 0;
};

static_assert(sizeof(Class) == 32 && sizeof(Node) == 16 && sizeof(Cell) == 32);
static_assert(sizeof(Reason) == 8 && sizeof(Row) == 28 && sizeof(KindNames) == 20);
static_assert(sizeof(NameSlot) == 16 && sizeof(Loose) == 12);

struct Tables {
  std::vector<char> text;
  std::vector<KindNames> kinds;         // by KindId
  std::vector<Node> nodes;
  std::vector<NameSlot> names;          // by hash_name
  std::vector<std::uint32_t> lengths;
  std::vector<std::uint64_t> bloom;     // of prefixes; a power of two of words
  std::vector<SetEntry> sets;           // by PatternSetId
  std::vector<Loose> loose;
  std::vector<SetSlot> set_slots;       // by mix of the node
  std::vector<std::uint32_t> node_sets;  // ascending for each node
  std::vector<LooseState> loose_states;  // of the automaton; empty without loose patterns
  std::vector<LooseEdge> loose_edges;
  std::vector<std::uint32_t> loose_sets;
  std::vector<Class> classes;
  std::vector<std::uint32_t> class_slots;      // class, by hash_class
  std::vector<std::uint8_t> subject_layers;    // by SubjectId: which layers have a class of it
  std::vector<Cell> cells;              // by class, covering nodes first
  std::vector<std::uint32_t> cell_slots;   // cell_slot, by hash_pair
  std::vector<Reason> reasons;
  std::vector<Row> rows;
  std::vector<RowGroup> row_groups;
  std::vector<std::uint32_t> row_lengths;      // of prefixes, or row_length of networks
  std::vector<RowSlot> row_slots;              // by hash_pair of group and tag
  std::vector<std::uint32_t> listed_rows;      // into rows, ascending within each list
  std::vector<ProtectionSlot> protection_slots;    // by hash_protection
  std::vector<std::uint32_t> protection_lengths;   // of prefixes, ascending
  std::vector<std::uint32_t> protections;          // index into Program::protections
  std::vector<std::uint32_t> network_slots;    // NetworkId, by hash_network
  std::vector<std::uint16_t> network_lengths;  // v4 << 8 | bits that occur
  std::vector<std::uint32_t> principal_slots;  // SubjectId of form Principal, by hash_principal

  /// The node of the longest pattern that covers the name, or kNone. Cost: one probe for a name
  /// that some rule mentions; else one filtered probe for each length of a prefix.
  [[nodiscard]] std::uint32_t resolve(std::uint32_t kind, std::string_view name) const;
  [[nodiscard]] std::string_view node_text(const Node& node) const {
    return {text.data() + node.text_begin, node.text_bytes};
  }
  /// Fetches the line where a cell will be looked for.
  void prefetch_cell(std::uint32_t cls, std::uint32_t node) const;
  /// The index of a cell, or kNone.
  [[nodiscard]] std::uint32_t find_cell(std::uint32_t cls, std::uint32_t node) const;
  [[nodiscard]] std::uint32_t find_class(ClassLayer layer, std::uint32_t subject,
                                         std::uint32_t network, std::uint32_t scope) const;
  /// The sets that name a node itself.
  [[nodiscard]] std::span<const std::uint32_t> sets_of(std::uint32_t node) const;
  /// Is a name that resolves to `node` covered by a literal or prefix of the set?
  [[nodiscard]] bool in_set(std::uint32_t set, std::uint32_t node) const;
  /// The sets that cover the name by a suffix or contains pattern: one run over the name.
  void find_loose(std::string_view name, LooseSets& out) const;
  /// The automaton's next state.
  [[nodiscard]] std::uint32_t next_loose(std::uint32_t state, unsigned char byte) const;
  /// The rows of a group under a value; nullptr if none.
  [[nodiscard]] const RowSlot* find_rows(std::uint32_t group, std::uint32_t tag) const;
  /// Protections of just that scope and pattern, ascending.
  [[nodiscard]] std::span<const std::uint32_t> protections_of(const ir::Program& program,
                                                              std::uint32_t scope,
                                                              std::uint32_t kind,
                                                              ir::PatternForm form,
                                                              std::string_view pattern_text) const;
  [[nodiscard]] std::uint32_t find_network(const ir::Program& program, const ir::Network& network,
                                           std::string_view text) const;
  [[nodiscard]] std::uint32_t find_principal(const ir::Program& program, std::string_view type,
                                             std::string_view name) const;
};

[[nodiscard]] std::vector<std::byte> encode(const Tables& tables);
/// Errors: Malformed with the array. The result is only shaped: verify() makes it safe to use.
[[nodiscard]] Result<Tables> decode(std::span<const std::byte> bytes);
/// Proves that no look-up leaves its array or runs for ever, and that ids are the program's.
[[nodiscard]] Status verify(const Tables& tables, const ir::Program& program);
/// The most rows with something to test that one cell makes a decision look at, for the
/// manifest's cost.
[[nodiscard]] std::uint64_t most_rows(const Tables& tables);
/// Sizes by array, for `--dump=tables`.
[[nodiscard]] std::string print(const Tables& tables);

}  // namespace writ::tables
