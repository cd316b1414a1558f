// Ed25519 keys and SHA-256: OpenSSL lives in this folder only.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace writ::crypto {

using Digest = std::array<std::byte, 32>;
[[nodiscard]] Digest sha256(std::span<const std::byte> bytes);
[[nodiscard]] std::string hex(std::span<const std::byte> bytes);

struct KeyPair {
  std::string private_pem;  // PKCS#8
  std::string public_pem;   // SubjectPublicKeyInfo
};
[[nodiscard]] Result<KeyPair> new_key();
/// An Ed25519 public key as RFC 8032 writes it.
using RawKey = std::array<std::byte, 32>;
/// The public key in a PEM text, private or public. Two texts may hold one key: compare these.
[[nodiscard]] Result<RawKey> raw_public(const std::string& pem);
/// Of raw bytes: as below.
inline constexpr std::size_t kKeyIdDigits = 16;
[[nodiscard]] std::string key_id(const RawKey& key);
/// The id that signatures carry as a hint: first 16 hex digits of SHA-256 of the raw public key.
[[nodiscard]] Result<std::string> key_id(const std::string& pem);  // private or public
[[nodiscard]] Result<std::string> public_part(const std::string& private_pem);
/// RFC 8032, pure Ed25519: 64 bytes.
[[nodiscard]] Result<std::vector<std::byte>> sign(const std::string& private_pem,
                                                  std::span<const std::byte> message);
/// True only if the signature is good. Errors: Malformed for a key that is none.
[[nodiscard]] Result<bool> verify(const std::string& public_pem, std::span<const std::byte> message,
                                  std::span<const std::byte> signature);

}  // namespace writ::crypto
