// What the files of the C ABI share: the handle of an engine, the guard in which every body runs.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "runtime/api/include/writ/engine.hpp"
#include "runtime/api/include/writ/writ.h"

struct writ_engine {
  std::unique_ptr<writ::Engine> engine;
};

namespace writ::api {

[[nodiscard]] inline std::string_view view(const char* text, std::size_t bytes) {
  return text == nullptr ? std::string_view() : std::string_view(text, bytes);
}

[[nodiscard]] constexpr writ_status status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::Usage: return WRIT_USAGE;
    case ErrorCode::Unreadable: return WRIT_UNREADABLE;
    case ErrorCode::Malformed: return WRIT_MALFORMED;
    case ErrorCode::Signature: return WRIT_SIGNATURE;
    case ErrorCode::Version: return WRIT_VERSION;
    case ErrorCode::Limit: return WRIT_LIMIT;
    case ErrorCode::Unsupported: return WRIT_UNSUPPORTED;
    case ErrorCode::Internal: break;
  }
  return WRIT_INTERNAL;
}

/// A stray exception becomes WRIT_INTERNAL.
template <class Body>
writ_status guarded(Body&& body) noexcept {
  try {
    return body();
  } catch (...) {
    return WRIT_INTERNAL;
  }
}

}  // namespace writ::api
