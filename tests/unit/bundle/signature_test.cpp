#include <gtest/gtest.h>

#include "runtime/bundle/bundle.h"
#include "tests/unit/bundle/sample.h"

namespace writ::bundle {
namespace {

using namespace testing;

class Signatures : public ::testing::Test {
 protected:
  crypto::KeyPair a_ = make_key();
  crypto::KeyPair b_ = make_key();
  crypto::KeyPair c_ = make_key();

  /// The sample bundle with this list of signatures in place of its own.
  static std::vector<std::byte> with(std::span<const std::byte> file,
                                     std::span<const Signature> signatures) {
    const Header header = decode_header(file).value();
    return assemble(encode_envelope(signatures),
                    file.subspan(header.manifest_offset, header.manifest_bytes),
                    file.subspan(header.sections_offset));
  }
  static std::vector<std::byte> manifest(std::span<const std::byte> file) {
    const Header header = decode_header(file).value();
    const auto bytes = file.subspan(header.manifest_offset, header.manifest_bytes);
    return {bytes.begin(), bytes.end()};
  }
};

TEST_F(Signatures, OfAnotherKeyNameBothIds) {
  const auto contents = read(sample({a_.private_pem}), {{b_.public_pem}, 1});
  ASSERT_FALSE(contents);
  EXPECT_EQ(contents.error().code, ErrorCode::Signature);
  for (const crypto::KeyPair& key : {a_, b_}) {
    EXPECT_NE(contents.error().message.find(crypto::key_id(key.public_pem).value()),
              std::string::npos)
        << contents.error().message;
  }
}

TEST_F(Signatures, AreCountedByKey) {
  const std::vector<std::byte> one = sample({a_.private_pem});
  const std::vector<std::byte> two = sample({a_.private_pem, b_.private_pem});
  const Signature twice[] = {signature_of(a_, manifest(one)), signature_of(a_, manifest(one))};
  const std::vector<std::byte> repeated = with(one, twice);
  const Trust both{{a_.public_pem, b_.public_pem}, 2};
  EXPECT_TRUE(read(two, both));
  EXPECT_EQ(read(one, both).error().code, ErrorCode::Signature);
  EXPECT_EQ(read(repeated, both).error().code, ErrorCode::Signature);
  EXPECT_TRUE(read(two, {{a_.public_pem, c_.public_pem}, 1}));
  EXPECT_EQ(read(two, {{a_.public_pem, c_.public_pem}, 2}).error().code, ErrorCode::Signature);
}

TEST_F(Signatures, TrustOfOneKeyTwiceIsTrustOfOneKey) {
  const Trust trust{{a_.public_pem, a_.public_pem}, 2};
  EXPECT_EQ(read(sample({a_.private_pem}), trust).error().code, ErrorCode::Usage);
  const Trust respelled{{a_.public_pem, "a comment\n" + a_.public_pem}, 2};
  EXPECT_EQ(read(sample({a_.private_pem}), respelled).error().code, ErrorCode::Usage);
}

TEST_F(Signatures, NeedSomebodyToTrust) {
  const std::vector<std::byte> file = sample({a_.private_pem});
  EXPECT_EQ(read(file, {}).error().code, ErrorCode::Usage);
  EXPECT_EQ(read(file, {{a_.public_pem}, 0}).error().code, ErrorCode::Usage);
  EXPECT_EQ(read(file, {{a_.public_pem}, 2}).error().code, ErrorCode::Usage);
  const auto bad = read(file, {{a_.public_pem, "nonsense"}, 1});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().where, "trusted key 2");
  EXPECT_EQ(read(file, {{a_.private_pem}, 1}).error().code, ErrorCode::Malformed);
}

TEST_F(Signatures, OfOtherBytesAreRefusedThoughEnoughOthersAreGood) {
  const std::vector<std::byte> file = sample({a_.private_pem});
  const Signature mixed[] = {signature_of(a_, manifest(file)), signature_of(b_, bytes_of("other"))};
  const auto contents = read(with(file, mixed), {{a_.public_pem, b_.public_pem}, 1});
  ASSERT_FALSE(contents);
  EXPECT_EQ(contents.error().code, ErrorCode::Signature);
}

TEST_F(Signatures, BindTheTypeOfWhatIsSigned) {
  const std::vector<std::byte> file = sample({a_.private_pem});
  const std::vector<std::byte> plain = manifest(file);
  const Signature bare{crypto::key_id(a_.public_pem).value(),
                       crypto::sign(a_.private_pem, plain).value()};
  EXPECT_EQ(read(with(file, std::span(&bare, 1)), {{a_.public_pem}, 1}).error().code,
            ErrorCode::Signature);
}

TEST_F(Signatures, OfNobodyAreRefused) {
  const std::vector<std::byte> file = with(sample({a_.private_pem}), {});
  EXPECT_EQ(read(file, {{a_.public_pem}, 1}).error().code, ErrorCode::Signature);
}

TEST_F(Signatures, AreListedForInspectionAndNeverTrustedThere) {
  const auto contents = read_for_inspection(sample({a_.private_pem}));
  ASSERT_TRUE(contents);
  ASSERT_EQ(contents->signers.size(), 1U);
  EXPECT_EQ(contents->signers[0].key_id, crypto::key_id(a_.public_pem).value());
  EXPECT_FALSE(contents->signers[0].trusted);
}

}  // namespace
}  // namespace writ::bundle
