#include "runtime/crypto/keys.h"

#include "runtime/base/check.h"
#include "runtime/crypto/parsed_keys.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>
#include <tuple>

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

constexpr std::size_t kSignatureBytes = std::tuple_size_v<Signature>;
constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::size_t kLabelBytesMax = 32;
// A key is some hundred bytes; comments before it may be longer.
constexpr std::size_t kPemBytesMax = std::size_t{64} << 10;

enum class Part : std::uint8_t { Private, Public };

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

const unsigned char* octets(const std::byte* bytes) {
  return static_cast<const unsigned char*>(static_cast<const void*>(bytes));
}
unsigned char* octets(std::byte* bytes) {
  return static_cast<unsigned char*>(static_cast<void*>(bytes));
}

// What the first block of a PEM text says that it is: `PRIVATE KEY`; empty: no block at all.
std::string_view label_of(std::string_view pem) {
  const std::size_t begin = pem.find(kBegin);
  if (begin == std::string_view::npos) {
    return {};
  }
  const std::string_view rest = pem.substr(begin + kBegin.size());
  return rest.substr(0, std::min(rest.find("-----"), kLabelBytesMax));
}

std::string_view wanted(Part part) {
  switch (part) {
    case Part::Private:
      return "a private key is needed (`-----BEGIN PRIVATE KEY-----`), as `writ keys new NAME` "
             "writes it to NAME.pem";
    case Part::Public:
      return "a public key is needed (`-----BEGIN PUBLIC KEY-----`), as `writ keys new NAME` "
             "writes it to NAME.pub.pem";
  }
  return {};
}

// Says what the text is before OpenSSL is asked, which would only say that there is no start line.
Status expect_part(std::string_view pem, Part part) {
  const std::string_view label = label_of(pem);
  if (label.empty()) {
    return fail(ErrorCode::Malformed,
                "this is not a key in PEM form: " + std::string(wanted(part)));
  }
  if (label == "ENCRYPTED PRIVATE KEY") {
    return fail(ErrorCode::Malformed,
                "this private key has a passphrase; take it off with `openssl pkey -in FILE`");
  }
  if (label != (part == Part::Private ? "PRIVATE KEY" : "PUBLIC KEY")) {
    return fail(ErrorCode::Malformed, "this PEM text holds a `" + std::string(label) + "`: " +
                                          std::string(wanted(part)));
  }
  if (pem.find(kBegin, pem.find(kBegin) + 1) != std::string_view::npos) {
    return fail(ErrorCode::Malformed, "this PEM text holds more than one key: give each its file");
  }
  return {};
}

// Refuses to prompt: an encrypted key must fail, not wait for a terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

Result<Key> read_key(std::string_view pem, Part part) {
  WRIT_TRY(expect_part(pem, part));
  if (pem.size() > kPemBytesMax) {
    return fail(ErrorCode::Malformed, "this text is too long for a key: " +
                                          std::string(wanted(part)));
  }
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Key key;
  if (bio) {
    key.reset(part == Part::Private
                  ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr)
                  : PEM_read_bio_PUBKEY(bio.get(), nullptr, no_passphrase, nullptr));
  }
  const std::string_view name = part == Part::Private ? "private key" : "public key";
  if (!key) {
    return fail(ErrorCode::Malformed,
                "this " + std::string(name) + " is damaged: " + openssl_reason());
  }
  if (EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519) {
    return fail(ErrorCode::Malformed, "this " + std::string(name) +
                                          " is not of Ed25519: " + std::string(wanted(part)));
  }
  ERR_clear_error();
  return key;
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

Result<RawKey> raw_of(const Key& key) {
  RawKey bytes{};
  std::size_t size = bytes.size();
  if (EVP_PKEY_get_raw_public_key(key.get(), octets(bytes.data()), &size) != 1 ||
      size != bytes.size()) {
    return internal("reading the public part of a key");
  }
  return bytes;
}

Result<Signature> sign_with(const Key& key, std::span<const std::byte> message) {
  const Context context(EVP_MD_CTX_new());
  Signature signature{};
  std::size_t size = signature.size();
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), octets(signature.data()), &size, octets(message.data()),
                     message.size()) != 1 ||
      size != signature.size()) {
    return internal("signing");
  }
  return signature;
}

Result<bool> verify_with(const Key& key, std::span<const std::byte> message,
                         std::span<const std::byte> signature) {
  const Context context(EVP_MD_CTX_new());
  if (!context ||
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1) {
    return internal("verifying");
  }
  const bool good = signature.size() == kSignatureBytes &&
                    EVP_DigestVerify(context.get(), octets(signature.data()), signature.size(),
                                     octets(message.data()), message.size()) == 1;
  ERR_clear_error();
  return good;
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
  // WHY: EVP_sha256() is looked up again at each use, which costs more than a short digest.
  static const EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  Digest digest{};
  unsigned int size = 0;
  const int ok = kSha256 == nullptr ? 0
                                    : EVP_Digest(bytes.data(), bytes.size(), octets(digest.data()),
                                                 &size, kSha256, nullptr);
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

Result<RawKey> raw_public(const std::string& pem) {
  const bool is_private = label_of(pem).ends_with("PRIVATE KEY");
  WRIT_ASSIGN(key, read_key(pem, is_private ? Part::Private : Part::Public));
  return raw_of(key);
}

std::string key_id(const RawKey& key) { return hex(sha256(key)).substr(0, kKeyIdDigits); }

Result<std::string> key_id(const std::string& pem) {
  WRIT_ASSIGN(bytes, raw_public(pem));
  return key_id(bytes);
}

Result<std::string> public_part(const std::string& private_pem) {
  WRIT_ASSIGN(key, read_key(private_pem, Part::Private));
  return public_pem(key);
}

Result<std::vector<std::byte>> sign(const std::string& private_pem,
                                    std::span<const std::byte> message) {
  WRIT_ASSIGN(key, read_key(private_pem, Part::Private));
  WRIT_ASSIGN(signature, sign_with(key, message));
  return std::vector<std::byte>(signature.begin(), signature.end());
}

Result<bool> verify(const std::string& public_pem_text, std::span<const std::byte> message,
                    std::span<const std::byte> signature) {
  WRIT_ASSIGN(key, read_key(public_pem_text, Part::Public));
  return verify_with(key, message, signature);
}

struct SigningKey::State {
  Key key;
  RawKey raw{};
  std::string id;
};
SigningKey::SigningKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

Result<SigningKey> SigningKey::read(const std::string& private_pem) {
  auto state = std::make_unique<State>();
  WRIT_ASSIGN(key, read_key(private_pem, Part::Private));
  WRIT_ASSIGN(raw, raw_of(key));
  state->key = std::move(key);
  state->raw = raw;
  state->id = key_id(raw);
  return SigningKey(std::move(state));
}
Result<Signature> SigningKey::sign(std::span<const std::byte> message) const {
  return sign_with(state_->key, message);
}
const RawKey& SigningKey::raw_public() const { return state_->raw; }
const std::string& SigningKey::id() const { return state_->id; }

struct VerifyingKey::State {
  Key key;
  std::string id;
};
VerifyingKey::VerifyingKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
VerifyingKey::VerifyingKey(VerifyingKey&&) noexcept = default;
VerifyingKey& VerifyingKey::operator=(VerifyingKey&&) noexcept = default;
VerifyingKey::~VerifyingKey() = default;

Result<VerifyingKey> VerifyingKey::read(const std::string& public_pem) {
  auto state = std::make_unique<State>();
  WRIT_ASSIGN(key, read_key(public_pem, Part::Public));
  WRIT_ASSIGN(raw, raw_of(key));
  state->key = std::move(key);
  state->id = key_id(raw);
  return VerifyingKey(std::move(state));
}
bool VerifyingKey::good(std::span<const std::byte> message,
                        std::span<const std::byte> signature) const {
  return verify_with(state_->key, message, signature).value_or(false);
}
const std::string& VerifyingKey::id() const { return state_->id; }

}  // namespace writ::crypto
