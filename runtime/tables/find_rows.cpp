// Look-ups of pattern sets, rows and protections.
#include <algorithm>

#include "runtime/tables/hash.h"
#include "runtime/tables/tables.h"

namespace writ::tables {

std::span<const std::uint32_t> Tables::sets_of(std::uint32_t node) const {
  const std::size_t size = set_slots.size();
  for (std::size_t slot = slot_of(mix(node), size); set_slots[slot].node != kNone;
       slot = next_slot(slot, size)) {
    const SetSlot& found = set_slots[slot];
    if (found.node == node) return std::span(node_sets).subspan(found.begin, found.count);
  }
  return {};
}

bool Tables::in_set(std::uint32_t set, std::uint32_t node) const {
  for (; node != kNone; node = nodes[node].parent) {
    if (std::ranges::binary_search(sets_of(node), set)) return true;
  }
  return false;
}

std::uint32_t Tables::next_loose(std::uint32_t state, unsigned char byte) const {
  for (;; state = loose_states[state].fail) {
    const LooseState& from = loose_states[state];
    const auto edges = std::span(loose_edges).subspan(from.edges_begin, from.edges_count);
    const auto edge = std::ranges::lower_bound(edges, byte, {}, &LooseEdge::byte);
    if (edge != edges.end() && edge->byte == byte) return edge->target;
    if (state == 0) return 0;
  }
}

void Tables::find_loose(std::string_view name, LooseSets& out) const {
  out.ids.clear();
  out.known = true;
  if (loose_states.empty()) return;
  for (const std::uint32_t state : out.marked) out.seen[state / 64] = 0;
  out.marked.clear();
  if (out.seen.size() * 64 < loose_states.size()) out.seen.resize(loose_states.size() / 64 + 1, 0);
  const auto take = [&](std::uint32_t begin, std::uint32_t count) {
    const auto taken = std::span(loose_sets).subspan(begin, count);
    out.ids.insert(out.ids.end(), taken.begin(), taken.end());
  };
  // Once at a state, every shorter one that ends it is taken too.
  const auto visit = [&](std::uint32_t at) {
    for (; at != kNone; at = loose_states[at].output) {
      const LooseState& state = loose_states[at];
      if (state.contains_count == 0 && state.suffix_count == 0) continue;
      const std::uint64_t bit = std::uint64_t{1} << (at % 64);
      if ((out.seen[at / 64] & bit) != 0) return;
      out.seen[at / 64] |= bit;
      out.marked.push_back(at);
      take(state.sets_begin, state.contains_count);
    }
  };
  std::uint32_t at = 0;
  visit(0);
  for (const char c : name) {
    at = next_loose(at, static_cast<unsigned char>(c));
    visit(at);
  }
  for (; at != kNone; at = loose_states[at].output) {
    const LooseState& state = loose_states[at];
    take(state.sets_begin + state.contains_count, state.suffix_count);
  }
  std::ranges::sort(out.ids);
  const auto repeats = std::ranges::unique(out.ids);
  out.ids.erase(repeats.begin(), repeats.end());
}

const RowSlot* Tables::find_rows(std::uint32_t group, std::uint32_t tag) const {
  const std::size_t size = row_slots.size();
  for (std::size_t slot = slot_of(hash_pair(group, tag), size); row_slots[slot].group != kNone;
       slot = next_slot(slot, size)) {
    if (row_slots[slot].group == group && row_slots[slot].tag == tag) return &row_slots[slot];
  }
  return nullptr;
}

std::span<const std::uint32_t> Tables::protections_of(const ir::Program& program,
                                                      std::uint32_t scope, std::uint32_t kind,
                                                      ir::PatternForm form,
                                                      std::string_view pattern_text) const {
  const std::size_t size = protection_slots.size();
  for (std::size_t slot = slot_of(hash_protection(scope, kind, form, pattern_text), size);
       protection_slots[slot].scope != kNone; slot = next_slot(slot, size)) {
    const ProtectionSlot& found = protection_slots[slot];
    const ir::Pattern& pattern = program.patterns[found.pattern];
    if (found.scope == scope && found.kind == kind && pattern.form == form &&
        program.text(pattern.text) == pattern_text) {
      return std::span(protections).subspan(found.begin, found.count);
    }
  }
  return {};
}

}  // namespace writ::tables
