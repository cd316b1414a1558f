// How an operation fails: a code for scripts, a sentence for people, the place it speaks of.
// Used by every folder; user mistakes in a policy go to compiler/diag instead, errors inside a
// decision are data of the decision.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace writ {

/// What went wrong, coarse enough to map to an exit code (docs/operations/exit_codes.md).
enum class ErrorCode : std::uint8_t {
  Usage,        // the caller asked for something that makes no sense
  Unreadable,   // a file cannot be read or written
  Malformed,    // bytes that are not what they claim to be
  Signature,    // signed by nobody that is trusted, or altered after signing
  Version,      // older than what already ran, or for an engine that this is not
  Limit,        // larger than a named limit
  Unsupported,  // well formed, but needs what this build does not have
  Internal,     // a bug of ours that was caught
};

struct Error {
  ErrorCode code = ErrorCode::Internal;
  std::string message;  // lower case, no full stop, user text in backticks
  std::string where;    // file, section or field; may be empty
};

template <class T>
using Result = std::expected<T, Error>;
using Status = std::expected<void, Error>;

/// Makes the unexpected side of a Result.
[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string message,
                                                 std::string where = {}) {
  return std::unexpected(Error{code, std::move(message), std::move(where)});
}

}  // namespace writ

#define WRIT_CONCAT_INNER(a, b) a##b
#define WRIT_CONCAT(a, b) WRIT_CONCAT_INNER(a, b)
/// Returns the error of a Status, if it has one.
#define WRIT_TRY(expr)                                                  \
  do {                                                                  \
    if (auto writ_status = (expr); !writ_status)                        \
      return std::unexpected(std::move(writ_status.error()));           \
  } while (false)
/// Declares `name` as the value of a Result, or returns its error.
#define WRIT_ASSIGN(name, expr)                                         \
  auto WRIT_CONCAT(writ_result_, __LINE__) = (expr);                    \
  if (!WRIT_CONCAT(writ_result_, __LINE__))                             \
    return std::unexpected(std::move(WRIT_CONCAT(writ_result_, __LINE__).error())); \
  auto name = std::move(*WRIT_CONCAT(writ_result_, __LINE__))
