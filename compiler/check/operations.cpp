// Operations of a statement → bits of a kind.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/check/steps.h"

namespace writ::check {
namespace {

std::uint32_t all_bits(const ir::Kind& kind) {
  const std::size_t count = kind.operations.size();
  return count == 32 ? ~0U : (1U << count) - 1;
}

/// The bit of an operation, 0 where the kind does not have it.
std::uint32_t bit_of(const Policy& policy, const ir::Kind& kind, const std::string& name) {
  const auto found = policy.operations.find(name);
  if (found == policy.operations.end()) {
    return 0;
  }
  const auto at = std::ranges::find(kind.operations, found->second.value);
  return at == kind.operations.end()
             ? 0
             : 1U << static_cast<std::uint32_t>(at - kind.operations.begin());
}

void report_missing(const Policy& policy, const ir::Kind& kind, const ast::Word& word) {
  std::string known;
  for (std::size_t bit = 0; bit < kind.operations.size(); ++bit) {
    if ((kind.listed >> bit & 1U) != 0) {
      const auto& operation = policy.program().operations[kind.operations[bit].index];
      known += (known.empty() ? "" : ", ") + std::string(policy.program().text(operation.name));
    }
  }
  const std::string_view name = policy.program().text(kind.name);
  policy.report(diag::Code::NoSuchOperation, word.span,
                fmt::format("a {} has no operation `{}`", name, word.text),
                "not an operation of this kind", fmt::format("a {} has {}", name, known));
}

std::vector<std::string> known_operations(const Policy& policy) {
  std::vector<std::string> known = Policy::names_of(policy.operations);
  const std::vector<std::string> sets = Policy::names_of(policy.operation_sets);
  known.insert(known.end(), sets.begin(), sets.end());
  return known;
}

/// Bits of one word: an operation, or those of a set that the kind has.
std::uint32_t bits_of(const Policy& policy, const ir::Kind& kind, const ast::Word& word,
                      Missing missing) {
  const std::uint32_t allowed = missing == Missing::Report ? kind.listed : all_bits(kind);
  std::uint32_t bits = 0;
  if (const auto set = policy.operation_sets.find(word.text); set != policy.operation_sets.end()) {
    for (const std::string& name : set->second.value) {
      bits |= bit_of(policy, kind, name) & allowed;
    }
  } else if (policy.operations.contains(word.text)) {
    bits = bit_of(policy, kind, word.text) & allowed;
  } else {
    policy.unknown(word, "operation", known_operations(policy));
    return 0;
  }
  if (bits == 0 && missing == Missing::Report) {
    report_missing(policy, kind, word);
  }
  return bits;
}

}  // namespace

std::optional<ir::KindId> resolve_kind(const Policy& policy, const ast::Word& word) {
  const auto found = policy.kinds.find(word.text);
  if (found == policy.kinds.end()) {
    policy.unknown(word, "kind", Policy::names_of(policy.kinds),
                   "kinds of resources are declared by the models that the policy uses");
    return std::nullopt;
  }
  return found->second.value;
}

std::vector<ast::Word> operation_names(const Policy& policy, const ast::Operations& wanted) {
  std::vector<ast::Word> words;
  for (const ast::Word& word : wanted.names) {
    if (const auto set = policy.operation_sets.find(word.text);
        set != policy.operation_sets.end()) {
      for (const std::string& name : set->second.value) {
        words.push_back({name, word.span});
      }
    } else if (policy.operations.contains(word.text)) {
      words.push_back(word);
    } else {
      policy.unknown(word, "operation", known_operations(policy));
    }
  }
  return words;
}

std::uint32_t resolve_operations(const Policy& policy, const ast::Operations& wanted,
                                 ir::KindId kind_id, ast::Effect effect, Missing missing) {
  const ir::Kind& kind = policy.program().kinds[kind_id.index];
  std::uint32_t named = 0;
  for (const ast::Word& word : wanted.names) {
    named |= bits_of(policy, kind, word, missing);
  }
  if (!wanted.any) {
    return named;
  }
  // An allow gives what the vocabulary lists, a denial takes everything that can be asked.
  const std::uint32_t every = effect == ast::Effect::Allow ? kind.listed : all_bits(kind);
  return every & ~named;
}

}  // namespace writ::check
