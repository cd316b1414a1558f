// What a view remembers of a question that session and name do not settle, and request attributes
// by position: the same answers as by name, from bundle to bundle.
#include <gtest/gtest.h>

#include "tests/unit/engine/world.h"

namespace writ::testing {
namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;

Ask ask_of(const Resource& resource, std::int64_t time_us, const RequestValues* values = nullptr) {
  return {&resource, 0, nullptr, time_us, values};
}

TEST(Plan, AValidityIsAskedAgainEachTime) {
  World world;
  world.builder.program().validities.push_back({kNoonUs, kNoonUs + kDayUs});
  world.allow("R", "orders", {.subject = world.alice, .validity = ir::ValidityId(0)});
  const std::unique_ptr<Engine> engine = plain_engine();
  world.activate(*engine);
  const std::unique_ptr<Session> session = engine->open(session_of("alice"));
  const std::unique_ptr<Resource> resource = engine->resource("Topic", "orders");
  for (int round = 0; round < 2; ++round) {
    for (const std::int64_t days : {-1, 0, 1}) {
      const Ask ask = ask_of(*resource, kNoonUs + days * kDayUs);
      EXPECT_EQ(engine->authorize(*session, ask).verdict == Verdict::Allow, days == 0) << days;
      EXPECT_EQ(engine->permits(*session, ask), days == 0) << days;
    }
  }
}

TEST(Plan, AnExpiredSessionIsDeniedByARememberedPlan) {
  World world;
  world.allow("R", "orders", {.subject = world.alice});
  const std::unique_ptr<Engine> engine = plain_engine();
  world.activate(*engine);
  SessionFacts facts = session_of("alice");
  facts.attributes.emplace_back("auth.expires", Value::of(TypeKind::Time, kNoonUs));
  const std::unique_ptr<Session> session = engine->open(facts);
  const std::unique_ptr<Resource> resource = engine->resource("Topic", "orders");
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(engine->authorize(*session, ask_of(*resource, kNoonUs - 1)).reason,
              ReasonClass::Allow);
    EXPECT_EQ(engine->authorize(*session, ask_of(*resource, kNoonUs)).reason,
              ReasonClass::AuthExpired);
  }
}

TEST(Plan, AnErrorYieldsToAGrantOfTheSameNumberWithoutOne) {
  World world;
  const ir::ConditionId is_batch = world.equals(world.purpose, "batch");
  world.builder.program().validities.push_back({kNoonUs, kNoonUs + kDayUs});
  world.deny("R", "orders", {.subject = world.any, .condition = is_batch, .number = 7});
  world.deny("R", "orders", {.subject = world.any, .validity = ir::ValidityId(0), .number = 7});
  const std::unique_ptr<Engine> engine = plain_engine();
  world.activate(*engine);
  const std::unique_ptr<Session> session = engine->open(session_of("alice"));
  const std::unique_ptr<Resource> resource = engine->resource("Topic", "orders");
  for (int round = 0; round < 2; ++round) {
    // Nobody says the purpose: that grant's error is heard only outside the other's validity.
    EXPECT_EQ(engine->authorize(*session, ask_of(*resource, kNoonUs)).error, 0U);
    EXPECT_EQ(error_code(engine->authorize(*session, ask_of(*resource, 0)).error),
              EvalError::MissingAttribute);
  }
}

TEST(Plan, MoreQuestionsThanAViewRemembersKeepTheirAnswers) {
  World world;
  world.builder.program().validities.push_back({kNoonUs, kNoonUs + kDayUs});
  world.allow("R", "*", {.subject = world.alice, .validity = ir::ValidityId(0)});
  const std::unique_ptr<Engine> engine = plain_engine();
  world.activate(*engine);
  const std::unique_ptr<Session> session = engine->open(session_of("alice"));
  std::vector<std::unique_ptr<Resource>> resources;
  for (int at = 0; at < 300; ++at) {
    resources.push_back(engine->resource("Topic", "t" + std::to_string(at)));
  }
  for (int round = 0; round < 20; ++round) {
    for (const auto& resource : resources) {
      EXPECT_EQ(engine->authorize(*session, ask_of(*resource, kNoonUs)).verdict, Verdict::Allow);
      EXPECT_EQ(engine->authorize(*session, ask_of(*resource, 0)).verdict, Verdict::Deny);
    }
  }
}

TEST(Values, AnswerAsNamedAttributesDo) {
  World world;
  world.allow("R", "orders",
              {.subject = world.any, .condition = world.equals(world.purpose, "batch")});
  const std::unique_ptr<Engine> engine = plain_engine();
  const std::uint32_t unknown = engine->attribute("no.such").value();
  const std::uint32_t purpose = engine->attribute("client.purpose").value();
  EXPECT_EQ(engine->attribute("no.such"), unknown);
  world.activate(*engine);
  const std::unique_ptr<Session> session = engine->open(session_of("alice"));
  const std::unique_ptr<Resource> resource = engine->resource("Topic", "orders");
  const std::unique_ptr<RequestValues> values = engine->request_values();
  const Ask ask = ask_of(*resource, kNoonUs, values.get());
  const auto error = [&] { return error_code(engine->authorize(*session, ask).error); };
  EXPECT_EQ(error(), EvalError::MissingAttribute);
  values->set_text(unknown, "batch");
  EXPECT_EQ(error(), EvalError::MissingAttribute);
  values->set_text(purpose, "batch");
  EXPECT_TRUE(engine->permits(*session, ask));
  values->set_text(purpose, "a text that no small string holds in itself");
  EXPECT_FALSE(engine->permits(*session, ask));
  EXPECT_EQ(error(), EvalError::None);
  values->set_int(purpose, 1);
  EXPECT_EQ(error(), EvalError::BadValue);
  values->set_text(purpose, "batch");
  EXPECT_TRUE(engine->permits(*session, ask));
  values->set_absent(purpose);
  EXPECT_EQ(error(), EvalError::MissingAttribute);
  values->set_text(0xFFFF'FFFF, "batch");  // a position that no engine gave
  EXPECT_EQ(error(), EvalError::MissingAttribute);
  values->set_text(purpose, "batch");
  values->clear();
  EXPECT_EQ(error(), EvalError::MissingAttribute);
}

TEST(Values, FollowTheBundle) {
  const std::unique_ptr<Engine> engine = plain_engine();
  const std::unique_ptr<RequestValues> values = engine->request_values();
  values->set_text(engine->attribute("client.purpose").value(), "batch");
  const std::unique_ptr<Session> session = engine->open(session_of("alice"));
  const std::unique_ptr<Resource> resource = engine->resource("Topic", "orders");
  const Ask ask = ask_of(*resource, kNoonUs, values.get());
  for (const char* wanted : {"batch", "stream", "batch"}) {
    World world;
    world.allow("R", "orders",
                {.subject = world.any, .condition = world.equals(world.purpose, wanted)});
    world.activate(*engine);
    const bool allowed = std::string_view(wanted) == "batch";
    EXPECT_EQ(engine->authorize(*session, ask).verdict == Verdict::Allow, allowed);
    EXPECT_EQ(engine->authorize(*session, ask).verdict == Verdict::Allow, allowed);
  }
}

}  // namespace
}  // namespace writ::testing
