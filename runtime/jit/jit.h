// Native code: a facade without LLVM types. One function a shape, whose constants come as an
// argument, and one a kind, which asks the grants that session and name leave open. The code holds
// no pointers. Lives in its own shared object.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "runtime/base/error.h"
#include "runtime/interp/frame.h"
#include "runtime/ir/program.h"

namespace writ::jit {

/// Code of one program. The last snapshot that uses it frees it.
class NativeCode {
 public:
  virtual ~NativeCode() = default;
  /// The function of a shape, never null.
  [[nodiscard]] virtual ShapeFn shape(ir::ShapeId shape) const = 0;
  /// The decision function of a kind; null where it has no unsettled grants, more than
  /// interp::kUnsettledMax, or conditions too long to be one function, and in fast code.
  [[nodiscard]] virtual KindFn kind(ir::KindId kind) const = 0;
};

struct Options {
  bool optimise = true;     // false: fast code at once (FastISel); true: the optimising pipeline
  std::string* dump_llvm = nullptr;  // receives the IR text, if not null
  const std::atomic<bool>* stop = nullptr;  // once it is true, the rest is given up
};

/// Compiles every shape of a verified program, and the decision functions of its kinds.
/// Errors: Unsupported when this machine refuses executable memory, or it was told to stop;
/// Internal when LLVM fails.
[[nodiscard]] Result<std::shared_ptr<const NativeCode>> compile(const ir::Program& program,
                                                                const Options& options);

}  // namespace writ::jit
