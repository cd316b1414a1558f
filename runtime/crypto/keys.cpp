#include "runtime/crypto/keys.h"

#include "runtime/base/check.h"

#include <climits>
#include <memory>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace writ::crypto {
namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* handle) const {
    Free(handle);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Context = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;

constexpr std::size_t kSignatureBytes = 64;
constexpr std::size_t kRawKeyBytes = 32;

// The reason of the newest OpenSSL error. The queue is left empty: an old entry must not explain
// a later failure.
std::string openssl_reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  std::string text = reason == nullptr ? "no reason given" : reason;
  ERR_clear_error();
  return text;
}
std::unexpected<Error> internal(std::string_view what) {
  return fail(ErrorCode::Internal, std::string(what) + " failed: " + openssl_reason());
}

const unsigned char* raw(const std::byte* bytes) {
  return reinterpret_cast<const unsigned char*>(bytes);
}

Bio reader_of(const std::string& pem) {
  if (pem.size() > INT_MAX) {
    return nullptr;
  }
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}
// Refuses to prompt: an encrypted key must fail, not wait for a terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

Result<Key> only_ed25519(Key key, std::string_view what) {
  if (!key) {
    const std::string reason = openssl_reason();
    return fail(ErrorCode::Malformed, "this is not a " + std::string(what) +
                                          " in PEM form without a passphrase: " + reason);
  }
  if (EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519) {
    return fail(ErrorCode::Malformed, "this " + std::string(what) + " is not an Ed25519 key");
  }
  return key;
}
Result<Key> read_private(const std::string& pem) {
  const Bio bio = reader_of(pem);
  Key key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr) : nullptr);
  return only_ed25519(std::move(key), "private key");
}
Result<Key> read_public(const std::string& pem) {
  const Bio bio = reader_of(pem);
  Key key(bio ? PEM_read_bio_PUBKEY(bio.get(), nullptr, no_passphrase, nullptr) : nullptr);
  return only_ed25519(std::move(key), "public key");
}

Result<std::string> public_pem(const Key& key) {
  const Bio out(BIO_new(BIO_s_mem()));
  char* text = nullptr;
  if (!out || PEM_write_bio_PUBKEY(out.get(), key.get()) != 1) {
    return internal("writing a public key");
  }
  const long size = BIO_get_mem_data(out.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

}  // namespace

std::string hex(std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::byte byte : bytes) {
    text += kDigits[std::to_integer<unsigned>(byte) >> 4];
    text += kDigits[std::to_integer<unsigned>(byte) & 15U];
  }
  return text;
}

Digest sha256(std::span<const std::byte> bytes) {
  Digest digest{};
  unsigned int size = 0;
  const int ok = EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()),
                            &size, EVP_sha256(), nullptr);
  // A digest that could not be made must not compare equal to anything: there is no way to go on.
  WRIT_CHECK(ok == 1 && size == digest.size());
  return digest;
}

Result<KeyPair> new_key() {
  const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  const Bio out(BIO_new(BIO_s_mem()));
  char* text = nullptr;
  if (!key || !out ||
      PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1) {
    return internal("making a key");
  }
  const long size = BIO_get_mem_data(out.get(), &text);
  KeyPair pair;
  pair.private_pem.assign(text, static_cast<std::size_t>(size));
  WRIT_ASSIGN(public_text, public_pem(key));
  pair.public_pem = std::move(public_text);
  return pair;
}

Result<std::string> key_id(const std::string& pem) {
  Result<Key> key = read_public(pem);
  if (!key) {
    key = read_private(pem);
  }
  if (!key) {
    return fail(ErrorCode::Malformed, "this is neither a private nor a public Ed25519 key in PEM form");
  }
  std::array<std::byte, kRawKeyBytes> bytes{};
  std::size_t size = bytes.size();
  if (EVP_PKEY_get_raw_public_key(key->get(), reinterpret_cast<unsigned char*>(bytes.data()),
                                  &size) != 1 ||
      size != bytes.size()) {
    return internal("reading the public part of a key");
  }
  return hex(sha256(bytes)).substr(0, 16);
}

Result<std::string> public_part(const std::string& private_pem) {
  WRIT_ASSIGN(key, read_private(private_pem));
  return public_pem(key);
}

Result<std::vector<std::byte>> sign(const std::string& private_pem,
                                    std::span<const std::byte> message) {
  WRIT_ASSIGN(key, read_private(private_pem));
  const Context context(EVP_MD_CTX_new());
  std::vector<std::byte> signature(kSignatureBytes);
  std::size_t size = signature.size();
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     raw(message.data()), message.size()) != 1 ||
      size != kSignatureBytes) {
    return internal("signing");
  }
  return signature;
}

Result<bool> verify(const std::string& public_pem_text, std::span<const std::byte> message,
                    std::span<const std::byte> signature) {
  WRIT_ASSIGN(key, read_public(public_pem_text));
  const Context context(EVP_MD_CTX_new());
  if (!context ||
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1) {
    return internal("verifying");
  }
  const bool good = signature.size() == kSignatureBytes &&
                    EVP_DigestVerify(context.get(), raw(signature.data()), signature.size(),
                                     raw(message.data()), message.size()) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace writ::crypto
