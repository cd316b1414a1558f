#include "runtime/crypto/parsed_keys.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace writ::crypto {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

TEST(ParsedKeys, SignAsTheKeyInTextDoes) {
  const auto pair = new_key();
  ASSERT_TRUE(pair);
  const auto key = SigningKey::read(pair->private_pem);
  ASSERT_TRUE(key);
  const auto signature = key->sign(bytes_of("seal"));
  ASSERT_TRUE(signature);
  EXPECT_TRUE(std::ranges::equal(*signature, *sign(pair->private_pem, bytes_of("seal"))));
  EXPECT_EQ(key->id(), *key_id(pair->public_pem));
  EXPECT_EQ(key->raw_public(), *raw_public(pair->public_pem));
}

TEST(ParsedKeys, VerifyOnlyWhatWasSigned) {
  const auto pair = new_key();
  const auto other = new_key();
  ASSERT_TRUE(pair && other);
  const auto signature = sign(pair->private_pem, bytes_of("seal"));
  const auto key = VerifyingKey::read(pair->public_pem);
  ASSERT_TRUE(signature && key);
  EXPECT_TRUE(key->good(bytes_of("seal"), *signature));
  EXPECT_FALSE(key->good(bytes_of("Seal"), *signature));
  EXPECT_FALSE(key->good(bytes_of("seal"), std::span(*signature).first(63)));
  EXPECT_FALSE(key->good(bytes_of("seal"), {}));
  EXPECT_FALSE(VerifyingKey::read(other->public_pem)->good(bytes_of("seal"), *signature));
  EXPECT_EQ(key->id(), *key_id(pair->public_pem));
}

TEST(ParsedKeys, AreNotMadeOfTheOtherPart) {
  const auto pair = new_key();
  ASSERT_TRUE(pair);
  EXPECT_EQ(SigningKey::read(pair->public_pem).error().code, ErrorCode::Malformed);
  EXPECT_EQ(VerifyingKey::read(pair->private_pem).error().code, ErrorCode::Malformed);
}

}  // namespace
}  // namespace writ::crypto
