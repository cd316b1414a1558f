// Offsets of time zones at instants where they are known; names that are none are refused.
#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "compiler/lower/zone.h"

namespace writ::lower {
namespace {

std::int32_t offset_at(const ir::Zone& zone, std::int64_t seconds) {
  const auto later = std::ranges::upper_bound(zone.at_seconds, seconds);
  return zone.offset_seconds[static_cast<std::size_t>(later - zone.at_seconds.begin())];
}

struct Instant {
  const char* name;
  const char* zone;
  std::int64_t seconds;
  std::int32_t offset;
};
void PrintTo(const Instant& one, std::ostream* out) { *out << one.name; }

class ZoneOffset : public testing::TestWithParam<Instant> {};

TEST_P(ZoneOffset, IsThatOfTzdata) {
  const auto zone = load_zone(GetParam().zone);
  ASSERT_TRUE(zone.has_value()) << zone.error().message;
  ASSERT_EQ(zone->offset_seconds.size(), zone->at_seconds.size() + 1);
  EXPECT_EQ(std::ranges::adjacent_find(zone->at_seconds, std::ranges::greater_equal()),
            zone->at_seconds.end());
  EXPECT_EQ(offset_at(*zone, GetParam().seconds), GetParam().offset);
}

INSTANTIATE_TEST_SUITE_P(
    Instants, ZoneOffset,
    testing::Values(
        Instant{"zurich_spring_2026_before", "Europe/Zurich", 1'774'745'999, 3'600},
        Instant{"zurich_spring_2026_from", "Europe/Zurich", 1'774'746'000, 7'200},
        Instant{"zurich_autumn_2026_before", "Europe/Zurich", 1'792'889'999, 7'200},
        Instant{"zurich_autumn_2026_from", "Europe/Zurich", 1'792'890'000, 3'600},
        Instant{"zurich_spring_2050_before", "Europe/Zurich", 2'531'955'599, 3'600},
        Instant{"zurich_spring_2050_from", "Europe/Zurich", 2'531'955'600, 7'200},
        Instant{"zurich_autumn_2050_before", "Europe/Zurich", 2'550'704'399, 7'200},
        Instant{"zurich_autumn_2050_from", "Europe/Zurich", 2'550'704'400, 3'600},
        Instant{"zurich_1960", "Europe/Zurich", -299'894'400, 3'600},
        Instant{"zurich_1850", "Europe/Zurich", -3'786'825'600, 2'048},
        Instant{"zurich_war_time", "Europe/Zurich", -899'510'400, 7'200},
        Instant{"zurich_summer_2100", "Europe/Zurich", 4'118'083'200, 7'200},
        Instant{"new_york_spring_2026_before", "America/New_York", 1'772'953'199, -18'000},
        Instant{"new_york_spring_2026_from", "America/New_York", 1'772'953'200, -14'400},
        Instant{"new_york_autumn_2026_before", "America/New_York", 1'793'512'799, -14'400},
        Instant{"new_york_autumn_2026_from", "America/New_York", 1'793'512'800, -18'000},
        Instant{"new_york_spring_2050_before", "America/New_York", 2'530'767'599, -18'000},
        Instant{"new_york_spring_2050_from", "America/New_York", 2'530'767'600, -14'400},
        Instant{"new_york_autumn_2050_before", "America/New_York", 2'551'327'199, -14'400},
        Instant{"new_york_autumn_2050_from", "America/New_York", 2'551'327'200, -18'000},
        Instant{"new_york_2006_april", "America/New_York", 1'142'812'800, -18'000},
        Instant{"kolkata_1970", "Asia/Kolkata", 0, 19'800},
        Instant{"kolkata_2050", "Asia/Kolkata", 2'537'654'400, 19'800},
        Instant{"kolkata_1943", "Asia/Kolkata", -852'076'800, 23'400},
        Instant{"utc_1970", "UTC", 0, 0},
        Instant{"utc_2050", "Etc/UTC", 2'537'654'400, 0},
        Instant{"sydney_january_2050", "Australia/Sydney", 2'525'817'600, 39'600},
        Instant{"sydney_july_2050", "Australia/Sydney", 2'541'456'000, 36'000},
        Instant{"dublin_spring_2050_before", "Europe/Dublin", 2'531'955'599, 0},
        Instant{"dublin_spring_2050_from", "Europe/Dublin", 2'531'955'600, 3'600},
        Instant{"dublin_autumn_2050_before", "Europe/Dublin", 2'550'704'399, 3'600},
        Instant{"dublin_autumn_2050_from", "Europe/Dublin", 2'550'704'400, 0},
        Instant{"lord_howe_january_2050", "Australia/Lord_Howe", 2'525'817'600, 39'600},
        Instant{"lord_howe_july_2050", "Australia/Lord_Howe", 2'541'456'000, 37'800},
        Instant{"tehran_2050", "Asia/Tehran", 2'540'246'400, 12'600},
        Instant{"sao_paulo_2050", "America/Sao_Paulo", 2'524'608'000, -10'800},
        Instant{"nuuk_summer_2050", "America/Nuuk", 2'540'246'400, -3'600},
        Instant{"casablanca_2026", "Africa/Casablanca", 1'780'272'000, 3'600}),
    [](const auto& one) { return one.param.name; });

class ZoneRefuses : public testing::TestWithParam<const char*> {};

TEST_P(ZoneRefuses, ANameThatIsNone) {
  const auto zone = load_zone(GetParam());
  ASSERT_FALSE(zone.has_value());
  EXPECT_EQ(zone.error().code, ErrorCode::Unreadable);
  EXPECT_EQ(zone.error().where, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Names, ZoneRefuses,
                         testing::Values("../etc/passwd", "/etc/passwd", "", "Nowhere/City",
                                         "Europe/../Europe/Zurich", "Europe", "Europe/",
                                         "Europe/Zurich ", "tzdata.zi"));

}  // namespace
}  // namespace writ::lower
