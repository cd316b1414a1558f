#include <cstddef>

#include <fmt/format.h>

#include "runtime/value/calendar.h"
#include "runtime/value/value.h"

namespace writ {
namespace {

using calendar::kMicrosPerSecond;

/// Reads text from the front; each step answers false and stays false once something is wrong.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}
  [[nodiscard]] bool at_end() const { return text_.empty(); }
  [[nodiscard]] char peek() const { return text_.empty() ? '\0' : text_[0]; }
  bool skip(char c) {
    if (peek() != c || text_.empty()) return false;
    text_.remove_prefix(1);
    return true;
  }
  /// Exactly `count` digits.
  bool digits(std::size_t count, std::int64_t& value) {
    if (text_.size() < count) return false;
    value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (text_[i] < '0' || text_[i] > '9') return false;
      value = value * 10 + (text_[i] - '0');
    }
    text_.remove_prefix(count);
    return true;
  }
  /// One digit or more; false on overflow.
  bool number(std::int64_t& value) {
    std::size_t count = 0;
    value = 0;
    while (count < text_.size() && text_[count] >= '0' && text_[count] <= '9') {
      if (__builtin_mul_overflow(value, std::int64_t{10}, &value)) return false;
      if (__builtin_add_overflow(value, std::int64_t{text_[count] - '0'}, &value)) return false;
      ++count;
    }
    text_.remove_prefix(count);
    return count > 0;
  }
  /// `.` and one to nine digits, of which six count.
  bool fraction(std::int64_t& micros) {
    micros = 0;
    if (!skip('.')) return true;
    std::size_t count = 0;
    for (; count < text_.size() && text_[count] >= '0' && text_[count] <= '9'; ++count) {
      if (count < 6) micros = micros * 10 + (text_[count] - '0');
    }
    for (std::size_t i = count; i < 6; ++i) micros *= 10;
    text_.remove_prefix(count);
    return count >= 1 && count <= 9;
  }

 private:
  std::string_view text_;
};

/// `Z`, `+02:00`, `-05:30` → seconds east of Greenwich.
bool read_offset(Scanner& scan, std::int64_t& seconds) {
  seconds = 0;
  if (scan.skip('Z')) return true;
  const bool west = scan.peek() == '-';
  if (!scan.skip('-') && !scan.skip('+')) return false;
  std::int64_t hours = 0;
  std::int64_t minutes = 0;
  if (!scan.digits(2, hours) || !scan.skip(':') || !scan.digits(2, minutes)) return false;
  if (hours > 23 || minutes > 59) return false;
  seconds = (hours * 60 + minutes) * 60 * (west ? -1 : 1);
  return true;
}

/// Six digits of a fraction without the zeros at its end; empty for none.
std::string fraction_text(std::int64_t micros) {
  if (micros == 0) return {};
  std::string text = fmt::format(".{:06}", micros);
  while (text.back() == '0') text.pop_back();
  return text;
}

struct Unit {
  char letter;
  std::int64_t micros;
};
constexpr Unit kUnits[] = {{'d', calendar::kMicrosPerDay},
                           {'h', calendar::kMicrosPerHour},
                           {'m', calendar::kMicrosPerMinute},
                           {'s', calendar::kMicrosPerSecond}};

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) {
  Scanner scan(text);
  calendar::Date date;
  if (!scan.digits(4, date.year) || !scan.skip('-') || !scan.digits(2, date.month) ||
      !scan.skip('-') || !scan.digits(2, date.day)) {
    return std::nullopt;
  }
  if (date.month < 1 || date.month > 12 || date.day < 1 ||
      date.day > calendar::days_in_month(date.year, date.month)) {
    return std::nullopt;
  }
  const std::int64_t midnight = calendar::days_from_civil(date) * calendar::kMicrosPerDay;
  if (scan.at_end()) return midnight;
  std::int64_t hours = 0;
  std::int64_t minutes = 0;
  std::int64_t seconds = 0;
  std::int64_t micros = 0;
  std::int64_t offset = 0;
  if (!scan.skip('T') || !scan.digits(2, hours) || !scan.skip(':') || !scan.digits(2, minutes)) {
    return std::nullopt;
  }
  if (scan.skip(':') && (!scan.digits(2, seconds) || !scan.fraction(micros))) return std::nullopt;
  if (hours > 23 || minutes > 59 || seconds > 59) return std::nullopt;
  if (!read_offset(scan, offset) || !scan.at_end()) return std::nullopt;
  return midnight + ((hours * 60 + minutes) * 60 + seconds - offset) * kMicrosPerSecond + micros;
}

std::string time_text(std::int64_t micros) {
  const calendar::Date date = calendar::date_of(micros);
  const std::int64_t second = calendar::floor_mod(micros, calendar::kMicrosPerMinute);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z", date.year, date.month, date.day,
                     calendar::hour(micros), calendar::minute(micros), second / kMicrosPerSecond,
                     fraction_text(second % kMicrosPerSecond));
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
  Scanner scan(text);
  const bool negative = scan.skip('-');
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  bool any = false;
  while (!scan.at_end()) {
    std::int64_t count = 0;
    std::int64_t micros = 0;
    if (!scan.number(count)) return std::nullopt;
    const bool fractional = scan.peek() == '.';
    if (!scan.fraction(micros)) return std::nullopt;
    std::size_t unit = next_unit;
    while (unit < std::size(kUnits) && kUnits[unit].letter != scan.peek()) ++unit;
    if (unit == std::size(kUnits) || !scan.skip(kUnits[unit].letter)) return std::nullopt;
    if (fractional && kUnits[unit].letter != 's') return std::nullopt;
    std::int64_t part = 0;
    if (__builtin_mul_overflow(count, kUnits[unit].micros, &part) ||
        __builtin_add_overflow(part, micros, &part) ||
        __builtin_add_overflow(total, part, &total)) {
      return std::nullopt;
    }
    next_unit = unit + 1;
    any = true;
  }
  if (!any) return std::nullopt;
  return negative ? -total : total;
}

std::string duration_text(std::int64_t micros) {
  std::string text = micros < 0 ? "-" : "";
  // The size of the least number does not fit the signed type.
  std::uint64_t left = micros < 0 ? 0 - static_cast<std::uint64_t>(micros)
                                  : static_cast<std::uint64_t>(micros);
  const std::size_t sign_bytes = text.size();
  for (const Unit& unit : kUnits) {
    const auto size = static_cast<std::uint64_t>(unit.micros);
    if (unit.letter == 's') {
      if (left > 0 || text.size() == sign_bytes) {
        text += fmt::format("{}{}s", left / size,
                            fraction_text(static_cast<std::int64_t>(left % size)));
      }
    } else if (left >= size) {
      text += fmt::format("{}{}", left / size, unit.letter);
      left %= size;
    }
  }
  return text;
}

}  // namespace writ
