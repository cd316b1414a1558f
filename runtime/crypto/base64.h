// Base64 with padding (RFC 4648 section 4): signatures in an envelope, bytes that are no text in an
// event.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace writ::crypto {
[[nodiscard]] std::string base64(std::span<const std::byte> bytes);
/// None unless `text` is exactly what base64() writes for some bytes.
[[nodiscard]] std::optional<std::vector<std::byte>> from_base64(std::string_view text);
}  // namespace writ::crypto
