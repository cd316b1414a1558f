// What a program's `audit { … }` means for decisions: how long each waits for its record, and the
// rest of it in words for drains and sinks.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/audit/policy.h"
#include "runtime/audit/recorder.h"
#include "runtime/ir/program.h"

namespace writ::engine {

/// Levels by scope, kind, operation and verdict; two loads a decision, and none where the policy
/// asks for no level.
class AuditLevels {
 public:
  AuditLevels() = default;
  explicit AuditLevels(const ir::Program& program);
  /// Scopes and kinds that are none (ir's 0xFFFF'FFFF) are at the strictest level that the policy
  /// asks for anywhere: what is unknown is denied, and told as carefully as any denial.
  [[nodiscard]] audit::Level of(std::uint32_t scope, std::uint32_t kind, std::uint32_t operation,
                                Verdict verdict) const {
    if (masks_.empty()) return audit::Level::Ring;
    if (scope >= scopes_ || kind >= kinds_ || operation >= 32) return strictest_denial_;
    const Masks& masks = masks_[scope * kinds_ + kind];
    const auto row = static_cast<std::size_t>(verdict);
    if ((masks.replicated[row] >> operation & 1) != 0) return audit::Level::Replicated;
    if ((masks.durable[row] >> operation & 1) != 0) return audit::Level::Durable;
    return audit::Level::Ring;
  }

  /// Does no decision wait otherwise? Of two programs: by their numbers, so that scopes in another
  /// order count as a change.
  friend bool operator==(const AuditLevels& a, const AuditLevels& b) {
    if (a.masks_.empty() || b.masks_.empty()) return a.masks_.empty() == b.masks_.empty();
    return a.scopes_ == b.scopes_ && a.kinds_ == b.kinds_ && a.masks_ == b.masks_;
  }

 private:
  struct Masks {
    std::uint32_t durable[2] = {};  // by Verdict
    std::uint32_t replicated[2] = {};
    friend bool operator==(const Masks&, const Masks&) = default;
  };
  std::size_t scopes_ = 0;
  std::size_t kinds_ = 0;
  std::vector<Masks> masks_;
  audit::Level strictest_denial_ = audit::Level::Ring;
};

/// `scope_paths` by ScopeId.
[[nodiscard]] audit::AuditPolicy audit_policy(const ir::Program& program,
                                              std::span<const std::string> scope_paths);

}  // namespace writ::engine
