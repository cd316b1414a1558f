#include "runtime/ir/verify_stores.h"

namespace writ::ir {
namespace {

/// Of a form that names can be found by.
void verify_pattern(const Program& program, PatternId pattern, const char* store, std::size_t at,
                    Findings& findings) {
  if (findings.in_store(pattern, program.patterns.size(), store, at, "its pattern is unknown")) {
    const PatternForm form = program.patterns[pattern.index].form;
    findings.require(form != PatternForm::Suffix && form != PatternForm::Contains, store, at,
                     "its pattern may stand in a set of patterns only");
  }
}

/// A set that limits the pattern: of the kind.
void verify_within(const Program& program, KindId kind, PatternSetId within, const char* store,
                   std::size_t at, Findings& findings) {
  if (findings.none_or_in_store(within, program.pattern_sets.size(), store, at,
                                "its set of patterns is unknown") &&
      within.valid()) {
    findings.require(program.pattern_sets[within.index].kind == kind, store, at,
                     "its set of patterns is of another kind");
  }
}

void verify_grant(const Program& program, std::size_t at, Findings& findings) {
  const Grant& grant = program.grants[at];
  const auto known = [&](auto id, const auto& store, const char* message) {
    findings.none_or_in_store(id, store.size(), "grant", at, message);
  };
  findings.in_store(grant.subject, program.subjects.size(), "grant", at, "its subject is unknown");
  findings.in_store(grant.scope, program.scopes.size(), "grant", at, "its scope is unknown");
  findings.in_store(grant.origin, program.origins.size(), "grant", at, "its origin is unknown");
  known(grant.network, program.networks, "its network is unknown");
  known(grant.condition, program.conditions, "its condition is unknown");
  known(grant.validity, program.validities, "its validity is unknown");
  known(grant.role_origin, program.origins, "its role's origin is unknown");
  known(grant.kind, program.kinds, "its kind is unknown");
  known(grant.pattern, program.patterns, "its pattern is unknown");
  findings.require(grant.effect <= Effect::Allow, "grant", at, "has an unknown effect");
  switch (grant.layer) {
    case Layer::Guard:
    case Layer::Grant: {
      findings.require(grant.layer != Layer::Guard || grant.effect == Effect::Deny, "grant", at,
                       "is a guard that allows");
      if (!findings.in_store(grant.kind, program.kinds.size(), "grant", at,
                             "its kind is unknown")) {
        return;
      }
      const std::size_t count = program.kinds[grant.kind.index].operations.size();
      // A denial of any operation denies those of later vocabularies too.
      findings.require(grant.effect == Effect::Deny ||
                           std::uint64_t{grant.operations} >> count == 0,
                       "grant", at, "allows operations beyond those of its kind");
      verify_pattern(program, grant.pattern, "grant", at, findings);
      verify_within(program, grant.kind, grant.within, "grant", at, findings);
      verify_within(program, grant.kind, grant.except, "grant", at, findings);
      return;
    }
    case Layer::Superuser:
    case Layer::Infrastructure:
      findings.require(grant.effect == Effect::Allow, "grant", at,
                       "makes nobody infrastructure or superuser");
      findings.require(!grant.condition.valid() && !grant.except.valid() && !grant.within.valid(),
                       "grant", at, "limits infrastructure or superusers by what they ask");
      findings.require(grant.layer == Layer::Infrastructure || !grant.validity.valid(), "grant",
                       at, "limits superusers in time");
      return;
  }
  findings.require(false, "grant", at, "has an unknown layer");
}

}  // namespace

void verify_grants(const Program& program, Findings& findings) {
  const std::size_t strings = program.strings.size();
  for (std::size_t at = 0; at < program.origins.size(); ++at) {
    const Origin& origin = program.origins[at];
    for (const StringId id :
         {origin.package, origin.file, origin.statement, origin.rule, origin.reason}) {
      findings.none_or_in_store(id, strings, "origin", at, "has an unknown text");
    }
  }
  for (std::size_t at = 0; at < program.grants.size(); ++at) {
    verify_grant(program, at, findings);
    findings.require(at == 0 || program.grants[at - 1].number <= program.grants[at].number,
                     "grant", at, "has a lower number than the one before");
  }
  for (std::size_t at = 0; at < program.protections.size(); ++at) {
    const Protection& protection = program.protections[at];
    findings.in_store(protection.kind, program.kinds.size(), "protection", at,
                      "its kind is unknown");
    verify_pattern(program, protection.pattern, "protection", at, findings);
    verify_within(program, protection.kind, protection.within, "protection", at, findings);
    findings.in_store(protection.scope, program.scopes.size(), "protection", at,
                      "its scope is unknown");
    findings.in_store(protection.key, strings, "protection", at, "its key has no name");
    findings.none_or_in_store(protection.origin, program.origins.size(), "protection", at,
                              "its origin is unknown");
  }
  for (std::size_t at = 0; at < program.unlisted_defaults.size(); ++at) {
    findings.in_store(program.unlisted_defaults[at].scope, program.scopes.size(),
                      "unlisted default", at, "its scope is unknown");
    findings.none_or_in_store(program.unlisted_defaults[at].origin, program.origins.size(),
                              "unlisted default", at, "its origin is unknown");
  }
}

}  // namespace writ::ir
