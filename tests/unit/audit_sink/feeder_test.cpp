#include "runtime/audit/sink/feeder.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/unit/audit_sink/fakes.h"

namespace writ::audit::sink {
namespace {

using testing::FakeLog;
using testing::FakeSink;
using testing::FakeSource;
using testing::MemoryCursor;
using testing::MemoryCursors;
using testing::Outside;

class Feed : public ::testing::Test {
 protected:
  std::unique_ptr<Feeder> make() {
    FeederOptions options;
    options.now_ms = [this] { return now_ms_; };
    options.delivery_bytes = 2'000;
    options.save_ms = 0;
    options.note = [this](std::string_view text) { notes_.emplace_back(text); };
    options.acknowledged = [this](std::span<const Acknowledged> rings) {
      for (const Acknowledged& ring : rings) {
        EXPECT_EQ(ring.ring, 4);
        EXPECT_GT(ring.sequence, acknowledged_);
        acknowledged_ = ring.sequence;
      }
    };
    options.saved = [this](log::Position position) { saved_ = position; };
    options.read = [this] {
      if (read_) read_();
    };
    options.destination = destination_;
    auto made = std::make_unique<Feeder>(std::make_unique<FakeSource>(log_),
                                         std::make_unique<FakeSink>(outside_),
                                         std::make_unique<MemoryCursors>(cursor_), options);
    if (!policy_.routes.empty()) made->use_policy(policy_);
    return made;
  }
  void drain(Feeder& feeder) {
    now_ms_ += feeder.step();
    for (int i = 0; i < 1'000 && !feeder.is_drained(); ++i) now_ms_ += feeder.step();
    static_cast<void>(feeder.step());
    EXPECT_TRUE(feeder.is_drained());
  }
  std::set<std::string> distinct() const { return {outside_.ids.begin(), outside_.ids.end()}; }

  FakeLog log_;
  Outside outside_;
  MemoryCursor cursor_;
  Destination destination_ = {.by_default = true};
  AuditPolicy policy_;
  std::int64_t now_ms_ = 0;
  std::vector<std::string> notes_;
  std::function<void()> read_;
  std::uint64_t acknowledged_ = 0;
  log::Position saved_;
};

TEST_F(Feed, SendsEverythingOnceInOrder) {
  log_.grow(10, 50);
  const auto feeder = make();
  drain(*feeder);
  ASSERT_EQ(outside_.ids.size(), 500U);
  for (std::size_t i = 0; i < 500; ++i) {
    EXPECT_EQ(outside_.ids[i], std::string(32, 'a') + "-4-" + std::to_string(i + 1));
  }
  EXPECT_EQ(acknowledged_, 500U);
  EXPECT_EQ(cursor_.saved->position, (log::Position{1, 10}));
  EXPECT_EQ(saved_, (log::Position{1, 10}));
  log_.grow(1, 5);
  EXPECT_EQ(feeder->step(), 0U);
  EXPECT_EQ(outside_.ids.size(), 505U);
}

TEST_F(Feed, TheCursorMovesOnAcknowledgementOnly) {
  log_.grow(4, 3);
  outside_.acknowledge = 0;
  const auto feeder = make();
  for (int i = 0; i < 10; ++i) static_cast<void>(feeder->step());
  EXPECT_EQ(outside_.ids.size(), 12U);
  EXPECT_EQ(feeder->cursor().position, log::Position());
  EXPECT_FALSE(cursor_.saved);
  EXPECT_EQ(acknowledged_, 0U);
  EXPECT_FALSE(feeder->is_drained());
  outside_.acknowledge = ~0ULL;
  drain(*feeder);
  EXPECT_EQ(cursor_.saved->position, (log::Position{1, 4}));
  EXPECT_EQ(outside_.ids.size(), 12U);
}

// 50 rows make several deliveries: a cursor between them would be within a block.
TEST_F(Feed, ABatchCountsWhenItsLastDeliveryDoes) {
  log_.grow(1, 50);
  outside_.acknowledge = 2;
  const auto feeder = make();
  for (int i = 0; i < 10; ++i) static_cast<void>(feeder->step());
  EXPECT_EQ(feeder->cursor().position, log::Position());
  outside_.acknowledge = ~0ULL;
  drain(*feeder);
  EXPECT_EQ(feeder->cursor().position, (log::Position{1, 1}));
}

TEST_F(Feed, GoesOnWhereTheCursorSaysAfterARestart) {
  log_.grow(4, 3);
  drain(*make());
  const std::string state = cursor_.saved->state;
  log_.grow(2, 3);
  drain(*make());
  EXPECT_EQ(outside_.ids.size(), 18U);
  EXPECT_EQ(distinct().size(), 18U);
  EXPECT_EQ(outside_.begun_with, (std::vector<std::string>{"", state}));
}

TEST_F(Feed, ACursorOfAnotherLogBeginsAnewAndSaysSo) {
  log_.grow(4, 3);
  drain(*make());
  EXPECT_EQ(cursor_.saved->log, std::string(32, 'f'));
  // Somebody removed the log, and it was begun again, shorter than it had been.
  log_ = FakeLog();
  log_.id = std::string(32, 'e');
  log_.grow(2, 3);
  outside_.ids.clear();
  acknowledged_ = 0;
  drain(*make());
  EXPECT_EQ(outside_.ids.size(), 6U);
  ASSERT_EQ(notes_.size(), 1U);
  EXPECT_NE(notes_[0].find("another log"), std::string::npos);
  EXPECT_EQ(cursor_.saved->log, std::string(32, 'e'));
}

TEST_F(Feed, RepeatsAfterAFailureAndLosesNothing) {
  log_.grow(6, 20);
  outside_.acknowledge = 3;
  const auto feeder = make();
  for (int i = 0; i < 5; ++i) static_cast<void>(feeder->step());
  const log::Position before = feeder->cursor().position;
  for (bool Outside::*failure :
       {&Outside::fails_to_poll, &Outside::fails_to_deliver, &Outside::fails_to_begin}) {
    outside_.*failure = true;
    log_.grow(1, 1);
    for (int i = 0; i < 5; ++i) now_ms_ += feeder->step();
    EXPECT_GE(feeder->cursor().position, before);
    outside_.*failure = false;
  }
  outside_.acknowledge = ~0ULL;
  drain(*feeder);
  EXPECT_EQ(distinct().size(), 123U);
  EXPECT_GE(outside_.ids.size(), 123U);
  EXPECT_EQ(acknowledged_, 123U);
}

TEST_F(Feed, WaitsLongerWithEachFailureAndTellsOnce) {
  log_.grow(1, 1);
  outside_.fails_to_begin = true;
  const auto feeder = make();
  std::vector<std::uint32_t> waits;
  for (int i = 0; i < 12; ++i) {
    waits.push_back(feeder->step());
    now_ms_ += waits.back();
  }
  EXPECT_EQ(waits[0], 100U);
  EXPECT_EQ(waits[1], 200U);
  EXPECT_EQ(waits.back(), 30'000U);
  EXPECT_EQ(notes_, (std::vector<std::string>{"fake: nobody there"}));
  EXPECT_EQ(feeder->step(), 30'000U);
  EXPECT_EQ(feeder->counts().failures, 13U);
  EXPECT_EQ(feeder->step(), 30'000U) << "not before its time";
  EXPECT_EQ(feeder->counts().failures, 13U);
  outside_.fails_to_begin = false;
  now_ms_ += 30'000;
  drain(*feeder);
  outside_.fails_to_poll = true;
  log_.grow(1, 1);
  EXPECT_EQ(feeder->step(), 100U) << "begins anew after a success";
  EXPECT_EQ(notes_.size(), 2U);
}

TEST_F(Feed, ASinkWithoutRoomIsAskedAgain) {
  log_.grow(20, 10);
  outside_.room = 1;
  const auto feeder = make();
  drain(*feeder);
  EXPECT_EQ(outside_.ids.size(), 200U);
  EXPECT_EQ(feeder->counts().failures, 0U);
}

TEST_F(Feed, ALogThatCannotBeReadIsAFailure) {
  log_.grow(1, 1);
  log_.fails = true;
  const auto feeder = make();
  EXPECT_EQ(feeder->step(), 100U);
  log_.fails = false;
  now_ms_ += 100;
  drain(*feeder);
  EXPECT_EQ(outside_.ids.size(), 1U);
}

TEST_F(Feed, ACursorThatCannotBeSavedIsToldAndHoldsNothingUp) {
  log_.grow(2, 1);
  cursor_.fails = true;
  const auto feeder = make();
  drain(*feeder);
  EXPECT_EQ(outside_.ids.size(), 2U);
  EXPECT_EQ(saved_, log::Position());
  EXPECT_EQ(notes_, (std::vector<std::string>{"no room for the cursor"}));
  cursor_.fails = false;
  ASSERT_TRUE(feeder->save());
  EXPECT_EQ(cursor_.saved->position, (log::Position{1, 2}));
}

TEST_F(Feed, SaysThatSegmentsWereRemovedBeforeTheyWereSent) {
  log_.grow(1, 1);
  log_.skipped = 3;
  const auto feeder = make();
  drain(*feeder);
  EXPECT_EQ(feeder->counts().skipped_segments, 3U);
  EXPECT_EQ(notes_, (std::vector<std::string>{
                        "fake: 3 segments of the log were removed before they were sent"}));
}

TEST_F(Feed, WhatGoesElsewhereCountsAsAcknowledged) {
  Route denials;
  denials.of = {.denials = true, .allows = false, .kind = "Topic", .operations = {"Read"},
                .scope = "acme"};
  denials.name = "denials.jsonl";
  policy_.routes = {denials};
  destination_ = {.to = Route::To::File, .name = "denials.jsonl"};
  log_.grow(5, 4);
  const auto feeder = make();
  drain(*feeder);
  EXPECT_EQ(outside_.ids.size(), 10U);
  EXPECT_EQ(acknowledged_, 20U);
  EXPECT_EQ(feeder->cursor().position, (log::Position{1, 5}));
}

TEST_F(Feed, FollowsAPolicyThatCameWithTheRows) {
  destination_ = {.to = Route::To::File, .name = "denials.jsonl"};
  Route denials;
  denials.of = {.denials = true, .allows = false, .kind = "Topic", .operations = {"Read"},
                .scope = "acme"};
  denials.name = destination_.name;
  AuditPolicy policy;
  policy.routes = {denials};
  const auto feeder = make();
  static_cast<void>(feeder->step());
  // Whoever writes them tells of the policy before that; a step may be under way.
  read_ = [&] { feeder->use_policy(policy); };
  log_.grow(5, 4);
  now_ms_ += 1'000;
  drain(*feeder);
  EXPECT_EQ(outside_.ids.size(), 10U);
}

TEST_F(Feed, AnEmptyLogIsAskedAgainLater) {
  const auto feeder = make();
  EXPECT_EQ(feeder->step(), 100U);
  EXPECT_TRUE(feeder->is_drained());
}

}  // namespace
}  // namespace writ::audit::sink
