// The one step that differs between a build with LLVM and one without.
#pragma once

#include "runtime/engine/state.h"

namespace writ::api {

/// What makes native code here, or null where this build has none.
[[nodiscard]] engine::NativeFactory native_factory();

}  // namespace writ::api
