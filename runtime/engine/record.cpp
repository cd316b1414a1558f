// The record of a decision, and what it rests on in words.
#include <algorithm>

#include <fmt/format.h>

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

class DecisionWords final : public audit::Words {
 public:
  DecisionWords(const Snapshot* snapshot, const View* view, const Asked& asked,
                const Decision& decision)
      : snapshot_(snapshot), view_(view), asked_(asked), decision_(decision) {}

  [[nodiscard]] audit::Question question() const override {
    audit::Question out;
    out.kind = asked_.kind;
    out.operation = asked_.operation;
    if (snapshot_ == nullptr) return out;
    const ir::Program& program = snapshot_->program;
    const std::uint32_t id = snapshot_->find_kind(asked_.kind);
    if (id != kNone) {
      const ir::Kind& kind = program.kinds[id];
      if (kind.model.valid()) out.model = program.text(program.models[kind.model.index].name);
      if (asked_.operation.empty() && asked_.bit < kind.operations.size()) {
        out.operation = program.text(program.operations[kind.operations[asked_.bit].index].name);
      }
    }
    if (view_ != nullptr && view_->scope != kNone) {
      out.scope = snapshot_->scope_paths[view_->scope];
      out.scope_id = program.text(program.scopes[view_->scope].id);
      out.levels = snapshot_->scope_levels[view_->scope];
    }
    return out;
  }

  [[nodiscard]] audit::Explained explain() const override {
    audit::Explained out;
    if (snapshot_ == nullptr) {
      out.rule = name_of(decision_.reason);
      return out;
    }
    Because why = because(*snapshot_, decision_);
    out.rule = std::move(why.rule);
    out.statement = std::move(why.statement);
    out.file = std::move(why.file);
    out.error = std::move(why.error);
    out.line = why.line;
    const ir::Program& program = snapshot_->program;
    if (decision_.grant >= program.grants.size()) return out;
    const ir::Grant& grant = program.grants[decision_.grant];
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
      out.scope = snapshot_->scope_paths[grant.scope.index];
      out.scope_levels = snapshot_->scope_levels[grant.scope.index];
    }
    if (grant.subject.valid()) out.acting_principal = acting_principal(program, grant.subject);
    return out;
  }

 private:
  const Snapshot* snapshot_;
  const View* view_;
  const Asked& asked_;
  const Decision& decision_;
};

}  // namespace

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

Decision recorded(const Engine::State& state, const Snapshot* snapshot,
                  const SessionFacts* session, const View* view, const Asked& asked,
                  const Decision& decision, Clock& clock) {
  if (state.options.recorder == nullptr) return decision;
  const DecisionWords words(snapshot, view, asked, decision);
  audit::Record record;
  record.session = session;
  record.name = asked.name;
  record.decision = decision;
  record.purpose = asked.purpose;
  record.by_kind = asked.by_kind;
  record.words = &words;
  const std::optional<std::int64_t> now = clock.now_us();
  record.time_us = now ? *now : Engine::now_us();
  if (snapshot != nullptr) record.policy = &snapshot->policy;
  if (state.options.recorder->record(record)) return decision;
  return refusal(ReasonClass::AuditUnavailable);
}

}  // namespace writ::engine
