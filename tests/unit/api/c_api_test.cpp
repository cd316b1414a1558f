// The C ABI from a C11 client, on a bundle that is really signed; and loading through the C++ API.
#include "runtime/api/include/writ/engine.hpp"

#include <gtest/gtest.h>

#include "runtime/crypto/keys.h"
#include "runtime/ir/codec.h"
#include "tests/unit/api/c_client.h"
#include "tests/unit/api/signed.h"
#include "tests/unit/engine/world.h"

namespace writ::testing {
namespace {

class Load : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto key = crypto::new_key();
    ASSERT_TRUE(key.has_value());
    key_ = *key;
    trust_.public_keys_pem = {key->public_pem};
  }
  [[nodiscard]] std::vector<std::byte> signed_at(std::uint64_t version) const {
    return bundle_of(program_, manifest_of(version), key_.private_pem);
  }

  ir::Program program_ = small_program();
  crypto::KeyPair key_;
  TrustOptions trust_;
};

TEST_F(Load, AClientInCSeesTheWholeAbi) {
  const auto other = crypto::new_key();
  ASSERT_TRUE(other.has_value());
  const std::vector<std::byte> file = signed_at(3);
  const char* wrong = run_c_client(
      reinterpret_cast<const std::uint8_t*>(file.data()), file.size(), key_.public_pem.data(),
      key_.public_pem.size(), other->public_pem.data(), other->public_pem.size());
  EXPECT_EQ(wrong, nullptr) << wrong;
}

TEST_F(Load, EveryTierLoadsAndRefusesTheSame) {
  for (const Tier tier : {Tier::Interpreter, Tier::Native}) {
    EngineOptions options;
    options.tier = tier;
    const std::unique_ptr<Engine> engine = Engine::create(options);
    ASSERT_TRUE(engine->load(signed_at(2), trust_).has_value());
    const Status older = engine->load(signed_at(1), trust_);
    ASSERT_FALSE(older.has_value());
    EXPECT_EQ(older.error().code, ErrorCode::Version);
    EXPECT_TRUE(engine->load(signed_at(2), trust_).has_value());
    EXPECT_EQ(engine->active()->version, 2U);
    const std::unique_ptr<Session> session = engine->open(session_of("alice"));
    EXPECT_EQ(engine->authorize(*session, request_of("Read", "orders")).verdict, Verdict::Allow);
    EXPECT_EQ(engine->authorize(*session, request_of("Write", "orders")).verdict, Verdict::Deny);
  }
}

TEST_F(Load, ABundleWithoutTablesIsRefused) {
  const std::vector<bundle::Part> parts = {{"program", ir::encode(program_)}};
  const auto file = bundle::write(manifest_of(1), parts, std::span(&key_.private_pem, 1));
  ASSERT_TRUE(file.has_value());
  const std::unique_ptr<Engine> engine = Engine::create({});
  const Status status = engine->load(*file, trust_);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::Malformed);
  EXPECT_FALSE(engine->active().has_value());
}

TEST_F(Load, ABundleOfAnotherClusterIsRefused) {
  bundle::Manifest manifest = manifest_of(1);
  manifest.clusters = {"lkc-payments", "lkc-staging"};
  const std::vector<std::byte> file = bundle_of(program_, manifest, key_.private_pem);
  const struct {
    const char* cluster;
    bool loads;
  } cases[] = {{"lkc-payments", true}, {"lkc-other", false}, {"", true}};
  for (const auto& c : cases) {
    EngineOptions options;
    options.cluster_id = c.cluster;
    EXPECT_EQ(Engine::create(options)->load(file, trust_).has_value(), c.loads) << c.cluster;
  }
}

TEST_F(Load, AnExpiredBundleIsRefusedAndARunningOneStays) {
  bundle::Manifest expired = manifest_of(5);
  expired.expires_us = 1;
  const std::unique_ptr<Engine> engine = Engine::create({});
  ASSERT_TRUE(engine->load(signed_at(4), trust_).has_value());
  EXPECT_FALSE(engine->load(bundle_of(program_, expired, key_.private_pem), trust_).has_value());
  bundle::Manifest later = manifest_of(5);
  later.not_before_us = INT64_MAX - 1;
  EXPECT_FALSE(engine->load(bundle_of(program_, later, key_.private_pem), trust_).has_value());
  bundle::Manifest demanding = manifest_of(5);
  demanding.features = {"time-travel"};
  EXPECT_FALSE(engine->load(bundle_of(program_, demanding, key_.private_pem), trust_).has_value());
  EXPECT_EQ(engine->active()->version, 4U);
}

}  // namespace
}  // namespace writ::testing
