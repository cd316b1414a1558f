#include "runtime/api/wire.h"

namespace writ::api {

engine::NativeFactory native_factory() { return nullptr; }

}  // namespace writ::api
