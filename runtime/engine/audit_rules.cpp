#include "runtime/engine/audit_rules.h"

#include <algorithm>

namespace writ::engine {
namespace {

constexpr std::uint8_t kDenials = 1;
constexpr std::uint8_t kAllows = 2;

bool is_within(const ir::Program& program, std::uint32_t scope, ir::ScopeId above) {
  for (ir::ScopeId at{scope}; at.valid(); at = program.scopes[at.index].parent) {
    if (at == above) return true;
  }
  return false;
}

audit::Selection selection(const ir::Program& program, const ir::AuditRule& rule,
                           std::span<const std::string> scope_paths) {
  audit::Selection out;
  out.denials = (rule.verdicts & kDenials) != 0;
  out.allows = (rule.verdicts & kAllows) != 0;
  const ir::Kind& kind = program.kinds[rule.kind.index];
  out.kind = program.text(kind.name);
  for (std::size_t bit = 0; bit < kind.operations.size(); ++bit) {
    if ((rule.operations >> bit & 1) == 0) continue;
    out.operations.emplace_back(
        program.text(program.operations[kind.operations[bit].index].name));
  }
  std::ranges::sort(out.operations);
  out.scope = scope_paths[rule.scope.index];
  return out;
}

}  // namespace

AuditLevels::AuditLevels(const ir::Program& program) {
  const auto asks = [](const ir::AuditRule& rule) {
    return rule.form == ir::AuditForm::Level && rule.level != 0;
  };
  if (std::ranges::none_of(program.audit_rules, asks)) return;
  scopes_ = program.scopes.size();
  kinds_ = program.kinds.size();
  masks_.resize(scopes_ * kinds_);
  for (const ir::AuditRule& rule : program.audit_rules) {
    if (!asks(rule)) continue;
    const auto level = static_cast<audit::Level>(rule.level);
    if ((rule.verdicts & kDenials) != 0) strictest_denial_ = std::max(strictest_denial_, level);
    for (std::uint32_t scope = 0; scope < scopes_; ++scope) {
      if (!is_within(program, scope, rule.scope)) continue;
      Masks& masks = masks_[scope * kinds_ + rule.kind.index];
      auto& of = level == audit::Level::Durable ? masks.durable : masks.replicated;
      if ((rule.verdicts & kDenials) != 0) of[0] |= rule.operations;
      if ((rule.verdicts & kAllows) != 0) of[1] |= rule.operations;
    }
  }
}

audit::AuditPolicy audit_policy(const ir::Program& program,
                                std::span<const std::string> scope_paths) {
  audit::AuditPolicy out;
  if (!program.audit_source.empty()) out.source = program.text(program.audit_source.front());
  for (const ir::AuditRule& rule : program.audit_rules) {
    switch (rule.form) {
      case ir::AuditForm::Level: break;
      case ir::AuditForm::RouteToFile:
      case ir::AuditForm::RouteToTopic:
        out.routes.push_back({selection(program, rule, scope_paths),
                              rule.form == ir::AuditForm::RouteToFile ? audit::Route::To::File
                                                                      : audit::Route::To::Topic,
                              std::string(program.text(rule.destination))});
        break;
      case ir::AuditForm::Coalesce:
        out.coalescing.push_back({selection(program, rule, scope_paths), rule.window_us});
        break;
    }
  }
  for (const ir::AttributeId id : program.audit_omitted) {
    out.omitted.emplace_back(program.text(program.attributes[id.index].name));
  }
  std::ranges::sort(out.omitted);
  return out;
}

}  // namespace writ::engine
