// What the numbers of a snapshot mean in words.
#include "runtime/engine/policy_words.h"

#include <fmt/format.h>

#include "runtime/engine/audit_rules.h"
#include "runtime/engine/nearest.h"
#include "runtime/engine/questions.h"
#include "runtime/ir/print.h"

namespace writ::engine {
namespace {

std::string error_text(const ir::Program& program, std::uint32_t error) {
  if (error == 0) return {};
  const std::uint32_t detail = error & 0xFF'FFFF;
  const std::string_view attribute =
      detail < program.attributes.size() ? program.text(program.attributes[detail].name) : "?";
  switch (error_code(error)) {
    case EvalError::None: return {};
    case EvalError::MissingAttribute:
      return fmt::format("attribute {} was not supplied", attribute);
    case EvalError::UnknownHost: return "the client's address is not known";
    case EvalError::UnknownGroups: return "the principal's groups are not known";
    case EvalError::Overflow: return "a number overflowed";
    case EvalError::BadValue:
      return fmt::format("attribute {} has a value that does not fit", attribute);
    case EvalError::UnknownTime: return "the time is not known";
    case EvalError::UnlistedFact:
      return fmt::format("the resource is not declared, so it has no {}", attribute);
  }
  return {};
}

// SOURCE: Confluent's audit log says PREFIX where Kafka's own names say PREFIXED.
std::string_view pattern_type(ir::PatternForm form) {
  switch (form) {
    case ir::PatternForm::Literal:
    case ir::PatternForm::Any: return "LITERAL";
    case ir::PatternForm::Prefix: return "PREFIX";
    case ir::PatternForm::Suffix: return "SUFFIXED";
    case ir::PatternForm::Contains: return "CONTAINS";
  }
  return {};
}

std::string network_text(const ir::Program& program, ir::NetworkId id) {
  if (!id.valid()) return "*";
  const ir::Network& network = program.networks[id.index];
  switch (network.form) {
    case ir::NetworkForm::Cidr: return to_text(network.cidr);
    case ir::NetworkForm::Exact: return to_text(network.cidr.base);
    case ir::NetworkForm::Text:
    case ir::NetworkForm::Never: return std::string(program.text(network.text));
  }
  return {};
}

// A group as the events' assignedPrincipals write it; everything else as policy does.
std::string acting_principal(const ir::Program& program, ir::SubjectId id) {
  const ir::Subject& subject = program.subjects[id.index];
  if (subject.form != ir::SubjectForm::Group) return ir::subject_text(program, id);
  return "Group:" + std::string(program.text(program.groups[subject.group.index].name));
}

class SnapshotWords final : public audit::PolicyWords {
 public:
  explicit SnapshotWords(std::shared_ptr<const Snapshot> snapshot)
      : snapshot_(std::move(snapshot)) {}

  [[nodiscard]] const audit::PolicyFacts& facts() const override { return snapshot_->policy; }
  [[nodiscard]] audit::Question question(std::uint16_t kind, std::uint8_t operation,
                                         std::uint32_t scope) const override {
    return question_of(*snapshot_, kind, operation, scope);
  }
  [[nodiscard]] std::vector<std::string_view> operations(std::uint16_t kind) const override {
    std::vector<std::string_view> names;
    const ir::Program& program = snapshot_->program;
    if (kind >= program.kinds.size()) return names;
    for (const ir::OperationId id : program.kinds[kind].operations) {
      names.push_back(program.text(program.operations[id.index].name));
    }
    return names;
  }
  [[nodiscard]] audit::Explained explain(const Decision& decision, const audit::Question& question,
                                         const SessionFacts* session,
                                         std::string_view name) const override {
    audit::Explained out = explained(*snapshot_, decision);
    if (decision.reason == ReasonClass::Default && session != nullptr) {
      out.nearest = nearest_miss(*snapshot_, question, *session, name);
    }
    return out;
  }
  [[nodiscard]] audit::AuditPolicy audit() const override {
    return audit_policy(snapshot_->program, snapshot_->scope_paths);
  }

 private:
  std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace

std::shared_ptr<const audit::PolicyWords> policy_words(std::shared_ptr<const Snapshot> snapshot) {
  return std::make_shared<SnapshotWords>(std::move(snapshot));
}

audit::Question question_of(const Snapshot& snapshot, std::uint32_t kind, std::uint32_t operation,
                            std::uint32_t scope) {
  audit::Question out;
  const ir::Program& program = snapshot.program;
  if (kind < program.kinds.size()) {
    const ir::Kind& of = program.kinds[kind];
    out.kind = program.text(of.name);
    if (of.model.valid()) out.model = program.text(program.models[of.model.index].name);
    if (operation < of.operations.size()) {
      out.operation = program.text(program.operations[of.operations[operation].index].name);
    }
  }
  if (scope < program.scopes.size()) {
    out.scope = snapshot.scope_paths[scope];
    out.scope_id = program.text(program.scopes[scope].id);
    out.levels = snapshot.scope_levels[scope];
  }
  return out;
}

audit::Explained explained(const Snapshot& snapshot, const Decision& decision) {
  audit::Explained out;
  Because why = because(snapshot, decision);
  out.rule = std::move(why.rule);
  out.statement = std::move(why.statement);
  out.file = std::move(why.file);
  out.error = std::move(why.error);
  out.line = why.line;
  const ir::Program& program = snapshot.program;
  if (decision.grant >= program.grants.size()) return out;
  const ir::Grant& grant = program.grants[decision.grant];
  if (grant.role_origin.valid()) {
    out.role = program.text(program.origins[grant.origin.index].rule);
  }
  if (grant.pattern.valid()) {
    const ir::Pattern& pattern = program.patterns[grant.pattern.index];
    out.pattern_type = pattern_type(pattern.form);
    out.pattern_name = pattern.form == ir::PatternForm::Any ? "*" : program.text(pattern.text);
  }
  out.host = network_text(program, grant.network);
  if (grant.scope.valid()) {
    out.scope = snapshot.scope_paths[grant.scope.index];
    out.scope_levels = snapshot.scope_levels[grant.scope.index];
  }
  if (grant.subject.valid()) out.acting_principal = acting_principal(program, grant.subject);
  return out;
}

Because because(const Snapshot& snapshot, const Decision& decision) {
  const ir::Program& program = snapshot.program;
  Because out;
  out.error = error_text(program, decision.error);
  out.rule = name_of(decision.reason);
  const ir::OriginId by_default =
      decision.reason == ReasonClass::Unlisted && !program.unlisted_defaults.empty()
          ? program.unlisted_defaults.front().origin
          : ir::OriginId();
  if (decision.grant >= program.grants.size()) {
    if (!by_default.valid()) return out;
    const ir::Origin& origin = program.origins[by_default.index];
    out.statement = program.text(origin.statement);
    out.file = program.text(origin.file);
    out.line = origin.line;
    return out;
  }
  const ir::Grant& grant = program.grants[decision.grant];
  out.statement = ir::statement_text(program, grant);
  if (grant.origin.valid()) {
    const ir::Origin& origin = program.origins[grant.origin.index];
    if (origin.rule.valid()) out.rule = program.text(origin.rule);
    out.file = program.text(origin.file);
    out.line = grant.line != 0 ? grant.line : origin.line;
  }
  if (grant.role_origin.valid()) {
    const ir::Origin& role = program.origins[grant.role_origin.index];
    out.role_file = program.text(role.file);
    out.role_line = role.line;
  }
  return out;
}

}  // namespace writ::engine
