// Ed25519 keys that were read once and sign or verify many times: the audit log's seals.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "runtime/base/error.h"
#include "runtime/crypto/keys.h"

namespace writ::crypto {

using Signature = std::array<std::byte, 64>;

/// Threads: any, at the same time.
class SigningKey {
 public:
  /// *errors* Malformed for a text that is no private key.
  [[nodiscard]] static Result<SigningKey> read(const std::string& private_pem);
  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();

  /// *errors* Internal.
  [[nodiscard]] Result<Signature> sign(std::span<const std::byte> message) const;
  [[nodiscard]] const RawKey& raw_public() const;
  [[nodiscard]] const std::string& id() const;  // as key_id()

 private:
  struct State;
  explicit SigningKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Threads: any, at the same time.
class VerifyingKey {
 public:
  /// *errors* Malformed for a text that is no public key.
  [[nodiscard]] static Result<VerifyingKey> read(const std::string& public_pem);
  VerifyingKey(VerifyingKey&&) noexcept;
  VerifyingKey& operator=(VerifyingKey&&) noexcept;
  ~VerifyingKey();

  /// Also false when OpenSSL could not say.
  [[nodiscard]] bool good(std::span<const std::byte> message,
                          std::span<const std::byte> signature) const;
  [[nodiscard]] const std::string& id() const;

 private:
  struct State;
  explicit VerifyingKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace writ::crypto
