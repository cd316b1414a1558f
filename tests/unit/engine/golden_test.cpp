// Golden decisions: what the bundle says was answered is asked again before it runs.
#include <gtest/gtest.h>

#include "compiler/index/index.h"
#include "runtime/engine/activate.h"
#include "runtime/engine/golden.h"
#include "runtime/reference/reference.h"
#include "tests/unit/engine/world.h"

namespace writ::engine {
namespace {

using testing::request_of;
using testing::session_of;

GoldenDecision sample() {
  GoldenDecision golden;
  golden.session = session_of("alice");
  golden.session.groups = {"sre", "oncall"};
  golden.session.attributes = {{"tls.version", Value::of_text("1.3")}, {"auth.expires", {}}};
  golden.session.opened_us = testing::kNoonUs;
  golden.request = request_of("Read", "orders");
  golden.request.attributes = {{"client.purpose", Value::of_text("billing")}};
  return golden;
}

TEST(Golden, ReadsBackWhatItWrote) {
  GoldenDecision timeless = sample();
  timeless.request.time_us.reset();
  timeless.session.host.reset();
  timeless.session.groups.reset();
  timeless.decision = {Verdict::Deny, ReasonClass::Guard, 3, 5, 3};
  const std::vector<GoldenDecision> written = {sample(), timeless};
  const auto read = decode_golden(encode_golden(written));
  ASSERT_TRUE(read.has_value()) << read.error().message;
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ((*read)[0].session.principal_name, "alice");
  EXPECT_EQ((*read)[0].session.groups, written[0].session.groups);
  EXPECT_EQ((*read)[0].session.attributes, written[0].session.attributes);
  EXPECT_EQ((*read)[0].request.attributes, written[0].request.attributes);
  EXPECT_EQ((*read)[0].request.time_us, testing::kNoonUs);
  EXPECT_EQ((*read)[1].decision, timeless.decision);
  EXPECT_FALSE((*read)[1].request.time_us.has_value());
  EXPECT_FALSE((*read)[1].session.host.has_value());
  EXPECT_FALSE((*read)[1].session.groups.has_value());
}

TEST(Golden, RefusesWhatItWouldNotWrite) {
  const std::vector<std::byte> whole = encode_golden(std::vector{sample()});
  ASSERT_TRUE(decode_golden(whole).has_value());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode_golden(std::span(whole).first(size)).has_value()) << size;
  }
  std::vector<std::byte> longer = whole;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(decode_golden(longer).has_value());
  const std::vector<std::byte> many = encode_golden(std::vector(kGoldenMax + 1, sample()));
  ASSERT_FALSE(decode_golden(many).has_value());
  EXPECT_EQ(decode_golden(many).error().code, ErrorCode::Limit);
  EXPECT_TRUE(decode_golden(encode_golden(std::vector(kGoldenMax, sample()))).has_value());
}

TEST(Golden, ADifferentAnswerRefusesTheBundle) {
  testing::World world;
  world.allow("R", "orders", {.subject = world.alice});
  const ir::Program program = world.builder.take();
  GoldenDecision golden = sample();
  golden.decision = reference::decide(program, golden.session, golden.request);
  ASSERT_EQ(golden.decision.verdict, Verdict::Allow);
  const std::unique_ptr<Engine> engine = testing::plain_engine();
  const auto activate_with = [&](const GoldenDecision& of) {
    auto tables = index::build(program);
    EXPECT_TRUE(tables.has_value());
    BundleInfo info;
    info.package = "test";
    info.version = 1;
    return activate(*engine, program, std::move(*tables), info,
                    {.file = {}, .golden = std::span(&of, 1)});
  };
  GoldenDecision wrong = golden;
  wrong.decision.verdict = Verdict::Deny;
  const Status refused = activate_with(wrong);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::Malformed);
  EXPECT_FALSE(engine->active().has_value());
  EXPECT_TRUE(activate_with(golden).has_value());
  EXPECT_TRUE(engine->active().has_value());
}

}  // namespace
}  // namespace writ::engine
