#include <array>
#include <charconv>

#include <fmt/format.h>

#include "runtime/value/calendar.h"
#include "runtime/value/value.h"

namespace writ {
namespace {

// A reader of fixed-width fields; once something does not fit, everything fails.
class Fields {
 public:
  explicit Fields(std::string_view text) : rest_(text) {}
  std::int64_t digits(std::size_t count) {
    std::int64_t value = 0;
    if (rest_.size() < count) {
      ok_ = false;
      return 0;
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') {
        ok_ = false;
        return 0;
      }
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }
  bool take(char c) {
    if (rest_.empty() || rest_[0] != c) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }
  void need(char c) { ok_ = take(c) && ok_; }
  void refuse() { ok_ = false; }
  [[nodiscard]] bool at_digit() const {
    return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9';
  }
  [[nodiscard]] bool done() const { return ok_ && rest_.empty(); }
  [[nodiscard]] bool empty() const { return rest_.empty(); }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

bool is_date(std::int64_t year, std::int64_t month, std::int64_t day) {
  if (month < 1 || month > 12 || day < 1) {
    return false;
  }
  constexpr std::array kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= kDays[static_cast<std::size_t>(month - 1)] + (leap && month == 2 ? 1 : 0);
}

std::int64_t fraction(Fields& in) {
  std::int64_t micros = 0;
  int count = 0;
  for (; in.at_digit(); ++count) {
    const std::int64_t digit = in.digits(1);
    micros = count < 6 ? micros * 10 + digit : micros;
  }
  if (count == 0) {
    in.refuse();
  }
  for (; count < 6; ++count) {
    micros *= 10;
  }
  return micros;
}

std::int64_t zone_offset(Fields& in) {
  if (in.take('Z')) {
    return 0;
  }
  const bool east = in.take('+');
  if (!east) {
    in.need('-');
  }
  const std::int64_t hours = in.digits(2);
  in.need(':');
  const std::int64_t minutes = in.digits(2);
  if (hours > 23 || minutes > 59) {
    in.refuse();
  }
  return (east ? 1 : -1) * (hours * kMicrosPerHour + minutes * kMicrosPerMinute);
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) {
  Fields in(text);
  const std::int64_t year = in.digits(4);
  in.need('-');
  const std::int64_t month = in.digits(2);
  in.need('-');
  const std::int64_t day = in.digits(2);
  if (!in.ok() || !is_date(year, month, day)) {
    return std::nullopt;
  }
  std::int64_t micros = days_from_civil(year, static_cast<std::uint32_t>(month),
                                        static_cast<std::uint32_t>(day)) *
                        kMicrosPerDay;
  if (in.empty()) {
    return micros;
  }
  if (!in.take('T')) {
    in.need(' ');
  }
  const std::int64_t hour = in.digits(2);
  in.need(':');
  const std::int64_t minute = in.digits(2);
  std::int64_t second = 0;
  if (in.take(':')) {
    second = in.digits(2);
    micros += in.take('.') ? fraction(in) : 0;
  }
  micros += hour * kMicrosPerHour + minute * kMicrosPerMinute + second * kMicrosPerSecond;
  micros -= zone_offset(in);
  const bool in_range = hour < 24 && minute < 60 && second < 60;
  return in.done() && in_range ? std::optional(micros) : std::nullopt;
}

std::string time_text(std::int64_t micros) {
  const CivilDate date = civil_from_days(days_since_epoch(micros));
  const std::int64_t of_day = micros - days_since_epoch(micros) * kMicrosPerDay;
  std::string text =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", date.year, date.month, date.day,
                  of_day / kMicrosPerHour, of_day / kMicrosPerMinute % 60,
                  of_day / kMicrosPerSecond % 60);
  if (const std::int64_t rest = of_day % kMicrosPerSecond; rest != 0) {
    text += fmt::format(".{:06}", rest);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + 'Z';
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
  struct Unit {
    char letter;
    std::int64_t micros;
  };
  constexpr std::array kUnits = {Unit{'d', kMicrosPerDay}, Unit{'h', kMicrosPerHour},
                                 Unit{'m', kMicrosPerMinute}, Unit{'s', kMicrosPerSecond}};
  std::size_t next_unit = 0;
  std::int64_t total = 0;
  if (text.empty()) {
    return std::nullopt;
  }
  while (!text.empty()) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || count < 0 || end == text.data() + text.size()) {
      return std::nullopt;
    }
    std::size_t unit = next_unit;
    while (unit < kUnits.size() && kUnits[unit].letter != *end) {
      ++unit;
    }
    std::int64_t micros = 0;
    if (unit == kUnits.size() || __builtin_mul_overflow(count, kUnits[unit].micros, &micros) ||
        __builtin_add_overflow(total, micros, &total)) {
      return std::nullopt;
    }
    next_unit = unit + 1;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  }
  return total;
}

std::string duration_text(std::int64_t micros) {
  const bool negative = micros < 0;
  std::uint64_t rest = negative ? std::uint64_t{0} - static_cast<std::uint64_t>(micros)
                                : static_cast<std::uint64_t>(micros);
  std::string text = negative ? "-" : "";
  const auto unit = [&](std::int64_t size, char letter) {
    const auto width = static_cast<std::uint64_t>(size);
    if (rest / width != 0) {
      text += fmt::format("{}{}", rest / width, letter);
      rest %= width;
    }
  };
  unit(kMicrosPerDay, 'd');
  unit(kMicrosPerHour, 'h');
  unit(kMicrosPerMinute, 'm');
  unit(kMicrosPerSecond, 's');
  if (rest != 0) {
    text += fmt::format("{}us", rest);
  }
  return text.empty() || text == "-" ? "0s" : text;
}

}  // namespace writ
