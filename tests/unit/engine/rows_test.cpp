// Decisions over cells of many rows: what was looked up is as little remembered as what was
// evaluated, and tables that were altered are refused or safe.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "compiler/index/index.h"
#include "runtime/engine/activate.h"
#include "runtime/tables/tables.h"
#include "tests/unit/engine/world.h"

namespace writ {
namespace {

using testing::World;

constexpr int kMany = 20;

RequestFacts asking(std::string_view purpose) {
  RequestFacts request = testing::request_of("Read", "orders");
  request.attributes.emplace_back("client.purpose", Value::of_text(std::string(purpose)));
  return request;
}

TEST(ManyRows, AnAnswerThatRestsOnTheRequestIsNotKept) {
  World w;
  for (int i = 0; i < kMany; ++i) {
    const auto condition = w.equals(w.purpose, fmt::format("p{}", i));
    w.allow("R", "*", {.subject = w.alice, .condition = condition});
  }
  const auto engine = testing::plain_engine();
  w.activate(*engine);
  const auto session = engine->open(testing::session_of("alice"));
  const auto resource = engine->resource("Topic", "orders");
  const auto ask = [&](std::string_view purpose) {
    const RequestFacts request = asking(purpose);
    return engine->authorize(*session, Ask{resource.get(), 0, &request.attributes, {}}).verdict;
  };
  EXPECT_EQ(ask("none of them"), Verdict::Deny);
  EXPECT_EQ(ask("p3"), Verdict::Allow);
  EXPECT_EQ(ask("nor this"), Verdict::Deny);
  EXPECT_EQ(ask("p19"), Verdict::Allow);
}

TEST(ManyRows, AMissingKeyNamesTheLowest) {
  World w;
  for (int i = 0; i < kMany; ++i) {
    const auto condition = w.equals(w.purpose, fmt::format("p{}", i));
    w.allow(i < 5 ? "W" : "R", "*", {.subject = w.alice, .condition = condition});
    w.deny("D", "*", {.subject = w.alice, .condition = condition});
  }
  const auto engine = testing::plain_engine();
  w.activate(*engine);
  const auto session = engine->open(testing::session_of("alice"));
  const Decision read = engine->authorize(*session, testing::request_of("Read", "orders"));
  EXPECT_EQ(read.verdict, Verdict::Deny);
  EXPECT_EQ(read.reason, ReasonClass::Default);
  EXPECT_EQ(read.error_grant, 10U);
  EXPECT_EQ(error_code(read.error), EvalError::MissingAttribute);
  const Decision describe = engine->authorize(*session, testing::request_of("Describe", "orders"));
  EXPECT_EQ(describe.reason, ReasonClass::Deny);
  EXPECT_EQ(describe.grant, 1U);
}

/// Every form of group, with sets, repeats and nested groups.
ir::Program varied() {
  World w;
  for (int i = 0; i < kMany; ++i) {
    const auto set = w.set({fmt::format("*-{}", i), fmt::format("t{}*", i)});
    w.allow("R", "*", {.subject = w.alice, .condition = w.equals(w.purpose, std::to_string(i))});
    w.deny("W", "*", {.subject = w.alice, .within = set});
    w.deny("D", "orders*", {.subject = w.alice, .except = set});
    const auto network = *parse_cidr(fmt::format("10.{}.0.0/16", i), HostBits::Refuse);
    w.allow("W", "*", {.subject = w.alice,
                       .condition = w.builder.condition({{ir::InstKind::Host, kIp, 0, 0, 0},
                                                         {ir::InstKind::Const, kCidr, 0, 0, 0},
                                                         {ir::InstKind::InCidr, kBool, 0, 1, 0}},
                                                        {Value::of_cidr(network)})});
    w.guard("D", "*", {.subject = w.alice,
                       .condition = w.builder.condition(
                           {{ir::InstKind::ResourceName, kString, 0, 0, 0},
                            {ir::InstKind::Const, kString, 0, 0, 0},
                            {ir::InstKind::StartsWith, kBool, 0, 1, 0}},
                           {Value::of_text(fmt::format("guarded{}", i))})});
  }
  return w.builder.take();
}

TEST(ManyRows, EveryAlteredByteOfTheTablesIsRefusedOrSafe) {
  const ir::Program program = varied();
  const auto built = index::build(program);
  ASSERT_TRUE(built.has_value());
  const std::vector<std::byte> bytes = tables::encode(*built);
  constexpr std::byte kFlips[] = {std::byte{1}, std::byte{0x80}, std::byte{0xFF}};
  std::size_t accepted = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::vector<std::byte> altered = bytes;
    altered[at] ^= kFlips[at % std::size(kFlips)];
    Result<tables::Tables> read = tables::decode(altered);
    if (!read || !tables::verify(*read, program)) continue;
    const auto engine = testing::plain_engine();
    BundleInfo info;
    info.version = 1;
    if (!engine::activate(*engine, program, std::move(*read), info)) continue;
    ++accepted;
    const auto session = engine->open(testing::session_of("alice"));
    for (const char* operation : {"Read", "Write", "Describe"}) {
      for (const char* name : {"orders-3", "t4", "guarded7", ""}) {
        RequestFacts request = asking("4");
        request.operation = operation;
        request.name = name;
        static_cast<void>(engine->authorize(*session, request));
      }
    }
  }
  EXPECT_GT(accepted, 0U);
  EXPECT_LT(accepted, bytes.size());
}

}  // namespace
}  // namespace writ
