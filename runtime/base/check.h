// Assertions that stay in release: a broken invariant ends the process rather than letting a
// wrong decision out.
#pragma once

namespace writ {
/// Prints file, line and condition to standard error and aborts.
[[noreturn]] void check_failed(const char* file, int line, const char* condition) noexcept;
}  // namespace writ

#define WRIT_CHECK(condition)                                          \
  (static_cast<bool>(condition) ? static_cast<void>(0)                 \
                                : ::writ::check_failed(__FILE__, __LINE__, #condition))
#ifdef WRIT_DCHECKS
#define WRIT_DCHECK(condition) WRIT_CHECK(condition)
#else
#define WRIT_DCHECK(condition) static_cast<void>(sizeof(static_cast<bool>(condition)))
#endif
