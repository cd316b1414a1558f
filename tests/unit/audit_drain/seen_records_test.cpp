#include "runtime/audit/drain/seen_records.h"

#include <gtest/gtest.h>

namespace writ::audit::drain {
namespace {

ring::Slot slot_of(std::uint32_t session, std::uint32_t resource = 1) {
  ring::Slot slot{};
  slot.session = session;
  slot.resource = resource;
  slot.slots = 1;
  return slot;
}

SeenRecords::Seen made_of(std::uint32_t question) {
  SeenRecords::Seen made;
  made.question = question;
  return made;
}

void put(SeenRecords& seen, const ring::Slot& slot, std::uint32_t question) {
  seen.put(slot, SeenRecords::hash_of(slot), made_of(question));
}
const SeenRecords::Seen* find(const SeenRecords& seen, const ring::Slot& slot) {
  return seen.find(slot, SeenRecords::hash_of(slot));
}

TEST(SeenRecords, FindWhatSaysTheSameButNumberTimeAndTotal) {
  SeenRecords seen;
  put(seen, slot_of(7), 3);
  ring::Slot again = slot_of(7);
  again.number = 9;
  again.time = 10;
  again.decisions = 11;
  ASSERT_NE(find(seen, again), nullptr);
  EXPECT_EQ(find(seen, again)->question, 3U);
  put(seen, again, 4);
  EXPECT_EQ(find(seen, slot_of(7))->question, 4U);
  EXPECT_EQ(seen.size(), 1U);
}

TEST(SeenRecords, AnyOtherByteMakesAnotherRecord) {
  SeenRecords seen;
  put(seen, slot_of(7), 3);
  for (std::size_t byte = offsetof(ring::Slot, session); byte < offsetof(ring::Slot, decisions);
       ++byte) {
    ring::Slot other = slot_of(7);
    static_cast<unsigned char*>(static_cast<void*>(&other))[byte] ^= 0x80U;
    EXPECT_EQ(find(seen, other), nullptr) << byte;
    // Not even where somebody made the hashes alike.
    EXPECT_EQ(seen.find(other, SeenRecords::hash_of(slot_of(7))), nullptr) << byte;
  }
}

TEST(SeenRecords, GrowAndForgetWhenTheyAreTooMany) {
  SeenRecords seen;
  for (std::uint32_t id = 1; id <= SeenRecords::kMost; ++id) put(seen, slot_of(id), id);
  EXPECT_GT(seen.size(), SeenRecords::kMost * 9 / 10);
  EXPECT_LE(seen.size(), SeenRecords::kMost);
  for (std::uint32_t id = 1; id <= 1'000; ++id) {
    const SeenRecords::Seen* there = find(seen, slot_of(id));
    ASSERT_TRUE(there == nullptr || there->question == id) << id;
  }
  for (std::uint32_t id = 1; id <= SeenRecords::kMost; ++id) put(seen, slot_of(id, 2), id);
  EXPECT_LE(seen.size(), SeenRecords::kMost);
  seen.clear();
  EXPECT_EQ(find(seen, slot_of(5)), nullptr);
}

TEST(SeenRecords, OfOneHashAreKeptAFew) {
  SeenRecords seen;
  for (std::uint32_t id = 1; id <= 10'000; ++id) seen.put(slot_of(id), 42, made_of(id));
  EXPECT_LE(seen.size(), 64U);
  EXPECT_NE(seen.find(slot_of(1), 42), nullptr);
  EXPECT_EQ(seen.find(slot_of(10'000), 42), nullptr);
}

}  // namespace
}  // namespace writ::audit::drain
