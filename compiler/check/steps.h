// The steps of checking, in their order; each reads what the ones before it resolved. Private to
// compiler/check.
#pragma once

#include "compiler/check/policy.h"

namespace writ::check {

void check_packages(Policy& policy);  // root, includes, edition, statements of later versions
void check_models(Policy& policy);    // kinds, operations, implications, attributes, purposes
void check_scopes(Policy& policy);    // the tree
void check_properties(const Policy& policy);  // of scopes: keys that they name
void check_groups(Policy& policy);            // closed and external groups, closure, cycles
void check_networks(Policy& policy);          // classes of networks
void check_tags(Policy& policy);              // patterns by tag
void check_privileged(Policy& policy);        // infrastructure, superusers
void check_keys(Policy& policy);              // facts of keys, rules on their use
void check_acls(Policy& policy);              // acl blocks, guards, default
void check_audit(Policy& policy);              // the audit trail
void check_roles(Policy& policy);             // roles, inclusion, bindings
void check_protections(Policy& policy);       // one key a resource
void check_tests(Policy& policy);             // test blocks

// ── pieces that several steps resolve ──
/// The subjects of a statement. Reports unknown names. Effect Allow: `any` is without those that
/// the model calls unauthenticated.
[[nodiscard]] std::vector<ir::SubjectId> resolve_subjects(const Policy& policy,
                                                          const std::vector<ast::Subject>& subjects,
                                                          ast::Effect effect);
/// Bits of a kind. `wanted` names operations or sets; reports those that the kind does not have.
/// Quiet: bits of what the kind has, nothing reported (for `on any`).
enum class Missing : std::uint8_t { Report, Ignore };
[[nodiscard]] std::uint32_t resolve_operations(const Policy& policy, const ast::Operations& wanted,
                                               ir::KindId kind, ast::Effect effect,
                                               Missing missing);
/// Names of operations with the sets unfolded; reports unknown ones once.
[[nodiscard]] std::vector<ast::Word> operation_names(const Policy& policy,
                                                     const ast::Operations& wanted);

/// Text of a pattern's pieces, with a role's parameters replaced.
using Arguments = std::vector<std::pair<std::string, Value>>;
struct ResolvedPattern {
  ir::PatternForm form = ir::PatternForm::Literal;
  std::string text;
};
[[nodiscard]] std::optional<ResolvedPattern> resolve_pattern(const Policy& policy,
                                                             const ast::Pattern& pattern,
                                                             const Arguments* arguments);
/// What a statement at `scope` speaks of. `operations` null: bits are left 0 (protections).
[[nodiscard]] std::vector<model::Target> resolve_resources(
    const Policy& policy, const std::vector<ast::Resource>& resources,
    const ast::Operations* operations, ast::Effect effect, ir::ScopeId scope,
    const Arguments* arguments);
/// As policy text writes it: `"x"`, `"x."*`, `*`, `*"x"`, `*"x"*`.
[[nodiscard]] std::string pattern_text(const ResolvedPattern& pattern);

/// Networks of `from`, and its classes as a condition (no insts: none).
struct ResolvedFrom {
  std::vector<ir::NetworkId> networks;
  TypedExpr classes;
};
[[nodiscard]] ResolvedFrom resolve_from(const Policy& policy, const std::optional<ast::From>& from);
/// Takes from an allow on one declared key what the key's purpose does not allow (`any` is not
/// more than that). False: nothing is left.
[[nodiscard]] bool keep_to_purpose(const Policy& policy, model::Target& target);

/// Networks or classes may hold: where `from` says both, each is a statement of its own.
[[nodiscard]] std::vector<ResolvedFrom> alternatives(ResolvedFrom from);
/// Whoever is in both; absent: nobody.
[[nodiscard]] std::optional<ResolvedFrom> meet(const Policy& policy, const ResolvedFrom& a,
                                               const ResolvedFrom& b);
/// The time that lies in both; absent: none.
[[nodiscard]] std::optional<ir::ValidityId> meet(const Policy& policy, ir::ValidityId a,
                                                 ir::ValidityId b);
/// Reports an allow whose condition rests on an asserted attribute without `trust`.
void require_trust(const Policy& policy, const ast::File& file, const ast::When& when,
                   const TypedExpr& condition);
/// The validity of since/until; none where neither is said.
[[nodiscard]] ir::ValidityId resolve_validity(const Policy& policy, const ast::When& when);
/// What the conditions of a statement may ask of its resource: `t` of the first `as t`, the kinds,
/// the scope.
struct About {
  std::string_view variable;
  std::vector<ir::KindId> kinds;
  ir::ScopeId scope;
};
[[nodiscard]] About about(const Policy& policy, const std::vector<ast::Resource>& resources,
                          ir::ScopeId scope);
/// Conditions of a statement joined with `more`; reports an allow on an asserted attribute.
[[nodiscard]] ir::ConditionId resolve_condition(const Policy& policy, const ast::File& file,
                                                const ast::When& when, ast::Effect effect,
                                                const About& of, const Arguments* arguments,
                                                std::vector<TypedExpr> more);
/// Warns of a statement that never applies, or was said before. `rule`: the guard's or acl's name.
void report_idle(const Policy& policy, source::Span span, std::string_view rule,
                 const model::Statement& made);

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

}  // namespace writ::check
