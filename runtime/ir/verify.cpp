#include "runtime/ir/verify.h"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/ir/intern.h"
#include "runtime/ir/verify_stores.h"

namespace writ::ir {

Status Findings::status() const {
  if (first_) return std::unexpected(*first_);
  return {};
}

void Findings::record(const char* store, std::size_t index, const char* message, ErrorCode code) {
  if (first_) return;
  first_ = Error{code, fmt::format("{} {}: {}", store, index, message),
                 fmt::format("{} {}", store, index)};
}

bool is_sound(const Program& program, const Type& type) {
  switch (type.kind) {
    case TypeKind::None: return false;
    case TypeKind::Enum: return type.enumeration < program.enumerations.size();
    case TypeKind::Bool:
    case TypeKind::Int:
    case TypeKind::String:
    case TypeKind::Ip:
    case TypeKind::Cidr:
    case TypeKind::Time:
    case TypeKind::Duration:
    case TypeKind::Version: return type.enumeration == 0;
  }
  return false;
}

bool is_sound(const Cidr& cidr) {
  if (cidr.bits > 128 || (cidr.v4 && cidr.bits < 96)) return false;
  if (cidr.v4 != (cidr.bits >= 96 && cidr.base.is_v4())) return false;
  const auto rest = [](std::uint64_t half, unsigned bits) {
    return bits >= 64 ? 0 : bits == 0 ? half : half & (~std::uint64_t{0} >> bits);
  };
  const unsigned high_bits = std::min<unsigned>(cidr.bits, 64);
  return rest(cidr.base.high, high_bits) == 0 && rest(cidr.base.low, cidr.bits - high_bits) == 0;
}

bool is_sound(const Program& program, const Value& value) {
  if (!is_sound(program, value.type) || value.type.optional) return false;
  if (value.type.set) {
    for (std::size_t i = 0; i < value.elements.size(); ++i) {
      const Value& element = value.elements[i];
      if (element.type != value.type.element() || !is_sound(program, element)) return false;
      if (i > 0 && compare(value.elements[i - 1], element) >= 0) return false;
    }
    return true;
  }
  if (!value.elements.empty()) return false;
  switch (value.type.kind) {
    case TypeKind::None: return false;
    case TypeKind::Bool: return value.integer == 0 || value.integer == 1;
    case TypeKind::Enum:
      return value.integer >= 0 &&
             static_cast<std::uint64_t>(value.integer) <
                 program.enumerations[value.type.enumeration].members.size();
    case TypeKind::Version: return value.integer >= 0;
    case TypeKind::Cidr: return is_sound(value.cidr);
    case TypeKind::Int:
    case TypeKind::String:
    case TypeKind::Ip:
    case TypeKind::Time:
    case TypeKind::Duration: return true;
  }
  return false;
}

/// INVARIANT: two equal names have one id; evaluators compare ids.
void verify_strings(const Program& program, Findings& findings) {
  // Hashes first, so that the places of those to come can be fetched while one is looked at.
  constexpr std::size_t kAhead = 16;
  std::vector<std::uint64_t> hashes;
  hashes.reserve(program.strings.size());
  for (const std::string& text : program.strings) {
    Hash hash;
    hash.text(text);
    hashes.push_back(hash.done());
  }
  InternIndex index;
  index.reserve(program.strings.size());
  for (std::size_t at = 0; at < program.strings.size(); ++at) {
    if (at + kAhead < hashes.size()) index.prefetch(hashes[at + kAhead]);
    const std::uint32_t first = index.find_or_add(
        hashes[at], at,
        [&](std::uint32_t other) { return program.strings[other] == program.strings[at]; });
    if (!findings.require(first == at, "string", at, "says what another string says")) return;
  }
  findings.none_or_in_store(program.package, program.strings.size(), "program", 0,
                            "its package has no name");
}

Status verify(const Program& program) {
  using Part = void (*)(const Program&, Findings&);
  static constexpr Part kParts[] = {verify_strings, verify_vocabulary, verify_scopes, verify_who,
                                    verify_what, verify_automata, verify_zones, verify_conditions,
                                    verify_tests, verify_grants, verify_audit};
  Findings findings;
  for (const Part part : kParts) {
    part(program, findings);
    if (!findings.clean()) break;
  }
  return findings.status();
}

namespace {

bool covers(PatternForm form, std::string_view text, std::string_view name) {
  switch (form) {
    case PatternForm::Any: return true;
    case PatternForm::Literal: return text == name;
    case PatternForm::Prefix: return name.starts_with(text);
    case PatternForm::Suffix: return name.ends_with(text);
    case PatternForm::Contains: return name.find(text) != std::string_view::npos;
  }
  return false;
}

/// The longest chain of covering patterns: `*`, then prefixes that open one another, a literal.
/// Sorted by text, a prefix stands before what it covers, so a stack holds the chain.
std::uint32_t longest_chain(const Program& program, std::vector<PatternId>& patterns) {
  std::ranges::sort(patterns, [&program](PatternId a, PatternId b) {
    const Pattern& left = program.patterns[a.index];
    const Pattern& right = program.patterns[b.index];
    const auto rank = [](PatternForm form) { return form == PatternForm::Literal ? 1 : 0; };
    const int order = program.text(left.text).compare(program.text(right.text));
    return order != 0 ? order < 0 : rank(left.form) < rank(right.form);
  });
  std::uint32_t longest = 0;
  std::uint32_t any = 0;
  std::vector<const Pattern*> chain;
  for (const PatternId id : patterns) {
    const Pattern& pattern = program.patterns[id.index];
    if (pattern.form == PatternForm::Any) {
      any = 1;
      continue;
    }
    if (pattern.form == PatternForm::Suffix || pattern.form == PatternForm::Contains) continue;
    const std::string_view text = program.text(pattern.text);
    while (!chain.empty() &&
           !covers(chain.back()->form, program.text(chain.back()->text), text)) {
      chain.pop_back();
    }
    chain.push_back(&pattern);
    longest = std::max(longest, static_cast<std::uint32_t>(chain.size()));
  }
  return longest + any;
}

}  // namespace

Cost cost(const Program& program) {
  Cost cost;
  for (const Condition& condition : program.conditions) {
    const auto count = program.shapes[condition.shape.index].insts.size();
    cost.condition_instructions =
        std::max(cost.condition_instructions, static_cast<std::uint32_t>(count));
  }
  std::vector<std::vector<PatternId>> by_kind(program.kinds.size());
  for (const Grant& grant : program.grants) {
    if (!grant.plain()) ++cost.conditional_grants;
    if (grant.kind.valid() && grant.pattern.valid()) {
      by_kind[grant.kind.index].push_back(grant.pattern);
    }
  }
  for (const PatternSet& set : program.pattern_sets) {
    auto& patterns = by_kind[set.kind.index];
    patterns.insert(patterns.end(), set.patterns.begin(), set.patterns.end());
  }
  for (auto& patterns : by_kind) {
    std::ranges::sort(patterns);
    patterns.erase(std::ranges::unique(patterns).begin(), patterns.end());
    cost.chain_length = std::max(cost.chain_length, longest_chain(program, patterns));
  }
  return cost;
}

}  // namespace writ::ir
