#include "runtime/crypto/keys.h"

#include <gtest/gtest.h>

#include "runtime/crypto/base64.h"

namespace writ::crypto {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}
std::string text_of(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte byte : bytes) text += static_cast<char>(byte);
  return text;
}

// SOURCE: FIPS 180-4 examples.
TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(hex(sha256(bytes_of(""))),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256(bytes_of("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

// SOURCE: RFC 8032 section 7.1, test 1: the key as PKCS#8 (RFC 8410), the empty message.
TEST(Ed25519, SignsAsTheRfcDoes) {
  const std::string pem =
      "-----BEGIN PRIVATE KEY-----\n"
      "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
      "-----END PRIVATE KEY-----\n";
  const auto raw = raw_public(pem);
  ASSERT_TRUE(raw) << raw.error().message;
  EXPECT_EQ(hex(*raw), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const auto signature = sign(pem, bytes_of(""));
  ASSERT_TRUE(signature);
  EXPECT_EQ(hex(*signature),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
}

TEST(Ed25519, VerifiesOnlyWhatWasSigned) {
  const auto key = new_key();
  const auto other = new_key();
  ASSERT_TRUE(key && other);
  auto signature = sign(key->private_pem, bytes_of("policy"));
  ASSERT_TRUE(signature);
  EXPECT_EQ(verify(key->public_pem, bytes_of("policy"), *signature).value(), true);
  EXPECT_EQ(verify(key->public_pem, bytes_of("Policy"), *signature).value(), false);
  EXPECT_EQ(verify(other->public_pem, bytes_of("policy"), *signature).value(), false);
  EXPECT_EQ(verify(key->public_pem, bytes_of("policy"), {}).value(), false);
  signature->front() ^= std::byte{1};
  EXPECT_EQ(verify(key->public_pem, bytes_of("policy"), *signature).value(), false);
}

TEST(Keys, BothPartsHaveOneId) {
  const auto key = new_key();
  ASSERT_TRUE(key);
  const auto id = key_id(key->public_pem);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->size(), kKeyIdDigits);
  EXPECT_EQ(key_id(key->private_pem).value(), *id);
  EXPECT_EQ(public_part(key->private_pem).value(), key->public_pem);
}

TEST(Keys, SayWhatATextIsAndWhatIsNeeded) {
  const auto key = new_key();
  ASSERT_TRUE(key);
  const struct {
    const char* name;
    std::string pem;
    const char* says;
  } rows[] = {
      {"nothing", "", "not a key in PEM form"},
      {"prose", "hello", "not a key in PEM form"},
      {"the private part", key->private_pem, "`PRIVATE KEY`: a public key is needed"},
      {"a certificate", "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n",
       "`CERTIFICATE`"},
      {"cut", key->public_pem.substr(0, 60), "damaged"},
      {"two", key->public_pem + key->public_pem, "more than one key"},
  };
  for (const auto& row : rows) {
    const auto verified = verify(row.pem, {}, {});
    ASSERT_FALSE(verified) << row.name;
    EXPECT_EQ(verified.error().code, ErrorCode::Malformed) << row.name;
    EXPECT_NE(verified.error().message.find(row.says), std::string::npos)
        << row.name << ": " << verified.error().message;
  }
  const auto signature = sign(key->public_pem, {});
  ASSERT_FALSE(signature);
  EXPECT_NE(signature.error().message.find("a private key is needed"), std::string::npos);
}

// SOURCE: RFC 4648 section 10.
TEST(Base64, WritesAndReadsThePublishedForms) {
  const std::pair<const char*, const char*> rows[] = {{"", ""},         {"f", "Zg=="},
                                                      {"fo", "Zm8="},   {"foo", "Zm9v"},
                                                      {"foob", "Zm9vYg=="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [text, base] : rows) {
    EXPECT_EQ(base64(bytes_of(text)), base);
    const auto bytes = from_base64(base);
    ASSERT_TRUE(bytes) << base;
    EXPECT_EQ(text_of(*bytes), text);
  }
}

TEST(Base64, RefusesEveryOtherForm) {
  for (const char* text : {"Zg", "Zg=", "Zh==", "Zg===", "Z", "Zm9v=", "Zm9v\n", "Z!=="}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
}

}  // namespace
}  // namespace writ::crypto
