#include <gtest/gtest.h>

#include "runtime/audit/attributes.h"
#include "runtime/audit/facts.h"
#include "tests/unit/audit_ring/world.h"

namespace writ::audit::ring {
namespace {

SessionFacts user(std::string name) {
  SessionFacts facts;
  facts.principal_type = "User";
  facts.principal_name = std::move(name);
  return facts;
}

class SomeWords final : public PolicyWords {
 public:
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
  PolicyFacts facts_{"abc", "acme", 3, 1};
};

void pass(Region& region) {
  const std::uint64_t begun = region.header().passes_begun.fetch_add(1) + 1;
  region.header().passes_ended.store(begun);
}

TEST(RingDictionary, SaysWhatIdsMean) {
  const Folder folder;
  RecorderOptions options = small(folder);
  options.bundles = folder.path() + "/bundles";
  const auto recorder = open(options);
  const Opened ada = recorder->open_session(user("ada"));
  const Opened orders = recorder->open_resource("Topic", "orders");
  const std::byte bundle[] = {std::byte{1}, std::byte{2}};
  const auto policy = recorder->use_policy(std::make_shared<SomeWords>(), bundle);
  DictionaryReader reader(recorder->region());
  ASSERT_TRUE(reader.read());
  ASSERT_NE(reader.session(ada.id), nullptr);
  EXPECT_EQ(reader.session(ada.id)->principal_name, "ada");
  ASSERT_NE(reader.resource(orders.id), nullptr);
  EXPECT_EQ(reader.resource(orders.id)->name, "orders");
  ASSERT_NE(reader.policy(1), nullptr);
  EXPECT_EQ(reader.policy(1)->version, 3U);
  EXPECT_EQ(reader.policy(1)->path, folder.path() + "/bundles/abc.writb");
  EXPECT_EQ(reader.session(orders.id), nullptr);
}

TEST(RingDictionary, WhatNoDrainCouldReadIsRefusedAndStopsNobodyElse) {
  const Folder folder;
  RecorderOptions options = small(folder);
  options.region.dictionary_bytes = std::uint64_t{16} << 20;
  const auto recorder = open(options);
  SessionFacts many = user("many");
  for (std::size_t at = 0; at <= kAttributesCountMax; ++at) {
    many.attributes.emplace_back("a" + std::to_string(at), Value::of_int(1));
  }
  EXPECT_EQ(recorder->open_session(many).id, 0U);
  many.attributes.pop_back();
  const Opened as_many_as_may_be = recorder->open_session(many);
  EXPECT_NE(as_many_as_may_be.id, 0U);
  EXPECT_EQ(recorder->open_session(user(std::string(std::size_t{1} << 20, 'x'))).id, 0U);
  const Opened longest = recorder->open_resource("Topic", std::string(kNameWholeBytesMax, 'x'));
  EXPECT_NE(longest.id, 0U);
  EXPECT_EQ(recorder->open_resource("Topic", std::string(kNameWholeBytesMax + 1, 'x')).id, 0U);
  EXPECT_EQ(recorder->open_resource(std::string(257, 'k'), "x").id, 0U);
  const Opened ada = recorder->open_session(user("ada"));
  DictionaryReader reader(recorder->region());
  ASSERT_TRUE(reader.read());
  EXPECT_NE(reader.session(as_many_as_may_be.id), nullptr);
  EXPECT_NE(reader.resource(longest.id), nullptr);
  EXPECT_NE(reader.session(ada.id), nullptr);
}

TEST(RingDictionary, AHundredThousandSessionsTakeNoMoreRoomThanOne) {
  const Folder folder;
  const auto recorder = open(small(folder));
  const Opened stays = recorder->open_session(user("stays"));
  DictionaryReader reader(recorder->region());
  for (int at = 0; at < 100'000; ++at) {
    const Opened session = recorder->open_session(user("s" + std::to_string(at)));
    ASSERT_NE(session.id, 0U) << at;
    if (at % 100 != 0) continue;
    ASSERT_TRUE(reader.read());
    ASSERT_NE(reader.session(session.id), nullptr);
    ASSERT_NE(reader.session(stays.id), nullptr);
    pass(*recorder->region());
  }
  EXPECT_GT(reader.flips(), 10U);
}

TEST(RingDictionary, WhatNoDrainHasReadIsKept) {
  const Folder folder;
  const auto recorder = open(small(folder));
  std::vector<std::uint32_t> closed;
  for (;;) {
    const Opened session = recorder->open_session(user("gone"));
    if (session.id == 0) break;
    closed.push_back(session.id);
  }
  ASSERT_GT(closed.size(), 100U);
  DictionaryReader reader(recorder->region());
  ASSERT_TRUE(reader.read());
  for (const std::uint32_t id : closed) ASSERT_NE(reader.session(id), nullptr);
  // A pass that began before they were closed proves nothing; one after it does.
  pass(*recorder->region());
  EXPECT_NE(recorder->open_session(user("ada")).id, 0U);
}

TEST(RingDictionary, WhatIsFullOfLivingSessionsRefuses) {
  const Folder folder;
  const auto recorder = open(small(folder));
  std::vector<Opened> sessions;
  do {
    sessions.push_back(recorder->open_session(user("ada")));
    pass(*recorder->region());
  } while (sessions.back().id != 0);
  EXPECT_EQ(recorder->open_session(user("eve")).id, 0U);
  sessions.clear();
  pass(*recorder->region());
  EXPECT_NE(recorder->open_session(user("eve")).id, 0U);
}

TEST(RingDictionary, WordsLiveUntilTheirRecordsAreDrained) {
  const Folder folder;
  const auto recorder = open(small(folder));
  auto words = std::make_shared<SomeWords>();
  const std::weak_ptr<SomeWords> seen = words;
  auto policy = recorder->use_policy(std::move(words), {});
  EXPECT_NE(recorder->dictionary().words(1), nullptr);
  policy.reset();
  recorder->dictionary().forget();
  EXPECT_FALSE(seen.expired());
  pass(*recorder->region());
  recorder->dictionary().forget();
  EXPECT_TRUE(seen.expired());
}

TEST(RingDictionary, OwnersMayOutliveTheRecorder) {
  const Folder folder;
  auto recorder = open(small(folder));
  const Opened session = recorder->open_session(user("ada"));
  recorder.reset();
  EXPECT_NE(session.id, 0U);
}

}  // namespace
}  // namespace writ::audit::ring
