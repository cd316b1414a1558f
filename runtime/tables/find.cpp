#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "runtime/tables/hash.h"
#include "runtime/tables/tables.h"

namespace writ::tables {
namespace {

constexpr std::uint32_t number_of(ir::PatternForm form) { return static_cast<std::uint32_t>(form); }

/// Finds a node by its exact text. The whole text is compared: whoever knows a published bundle
/// can search for collisions at leisure.
std::uint32_t find_node(const Tables& t, std::uint32_t kind, ir::PatternForm form,
                        std::string_view text, std::uint64_t hash) {
  const std::size_t size = t.names.size();
  const auto tag = static_cast<std::uint32_t>(hash);
  for (std::size_t slot = slot_of(hash, size); t.names[slot].node != kNone;
       slot = next_slot(slot, size)) {
    const NameSlot& found = t.names[slot];
    if (found.hash != tag || found.text_bytes != text.size()) continue;
    const Node& node = t.nodes[found.node];
    __builtin_prefetch(&node);
    if (std::string_view(t.text.data() + found.text_begin, found.text_bytes) == text &&
        node.kind == kind && node.form == number_of(form)) {
      return found.node;
    }
  }
  return kNone;
}

bool in_bloom(const std::vector<std::uint64_t>& bloom, std::uint64_t hash) {
  const std::uint64_t bits = 1ULL << (hash & 63) | 1ULL << (hash >> 6 & 63);
  return (bloom[(hash >> 12) & (bloom.size() - 1)] & bits) == bits;
}

}  // namespace

std::uint64_t hash_text(std::uint64_t seed, std::string_view text) {
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

std::uint64_t hash_name(std::uint32_t kind, ir::PatternForm form, std::string_view text) {
  return hash_text(std::uint64_t{kind} << 3 | number_of(form), text);
}

std::uint64_t hash_principal(std::string_view type, std::string_view name) {
  return hash_text(hash_text(0, type), name);
}

std::uint64_t hash_network(const ir::Network& network, std::string_view text) {
  const auto form = static_cast<std::uint64_t>(network.form);
  if (network.form == ir::NetworkForm::Text) return hash_text(form, text);
  if (network.form == ir::NetworkForm::Never) return mix(form);
  const bool exact = network.form == ir::NetworkForm::Exact;
  const std::uint64_t bits = exact ? 128 : network.cidr.bits;
  const std::uint64_t v4 = !exact && network.cidr.v4 ? 1 : 0;
  return mix(mix(network.cidr.base.high + form) ^ mix(network.cidr.base.low + bits * 2 + v4));
}

std::uint32_t Tables::resolve(std::uint32_t kind, std::string_view name) const {
  const KindNames& names_of = kinds[kind];
  if (names_of.node_count == 0) return kNone;
  using ir::PatternForm;
  const std::uint32_t literal = find_node(*this, kind, PatternForm::Literal, name,
                                          hash_name(kind, PatternForm::Literal, name));
  if (literal != kNone) return literal;
  const std::uint32_t end = names_of.length_begin + names_of.length_count;
  for (std::uint32_t at = names_of.length_begin; at < end; ++at) {
    if (lengths[at] > name.size()) continue;
    const std::string_view prefix = name.substr(0, lengths[at]);
    const std::uint64_t hash = hash_name(kind, PatternForm::Prefix, prefix);
    if (!in_bloom(bloom, hash)) continue;
    const std::uint32_t found = find_node(*this, kind, PatternForm::Prefix, prefix, hash);
    if (found != kNone) return found;
  }
  return names_of.root;
}

void Tables::prefetch_cell(std::uint32_t cls, std::uint32_t node) const {
  __builtin_prefetch(&cell_slots[slot_of(hash_pair(cls, node), cell_slots.size())]);
}

std::uint32_t Tables::find_cell(std::uint32_t cls, std::uint32_t node) const {
  const std::size_t size = cell_slots.size();
  const std::uint64_t hash = hash_pair(cls, node);
  const std::uint32_t tag = cell_slot(hash, 0, cells.size());
  const std::uint32_t index = (1U << std::bit_width(cells.size())) - 1;
  for (std::size_t slot = slot_of(hash, size); cell_slots[slot] != kNone;
       slot = next_slot(slot, size)) {
    if ((cell_slots[slot] & ~index) != tag) continue;
    const std::uint32_t at = cell_slots[slot] & index;
    if (cells[at].cls == cls && cells[at].node == node) return at;
  }
  return kNone;
}

std::uint32_t Tables::find_class(ClassLayer layer, std::uint32_t subject, std::uint32_t network,
                                 std::uint32_t scope) const {
  const auto of = static_cast<std::uint32_t>(layer);
  const std::size_t size = class_slots.size();
  for (std::size_t slot = slot_of(hash_class(of, subject, network, scope), size);
       class_slots[slot] != kNone; slot = next_slot(slot, size)) {
    const Class& c = classes[class_slots[slot]];
    if (c.layer == of && c.subject == subject && c.network == network && c.scope == scope) {
      return class_slots[slot];
    }
  }
  return kNone;
}

std::uint32_t Tables::find_network(const ir::Program& program, const ir::Network& network,
                                   std::string_view host) const {
  const std::size_t size = network_slots.size();
  for (std::size_t slot = slot_of(hash_network(network, host), size); network_slots[slot] != kNone;
       slot = next_slot(slot, size)) {
    const ir::Network& found = program.networks[network_slots[slot]];
    if (found.form != network.form) continue;
    const bool same =
        network.form == ir::NetworkForm::Text    ? program.text(found.text) == host
        : network.form == ir::NetworkForm::Exact ? found.cidr.base == network.cidr.base
                                                 : found.cidr == network.cidr;
    if (same) return network_slots[slot];
  }
  return kNone;
}

std::uint32_t Tables::find_principal(const ir::Program& program, std::string_view type,
                                     std::string_view name) const {
  const std::size_t size = principal_slots.size();
  for (std::size_t slot = slot_of(hash_principal(type, name), size);
       principal_slots[slot] != kNone; slot = next_slot(slot, size)) {
    const ir::Subject& subject = program.subjects[principal_slots[slot]];
    if (program.text(subject.name) == name && program.text(subject.type_name) == type) {
      return principal_slots[slot];
    }
  }
  return kNone;
}

}  // namespace writ::tables
