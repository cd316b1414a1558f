// The one symbol between the facade and libwrit_jit.so. Both are built from one tree; a version
// that differs refuses the object instead of reading a program by the wrong layout.
#pragma once

#include <cstdint>
#include <memory>

#include "runtime/jit/jit.h"

namespace writ::jit {

using Compiled = Result<std::shared_ptr<const NativeCode>>;
using CompileFn = void (*)(const ir::Program& program, const Options& options, Compiled& compiled);

/// What the facade asks for: `version` must be its own kEntryVersion.
struct Entry {
  std::uint64_t version = 0;
  CompileFn compile = nullptr;
};

// Layouts that cross the boundary, folded into one number.
inline constexpr std::uint64_t kEntryVersion =
    ((((std::uint64_t{1} * 8191 + sizeof(ir::Program)) * 8191 + sizeof(ir::Inst)) * 8191 +
     sizeof(Frame)) * 8191 + sizeof(Options)) * 8191 + sizeof(Moment);
inline constexpr const char* kEntrySymbol = "writ_jit_entry";
inline constexpr const char* kObjectName = "libwrit_jit.so";

}  // namespace writ::jit
