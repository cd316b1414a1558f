// A recorder in a process that has no memory left: what cannot be kept is denied or counted, and
// nobody's process ends.
#include <cstdlib>
#include <new>
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/audit_ring/world.h"

namespace {

thread_local bool no_memory = false;

void* allocate(std::size_t bytes) {
  void* memory = no_memory ? nullptr : std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t bytes) { return allocate(bytes); }
void* operator new[](std::size_t bytes) { return allocate(bytes); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace writ::audit::ring {
namespace {

/// What `body` gives while nothing can be allocated.
template <class Body>
auto without_memory(Body&& body) {
  no_memory = true;
  auto result = body();
  no_memory = false;
  return result;
}

class Words final : public PolicyWords {
 public:
  Words() {
    facts_.digest = "0123456789abcdef0123456789abcdef";
    facts_.generation = 1;
  }
  [[nodiscard]] const PolicyFacts& facts() const override { return facts_; }
  [[nodiscard]] Question question(std::uint16_t, std::uint8_t, std::uint32_t) const override {
    return {};
  }
  [[nodiscard]] std::vector<std::string_view> operations(std::uint16_t) const override {
    return {};
  }
  [[nodiscard]] Explained explain(const Decision&, const Question&, const SessionFacts*,
                                  std::string_view) const override {
    return {};
  }

 private:
  PolicyFacts facts_;
};

/// Texts of the lifecycle records that are there; they are gone afterwards.
std::vector<std::string> events(const RingRecorder& recorder) {
  std::vector<std::string> out;
  const std::vector<Slot> slots = drain(*recorder.region(), 0);
  for (std::size_t at = 0; at < slots.size(); at += slots[at].slots) {
    if (slots[at].type != static_cast<std::uint8_t>(RecordType::Lifecycle)) continue;
    std::string bytes;
    for (std::size_t more = 1; more < slots[at].slots; ++more) {
      const auto* raw = static_cast<const char*>(static_cast<const void*>(&slots[at + more]));
      bytes.append(raw + sizeof(std::uint64_t), sizeof(Slot) - sizeof(std::uint64_t));
    }
    const auto parts = read_parts(bytes);
    EXPECT_TRUE(parts && parts->text);
    if (parts && parts->text) out.emplace_back(*parts->text);
  }
  return out;
}

TEST(RingMemory, WhatCannotBeKeptIsDenied) {
  const Folder folder;
  const auto recorder = open(small(folder));
  SessionFacts facts;
  facts.principal_name = std::string(100, 'a');
  const std::string name(200, 'n');
  Record record = plain_record(0);
  ASSERT_TRUE(recorder->record(record)) << "the thread has its ring";
  record.name = name;
  EXPECT_FALSE(without_memory([&] { return recorder->record(record); }));
  record.infrastructure = true;
  EXPECT_TRUE(without_memory([&] { return recorder->record(record); }));
  const RingHeader& ring = recorder->region()->ring(0);
  EXPECT_EQ(ring.unavailable.load(), 1U);
  EXPECT_EQ(ring.infrastructure.load(), 1U);
  Authentication login;
  login.principal = name;
  EXPECT_FALSE(without_memory([&] { return recorder->authentication(login); }));
  EXPECT_EQ(without_memory([&] { return recorder->open_session(facts).id; }), 0U);
  EXPECT_EQ(without_memory([&] { return recorder->open_resource("Topic", name).id; }), 0U);
  const auto words = std::make_shared<Words>();
  EXPECT_EQ(without_memory([&] { return recorder->use_policy(words, {}); }), nullptr);
  // And afterwards everything is as before.
  record.infrastructure = false;
  EXPECT_TRUE(recorder->record(record));
  EXPECT_TRUE(recorder->authentication(login));
  EXPECT_NE(recorder->open_session(facts).id, 0U);
  EXPECT_NE(recorder->use_policy(words, {}), nullptr);
}

TEST(RingMemory, AThreadThatCannotRememberItsRingTakesNone) {
  const Folder folder;
  const auto recorder = open(small(folder, 1));
  const Record record = plain_record(1);
  std::thread([&] {
    EXPECT_FALSE(without_memory([&] { return recorder->record(record); }));
  }).join();
  EXPECT_EQ(recorder->pool().free_rings(), 1U);
  EXPECT_EQ(recorder->region()->header().unleased.load(), 1U);
  EXPECT_TRUE(recorder->record(record));
}

TEST(RingMemory, AnEventThatCouldNotWaitIsCounted) {
  const Folder folder;
  const auto recorder = open(small(folder));
  const std::string message(300, 'm');
  without_memory([&] {
    recorder->lifecycle("bundle.refused", message);
    recorder->lifecycle("bundle.refused", message);
    return 0;
  });
  recorder->lifecycle("bundle.activated", "");
  const std::vector<std::string> told = events(*recorder);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0], "bundle.activated\n");
  EXPECT_TRUE(told[1].starts_with("audit.events-lost\n2 events")) << told[1];
}

TEST(RingMemory, EventsThatWaitAreBounded) {
  const Folder folder;
  const auto recorder = open(small(folder));
  constexpr std::size_t kEvents = 5'000;
  for (std::size_t at = 0; at < kEvents; ++at) recorder->lifecycle("bundle.refused", "again");
  Record record = plain_record(0);
  record.name = "orders";
  std::size_t told = 0;
  std::size_t lost = 0;
  // What waits goes on with each record that finds room.
  for (int turn = 0; turn < 200 && lost == 0; ++turn) {
    for (const std::string& text : events(*recorder)) {
      constexpr std::string_view kLost = "audit.events-lost\n";
      if (text.starts_with(kLost)) lost = std::stoul(text.substr(kLost.size()));
      if (text.starts_with("bundle.refused")) ++told;
    }
    static_cast<void>(recorder->record(record));
  }
  EXPECT_GT(lost, 1'000U);
  EXPECT_EQ(told + lost, kEvents);
}

}  // namespace
}  // namespace writ::audit::ring
