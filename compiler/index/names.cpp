#include "compiler/index/names.h"

#include <algorithm>
#include <bit>
#include <string>
#include <tuple>

#include "runtime/base/check.h"
#include "runtime/tables/hash.h"

namespace writ::index {
namespace {

using ir::PatternForm;
using tables::kNone;
using tables::Node;
using tables::Tables;

/// `*`, then prefixes by length, then literals: a pattern comes after all that cover it.
int rank(PatternForm form) {
  switch (form) {
    case PatternForm::Any: return 0;
    case PatternForm::Prefix: return 1;
    case PatternForm::Literal: return 2;
    case PatternForm::Suffix:
    case PatternForm::Contains: return 3;
  }
  return 3;
}

void insert_id(std::vector<std::uint32_t>& slots, std::uint64_t hash, std::uint32_t id) {
  std::size_t at = tables::slot_of(hash, slots.size());
  while (slots[at] != kNone) at = tables::next_slot(at, slots.size());
  slots[at] = id;
}

std::uint32_t add_text(Tables& tables, std::string_view text) {
  const std::size_t begin = tables.text.size();
  tables.text.insert(tables.text.end(), text.begin(), text.end());
  return static_cast<std::uint32_t>(begin);
}

void index_lengths(Tables& tables) {
  std::size_t prefixes = 0;
  for (tables::KindNames& kind : tables.kinds) {
    kind.length_begin = static_cast<std::uint32_t>(tables.lengths.size());
    for (std::uint32_t at = kind.node_count; at-- > 0;) {
      const Node& node = tables.nodes[kind.node_begin + at];
      if (node.form != static_cast<std::uint8_t>(PatternForm::Prefix)) continue;
      ++prefixes;
      if (tables.lengths.size() == kind.length_begin ||
          tables.lengths.back() != node.text_bytes) {
        tables.lengths.push_back(node.text_bytes);
      }
    }
    kind.length_count = static_cast<std::uint32_t>(tables.lengths.size()) - kind.length_begin;
  }
  // Sixteen bits a prefix: two probes in one word miss an absent one 98 times of 100.
  tables.bloom.assign(std::bit_ceil(prefixes / 4 + 1), 0);
}

bool same_pattern(const Tables& tables, const Node& a, const Node& b) {
  return a.kind == b.kind && a.form == b.form && tables.node_text(a) == tables.node_text(b);
}

/// False: two nodes stand for one pattern, so that a name would find the grants of one alone.
bool index_nodes(Tables& tables) {
  tables.names.assign(tables::slots_for(tables.nodes.size()), {});
  for (std::uint32_t at = 0; at < tables.nodes.size(); ++at) {
    const Node& node = tables.nodes[at];
    const auto form = static_cast<PatternForm>(node.form);
    const std::uint64_t hash = tables::hash_name(node.kind, form, tables.node_text(node));
    std::size_t slot = tables::slot_of(hash, tables.names.size());
    for (; tables.names[slot].node != kNone; slot = tables::next_slot(slot, tables.names.size())) {
      const tables::NameSlot& other = tables.names[slot];
      if (other.hash == static_cast<std::uint32_t>(hash) &&
          same_pattern(tables, node, tables.nodes[other.node])) {
        return false;
      }
    }
    tables.names[slot] = {static_cast<std::uint32_t>(hash), at, node.text_begin, node.text_bytes};
    if (form == PatternForm::Prefix) {
      tables.bloom[(hash >> 12) & (tables.bloom.size() - 1)] |=
          1ULL << (hash & 63) | 1ULL << (hash >> 6 & 63);
    }
  }
  return true;
}

/// The longest pattern that covers `text`, other than the text's own node.
std::uint32_t covering(const Tables& tables, std::uint32_t kind, std::string_view text,
                       std::uint32_t self) {
  const tables::KindNames& names = tables.kinds[kind];
  for (std::uint32_t at = 0; at < names.length_count; ++at) {
    const std::uint32_t length = tables.lengths[names.length_begin + at];
    if (length > text.size()) continue;
    const std::string_view prefix = text.substr(0, length);
    const std::uint64_t hash = tables::hash_name(kind, PatternForm::Prefix, prefix);
    const std::size_t size = tables.names.size();
    for (std::size_t slot = tables::slot_of(hash, size); tables.names[slot].node != kNone;
         slot = tables::next_slot(slot, size)) {
      const std::uint32_t found = tables.names[slot].node;
      const Node& node = tables.nodes[found];
      if (found != self && node.kind == kind &&
          node.form == static_cast<std::uint8_t>(PatternForm::Prefix) &&
          tables.node_text(node) == prefix) {
        return found;
      }
    }
  }
  return names.root == self ? kNone : names.root;
}

}  // namespace

NodeIndex::NodeIndex(const ir::Program& program, Tables& tables) {
  collect(program);
  lay_out(program, tables);
  index_lengths(tables);
  distinct_ = index_nodes(tables);
  if (!distinct_) return;
  for (std::uint32_t at = 0; at < tables.nodes.size(); ++at) {
    Node& node = tables.nodes[at];
    // `*` covers even the empty prefix, which has the same text.
    if (at == tables.kinds[node.kind].root) continue;
    node.parent = covering(tables, node.kind, tables.node_text(node), at);
  }
}

void NodeIndex::collect(const ir::Program& program) {
  const auto add = [this](ir::KindId kind, ir::PatternId pattern) {
    named_.push_back({std::uint64_t{kind.index} << 32 | pattern.index, kNone});
  };
  named_.reserve(program.grants.size());
  for (const ir::Grant& grant : program.grants) {
    if (grant.layer == ir::Layer::Grant || grant.layer == ir::Layer::Guard) {
      add(grant.kind, grant.pattern);
    }
  }
  for (const ir::PatternSet& set : program.pattern_sets) {
    for (const ir::PatternId pattern : set.patterns) {
      if (rank(program.patterns[pattern.index].form) < 3) add(set.kind, pattern);
    }
  }
  std::ranges::sort(named_, {}, &Named::key);
  const auto repeats = std::ranges::unique(named_, {}, &Named::key);
  named_.erase(repeats.begin(), repeats.end());
}

void NodeIndex::lay_out(const ir::Program& program, Tables& tables) {
  std::vector<std::uint32_t> order(named_.size());
  for (std::uint32_t at = 0; at < order.size(); ++at) order[at] = at;
  const auto key = [&](std::uint32_t at) {
    const ir::Pattern& pattern = program.patterns[static_cast<std::uint32_t>(named_[at].key)];
    const std::string_view text = program.text(pattern.text);
    const std::uint64_t kind = named_[at].key >> 32;
    // Literals may come in any order among themselves; by pattern id it is the cheapest.
    return std::tuple(kind, rank(pattern.form),
                      pattern.form == PatternForm::Prefix ? text.size() : 0, named_[at].key);
  };
  std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) { return key(a) < key(b); });
  tables.kinds.assign(program.kinds.size(), {});
  tables.nodes.reserve(order.size());
  for (const std::uint32_t at : order) {
    const auto kind = static_cast<std::uint32_t>(named_[at].key >> 32);
    const ir::Pattern& pattern = program.patterns[static_cast<std::uint32_t>(named_[at].key)];
    const std::string_view text = program.text(pattern.text);
    const auto node = static_cast<std::uint32_t>(tables.nodes.size());
    tables::KindNames& names = tables.kinds[kind];
    if (names.node_count++ == 0) names.node_begin = node;
    if (pattern.form == PatternForm::Any) names.root = node;
    named_[at].node = node;
    tables.nodes.push_back({kNone, add_text(tables, text), static_cast<std::uint32_t>(text.size()),
                            static_cast<std::uint16_t>(kind),
                            static_cast<std::uint8_t>(pattern.form), 0});
  }
}

std::uint32_t NodeIndex::node(ir::KindId kind, ir::PatternId pattern) const {
  const std::uint64_t key = std::uint64_t{kind.index} << 32 | pattern.index;
  const auto found = std::ranges::lower_bound(named_, key, {}, &Named::key);
  WRIT_CHECK(found != named_.end() && found->key == key);
  return found->node;
}

void index_principals(const ir::Program& program, Tables& tables) {
  std::size_t count = 0;
  for (const ir::Subject& subject : program.subjects) {
    count += subject.form == ir::SubjectForm::Principal ? 1 : 0;
  }
  tables.principal_slots.assign(tables::slots_for(count), kNone);
  for (std::uint32_t id = 0; id < program.subjects.size(); ++id) {
    const ir::Subject& subject = program.subjects[id];
    if (subject.form != ir::SubjectForm::Principal || !subject.except.empty()) continue;
    insert_id(tables.principal_slots,
              tables::hash_principal(program.text(subject.type_name), program.text(subject.name)),
              id);
  }
}

void index_networks(const ir::Program& program, Tables& tables) {
  tables.network_slots.assign(tables::slots_for(program.networks.size()), kNone);
  for (std::uint32_t id = 0; id < program.networks.size(); ++id) {
    const ir::Network& network = program.networks[id];
    const std::string_view text = program.text(network.text);
    if (tables.find_network(program, network, text) != kNone) continue;
    insert_id(tables.network_slots, tables::hash_network(network, text), id);
    if (network.form == ir::NetworkForm::Cidr) {
      tables.network_lengths.push_back(static_cast<std::uint16_t>(
          (network.cidr.v4 ? 0x100 : 0) | network.cidr.bits));
    }
  }
  std::ranges::sort(tables.network_lengths);
  const auto repeats = std::ranges::unique(tables.network_lengths);
  tables.network_lengths.erase(repeats.begin(), repeats.end());
}

}  // namespace writ::index
