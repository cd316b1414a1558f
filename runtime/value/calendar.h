// The proleptic Gregorian calendar over microseconds since 1970 UTC. Times before 1970 round
// towards the past, so that a moment lies in the minute, hour and day that a clock would show.
// Used by the parsers and printers of times, the interpreter and the operations of native code.
#pragma once

#include <cstdint>

namespace writ::calendar {

inline constexpr std::int64_t kMicrosPerSecond = 1'000'000;
inline constexpr std::int64_t kMicrosPerMinute = 60 * kMicrosPerSecond;
inline constexpr std::int64_t kMicrosPerHour = 60 * kMicrosPerMinute;
inline constexpr std::int64_t kMicrosPerDay = 24 * kMicrosPerHour;

/// The quotient rounded towards minus infinity; the divisor is positive.
[[nodiscard]] constexpr std::int64_t floor_div(std::int64_t value, std::int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}
/// What floor_div leaves: from 0 to divisor - 1.
[[nodiscard]] constexpr std::int64_t floor_mod(std::int64_t value, std::int64_t divisor) {
  const std::int64_t rest = value % divisor;
  return rest < 0 ? rest + divisor : rest;
}

struct Date {
  std::int64_t year = 1970;
  std::int64_t month = 1;  // 1 to 12
  std::int64_t day = 1;    // 1 to 31
};

/// Days since 1970-01-01. Years are counted from March, so that the leap day is the last of its
/// year, in eras of 400 years, which all have 146,097 days.
[[nodiscard]] constexpr std::int64_t days_from_civil(const Date& date) {
  const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = floor_div(year, 400);
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t month_from_march = date.month > 2 ? date.month - 3 : date.month + 9;
  const std::int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719'468;
}

/// The inverse of days_from_civil.
[[nodiscard]] constexpr Date civil_from_days(std::int64_t days) {
  const std::int64_t shifted = days + 719'468;
  const std::int64_t era = floor_div(shifted, 146'097);
  const std::int64_t day_of_era = shifted - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const std::int64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const std::int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  return {era * 400 + year_of_era + (month <= 2 ? 1 : 0), month, day};
}

[[nodiscard]] constexpr Date date_of(std::int64_t micros) {
  return civil_from_days(floor_div(micros, kMicrosPerDay));
}
[[nodiscard]] constexpr std::int64_t year(std::int64_t micros) { return date_of(micros).year; }
[[nodiscard]] constexpr std::int64_t month(std::int64_t micros) { return date_of(micros).month; }
[[nodiscard]] constexpr std::int64_t day(std::int64_t micros) { return date_of(micros).day; }
/// 1 Monday to 7 Sunday; the first of January 1970 was a Thursday.
[[nodiscard]] constexpr std::int64_t weekday(std::int64_t micros) {
  return floor_mod(floor_div(micros, kMicrosPerDay) + 3, 7) + 1;
}
[[nodiscard]] constexpr std::int64_t hour(std::int64_t micros) {
  return floor_mod(micros, kMicrosPerDay) / kMicrosPerHour;
}
[[nodiscard]] constexpr std::int64_t minute(std::int64_t micros) {
  return floor_mod(micros, kMicrosPerHour) / kMicrosPerMinute;
}

/// Days of a month, for checking what people write.
[[nodiscard]] constexpr std::int64_t days_in_month(std::int64_t of_year, std::int64_t of_month) {
  const Date first{of_year, of_month, 1};
  const Date next = of_month == 12 ? Date{of_year + 1, 1, 1} : Date{of_year, of_month + 1, 1};
  return days_from_civil(next) - days_from_civil(first);
}

static_assert(days_from_civil({1970, 1, 1}) == 0 && days_from_civil({2000, 3, 1}) == 11'017);
static_assert(weekday(0) == 4 && weekday(-1) == 3 && hour(-1) == 23 && year(-1) == 1969);

}  // namespace writ::calendar
