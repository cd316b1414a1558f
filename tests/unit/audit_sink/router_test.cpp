#include "runtime/audit/sink/router.h"

#include <gtest/gtest.h>

#include "tests/unit/audit_render/log_sample.h"

namespace writ::audit::sink {
namespace {

Route route(Route::To to, std::string name, Selection of) {
  return {.of = std::move(of), .to = to, .name = std::move(name)};
}

class Routes : public ::testing::Test {
 protected:
  Routes() {
    definitions_.add(audit::testing::log_sample());
    routes_ = {
        route(Route::To::File, "denials", {true, false, "Topic", {"Write"}, "acme.prod"}),
        route(Route::To::Topic, "deletes", {true, true, "Topic", {"Delete"}, "acme"}),
        route(Route::To::Topic, "writes", {true, true, "Topic", {"Write"}, "acme"}),
    };
  }
  // Names of the destinations that get the event.
  std::string of(const Entry& row) {
    std::string out;
    const struct {
      const char* name;
      Destination destination;
    } all[] = {{"d", {Route::To::File, "denials"}},
               {"D", {Route::To::Topic, "deletes"}},
               {"w", {Route::To::Topic, "writes"}},
               {"?", {Route::To::File, "writes"}},
               {"-", {Route::To::File, "rest", true}}};
    for (const auto& each : all) {
      const Router router(routes_, each.destination);
      if (router.takes(definitions_, std::span(&row, 1))) out += each.name;
    }
    return out;
  }
  DefinitionTable definitions_;
  std::vector<Route> routes_;
};

TEST_F(Routes, AnEventGoesToAllThatHoldElseToTheDefault) {
  Entry row = audit::testing::allowed_row(1);
  EXPECT_EQ(of(row), "w");
  row.verdict = Verdict::Deny;
  EXPECT_EQ(of(row), "dw");
  row.question = audit::testing::kKeyQuestion;
  EXPECT_EQ(of(row), "-");
}

TEST_F(Routes, AMaskGoesWhereAnyOfItsOperationsGoes) {
  Entry mask = audit::testing::a_row_of_each_kind()[1];  // Read, Write, Delete; Delete is denied
  EXPECT_EQ(of(mask), "Dw");
  mask.allowed = 5;
  EXPECT_EQ(of(mask), "dDw");
  mask.asked = 1;
  EXPECT_EQ(of(mask), "-");
}

TEST_F(Routes, WhatIsNoDecisionGoesToTheDefault) {
  for (const Entry& row : audit::testing::a_row_of_each_kind()) {
    if (row.question == 0) {
      EXPECT_EQ(of(row), "-");
    }
  }
  Entry unexplained = audit::testing::allowed_row(1);
  unexplained.question = 99;
  EXPECT_EQ(of(unexplained), "-");
}

TEST_F(Routes, WithoutRoutesTheDefaultGetsEverything) {
  routes_.clear();
  EXPECT_EQ(of(audit::testing::allowed_row(1)), "-");
}

TEST_F(Routes, WhatTheSenderAsksInOrderToSendIsNotSentThere) {
  const Entry row = audit::testing::allowed_row(1);
  const SessionDef& session = *definitions_.session(row.session);
  const std::string asks = session.facts.principal_type + ":" + session.facts.principal_name;
  const std::string about = definitions_.resource(row.resource)->name;
  const struct {
    const char* what;
    Destination to;
    bool taken;
  } cases[] = {
      {"the sender about the topic", {Route::To::Topic, about, true, asks}, false},
      {"another about the topic", {Route::To::Topic, about, true, asks + "x"}, true},
      {"a beginning of the sender", {Route::To::Topic, about, true, asks.substr(1)}, true},
      {"the sender about something else", {Route::To::Topic, about + "x", true, asks}, true},
      {"nobody was said to send", {Route::To::Topic, about, true, ""}, true},
  };
  for (const auto& each : cases) {
    const Router router({}, each.to);
    EXPECT_EQ(router.takes(definitions_, std::span(&row, 1)), each.taken) << each.what;
  }
  Entry named = row;
  named.resource = 0;
  named.name = about;
  const Router router({}, {Route::To::Topic, about, true, asks});
  EXPECT_FALSE(router.takes(definitions_, std::span(&named, 1)));
  const std::vector<Entry> mixed = {row, audit::testing::a_row_of_each_kind()[3]};
  EXPECT_TRUE(router.takes(definitions_, mixed));
}

}  // namespace
}  // namespace writ::audit::sink
