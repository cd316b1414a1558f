#include "compiler/index/sets.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>

#include "runtime/tables/hash.h"

namespace writ::index {
namespace {

using tables::kNone;
using tables::LooseState;
using tables::Tables;

bool is_loose(ir::PatternForm form) {
  return form == ir::PatternForm::Suffix || form == ir::PatternForm::Contains;
}

std::uint32_t add_text(Tables& tables, std::string_view text) {
  const std::size_t begin = tables.text.size();
  tables.text.insert(tables.text.end(), text.begin(), text.end());
  return static_cast<std::uint32_t>(begin);
}

/// Aho and Corasick's automaton: a trie of the patterns, numbered by length, with links from
/// each state to the longest shorter one that ends it.
class Automaton {
 public:
  explicit Automaton(Tables& tables) : tables_(tables), states_(1) {}

  void add(std::string_view text, bool suffix, std::uint32_t set) {
    std::uint32_t at = 0;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      const auto found = states_[at].edges.find(byte);
      if (found != states_[at].edges.end()) {
        at = found->second;
        continue;
      }
      const auto fresh = static_cast<std::uint32_t>(states_.size());
      states_[at].edges.emplace(byte, fresh);
      states_.emplace_back();
      at = fresh;
    }
    auto& sets = suffix ? states_[at].suffix : states_[at].contains;
    if (sets.empty() || sets.back() != set) sets.push_back(set);
  }

  void lay_out() {
    number();
    tables_.loose_states.resize(order_.size());
    for (std::uint32_t id = 0; id < order_.size(); ++id) lay_out(id);
    // Links fall, so that a state's are there before it is.
    for (std::uint32_t id = 0; id < order_.size(); ++id) link_children(id);
    for (LooseState& state : tables_.loose_states) {
      if (&state == tables_.loose_states.data()) continue;
      const LooseState& shorter = tables_.loose_states[state.fail];
      const bool speaks = shorter.contains_count + shorter.suffix_count != 0;
      state.output = speaks ? state.fail : shorter.output;
    }
  }

 private:
  struct State {
    std::map<unsigned char, std::uint32_t> edges;
    std::vector<std::uint32_t> contains;  // ascending
    std::vector<std::uint32_t> suffix;    // ascending
    std::uint32_t id = 0;
  };

  void number() {
    order_.push_back(0);
    for (std::size_t at = 0; at < order_.size(); ++at) {
      states_[order_[at]].id = static_cast<std::uint32_t>(at);
      for (const auto& [byte, child] : states_[order_[at]].edges) order_.push_back(child);
    }
  }

  void lay_out(std::uint32_t id) {
    const State& from = states_[order_[id]];
    LooseState& state = tables_.loose_states[id];
    state.edges_begin = static_cast<std::uint32_t>(tables_.loose_edges.size());
    state.edges_count = static_cast<std::uint32_t>(from.edges.size());
    for (const auto& [byte, child] : from.edges) {
      tables_.loose_edges.push_back({byte, states_[child].id});
    }
    state.sets_begin = static_cast<std::uint32_t>(tables_.loose_sets.size());
    state.contains_count = static_cast<std::uint32_t>(from.contains.size());
    state.suffix_count = static_cast<std::uint32_t>(from.suffix.size());
    auto& sets = tables_.loose_sets;
    sets.insert(sets.end(), from.contains.begin(), from.contains.end());
    sets.insert(sets.end(), from.suffix.begin(), from.suffix.end());
  }

  void link_children(std::uint32_t id) {
    const LooseState& state = tables_.loose_states[id];
    for (std::uint32_t at = 0; at < state.edges_count; ++at) {
      const tables::LooseEdge& edge = tables_.loose_edges[state.edges_begin + at];
      LooseState& child = tables_.loose_states[edge.target];
      child.fail = 0;
      if (id == 0) continue;
      child.fail = tables_.next_loose(state.fail, static_cast<unsigned char>(edge.byte));
    }
  }

  Tables& tables_;
  std::vector<State> states_;
  std::vector<std::uint32_t> order_;  // states by length
};

}  // namespace

void index_sets(const ir::Program& program, const NodeIndex& nodes, Tables& tables) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> members;  // node, set
  for (std::uint32_t id = 0; id < program.pattern_sets.size(); ++id) {
    const ir::PatternSet& set = program.pattern_sets[id];
    tables::SetEntry entry{static_cast<std::uint32_t>(tables.loose.size()), 0};
    for (const ir::PatternId pattern_id : set.patterns) {
      const ir::Pattern& pattern = program.patterns[pattern_id.index];
      if (!is_loose(pattern.form)) {
        members.emplace_back(nodes.node(set.kind, pattern_id), id);
        continue;
      }
      const std::string_view text = program.text(pattern.text);
      tables.loose.push_back({add_text(tables, text), static_cast<std::uint32_t>(text.size()),
                              static_cast<std::uint32_t>(pattern.form)});
      ++entry.loose_count;
    }
    tables.sets.push_back(entry);
  }
  std::ranges::sort(members);
  std::size_t named = 0;
  for (std::size_t at = 0; at < members.size(); ++at) {
    named += at == 0 || members[at].first != members[at - 1].first ? 1 : 0;
  }
  tables.set_slots.assign(tables::slots_for(named), {});
  const std::size_t size = tables.set_slots.size();
  for (std::size_t begin = 0; begin < members.size();) {
    tables::SetSlot slot{members[begin].first, static_cast<std::uint32_t>(begin), 0};
    for (; begin < members.size() && members[begin].first == slot.node; ++begin) {
      tables.node_sets.push_back(members[begin].second);
      ++slot.count;
    }
    std::size_t at = tables::slot_of(tables::mix(slot.node), size);
    while (tables.set_slots[at].node != kNone) at = tables::next_slot(at, size);
    tables.set_slots[at] = slot;
  }
}

void index_loose(Tables& tables) {
  if (tables.loose.empty()) return;
  Automaton automaton(tables);
  for (std::uint32_t id = 0; id < tables.sets.size(); ++id) {
    const tables::SetEntry& entry = tables.sets[id];
    for (std::uint32_t at = 0; at < entry.loose_count; ++at) {
      const tables::Loose& pattern = tables.loose[entry.loose_begin + at];
      automaton.add({tables.text.data() + pattern.text_begin, pattern.text_bytes},
                    pattern.form == static_cast<std::uint32_t>(ir::PatternForm::Suffix), id);
    }
  }
  automaton.lay_out();
}

/// WHY beside the nodes and not among them: a node is a name to ask about when somebody asks by
/// kind, and what only a protection names is none.
void index_protections(const ir::Program& program, Tables& tables) {
  using Place = std::tuple<std::uint32_t, std::uint32_t, ir::PatternForm, std::uint32_t>;
  std::map<Place, std::vector<std::uint32_t>> places;
  for (std::uint32_t id = 0; id < program.protections.size(); ++id) {
    const ir::Protection& of = program.protections[id];
    const ir::Pattern& pattern = program.patterns[of.pattern.index];
    auto& own = places[{of.scope.index, of.kind.index, pattern.form, pattern.text.index}];
    const bool decided = !own.empty() && !program.protections[own.back()].within.valid();
    if (!decided) own.push_back(id);
  }
  tables.protection_slots.assign(tables::slots_for(places.size()), {});
  const std::size_t size = tables.protection_slots.size();
  for (const auto& [place, own] : places) {
    const auto& [scope, kind, form, text_id] = place;
    const std::string_view text = program.text(ir::StringId(text_id));
    if (form == ir::PatternForm::Prefix) {
      tables.protection_lengths.push_back(static_cast<std::uint32_t>(text.size()));
    }
    const tables::ProtectionSlot slot{scope, kind,
                                      program.protections[own.front()].pattern.index,
                                      static_cast<std::uint32_t>(tables.protections.size()),
                                      static_cast<std::uint32_t>(own.size())};
    tables.protections.insert(tables.protections.end(), own.begin(), own.end());
    std::size_t at = tables::slot_of(tables::hash_protection(scope, kind, form, text), size);
    while (tables.protection_slots[at].scope != kNone) at = tables::next_slot(at, size);
    tables.protection_slots[at] = slot;
  }
  std::ranges::sort(tables.protection_lengths);
  const auto repeats = std::ranges::unique(tables.protection_lengths);
  tables.protection_lengths.erase(repeats.begin(), repeats.end());
}

}  // namespace writ::index
