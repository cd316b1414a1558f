// Fields of a point in time, proleptic Gregorian, UTC: for conditions in every evaluator.
#pragma once

#include <cstdint>

namespace writ {

struct CivilDate {
  std::int64_t year = 1970;
  std::uint32_t month = 1;  // 1 to 12
  std::uint32_t day = 1;    // 1 to 31
};

inline constexpr std::int64_t kMicrosPerSecond = 1'000'000;
inline constexpr std::int64_t kMicrosPerMinute = 60 * kMicrosPerSecond;
inline constexpr std::int64_t kMicrosPerHour = 60 * kMicrosPerMinute;
inline constexpr std::int64_t kMicrosPerDay = 24 * kMicrosPerHour;

/// Rounds toward the past, so that fields are right before 1970.
[[nodiscard]] constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}
[[nodiscard]] constexpr std::int64_t days_since_epoch(std::int64_t micros) {
  return floor_div(micros, kMicrosPerDay);
}
/// Eras of 400 years begin on the first of March, so that the leap day is the last of its year.
[[nodiscard]] constexpr CivilDate civil_from_days(std::int64_t days) {
  const std::int64_t shifted = days + 719'468;
  const std::int64_t era = floor_div(shifted, 146'097);
  const auto of_era = static_cast<std::uint32_t>(shifted - era * 146'097);
  const std::uint32_t year = (of_era - of_era / 1'460 + of_era / 36'524 - of_era / 146'096) / 365;
  const std::uint32_t of_year = of_era - (365 * year + year / 4 - year / 100);
  const std::uint32_t shifted_month = (5 * of_year + 2) / 153;
  const std::uint32_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  return {static_cast<std::int64_t>(year) + era * 400 + (month <= 2 ? 1 : 0), month,
          of_year - (153 * shifted_month + 2) / 5 + 1};
}
[[nodiscard]] constexpr std::int64_t days_from_civil(std::int64_t year, std::uint32_t month,
                                                     std::uint32_t day) {
  const std::int64_t y = year - (month <= 2 ? 1 : 0);
  const std::int64_t era = floor_div(y, 400);
  const auto of_era = static_cast<std::uint32_t>(y - era * 400);
  const std::uint32_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}
[[nodiscard]] constexpr std::int64_t year_of(std::int64_t micros) {
  return civil_from_days(days_since_epoch(micros)).year;
}
[[nodiscard]] constexpr std::int64_t month_of(std::int64_t micros) {
  return civil_from_days(days_since_epoch(micros)).month;
}
[[nodiscard]] constexpr std::int64_t day_of(std::int64_t micros) {
  return civil_from_days(days_since_epoch(micros)).day;
}
/// 1 Monday to 7 Sunday; 1970-01-01 was a Thursday.
[[nodiscard]] constexpr std::int64_t weekday_of(std::int64_t micros) {
  const std::int64_t days = days_since_epoch(micros) + 3;
  return days - floor_div(days, 7) * 7 + 1;
}
[[nodiscard]] constexpr std::int64_t hour_of(std::int64_t micros) {
  return floor_div(micros, kMicrosPerHour) - days_since_epoch(micros) * 24;
}
[[nodiscard]] constexpr std::int64_t minute_of(std::int64_t micros) {
  return floor_div(micros, kMicrosPerMinute) - floor_div(micros, kMicrosPerHour) * 60;
}

}  // namespace writ
