// CRC-32C (Castagnoli; RFC 3720 section 12.1): finds accidents in stored bytes. Whoever alters
// bytes on purpose is found by SHA-256 and signatures, not here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace writ::crypto {

/// `before` is the CRC of what stands before `bytes`: the two calls give that of both.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t before = 0);
/// The same by table, for machines without the instruction; the tests compare the two.
[[nodiscard]] std::uint32_t crc32c_by_table(std::span<const std::byte> bytes,
                                            std::uint32_t before = 0);

}  // namespace writ::crypto
