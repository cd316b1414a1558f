// A module of LLVM IR → bytes of an object file, by two ways: fast and plain, or optimised.
// Private to runtime/jit.
#pragma once

#include <llvm/IR/Module.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Target/TargetMachine.h>

#include <memory>

#include "runtime/base/error.h"

namespace writ::jit {

enum class Effort : std::uint8_t { Fast, Optimised };

/// For the processor that this runs on. Errors: Unsupported.
[[nodiscard]] Result<std::unique_ptr<llvm::TargetMachine>> target_machine(Effort effort);
/// The module must be of the machine's layout. Errors: Internal when it does not verify.
[[nodiscard]] Result<std::unique_ptr<llvm::MemoryBuffer>> object_code(
    llvm::Module& module, llvm::TargetMachine& machine, Effort effort);

}  // namespace writ::jit
