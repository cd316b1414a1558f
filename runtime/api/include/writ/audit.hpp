// What a drain needs of a bundle that another process ran: the words of its numbers.
#pragma once

#include "runtime/base/error.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace writ {

namespace audit {
class PolicyWords;  // runtime/audit/recorder.h
}

/// The words of the bundle with this digest. WHY no keys: whoever recorded had them verified, and
/// the digest says that it is the same bundle; nothing is decided from it.
/// Errors: Malformed, Limit; Signature: another digest.
[[nodiscard]] Result<std::shared_ptr<const audit::PolicyWords>> bundle_words(
    std::span<const std::byte> bundle, std::string_view digest);

}  // namespace writ
