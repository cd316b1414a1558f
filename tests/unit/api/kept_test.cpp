// What an engine activated survives its end: on a bundle that is really signed.
#include "runtime/api/include/writ/engine.hpp"
#include "runtime/api/include/writ/writ.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "runtime/base/file.h"
#include "runtime/bundle/store.h"
#include "runtime/crypto/keys.h"
#include "tests/unit/api/signed.h"
#include "tests/unit/engine/world.h"

namespace writ::testing {
namespace {

class Restart : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "writ-kept-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    const auto key = crypto::new_key();
    ASSERT_TRUE(key.has_value());
    key_ = *key;
    trust_.public_keys_pem = {key->public_pem};
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::vector<std::byte> signed_as(const bundle::Manifest& manifest) const {
    return bundle_of(program_, manifest, key_.private_pem);
  }
  [[nodiscard]] std::vector<std::byte> signed_at(std::uint64_t version) const {
    return signed_as(manifest_of(version));
  }
  [[nodiscard]] std::unique_ptr<Engine> started() const {
    std::unique_ptr<Engine> engine = Engine::create({});
    const Status kept = engine->keep_in(folder_);
    EXPECT_TRUE(kept) << kept.error().message;
    return engine;
  }
  [[nodiscard]] static Verdict verdict(const Engine& engine) {
    const std::unique_ptr<Session> session = engine.open(session_of("alice"));
    return engine.authorize(*session, request_of("Read", "orders")).verdict;
  }
  /// The one bundle in the folder.
  [[nodiscard]] std::string kept_file() const {
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      if (entry.path().extension() == ".writb") return entry.path();
    }
    return {};
  }

  std::string folder_;
  ir::Program program_ = small_program();
  crypto::KeyPair key_;
  TrustOptions trust_;
};

TEST_F(Restart, DecidesByWhatDecidedBefore) {
  EXPECT_EQ(started()->restore(trust_).error().code, ErrorCode::Usage);
  ASSERT_TRUE(started()->load(signed_at(7), trust_).has_value());
  const std::unique_ptr<Engine> engine = started();
  EXPECT_EQ(verdict(*engine), Verdict::Deny);
  const Status restored = engine->restore(trust_);
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(engine->active()->version, 7U);
  EXPECT_EQ(verdict(*engine), Verdict::Allow);
}

TEST_F(Restart, NothingOlderIsAcceptedThough) {
  ASSERT_TRUE(started()->load(signed_at(7), trust_).has_value());
  const std::unique_ptr<Engine> engine = started();
  const Status older = engine->load(signed_at(6), trust_);
  ASSERT_FALSE(older.has_value());
  EXPECT_EQ(older.error().code, ErrorCode::Version);
  EXPECT_FALSE(engine->active().has_value());
  EXPECT_TRUE(engine->load(signed_at(7), trust_).has_value());
  EXPECT_TRUE(engine->load(signed_at(8), trust_).has_value());
}

TEST_F(Restart, ABundleThatExpiredMeanwhileGoesOn) {
  bundle::Manifest manifest = manifest_of(3);
  manifest.expires_us = 1;
  const std::vector<std::byte> file = signed_as(manifest);
  const auto contents = bundle::read(file, {trust_.public_keys_pem, 1});
  ASSERT_TRUE(contents.has_value());
  {
    const auto store = bundle::Store::open(folder_);
    ASSERT_TRUE(store.has_value());
    ASSERT_TRUE((*store)->keep({manifest.package, 3, contents->digest}, file));
  }
  const std::unique_ptr<Engine> engine = started();
  EXPECT_EQ(engine->load(file, trust_).error().code, ErrorCode::Version);
  const Status restored = engine->restore(trust_);
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(engine->active()->expires_us, 1);
}

TEST_F(Restart, WhatIsKeptIsVerifiedAnew) {
  ASSERT_TRUE(started()->load(signed_at(7), trust_).has_value());
  const std::string path = kept_file();
  const auto whole = read_file(path, 1'000'000);
  ASSERT_TRUE(whole.has_value());
  const auto other = crypto::new_key();
  ASSERT_TRUE(other.has_value());
  TrustOptions elsewhere;
  elsewhere.public_keys_pem = {other->public_pem};
  EXPECT_EQ(started()->restore(elsewhere).error().code, ErrorCode::Signature);

  std::vector<std::byte> altered = *whole;
  altered.back() ^= std::byte{1};
  ASSERT_TRUE(write_file(path, altered));
  {
    const std::unique_ptr<Engine> engine = started();
    EXPECT_FALSE(engine->restore(trust_).has_value());
    EXPECT_EQ(verdict(*engine), Verdict::Deny);
  }
  // Another bundle of ours under that name: signed, and not what was activated.
  ASSERT_TRUE(write_file(path, signed_at(6)));
  {
    const std::unique_ptr<Engine> engine = started();
    EXPECT_EQ(engine->restore(trust_).error().code, ErrorCode::Malformed);
    EXPECT_EQ(verdict(*engine), Verdict::Deny);
  }
  std::filesystem::remove(path);
  EXPECT_EQ(started()->restore(trust_).error().code, ErrorCode::Unreadable);
}

TEST_F(Restart, ABundleThatCannotBeKeptIsRefused) {
  const std::unique_ptr<Engine> engine = started();
  ASSERT_TRUE(engine->load(signed_at(7), trust_).has_value());
  std::filesystem::remove_all(folder_);
  EXPECT_EQ(engine->load(signed_at(8), trust_).error().code, ErrorCode::Unreadable);
  EXPECT_EQ(engine->active()->version, 7U);
  EXPECT_EQ(verdict(*engine), Verdict::Allow);
}

TEST_F(Restart, TheFolderIsSaidOnceAndFirst) {
  const std::unique_ptr<Engine> engine = started();
  EXPECT_EQ(engine->keep_in(folder_).error().code, ErrorCode::Usage);
  EXPECT_EQ(Engine::create({})->keep_in(folder_).error().code, ErrorCode::Usage);
  const std::unique_ptr<Engine> late = Engine::create({});
  ASSERT_TRUE(late->load(signed_at(1), trust_).has_value());
  EXPECT_EQ(late->keep_in(folder_ + "/other").error().code, ErrorCode::Usage);
}

TEST_F(Restart, AClientInCMayDoTheSame) {
  const std::vector<std::byte> file = signed_at(7);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(file.data());
  const char* key = key_.public_pem.data();
  const std::size_t key_bytes = key_.public_pem.size();
  char message[200];
  for (const bool first : {true, false}) {
    writ_engine* engine = nullptr;
    ASSERT_EQ(writ_engine_new(nullptr, 0, 0, &engine), WRIT_OK);
    ASSERT_EQ(writ_engine_keep_in(engine, folder_.data(), folder_.size(), message, sizeof message),
              WRIT_OK);
    EXPECT_EQ(writ_engine_restore(engine, &key, &key_bytes, 1, 1, message, sizeof message),
              first ? WRIT_USAGE : WRIT_OK);
    if (first) {
      EXPECT_EQ(writ_engine_load(engine, bytes, file.size(), &key, &key_bytes, 1, 1, message,
                                 sizeof message),
                WRIT_OK);
    }
    writ_bundle_info info;
    EXPECT_EQ(writ_engine_info(engine, &info), WRIT_OK);
    EXPECT_EQ(info.version, 7U);
    EXPECT_EQ(info.expires_us, INT64_MAX);
    writ_engine_free(engine);
  }
}

}  // namespace
}  // namespace writ::testing
