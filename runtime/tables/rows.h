// Rows of a cell that has many, as groups: a group knows its rows, or what to look up to find the
// few that can matter. And the automaton of suffix and contains patterns. README.md has the map.
#pragma once

#include <cstdint>
#include <vector>

namespace writ::tables {

inline constexpr std::uint32_t kNoGroup = 0xFFFF'FFFF;

/// How a group finds its rows.
enum class RowForm : std::uint8_t {
  All,      // they are listed
  Equal,    // key == constant, key in { constants }
  Prefix,   // key startsWith constant
  Network,  // key in network, key in { networks }
  Within,   // the name is covered by the row's set
};
inline constexpr std::uint8_t kRowForms = 5;

/// What an indexed test reads: one leaf of a condition, or the sets that cover the name.
enum class RowKey : std::uint8_t {
  Sets,
  Attribute,
  PrincipalName,
  PrincipalType,
  ResourceName,
  Host,
};
inline constexpr std::uint8_t kRowKeys = 6;

/// Marks of a group that all of its rows share.
inline constexpr std::uint8_t kAllows = 1;
inline constexpr std::uint8_t kPlain = 2;  // neither condition nor validity

/// Rows of one cell and effect. Every row of an indexed group has the test in a conjunction with
/// whatever else it tests, so a row that is not found is false, and one that is found is
/// evaluated in full: the index only ever leaves out.
struct RowGroup {
  std::uint32_t begin = 0;  // All: into listed_rows. Prefix, Network: into row_lengths
  std::uint32_t count = 0;
  RowForm form = RowForm::All;
  RowKey key = RowKey::Sets;
  std::uint8_t marks = 0;
  std::uint8_t depth = 0;  // greater than that of the group that leads here
  std::uint32_t attribute = 0;
  /// Instead of a look-up when the key cannot be had: of rows that are then the same question
  /// the lowest is enough. kNoGroup: the key is always known.
  std::uint32_t on_error = kNoGroup;
  std::uint32_t next = kNoGroup;  // the others of the same cell or list; greater
  std::uint32_t mask = 0;         // operations that some row speaks of
  std::uint32_t reserved = 0;
};
inline constexpr std::uint8_t kGroupDepthMax = 4;

/// A value of a group's key: its rows, ascending, or a group of them. Two values with one tag
/// share a slot, which costs evaluations and never an answer.
struct RowSlot {
  std::uint32_t group = kNoGroup;  // kNoGroup: empty
  std::uint32_t tag = 0;
  std::uint32_t begin = 0;  // into listed_rows; of a count of 0 the group
  std::uint32_t count = 0;
};

/// Sets that name a node.
struct SetSlot {
  std::uint32_t node = kNoGroup;  // kNoGroup: empty
  std::uint32_t begin = 0;        // into node_sets
  std::uint32_t count = 0;
};

/// A state of the automaton over suffix and contains patterns: a text that begins some of them.
/// States are in the order of length, so links to shorter ones fall.
struct LooseState {
  std::uint32_t edges_begin = 0;
  std::uint32_t edges_count = 0;
  std::uint32_t fail = 0;           // the longest shorter state that ends this one
  std::uint32_t output = kNoGroup;  // the longest shorter one that ends this and has sets
  std::uint32_t sets_begin = 0;     // into loose_sets: contains, then suffix
  std::uint32_t contains_count = 0;
  std::uint32_t suffix_count = 0;
};
struct LooseEdge {
  std::uint32_t byte = 0;  // ascending within a state
  std::uint32_t target = 0;
};

/// Protections of one scope and pattern, in order, none behind one that covers the whole pattern.
struct ProtectionSlot {
  std::uint32_t scope = kNoGroup;  // kNoGroup: empty
  std::uint32_t kind = 0;
  std::uint32_t pattern = 0;  // PatternId
  std::uint32_t begin = 0;  // into protections
  std::uint32_t count = 0;
};

static_assert(sizeof(RowGroup) == 32 && sizeof(RowSlot) == 16 && sizeof(SetSlot) == 12);
static_assert(sizeof(LooseState) == 28 && sizeof(LooseEdge) == 8 && sizeof(ProtectionSlot) == 20);

/// The sets that cover a name by a suffix or contains pattern; memory that one thread keeps.
struct LooseSets {
  std::vector<std::uint32_t> ids;  // ascending
  bool known = false;              // of the name at hand

  // States whose sets are taken, as bits, and as a list so that clearing costs what was set.
  std::vector<std::uint64_t> seen;
  std::vector<std::uint32_t> marked;
};

}  // namespace writ::tables
