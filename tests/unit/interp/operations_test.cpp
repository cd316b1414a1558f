#include <gtest/gtest.h>

#include <array>

#include "runtime/interp/operations.h"

namespace writ {
namespace {

TEST(Operations, CompareTextsByBytes) {
  EXPECT_EQ(writ_text_equal("ab", 2, "abc", 2), 1U);
  EXPECT_EQ(writ_text_equal(nullptr, 0, "x", 0), 1U);
  EXPECT_LT(writ_text_compare("a", 1, "ab", 2), 0);
  EXPECT_GT(writ_text_compare("\xFF", 1, "a", 1), 0);
  EXPECT_EQ(writ_text_starts_with("ab", 2, "a", 1), 1U);
  EXPECT_EQ(writ_text_starts_with("ab", 2, "abc", 3), 0U);
  EXPECT_EQ(writ_text_ends_with("ab", 2, "b", 1), 1U);
  EXPECT_EQ(writ_text_ends_with("ab", 2, "", 0), 1U);
  EXPECT_EQ(writ_text_contains("a\0b", 3, "\0b", 2), 1U);
  EXPECT_EQ(writ_text_contains("ab", 2, "", 0), 1U);
  EXPECT_EQ(writ_text_contains("ab", 2, "ba", 2), 0U);
}

TEST(Operations, FindElementsOfSortedSets) {
  const std::array<Slot, 3> numbers = {Slot{static_cast<std::uint64_t>(-5), 0}, {0, 0}, {7, 0}};
  EXPECT_EQ(writ_set_has_number(numbers.data(), 3, -5), 1U);
  EXPECT_EQ(writ_set_has_number(numbers.data(), 3, 7), 1U);
  EXPECT_EQ(writ_set_has_number(numbers.data(), 3, 1), 0U);
  EXPECT_EQ(writ_set_has_number(nullptr, 0, 1), 0U);
  const std::string a = "a";
  const std::string b = "bb";
  const auto slot = [](const std::string& text) {
    return Slot{reinterpret_cast<std::uint64_t>(text.data()), text.size()};  // NOLINT
  };
  const std::array<Slot, 2> texts = {slot(a), slot(b)};
  EXPECT_EQ(writ_set_has_text(texts.data(), 2, "bb", 2), 1U);
  EXPECT_EQ(writ_set_has_text(texts.data(), 2, "b", 1), 0U);
  const std::array<Slot, 2> ips = {Slot{0, 1}, {1, 0}};
  EXPECT_EQ(writ_set_has_ip(ips.data(), 2, 1, 0), 1U);
  EXPECT_EQ(writ_set_has_ip(ips.data(), 2, 0, 0), 0U);
}

TEST(Operations, NetworksHoldAddresses) {
  const Cidr ten = *parse_cidr("10.0.0.0/8", HostBits::Refuse);
  const Cidr six = *parse_cidr("2001:db8::/32", HostBits::Refuse);
  const auto slot = [](const Cidr& cidr) {
    return Slot{reinterpret_cast<std::uint64_t>(&cidr), 0};  // NOLINT
  };
  const std::array<Slot, 2> networks = {slot(ten), slot(six)};
  const Ip in = *parse_ip("10.1.1.1");
  const Ip out = *parse_ip("11.1.1.1");
  EXPECT_EQ(writ_networks_hold(networks.data(), 2, in.high, in.low), 1U);
  EXPECT_EQ(writ_networks_hold(networks.data(), 2, out.high, out.low), 0U);
  EXPECT_EQ(writ_in_cidr(in.high, in.low, &ten), 1U);
  EXPECT_EQ(writ_cidr_equal(&ten, &six), 0U);
  EXPECT_EQ(writ_set_has_cidr(networks.data(), 2, &six), 1U);
}

TEST(Operations, ZoneOffsetChangesAtItsTransition) {
  const std::array<std::int64_t, 2> at = {0, 100};
  const std::array<std::int32_t, 3> offsets = {10, 20, 30};
  const auto offset = [&](std::int64_t micros) {
    return writ_zone_offset(at.data(), offsets.data(), at.size(), micros);
  };
  EXPECT_EQ(offset(-1), 10);
  EXPECT_EQ(offset(0), 20);
  EXPECT_EQ(offset(99'999'999), 20);
  EXPECT_EQ(offset(100'000'000), 30);
  EXPECT_EQ(writ_zone_offset(nullptr, offsets.data(), 0, 5), 10);
}

TEST(Operations, AutomatonReadsTheWholeText) {
  // Accepts `a` and whatever follows it, if that is `a` too.
  std::array<std::uint8_t, 256> classes{};
  classes['a'] = 1;
  const std::array<std::uint16_t, 4> transitions = {0, 0, 0, 1};
  const std::array<std::uint8_t, 2> accepting = {0, 1};
  const auto matches = [&](std::string_view text) {
    return writ_dfa_matches(classes.data(), transitions.data(), accepting.data(), 2, 1,
                            text.data(), text.size());
  };
  EXPECT_EQ(matches(""), 1U);
  EXPECT_EQ(matches("aaa"), 1U);
  EXPECT_EQ(matches("aab"), 0U);
}

}  // namespace
}  // namespace writ
