// Conditions without a JIT: the first tier after a load, and the only one where LLVM is absent.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "runtime/interp/frame.h"
#include "runtime/ir/program.h"

namespace writ::interp {

/// A program's constants as Slots, with the bytes they point to. Shared by interpreter and native
/// code. Threads: immutable after construction.
class Constants {
 public:
  explicit Constants(const ir::Program& program);
  ~Constants();
  Constants(Constants&&) noexcept;
  /// The row of a condition.
  [[nodiscard]] const Slot* row(const ir::Condition& condition) const;
  /// All of them, in the order of Program::constants.
  [[nodiscard]] const Slot* all() const;

 private:
  struct Storage;
  std::unique_ptr<Storage> storage_;
};

/// Evaluates a condition. No allocation, no lock. The program must be verified.
[[nodiscard]] Outcome evaluate(const ir::Program& program, ir::ConditionId condition,
                               const Slot* constants, const Frame& frame);

}  // namespace writ::interp
