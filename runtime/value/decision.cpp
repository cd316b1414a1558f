#include "runtime/value/decision.h"

namespace writ {

std::string_view name_of(ReasonClass reason) {
  switch (reason) {
    case ReasonClass::Default: return "default";
    case ReasonClass::NoBundle: return "no-bundle";
    case ReasonClass::ScopeMissing: return "scope-missing";
    case ReasonClass::UnknownScope: return "unknown-scope";
    case ReasonClass::UnknownKind: return "unknown-kind";
    case ReasonClass::UnknownOperation: return "unknown-operation";
    case ReasonClass::NameTooLong: return "name-too-long";
    case ReasonClass::BadPrincipal: return "bad-principal";
    case ReasonClass::AuthExpired: return "auth-expired";
    case ReasonClass::AuditUnavailable: return "audit-unavailable";
    case ReasonClass::Internal: return "internal";
    case ReasonClass::Guard: return "guard";
    case ReasonClass::Deny: return "deny";
    case ReasonClass::Infrastructure: return "infrastructure";
    case ReasonClass::Superuser: return "superuser";
    case ReasonClass::Allow: return "allow";
    case ReasonClass::Unlisted: return "unlisted";
  }
  return "internal";
}

}  // namespace writ
