#include "runtime/audit/policy.h"

#include <algorithm>

namespace writ::audit {

bool Selection::holds(Verdict verdict, std::string_view of_kind, std::string_view operation,
                      std::string_view in_scope) const {
  if (!(verdict == Verdict::Allow ? allows : denials) || of_kind != kind) return false;
  const bool below = in_scope.starts_with(scope) &&
                     (in_scope.size() == scope.size() || in_scope[scope.size()] == '.');
  return below && std::ranges::binary_search(operations, operation);
}

}  // namespace writ::audit
