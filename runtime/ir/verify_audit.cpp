#include "runtime/ir/verify_stores.h"

namespace writ::ir {
namespace {

constexpr std::uint8_t kVerdictsMax = 3;
constexpr std::uint8_t kLevelMax = 2;

bool is_route(AuditForm form) {
  return form == AuditForm::RouteToFile || form == AuditForm::RouteToTopic;
}

}  // namespace

void verify_audit(const Program& program, Findings& findings) {
  for (const StringId source : program.audit_source) {
    findings.in_store(source, program.strings.size(), "audit source", 0, "its text is unknown");
  }
  findings.require(program.audit_source.size() <= 1, "audit source", 1, "is one too many");
  for (std::size_t at = 0; at < program.audit_rules.size(); ++at) {
    const AuditRule& rule = program.audit_rules[at];
    findings.require(rule.form <= AuditForm::Coalesce, "audit rule", at, "has an unknown form");
    findings.require(rule.verdicts != 0 && rule.verdicts <= kVerdictsMax, "audit rule", at,
                     "speaks of no verdict");
    findings.in_store(rule.kind, program.kinds.size(), "audit rule", at, "its kind is unknown");
    findings.in_store(rule.scope, program.scopes.size(), "audit rule", at, "its scope is unknown");
    findings.none_or_in_store(rule.origin, program.origins.size(), "audit rule", at,
                              "its origin is unknown");
    findings.require(rule.level <= kLevelMax, "audit rule", at, "its level is unknown");
    if (is_route(rule.form)) {
      findings.in_store(rule.destination, program.strings.size(), "audit rule", at,
                        "leads nowhere");
    }
    findings.require(rule.form != AuditForm::Coalesce ||
                         (rule.window_us > 0 && rule.window_us <= kCoalesceWindowMaxUs),
                     "audit rule", at, "its window is out of bounds");
  }
  for (std::size_t at = 0; at < program.audit_omitted.size(); ++at) {
    findings.in_store(program.audit_omitted[at], program.attributes.size(), "audit omitted", at,
                      "its attribute is unknown");
  }
  findings.require(ascends(program.audit_omitted), "audit omitted", 0,
                   "attributes do not ascend");
}

}  // namespace writ::ir
