// The steps of checking, in their order; each reads what the ones before it resolved. Private to
// compiler/check.
#pragma once

#include "compiler/check/policy.h"

namespace writ::check {

void check_packages(Policy& policy);    // root, includes, edition, statements of later versions
void check_models(Policy& policy);      // kinds, operations, implications, attributes, purposes
void check_scopes(Policy& policy);      // the tree
void check_properties(const Policy& policy);  // of scopes: keys that they name
void check_groups(Policy& policy);      // closed and external groups, closure, cycles
void check_networks(Policy& policy);    // classes of networks
void check_tags(Policy& policy);        // patterns by tag
void check_privileged(Policy& policy);  // infrastructure, superusers
void check_keys(Policy& policy);        // facts of keys, rules on their use
void check_acls(Policy& policy);        // acl blocks, guards, default
void check_roles(Policy& policy);       // roles, inclusion, bindings
void check_protections(Policy& policy); // one key a resource
void check_tests(Policy& policy);       // test blocks

// ── pieces that several steps resolve ──
/// The type that a word (and its `?`, its braces) names; reports unknown ones.
[[nodiscard]] std::optional<Type> resolve_type(const Policy& policy, const ast::TypeName& name);

/// The subjects of a statement. Reports unknown names. Effect Allow: `any` is without those that
/// the model calls unauthenticated.
[[nodiscard]] std::vector<ir::SubjectId> resolve_subjects(const Policy& policy,
                                                          const std::vector<ast::Subject>& subjects,
                                                          ast::Effect effect);
/// Bits of a kind. `wanted` names operations or sets; reports those that the kind does not have.
/// Ignore: bits of what the kind has, nothing reported but unknown words (for `on any`).
enum class Missing : std::uint8_t { Report, Ignore };
[[nodiscard]] std::uint32_t resolve_operations(const Policy& policy, const ast::Operations& wanted,
                                               ir::KindId kind, ast::Effect effect,
                                               Missing missing);
/// Names of operations with the sets unfolded; reports unknown ones.
[[nodiscard]] std::vector<ast::Word> operation_names(const Policy& policy,
                                                     const ast::Operations& wanted);
[[nodiscard]] std::optional<ir::KindId> resolve_kind(const Policy& policy, const ast::Word& word);

/// Text of a pattern's pieces, with a role's parameters replaced.
using Arguments = std::vector<std::pair<std::string, Value>>;
struct ResolvedPattern {
  ir::PatternForm form = ir::PatternForm::Literal;
  std::string text;
};
/// Where a pattern stands: tags may say suffixes, exceptions and `because` may say anything.
enum class Room : std::uint8_t { Statement, Tag };
/// A pattern that is not `tagged`. Reports what matches nothing or does not belong here.
[[nodiscard]] std::optional<ResolvedPattern> resolve_pattern(const Policy& policy,
                                                             const ast::Pattern& pattern,
                                                             const Arguments* arguments, Room room);
/// Is every name that `inner` covers covered by `outer`?
[[nodiscard]] bool covers(const ResolvedPattern& outer, const ResolvedPattern& inner);
[[nodiscard]] ResolvedPattern pattern_of(const Policy& policy, ir::PatternId id);
/// As policy text writes it: `"x"`, `"x."*`, `*`, `*"x"`, `*"x"*`.
[[nodiscard]] std::string pattern_text(const ResolvedPattern& pattern);

/// What the resources of a statement are resolved against.
struct ResourceFrame {
  const ast::Operations* operations = nullptr;  // null: bits are left 0
  ast::Effect effect = ast::Effect::Deny;
  ir::ScopeId scope;
  const Arguments* arguments = nullptr;
};
/// What a statement speaks of. A resource with a mistake is left out.
[[nodiscard]] std::vector<model::Target> resolve_resources(
    const Policy& policy, const std::vector<ast::Resource>& resources, const ResourceFrame& frame);

/// One alternative of `from`: networks, or a test of network classes, or (neither) everywhere.
struct Origins {
  std::vector<ir::NetworkId> networks;
  TypedExpr classes;  // no insts: none
};
/// Absent: everywhere. Reports unknown classes and networks with host bits; empty: only mistakes.
[[nodiscard]] std::vector<Origins> resolve_from(const Policy& policy,
                                                const std::optional<ast::From>& from);
/// Whoever comes from both. Empty where nobody can.
[[nodiscard]] std::vector<Origins> meet(const Policy& policy, const std::vector<Origins>& a,
                                        const std::vector<Origins>& b);
/// The validity of since/until, of two statements where both limit it. Absent: a mistake.
[[nodiscard]] std::optional<ir::ValidityId> resolve_validity(const Policy& policy,
                                                             const ast::When& when,
                                                             const ast::When* also);
/// `when`/`unless` of a statement. Reports an allow on an asserted attribute. Absent: a mistake.
struct ConditionFrame {
  const ast::File* file = nullptr;
  ast::Effect effect = ast::Effect::Deny;
  std::string_view variable;
  const Arguments* arguments = nullptr;
};
[[nodiscard]] std::optional<TypedExpr> resolve_when(const Policy& policy, const ast::When& when,
                                                    const ConditionFrame& frame);
[[nodiscard]] ir::ConditionId intern_condition(const Policy& policy, TypedExpr condition);
/// `t` of the first `as t` among the resources.
[[nodiscard]] std::string_view variable_of(const std::vector<ast::Resource>& resources);

/// Where a statement of policy text goes: everything but what the statement itself says.
struct StatementFrame {
  const ast::File* file = nullptr;
  ir::Layer layer = ir::Layer::Grant;
  ir::ScopeId scope;
  std::string_view rule;
  std::string_view reason;
  const std::vector<ast::Resource>* resources = nullptr;  // in place of the statement's own
};
void add_statement(Policy& policy, const ast::Statement& statement, const StatementFrame& frame);

/// Does every declaration of one form in the policy's files, in order.
template <class Decl, class Do>
void each(const Policy& policy, const Do& act) {
  for (const ast::File& file : policy.files) {
    for (const ast::Decl& decl : file.decls) {
      if (const auto* found = std::get_if<Decl>(&decl)) {
        act(file, *found);
      }
    }
  }
}

}  // namespace writ::check
