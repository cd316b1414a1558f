#include <atomic>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "runtime/audit/attributes.h"
#include "runtime/audit/facts.h"
#include "tests/unit/audit_ring/world.h"

namespace writ::audit::ring {
namespace {

std::string payload_of(const std::vector<Slot>& slots) {
  std::string payload;
  append_payload(std::span(slots).first(slots.front().slots), payload);
  return payload;
}

TEST(RingRecord, LapsKeepNumbersWithoutAGap) {
  const Folder folder;
  const auto recorder = open(small(folder));
  std::uint64_t next = 1;
  for (int lap = 0; lap < 20; ++lap) {
    for (std::uint32_t at = 1; at <= 100; ++at) ASSERT_TRUE(recorder->record(plain_record(at)));
    for (const Slot& slot : drain(*recorder->region(), 0)) {
      EXPECT_EQ(slot.number, next);
      EXPECT_EQ(slot.decisions, next);
      EXPECT_TRUE(is_sound(slot));
      ++next;
    }
  }
  EXPECT_EQ(next, 2'001U);
}

TEST(RingRecord, LongRecordsWrapAndComeBackWhole) {
  const Folder folder;
  const auto recorder = open(small(folder));
  for (std::size_t size = 0; size <= 2 * kNameWholeBytesMax; size += 97) {
    const std::string name(size, static_cast<char>('a' + size % 26));
    Record record = plain_record(0);
    record.name = name;
    ASSERT_TRUE(recorder->record(record)) << size;
    const std::vector<Slot> slots = drain(*recorder->region(), 0);
    const std::string payload = payload_of(slots);
    const auto parts = read_parts(payload);
    ASSERT_TRUE(parts && parts->name);
    std::string expected;
    append_name(name, expected);
    EXPECT_EQ(*parts->name, expected);
  }
}

TEST(RingRecord, PayloadIsNeverTakenForARecord) {
  const Folder folder;
  const auto recorder = open(small(folder));
  // Numbers from 1 to 99 at every place where a commit word could be looked for.
  std::string hostile;
  for (std::uint64_t at = 0; at < kNameWholeBytesMax / 8; ++at) {
    hostile += static_cast<char>(at % 99 + 1) + std::string(7, '\0');
  }
  Record record = plain_record(0);
  record.name = hostile;
  for (std::uint64_t number = 1; number < 60; ++number) {
    ASSERT_TRUE(recorder->record(record));
    const std::vector<Slot> slots = drain(*recorder->region(), 0);
    ASSERT_EQ(slots.size(), slots.front().slots);
    EXPECT_EQ(slots.front().number, number);
  }
}

TEST(RingRecord, AttributesStandWholeOrAsTheirDigest) {
  const Folder folder;
  const auto recorder = open(small(folder));
  std::vector<NamedValue> attributes = {{"topic.owner", Value::of_text("x")}};
  Record record = plain_record(1);
  record.attributes = &attributes;
  ASSERT_TRUE(recorder->record(record));
  std::string payload = payload_of(drain(*recorder->region(), 0));
  auto parts = read_parts(payload);
  ASSERT_TRUE(parts && parts->attributes);
  EXPECT_EQ(decode_attributes(*parts->attributes), attributes);

  attributes.front().second = Value::of_text(std::string(10'000, 'x'));
  ASSERT_TRUE(recorder->record(record));
  payload = payload_of(drain(*recorder->region(), 0));
  parts = read_parts(payload);
  ASSERT_TRUE(parts && parts->attributes);
  EXPECT_FALSE(decode_attributes(*parts->attributes));
  EXPECT_LT(parts->attributes->size(), 100U);
}

TEST(RingRecord, AMaskCountsAsManyDecisionsAsWereAsked) {
  const Folder folder;
  const auto recorder = open(small(folder));
  Record record = plain_record(1);
  record.asked = 0b1011;
  record.allowed = 0b0010;
  ASSERT_TRUE(recorder->record(record));
  const std::vector<Slot> slots = drain(*recorder->region(), 0);
  ASSERT_EQ(slots.size(), 1U);
  EXPECT_EQ(slots[0].type, static_cast<std::uint8_t>(RecordType::Mask));
  EXPECT_EQ(slots[0].grant, 0b1011U);
  EXPECT_EQ(slots[0].error, 0b0010U);
  EXPECT_EQ(slots[0].decisions, 3U);
}

TEST(RingRecord, ASessionWithoutItsEntryIsRefused) {
  const Folder folder;
  const auto recorder = open(small(folder));
  const SessionFacts facts;
  Record record = plain_record(1);
  record.session = &facts;
  EXPECT_FALSE(recorder->record(record));
  record.session_id = recorder->open_session(facts).id;
  EXPECT_TRUE(recorder->record(record));
}

TEST(RingRecord, AFullRingDeniesThenCountsInARecord) {
  const Folder folder;
  const auto recorder = open(small(folder));
  std::uint64_t recorded = 0;
  std::uint64_t refused = 0;
  for (std::uint32_t at = 0; at < kRingSlotsMin + 10; ++at) {
    recorder->record(plain_record(1)) ? ++recorded : ++refused;
  }
  EXPECT_EQ(recorded, kRingSlotsMin - kReservedSlots);
  EXPECT_EQ(recorder->region()->ring(0).unavailable.load(), refused);
  EXPECT_EQ(drain(*recorder->region(), 0).size(), recorded);
  ASSERT_TRUE(recorder->record(plain_record(1)));
  const std::vector<Slot> after = drain(*recorder->region(), 0);
  ASSERT_EQ(after.size(), 2U);
  EXPECT_EQ(after[0].type, static_cast<std::uint8_t>(RecordType::Unavailable));
  EXPECT_EQ(after[0].count, refused);
  EXPECT_EQ(after[0].decisions, recorded + refused);
  EXPECT_EQ(after[1].decisions, recorded + refused + 1);
}

TEST(RingRecord, InfrastructureNeverWaitsAndIsCounted) {
  const Folder folder;
  RecorderOptions options = small(folder);
  options.writer.wait = std::chrono::hours(1);
  const auto recorder = open(options);
  Record record = plain_record(1);
  record.infrastructure = true;
  record.level = Level::Durable;
  for (std::uint32_t at = 0; at < kRingSlotsMin; ++at) EXPECT_TRUE(recorder->record(record));
  static_cast<void>(drain(*recorder->region(), 0));
  EXPECT_TRUE(recorder->record(record));
  const std::vector<Slot> after = drain(*recorder->region(), 0);
  ASSERT_EQ(after.size(), 2U);
  EXPECT_EQ(after[0].type, static_cast<std::uint8_t>(RecordType::Infrastructure));
  EXPECT_EQ(after[0].count, kReservedSlots);
}

TEST(RingRecord, WhatDoesNotBecomeDurableInTimeIsWithdrawn) {
  const Folder folder;
  const auto recorder = open(small(folder));
  Record record = plain_record(1);
  record.level = Level::Durable;
  EXPECT_FALSE(recorder->record(record));
  const std::vector<Slot> slots = drain(*recorder->region(), 0);
  ASSERT_EQ(slots.size(), 2U);
  EXPECT_EQ(slots[1].type, static_cast<std::uint8_t>(RecordType::Withdrawn));
  EXPECT_EQ(slots[1].count, slots[0].number);
  EXPECT_EQ(slots[1].decisions, 1U);
}

TEST(RingRecord, EachDurableRecordThatIsWithdrawnFindsRoomToSaySo) {
  const Folder folder;
  const auto recorder = open(small(folder));
  Record record = plain_record(1);
  record.level = Level::Replicated;
  std::uint64_t asked = 0;
  for (; asked < kRingSlotsMin; ++asked) EXPECT_FALSE(recorder->record(record));
  std::set<std::uint64_t> open;
  for (const Slot& slot : drain(*recorder->region(), 0)) {
    if (slot.type == static_cast<std::uint8_t>(RecordType::Withdrawn)) {
      EXPECT_EQ(open.erase(slot.count), 1U);
    } else {
      open.insert(slot.number);
    }
  }
  EXPECT_TRUE(open.empty());
}

TEST(RingRecord, EventsAreOwedWhileTheRingIsFull) {
  const Folder folder;
  const auto recorder = open(small(folder));
  while (recorder->record(plain_record(1))) {
  }
  recorder->lifecycle("bundle.refused", "because");
  static_cast<void>(drain(*recorder->region(), 0));
  EXPECT_TRUE(recorder->record(plain_record(1)));
  const std::vector<Slot> after = drain(*recorder->region(), 0);
  ASSERT_GE(after.size(), 3U);
  std::vector<Slot> last(after.end() - 2, after.end());
  ASSERT_EQ(last[0].type, static_cast<std::uint8_t>(RecordType::Lifecycle));
  EXPECT_EQ(read_parts(payload_of(last))->text, "bundle.refused\nbecause");
}

TEST(RingRecord, WithdrawsTheDecisionThoughAnEventWasOwed) {
  const Folder folder;
  const auto recorder = open(small(folder));
  while (recorder->record(plain_record(1))) {
  }
  recorder->lifecycle("bundle.refused", "because");
  static_cast<void>(drain(*recorder->region(), 0));
  Record record = plain_record(1);
  record.level = Level::Replicated;
  EXPECT_FALSE(recorder->record(record));
  std::uint64_t decided = 0;
  std::uint64_t withdrawn = 0;
  for (const Slot& slot : drain(*recorder->region(), 0)) {
    if (slot.type == static_cast<std::uint8_t>(RecordType::Decision)) decided = slot.number;
    if (slot.type == static_cast<std::uint8_t>(RecordType::Withdrawn)) withdrawn = slot.count;
  }
  EXPECT_NE(decided, 0U);
  EXPECT_EQ(withdrawn, decided);
}

TEST(RingRecord, InfrastructureLeavesOwedEventsToOthers) {
  const Folder folder;
  const auto recorder = open(small(folder));
  while (recorder->record(plain_record(1))) {
  }
  recorder->lifecycle("bundle.refused", "because");
  static_cast<void>(drain(*recorder->region(), 0));
  Record record = plain_record(1);
  record.infrastructure = true;
  EXPECT_TRUE(recorder->record(record));
  for (const Slot& slot : drain(*recorder->region(), 0)) {
    EXPECT_NE(slot.type, static_cast<std::uint8_t>(RecordType::Lifecycle));
  }
}

TEST(RingRecord, WhatInfrastructureFindsFullOthersStillWaitFor) {
  const Folder folder;
  RecorderOptions options = small(folder);
  options.writer.wait = std::chrono::hours(1);
  const auto recorder = open(options);
  Record record = plain_record(1);
  record.infrastructure = true;
  for (std::uint32_t at = 0; at < kRingSlotsMin; ++at) EXPECT_TRUE(recorder->record(record));
  const RingHeader& ring = recorder->region()->ring(0);
  std::atomic<bool> over = false;
  std::thread drains([&] {
    while (!over && ring.waiting.load() == 0) std::this_thread::yield();
    static_cast<void>(drain(*recorder->region(), 0));
  });
  EXPECT_TRUE(recorder->record(plain_record(1)));
  over = true;
  drains.join();
}

TEST(RingRecord, AnAuthenticationOfAnyLengthFits) {
  const Folder folder;
  const auto recorder = open(small(folder));
  Authentication result;
  for (std::string* text : {&result.principal, &result.message, &result.client_id}) {
    *text = std::string(100'000, '\x01');
  }
  EXPECT_TRUE(recorder->authentication(result));
  EXPECT_TRUE(read_parts(payload_of(drain(*recorder->region(), 0)))->text);
}

}  // namespace
}  // namespace writ::audit::ring
