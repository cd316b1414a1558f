// From a question to the engine to the row of the log that answers for it.
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/audit_drain/world.h"
#include "tests/unit/engine/world.h"

namespace writ::testing {
namespace {

using audit::EntryKind;
using audit::drain::Said;

std::vector<Said> questions(const std::vector<Said>& rows) {
  std::vector<Said> out;
  for (const Said& said : rows) {
    if (said.row.question != 0) out.push_back(said);
  }
  return out;
}

Ask ask_of(const Resource& resource) { return {&resource, 0, nullptr, {}}; }

struct Audited {
  Audited() : options(audit::drain::trail_options(folder)), trail(open_trail(options)) {
    engine = plain_engine(&trail->recorder());
    world.allow("R", "orders", {.subject = world.alice});
    world.allow("W", "ord*", {.subject = world.bob});
  }
  /// Everything that was asked, as the log says it.
  std::vector<Said> close() {
    EXPECT_TRUE(trail->close());
    const std::vector<Said> rows = audit::drain::read_log(options.log);
    audit::drain::expect_law(rows);
    return questions(rows);
  }
  audit::ring::Folder folder;
  audit::drain::TrailOptions options;
  std::unique_ptr<audit::drain::Trail> trail;
  std::unique_ptr<Engine> engine;
  World world;
};

TEST(EngineTrail, ARememberedAnswerIsRecordedAsTheFirstOne) {
  Audited audited;
  audited.world.activate(*audited.engine);
  const auto session = audited.engine->open(session_of("alice"));
  const auto resource = audited.engine->resource("Topic", "orders");
  const Ask ask{resource.get(), 0, nullptr, {}};
  for (int time = 0; time < 3; ++time) {
    EXPECT_EQ(audited.engine->authorize(*session, ask).verdict, Verdict::Allow);
  }
  EXPECT_TRUE(audited.engine->permits(*session, ask));
  const std::vector<Said> rows = audited.close();
  ASSERT_EQ(rows.size(), 4U);
  for (const Said& said : rows) {
    EXPECT_EQ(said.principal, "alice");
    EXPECT_EQ(said.resource, "orders");
    EXPECT_EQ(said.operation, rows[0].operation);
    EXPECT_EQ(said.row.question, rows[0].row.question);
    EXPECT_EQ(said.row.reason, rows[0].row.reason);
    EXPECT_EQ(said.row.verdict, Verdict::Allow);
  }
}

TEST(EngineTrail, ByNameByMaskByKindAndFilteredAreRows) {
  Audited audited;
  audited.world.activate(*audited.engine);
  const auto session = audited.engine->open(session_of("alice"));
  const auto resource = audited.engine->resource("Topic", "orders");
  static_cast<void>(audited.engine->authorize(*session, request_of("Read", "invoices")));
  const std::uint32_t mask = audited.engine->allowed(*session, ask_of(*resource), 0b11);
  static_cast<void>(audited.engine->any_resource(*session, "Topic", "Read"));
  const std::string_view names[] = {"orders", "other"};
  EXPECT_EQ(audited.engine->filter(*session, "Topic", "Read", names).size(), 1U);
  const std::vector<Said> rows = audited.close();
  ASSERT_EQ(rows.size(), 5U);
  EXPECT_EQ(rows[0].resource, "invoices");
  EXPECT_EQ(rows[0].row.verdict, Verdict::Deny);
  EXPECT_NE(rows[0].nearest.find("another name"), std::string::npos) << rows[0].nearest;
  EXPECT_EQ(rows[1].row.kind, EntryKind::Mask);
  EXPECT_EQ(rows[1].row.allowed, mask);
  EXPECT_EQ(rows[1].row.count, 2U);
  EXPECT_EQ(rows[2].row.kind, EntryKind::ByKind);
  EXPECT_EQ(rows[3].row.purpose, audit::Purpose::Filter);
  EXPECT_EQ(rows[4].resource, "other");
}

TEST(EngineTrail, WithoutABundleDenialsAreRowsToo) {
  Audited audited;
  const auto session = audited.engine->open(session_of("alice"));
  const auto resource = audited.engine->resource("Topic", "orders");
  const Decision decision = audited.engine->authorize(*session, ask_of(*resource));
  EXPECT_EQ(decision.reason, ReasonClass::NoBundle);
  const std::vector<Said> rows = audited.close();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].rule, "no-bundle");
  EXPECT_EQ(rows[0].principal, "alice");
}

TEST(EngineTrail, WhatCannotBeRecordedIsDenied) {
  Audited audited;
  audited.world.activate(*audited.engine);
  const auto session = audited.engine->open(session_of("alice"));
  const auto resource = audited.engine->resource("Topic", "orders");
  const Ask ask{resource.get(), 0, nullptr, {}};
  EXPECT_EQ(audited.engine->authorize(*session, ask).verdict, Verdict::Allow);
  audited.trail->recorder().pool().close();
  std::thread([&] {
    EXPECT_EQ(audited.engine->authorize(*session, ask).reason, ReasonClass::AuditUnavailable);
    EXPECT_EQ(audited.engine->allowed(*session, ask, 0b1), 0U);
    EXPECT_FALSE(audited.engine->permits(*session, ask));
  }).join();
}

TEST(EngineTrail, ARefreshedSessionIsAnotherOne) {
  Audited audited;
  audited.world.activate(*audited.engine);
  const auto session = audited.engine->open(session_of("alice"));
  const auto resource = audited.engine->resource("Topic", "orders");
  static_cast<void>(audited.engine->authorize(*session, ask_of(*resource)));
  session->refresh(session_of("bob"));
  static_cast<void>(audited.engine->authorize(*session, ask_of(*resource)));
  const std::vector<Said> rows = audited.close();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].principal, "alice");
  EXPECT_EQ(rows[1].principal, "bob");
}

}  // namespace
}  // namespace writ::testing
