#include "runtime/audit/kafka/kafka_sink.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "tests/unit/audit_kafka/mock_cluster.h"
#include "tests/unit/audit_sink/fakes.h"

namespace writ::audit::kafka {
namespace {

using Clock = std::chrono::steady_clock;
using sink::testing::FakeLog;
using sink::testing::FakeSource;
using sink::testing::MemoryCursor;
using sink::testing::MemoryCursors;
using testing::Message;
using testing::MockCluster;

class ToKafka : public ::testing::Test {
 protected:
  std::unique_ptr<sink::Feeder> feeder() {
    sink::FeederOptions options;
    options.delivery_bytes = 100'000;
    options.poll_ms = 10;
    options.backoff_ms = 10;
    options.save_ms = 0;
    KafkaOptions kafka;
    kafka.brokers = cluster_.brokers();
    kafka.topic = "audit";
    kafka.properties = {{"linger.ms", "5"}, {"reconnect.backoff.max.ms", "200"}};
    kafka.note = [this](std::string_view text) { notes_.emplace_back(text); };
    return std::make_unique<sink::Feeder>(std::make_unique<FakeSource>(log_),
                                          std::make_unique<KafkaSink>(kafka),
                                          std::make_unique<MemoryCursors>(cursor_), options);
  }
  static void step(sink::Feeder& feeder) {
    static_cast<void>(feeder.step());
  }
  static void drain(sink::Feeder& feeder) {
    step(feeder);
    while (!feeder.is_drained()) step(feeder);
  }
  /// Every row is there; gives how many messages are repeats. Within a partition first sights are
  /// in the order of the log.
  std::size_t expect_all(std::uint64_t rows) {
    std::set<std::string> distinct;
    std::map<std::int32_t, std::uint64_t> last;
    const std::vector<Message> messages = cluster_.read(rows);
    for (const Message& message : messages) {
      const auto event = nlohmann::json::parse(message.value, nullptr, false);
      EXPECT_TRUE(event.is_object());
      const std::string id = event["id"];
      const std::uint64_t sequence = std::stoull(id.substr(id.rfind('-') + 1));
      if (!distinct.insert(event["source"].get<std::string>() + " " + id).second) continue;
      EXPECT_GT(sequence, last[message.partition]);
      last[message.partition] = sequence;
    }
    EXPECT_EQ(distinct.size(), rows);
    return messages.size() - distinct.size();
  }

  MockCluster cluster_;
  FakeLog log_;
  MemoryCursor cursor_;
  std::vector<std::string> notes_;
};

TEST_F(ToKafka, AnEventIsAMessageInStructuredMode) {
  log_.grow(1, 2);
  drain(*feeder());
  const std::vector<Message> messages = cluster_.read(2);
  ASSERT_EQ(messages.size(), 2U);
  for (const Message& message : messages) {
    EXPECT_EQ(message.content_type, "application/cloudevents+json; charset=UTF-8");
    EXPECT_EQ(message.key, std::string(32, 'a') + "-4");
    EXPECT_EQ(message.value.back(), '}') << "no newline";
    EXPECT_EQ(nlohmann::json::parse(message.value)["specversion"], "1.0");
  }
  EXPECT_EQ(cursor_.saved->position, (log::Position{1, 1}));
}

TEST_F(ToKafka, EverythingArrivesOnceInOrder) {
  log_.grow(50, 100);
  drain(*feeder());
  EXPECT_EQ(expect_all(5'000), 0U);
}

TEST_F(ToKafka, RequestsThatFailAreSentAgain) {
  log_.grow(10, 100);
  const auto feeding = feeder();
  step(*feeding);
  cluster_.answer_produce_requests(20, MockCluster::Answer::Transient);
  log_.grow(20, 100);
  drain(*feeding);
  EXPECT_EQ(expect_all(3'000), 0U);
  EXPECT_EQ(feeding->counts().failures, 0U);
}

TEST_F(ToKafka, AMessageOrAProducerThatIsGivenUpComesAgain) {
  std::uint64_t rows = 0;
  const auto feeding = feeder();
  for (const auto answer : {MockCluster::Answer::Refused, MockCluster::Answer::OutOfOrder}) {
    const std::uint64_t failures = feeding->counts().failures;
    log_.grow(5, 100);
    rows += 500;
    drain(*feeding);
    cluster_.answer_produce_requests(3, answer);
    log_.grow(5, 100);
    rows += 500;
    drain(*feeding);
    EXPECT_GT(feeding->counts().failures, failures);
  }
  static_cast<void>(expect_all(rows));
}

TEST_F(ToKafka, WhileNobodyIsThereTheCursorStays) {
  cluster_.disappear();
  log_.grow(5, 100);
  const auto feeding = feeder();
  const auto until = Clock::now() + std::chrono::milliseconds(500);
  while (Clock::now() < until) step(*feeding);
  EXPECT_FALSE(cursor_.saved);
  EXPECT_FALSE(feeding->is_drained());
  EXPECT_FALSE(notes_.empty()) << "somebody is told";
  cluster_.come_back();
  drain(*feeding);
  EXPECT_EQ(expect_all(500), 0U);
}

// The brokers go away under load and come back; meanwhile the log grows and the sender dies once.
TEST_F(ToKafka, AnOutageUnderLoadLosesNothing) {
  const bool whole = std::getenv("WRIT_LONG") != nullptr;
  const auto away = whole ? std::chrono::milliseconds(60'000) : std::chrono::milliseconds(2'000);
  auto feeding = feeder();
  std::uint64_t rows = 0;
  const auto load = [&](std::chrono::milliseconds span) {
    const auto until = Clock::now() + span;
    while (Clock::now() < until) {
      log_.grow(1, 50);
      rows += 50;
      step(*feeding);
    }
  };
  load(std::chrono::milliseconds(300));
  cluster_.disappear();
  load(away / 2);
  feeding.reset();
  feeding = feeder();
  load(away / 2);
  cluster_.come_back();
  load(std::chrono::milliseconds(300));
  drain(*feeding);
  const std::size_t repeats = expect_all(rows);
  std::printf("%llu rows, %zu repeats, 0 lost\n", static_cast<unsigned long long>(rows), repeats);
  EXPECT_EQ(cursor_.saved->position, (log::Position{1, log_.batches.size()}));
}

TEST_F(ToKafka, WhatThePromiseRestsOnIsNoChoice) {
  const std::pair<std::string, std::string> rows[] = {
      {"acks", "1"},           {"enable.idempotence", "false"}, {"message.timeout.ms", "1000"},
      {"retries", "0"},        {"bootstrap.servers", "x:1"},    {"no.such.property", "1"},
      {"linger.ms", "always"}, {"max.in.flight", "9"}};
  for (const auto& row : rows) {
    KafkaOptions options;
    options.brokers = cluster_.brokers();
    options.topic = "audit";
    options.properties = {row};
    const Status begun = KafkaSink(options).begin("", 1);
    ASSERT_FALSE(begun) << row.first;
    EXPECT_EQ(begun.error().code, ErrorCode::Usage) << row.first;
    EXPECT_EQ(begun.error().where, row.first);
    EXPECT_EQ(begun.error().message.find(row.second), std::string::npos) << "may be a secret";
  }
}

TEST_F(ToKafka, ADeliveryWaitsForRoom) {
  KafkaOptions options;
  options.brokers = cluster_.brokers();
  options.topic = "audit";
  options.messages_max = 3;
  cluster_.disappear();
  KafkaSink sink(options);
  ASSERT_TRUE(sink.begin("", 1));
  const sink::Event event = {"{}\n", "id", "key"};
  const std::vector<sink::Event> two(2, event);
  const std::vector<sink::Event> five(5, event);
  EXPECT_TRUE(*sink.deliver({1, five})) << "one that is larger than all room goes alone";
  EXPECT_FALSE(*sink.deliver({2, two}));
  EXPECT_EQ(*sink.poll(0), 0U);
  cluster_.come_back();
  std::uint64_t done = 0;
  while (done < 1) done = *sink.poll(100);
  EXPECT_TRUE(*sink.deliver({2, two}));
  while (done < 2) done = *sink.poll(100);
  EXPECT_EQ(cluster_.read(7).size(), 7U);
}

}  // namespace
}  // namespace writ::audit::kafka
