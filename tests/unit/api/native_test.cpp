// Native code as LLVM makes it, behind bundles that replace one another: nobody who decides sees
// it come, nothing waits for it, and an engine may end while it is made.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "runtime/crypto/keys.h"
#include "runtime/engine/state.h"
#include "tests/unit/api/signed.h"
#include "tests/unit/engine/world.h"

namespace writ::testing {
namespace {

/// Conditions of session and request, so that views fold some and plans keep the others.
ir::Program program() {
  World world;
  world.allow("R", "*", {.subject = world.any});
  world.deny("R", "*", {.subject = world.any, .condition = world.below(world.tls, 1, 2)});
  for (const char* purpose : {"audit", "billing", "export"}) {
    world.deny("R", purpose,
               {.subject = world.any, .condition = world.equals(world.purpose, purpose)});
  }
  return world.builder.take();
}

class NativeBehind : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto key = crypto::new_key();
    ASSERT_TRUE(key.has_value());
    trust_.public_keys_pem = {key->public_pem};
    private_pem_ = key->private_pem;
    if (Engine::create({})->state().native == nullptr) GTEST_SKIP() << "a build without LLVM";
  }
  void load(Engine& engine, std::uint64_t version) const {
    const Status loaded =
        engine.load(bundle_of(program_, manifest_of(version), private_pem_), trust_);
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  }
  static SessionFacts with_tls(const char* version) {
    SessionFacts facts = session_of("alice");
    facts.attributes.emplace_back("tls.version", Value::of_text(version));
    return facts;
  }
  /// Every answer that the policy has, by old and new sessions and plans.
  static bool is_right(const Engine& engine, const Session& modern, const Resource& audit) {
    const std::vector<NamedValue> other = {{"client.purpose", Value::of_text("other")}};
    const std::vector<NamedValue> same = {{"client.purpose", Value::of_text("audit")}};
    return engine.authorize(modern, Ask{&audit, 0, &other, kNoonUs}).verdict == Verdict::Allow &&
           engine.authorize(modern, Ask{&audit, 0, &same, kNoonUs}).verdict == Verdict::Deny &&
           engine.authorize(*engine.open(with_tls("1.1")), Ask{&audit, 0, &other, kNoonUs})
                   .verdict == Verdict::Deny;
  }

  ir::Program program_ = program();
  std::string private_pem_;
  TrustOptions trust_;
};

TEST_F(NativeBehind, DecisionsAreTheSameBeforeDuringAndAfter) {
  const std::unique_ptr<Engine> engine = Engine::create({});
  load(*engine, 1);
  const std::unique_ptr<Session> modern = engine->open(with_tls("1.3"));
  const std::unique_ptr<Resource> audit = engine->resource("Topic", "audit");
  EXPECT_TRUE(is_right(*engine, *modern, *audit));
  std::atomic<bool> done{false};
  std::atomic<std::uint64_t> wrong{0};
  std::thread reader([&] {
    while (!done.load(std::memory_order_relaxed)) {
      if (!is_right(*engine, *modern, *audit)) wrong.fetch_add(1);
    }
  });
  for (std::uint64_t version = 2; version < 30; ++version) {
    load(*engine, version);
    if (version % 7 == 0) {
      EXPECT_TRUE(engine->await_native().has_value());
    }
  }
  const Status native = engine->await_native();
  EXPECT_TRUE(native.has_value()) << native.error().message;
  done.store(true);
  reader.join();
  EXPECT_EQ(wrong.load(), 0U);
  EXPECT_TRUE(is_right(*engine, *modern, *audit));
}

TEST_F(NativeBehind, AnEngineMayEndWhileItIsMade) {
  for (int round = 0; round < 20; ++round) {
    const std::unique_ptr<Engine> engine = Engine::create({});
    load(*engine, 1);
  }
}

}  // namespace
}  // namespace writ::testing
