#include <algorithm>
#include <tuple>

#include "runtime/base/limits.h"
#include "runtime/reference/evaluate.h"
#include "runtime/reference/reference.h"
#include "runtime/reference/world.h"

namespace writ::reference {
namespace {

using ir::Effect;
using ir::Grant;
using ir::Layer;

enum class Which : std::uint8_t { Plain, Other };

/// A grant that applies, or an allow that an error kept from applying.
struct Found {
  std::uint32_t grant = kNoGrant;
  std::uint32_t error = 0;
  [[nodiscard]] bool any() const { return grant != kNoGrant; }
};

class Decider {
 public:
  Decider(const World& world, std::uint32_t operation)
      : world_(world), grants_(world.program.grants), operation_(operation) {}

  Decision decide();
  [[nodiscard]] bool is_superuser() const { return holder(Layer::Superuser).any(); }

 private:
  [[nodiscard]] bool matches(const Grant& grant) const;
  [[nodiscard]] bool covers_name(const Grant& grant) const;
  [[nodiscard]] bool covers_operation(const Grant& grant) const;
  [[nodiscard]] Found holder(Layer layer) const;
  [[nodiscard]] Found first(Layer layer, Effect effect, Which which);
  [[nodiscard]] bool unlisted() const;
  [[nodiscard]] std::uint32_t first_of_number(std::uint32_t grant) const;
  [[nodiscard]] Decision denied(ReasonClass reason, const Found& found) const;
  [[nodiscard]] Decision allowed(ReasonClass reason, const Found& found) const;

  const World& world_;
  const std::vector<Grant>& grants_;
  std::uint32_t operation_;
  Found failed_;  // the lowest-numbered allow that failed through an error
};

/// Rule 2, but for what may be an error.
bool Decider::matches(const Grant& grant) const {
  return grant.kind == world_.kind && covers_operation(grant) && covers_name(grant) &&
         world_.holds_here(grant.scope);
}

bool Decider::covers_name(const Grant& grant) const {
  return world_.covers(grant.pattern) && (!grant.within.valid() || world_.covers(grant.within)) &&
         !(grant.except.valid() && world_.covers(grant.except));
}

/// An allow also covers what the model says it implies; a denial implies nothing.
bool Decider::covers_operation(const Grant& grant) const {
  const ir::Kind& kind = world_.program.kinds[world_.kind.index];
  const std::uint32_t covering =
      grant.effect == Effect::Allow ? kind.implied_by[operation_] : 1U << operation_;
  return (grant.operations & covering) != 0;
}

/// Infrastructure and superusers: by who they are, where, and from which network.
Found Decider::holder(Layer layer) const {
  for (std::uint32_t at = 0; at < grants_.size(); ++at) {
    const Grant& grant = grants_[at];
    if (grant.layer != layer || !world_.holds_here(grant.scope)) continue;
    const Truth3 holds = world_.in_subject(grant.subject) && world_.in_network(grant.network) &&
                         world_.in_validity(grant.validity);
    if (holds.is_true()) return {at, 0};
  }
  return {};
}

/// The lowest number that applies; among equal numbers one without an error.
Found Decider::first(Layer layer, Effect effect, Which which) {
  Found best;
  for (std::uint32_t at = 0; at < grants_.size(); ++at) {
    const Grant& grant = grants_[at];
    if (grant.layer != layer || grant.effect != effect) continue;
    if (grant.plain() != (which == Which::Plain) || !matches(grant)) continue;
    const Truth3 applies = world_.in_subject(grant.subject) && world_.in_network(grant.network) &&
                           world_.in_validity(grant.validity) &&
                           evaluate(world_, grant.condition);
    if (applies.is_false()) continue;
    if (applies.error != 0 && effect == Effect::Allow) {
      if (!failed_.any() || grant.number < grants_[failed_.grant].number) {
        failed_ = {at, applies.error};
      }
      continue;
    }
    const auto key = [this](const Found& found) {
      return std::tuple(grants_[found.grant].number, found.error != 0, found.grant);
    };
    const Found found{at, applies.error};
    if (!best.any() || key(found) < key(best)) best = found;
  }
  return best;
}

/// Rule 3.6: whatever its subject, effect and operation, no grant names this name.
bool Decider::unlisted() const {
  const auto stands = [this](const ir::UnlistedDefault& by_default) {
    return world_.holds_here(by_default.scope);
  };
  if (!std::ranges::any_of(world_.program.unlisted_defaults, stands)) return false;
  return std::ranges::none_of(grants_, [this](const Grant& grant) {
    return grant.layer == Layer::Grant && grant.kind == world_.kind &&
           world_.holds_here(grant.scope) && covers_name(grant);
  });
}

std::uint32_t Decider::first_of_number(std::uint32_t grant) const {
  const auto first = std::ranges::find(grants_, grants_[grant].number, &Grant::number);
  return static_cast<std::uint32_t>(first - grants_.begin());
}

Decision Decider::denied(ReasonClass reason, const Found& found) const {
  Decision decision;
  decision.reason = reason;
  if (found.any()) decision.grant = first_of_number(found.grant);
  if (found.error != 0) {
    decision.error = found.error;
    decision.error_grant = decision.grant;
  }
  return decision;
}

Decision Decider::allowed(ReasonClass reason, const Found& found) const {
  Decision decision = denied(reason, found);
  decision.verdict = Verdict::Allow;
  return decision;
}

/// LANGUAGE.md section 3.3, in the order in which 3.4 names what decided.
Decision Decider::decide() {
  const ir::Kind& kind = world_.program.kinds[world_.kind.index];
  if ((kind.infrastructure >> operation_ & 1) != 0) {
    const Found infrastructure = holder(Layer::Infrastructure);
    if (infrastructure.any()) return allowed(ReasonClass::Infrastructure, infrastructure);
  }
  const Found superuser = holder(Layer::Superuser);

  const Found plain_guard = first(Layer::Guard, Effect::Deny, Which::Plain);
  if (plain_guard.any()) return denied(ReasonClass::Guard, plain_guard);
  // Denials do not reach a superuser, so none is named.
  if (!superuser.any()) {
    const Found plain_denial = first(Layer::Grant, Effect::Deny, Which::Plain);
    if (plain_denial.any()) return denied(ReasonClass::Deny, plain_denial);
  }
  const Found other_guard = first(Layer::Guard, Effect::Deny, Which::Other);
  if (other_guard.any()) return denied(ReasonClass::Guard, other_guard);
  if (superuser.any()) return allowed(ReasonClass::Superuser, superuser);
  const Found other_denial = first(Layer::Grant, Effect::Deny, Which::Other);
  if (other_denial.any()) return denied(ReasonClass::Deny, other_denial);

  const Found plain_allow = first(Layer::Grant, Effect::Allow, Which::Plain);
  if (plain_allow.any()) return allowed(ReasonClass::Allow, plain_allow);
  const Found other_allow = first(Layer::Grant, Effect::Allow, Which::Other);
  if (other_allow.any()) return allowed(ReasonClass::Allow, other_allow);
  if (unlisted()) return allowed(ReasonClass::Unlisted, {});

  Decision decision;
  decision.error = failed_.error;
  if (failed_.any()) decision.error_grant = first_of_number(failed_.grant);
  return decision;
}

/// Past `auth.expires` every request is denied.
bool auth_expired(const World& world) {
  for (std::size_t at = 0; at < world.program.attributes.size(); ++at) {
    const ir::Attribute& attribute = world.program.attributes[at];
    if (world.program.text(attribute.name) != "auth.expires" ||
        attribute.moment != ir::AttributeMoment::Session || !attribute.type.is(TypeKind::Time)) {
      continue;
    }
    const Known expires = world.attribute(ir::AttributeId(at));
    // Nobody says that it ends: it does not. A value that makes no sense is no such promise.
    if (!expires.value) return expires.why_not == EvalError::BadValue;
    return !world.request.time_us || *world.request.time_us >= expires.value->integer;
  }
  return false;
}

/// The name by which the system's data means everybody is nobody's.
bool is_everybody(const ir::Program& program, const SessionFacts& session) {
  return std::ranges::any_of(program.principal_types, [&](const ir::PrincipalType& type) {
    return type.everybody.valid() && program.text(type.name) == session.principal_type &&
           program.text(type.everybody) == session.principal_name;
  });
}

}  // namespace

Decision decide(const ir::Program& program, const SessionFacts& session,
                const RequestFacts& request) {
  Decision decision;
  const auto refused = [&decision](ReasonClass reason) {
    decision.reason = reason;
    return decision;
  };
  const World world(program, session, request);
  if (!world.kind.valid()) return refused(ReasonClass::UnknownKind);
  const auto& operations = program.kinds[world.kind.index].operations;
  const auto operation =
      std::ranges::find(operations, std::string_view(request.operation), [&](ir::OperationId id) {
        return program.text(program.operations[id.index].name);
      });
  if (operation == operations.end()) return refused(ReasonClass::UnknownOperation);
  if (request.name.size() > limits::kNameBytesMax) return refused(ReasonClass::NameTooLong);
  const auto bit = static_cast<std::uint32_t>(operation - operations.begin());
  if (is_everybody(program, session)) {
    // Only a superuser of that very name is somebody: Kafka looks at super.users first.
    const bool somebody = world.scope.valid() && Decider(world, bit).is_superuser();
    if (!somebody) return refused(ReasonClass::BadPrincipal);
  }
  if (world.bad_principal) return refused(ReasonClass::BadPrincipal);
  if (world.scope_missing) return refused(ReasonClass::ScopeMissing);
  if (!world.scope.valid()) return refused(ReasonClass::UnknownScope);
  if (auth_expired(world)) return refused(ReasonClass::AuthExpired);
  return Decider(world, bit).decide();
}

std::string_view key_for(const ir::Program& program, std::string_view kind, std::string_view name,
                         std::string_view scope) {
  const SessionFacts session{"", "", {}, {}, std::string(scope), {}, 0};
  const RequestFacts request{"", std::string(kind), std::string(name), "", {}, {}};
  const World world(program, session, request);
  for (const ir::Protection& protection : program.protections) {
    if (protection.kind == world.kind && world.kind.valid() && world.holds_here(protection.scope) &&
        world.covers(protection.pattern) &&
        (!protection.within.valid() || world.covers(protection.within))) {
      return program.text(protection.key);
    }
  }
  return {};
}

}  // namespace writ::reference
