#include <gtest/gtest.h>

#include "runtime/audit/drain/time_line.h"

namespace writ::audit::drain {
namespace {

// Three counts a microsecond, at boot + `us`.
ClockLook at(std::int64_t us, std::int64_t utc_offset = 1'000'000'000) {
  return {static_cast<std::uint64_t>(us) * 3 + 1, us, us + utc_offset, 1};
}

TEST(TimeLine, TellsUtcBetweenTwoLooks) {
  TimeLine line;
  line.look(at(10'000'000));
  line.look(at(12'000'000));
  const Moment moment = line.of(11'500'000 * 3 + 1);
  EXPECT_NEAR(static_cast<double>(moment.utc_us), 1'011'500'000, 2);
  EXPECT_LE(moment.uncertainty_us, 4U);
}

TEST(TimeLine, AClockThatWasSetMakesTheTimeUncertainByAsMuch) {
  TimeLine line;
  line.look(at(10'000'000));
  line.look(at(12'000'000));
  line.look(at(12'100'000, 1'005'000'000));
  const Moment moment = line.of(12'050'000 * 3 + 1);
  EXPECT_GE(moment.uncertainty_us, 5'000'000U);
  line.look(at(12'200'000, 1'005'000'000));
  EXPECT_LE(line.of(12'150'000 * 3 + 1).uncertainty_us, 10U);
}

TEST(TimeLine, LongAgoIsLessCertain) {
  TimeLine line;
  line.look(at(100'000'000));
  line.look(at(102'000'000));
  EXPECT_GT(line.of(50'000'000 * 3 + 1).uncertainty_us, line.of(101'000'000 * 3).uncertainty_us);
}

TEST(TimeLine, TheFutureIsHeldToNowAndSaysSo) {
  TimeLine line;
  line.look(at(10'000'000));
  line.look(at(12'000'000));
  const Moment moment = line.of(13'000'000 * 3);
  EXPECT_EQ(moment.utc_us, 1'012'000'000);
  EXPECT_GE(moment.uncertainty_us, 999'000U);
}

TEST(TimeLine, AnythingAtAllGivesSomeTime) {
  TimeLine line;
  for (const std::uint64_t counter : {0ULL, 1ULL, ~0ULL}) static_cast<void>(line.of(counter));
  line.look(at(10));
  for (const std::uint64_t counter : {0ULL, 1ULL, ~0ULL}) {
    EXPECT_LE(line.of(counter).utc_us, 1'000'000'010);
  }
  line.look({5, 20, 1'000'000'020, 1});  // the counter went back
  EXPECT_LE(line.of(4).utc_us, 1'000'000'020);
}

}  // namespace
}  // namespace writ::audit::drain
