// The answer, with its whole why. Zeroed memory is a denial.
#pragma once

#include <cstdint>
#include <string_view>

namespace writ {

enum class Verdict : std::uint8_t { Deny = 0, Allow = 1 };

/// Which rule of LANGUAGE.md section 3 answered. The order is stored: append only.
enum class ReasonClass : std::uint8_t {
  Default = 0,           // nothing allows it
  NoBundle = 1,
  ScopeMissing = 2,
  UnknownScope = 3,
  UnknownKind = 4,
  UnknownOperation = 5,
  NameTooLong = 6,
  BadPrincipal = 7,      // a session that is literally `User:*`, or ill-formed text
  AuthExpired = 8,
  AuditUnavailable = 9,
  Internal = 10,
  Guard = 11,
  Deny = 12,
  Infrastructure = 13,
  Superuser = 14,
  Allow = 15,
  Unlisted = 16,
};
[[nodiscard]] std::string_view name_of(ReasonClass reason);  // kebab-case: scope-missing

/// No grant decided (Default, Unlisted and the refusals).
inline constexpr std::uint32_t kNoGrant = 0xFFFF'FFFF;

struct Decision {
  Verdict verdict = Verdict::Deny;
  ReasonClass reason = ReasonClass::Default;
  std::uint32_t grant = kNoGrant;        // the first of Program::grants with the number
  std::uint32_t error = 0;               // what it rests on, or what kept an allow out
  std::uint32_t error_grant = kNoGrant;  // the grant whose error it is
  friend bool operator==(const Decision&, const Decision&) = default;
};

}  // namespace writ
