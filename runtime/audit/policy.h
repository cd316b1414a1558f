// What a policy's `audit { … }` says about events and records, in words (docs/language/audit.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/value/decision.h"

namespace writ::audit {

/// Decisions that a line speaks of.
struct Selection {
  bool denials = true;
  bool allows = true;
  std::string kind;
  std::vector<std::string> operations;  // sorted
  std::string scope;                    // path; it and what lies below

  [[nodiscard]] bool holds(Verdict verdict, std::string_view of_kind, std::string_view operation,
                           std::string_view in_scope) const;
};

struct Route {
  enum class To : std::uint8_t { File, Topic };
  Selection of;
  To to = To::File;
  std::string name;
};

struct Coalescing {
  Selection of;
  std::int64_t window_us = 0;
};

// In the place of a name that is omitted: no attribute is shown. Where a policy is not known.
inline constexpr std::string_view kEveryAttribute = "*";

struct AuditPolicy {
  std::string source;                    // authority of CRNs; empty: the embedding's
  std::vector<Route> routes;             // an event goes to all that hold; to none: the default
  std::vector<Coalescing> coalescing;    // of several the shortest window holds
  std::vector<std::string> omitted;      // attributes that no event shows; sorted
};

}  // namespace writ::audit
