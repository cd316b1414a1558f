#include "compiler/lower/zone.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "runtime/value/calendar.h"

namespace writ::lower {
namespace {

constexpr std::string_view kTzdata = "/usr/share/zoneinfo/";
// A policy that runs past this year is compiled again before.
constexpr std::int64_t kLastYear = 2100;
constexpr std::int64_t kSecondsPerDay = 86'400;

// Big-endian fields of a TZif file; reading past the end makes everything after it fail.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    for (const char c : take(size)) {
      value = value << 8 | static_cast<unsigned char>(c);
    }
    return value;
  }
  std::int32_t signed32() { return static_cast<std::int32_t>(number(4)); }
  std::int64_t signed64() { return static_cast<std::int64_t>(number(8)); }
  std::string_view take(std::size_t size) {
    if (bytes_.size() < size) {
      ok = false;
      bytes_ = {};
      return {};
    }
    const std::string_view out = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return out;
  }
  [[nodiscard]] std::string_view rest() const { return bytes_; }
  bool ok = true;

 private:
  std::string_view bytes_;
};

struct Header {
  std::uint8_t version = 0;
  std::uint64_t isut = 0, isstd = 0, leap = 0, times = 0, types = 0, chars = 0;
};
// RFC 8536 section 3.1.
Header header_of(Fields& in) {
  Header out;
  in.ok = in.take(4) == "TZif" && in.ok;
  const std::uint64_t version = in.number(1);
  out.version = static_cast<std::uint8_t>(version);
  in.take(15);
  for (std::uint64_t* count : {&out.isut, &out.isstd, &out.leap, &out.times, &out.types,
                               &out.chars}) {
    *count = in.number(4);
  }
  return out;
}

// The rule behind the last transition: a POSIX TZ string, `CET-1CEST,M3.5.0,M10.5.0/3`.
class Rule {
 public:
  explicit Rule(std::string_view text) : text_(text) {}

  struct Turn {
    char form = 'M';  // M: month.week.day; J: day without 29 February; 0: day from zero
    std::int64_t month = 0, week = 0, day = 0;
    std::int64_t seconds = 7'200;
  };
  std::int64_t standard = 0;
  std::optional<std::int64_t> summer;
  Turn begin, end;

  bool read() {
    if (!name() || !offset(standard)) {
      return false;
    }
    standard = -standard;  // POSIX counts west of Greenwich as positive
    if (text_.empty()) {
      return true;
    }
    std::int64_t west = 0;
    if (!name()) {
      return false;
    }
    if (!text_.empty() && text_.front() != ',') {
      if (!offset(west)) {
        return false;
      }
      summer = -west;
    } else {
      summer = standard + 3'600;
    }
    return turn(begin) && turn(end) && text_.empty();
  }

 private:
  bool take(char c) {
    if (text_.empty() || text_.front() != c) {
      return false;
    }
    text_.remove_prefix(1);
    return true;
  }
  bool name() {
    if (take('<')) {
      const std::size_t close = text_.find('>');
      text_.remove_prefix(close == std::string_view::npos ? text_.size() : close + 1);
      return close != std::string_view::npos;
    }
    std::size_t letters = 0;
    while (letters < text_.size() && std::isalpha(static_cast<unsigned char>(text_[letters]))) {
      ++letters;
    }
    text_.remove_prefix(letters);
    return letters >= 3;
  }
  bool number(std::int64_t& value) {
    std::size_t digits = 0;
    value = 0;
    while (digits < text_.size() && digits < 4 && text_[digits] >= '0' && text_[digits] <= '9') {
      value = value * 10 + (text_[digits++] - '0');
    }
    text_.remove_prefix(digits);
    return digits != 0;
  }
  bool offset(std::int64_t& seconds) {
    const bool minus = take('-');
    if (!minus) {
      take('+');
    }
    std::int64_t part = 0;
    if (!number(part)) {
      return false;
    }
    seconds = part * 3'600;
    for (const std::int64_t unit : {60, 1}) {
      if (!take(':')) {
        break;
      }
      if (!number(part)) {
        return false;
      }
      seconds += part * unit;
    }
    seconds = minus ? -seconds : seconds;
    return true;
  }
  bool turn(Turn& out) {
    if (!take(',')) {
      return false;
    }
    if (take('M')) {
      if (!number(out.month) || !take('.') || !number(out.week) || !take('.') ||
          !number(out.day) || out.month < 1 || out.month > 12 || out.week < 1 || out.week > 5 ||
          out.day > 6) {
        return false;
      }
    } else {
      out.form = take('J') ? 'J' : '0';
      if (!number(out.day) || out.day > 365 || (out.form == 'J' && out.day == 0)) {
        return false;
      }
    }
    return !take('/') || offset(out.seconds);
  }
  std::string_view text_;
};

// Seconds since 1970 of a turn in local time of that year.
std::int64_t local_seconds(const Rule::Turn& turn, std::int64_t year) {
  const std::int64_t january = calendar::days_from_civil({year, 1, 1});
  if (turn.form == '0') {
    return (january + turn.day) * kSecondsPerDay + turn.seconds;
  }
  if (turn.form == 'J') {
    const bool leap = calendar::days_from_civil({year + 1, 1, 1}) - january == 366;
    const std::int64_t skipped = leap && turn.day >= 60 ? 1 : 0;
    return (january + turn.day - 1 + skipped) * kSecondsPerDay + turn.seconds;
  }
  const std::int64_t month = turn.month;
  const std::int64_t first = calendar::days_from_civil({year, month, 1});
  const std::int64_t next = month == 12 ? calendar::days_from_civil({year + 1, 1, 1})
                                        : calendar::days_from_civil({year, month + 1, 1});
  const std::int64_t weekday = calendar::weekday(first * calendar::kMicrosPerDay) % 7;  // Sunday 0
  std::int64_t day = first + (turn.day - weekday + 7) % 7 + (turn.week - 1) * 7;
  while (day >= next) {
    day -= 7;
  }
  return day * kSecondsPerDay + turn.seconds;
}

void extend(ir::Zone& zone, const Rule& rule) {
  if (!rule.summer) {
    if (zone.offset_seconds.size() == 1 && zone.at_seconds.empty()) {
      zone.offset_seconds[0] = static_cast<std::int32_t>(rule.standard);
    }
    return;
  }
  const std::int64_t last = zone.at_seconds.empty() ? INT64_MIN : zone.at_seconds.back();
  for (std::int64_t year = 1970; year <= kLastYear; ++year) {
    std::array<std::pair<std::int64_t, std::int64_t>, 2> turns = {
        {{local_seconds(rule.begin, year) - rule.standard, *rule.summer},
         {local_seconds(rule.end, year) - *rule.summer, rule.standard}}};
    std::ranges::sort(turns);
    for (const auto& [at, offset] : turns) {
      if (at > last && (zone.at_seconds.empty() || at > zone.at_seconds.back())) {
        zone.at_seconds.push_back(at);
        zone.offset_seconds.push_back(static_cast<std::int32_t>(offset));
      }
    }
  }
}

Result<ir::Zone> read_zone(const std::string& bytes, const std::string& name) {
  const auto broken = [&] {
    return fail(ErrorCode::Malformed,
                fmt::format("the file of the time zone `{}` is damaged", name),
                name);
  };
  Fields in(bytes);
  const Header first = header_of(in);
  // Version 1 has 32-bit times; every tzdata of this century has the second block.
  if (!in.ok || first.version < '2') {
    return broken();
  }
  in.take(first.times * 5 + first.types * 6 + first.chars + first.leap * 8 + first.isstd +
          first.isut);
  const Header head = header_of(in);
  if (!in.ok || head.times > bytes.size() || head.types == 0 || head.types > 256) {
    return broken();
  }
  ir::Zone zone;
  for (std::uint64_t i = 0; i < head.times; ++i) {
    zone.at_seconds.push_back(in.signed64());
  }
  const std::string_view kinds = in.take(head.times);
  std::vector<std::int32_t> offsets;
  for (std::uint64_t i = 0; i < head.types; ++i) {
    offsets.push_back(in.signed32());
    in.take(2);
  }
  in.take(head.chars + head.leap * 12 + head.isstd + head.isut);
  std::string_view footer = in.rest();
  if (!in.ok || footer.size() < 2 || footer.front() != '\n' ||
      footer.find('\n', 1) == std::string_view::npos) {
    return broken();
  }
  footer = footer.substr(1, footer.find('\n', 1) - 1);
  zone.offset_seconds.push_back(offsets.front());
  for (const char kind : kinds) {
    const auto at = static_cast<unsigned char>(kind);
    if (at >= offsets.size()) {
      return broken();
    }
    zone.offset_seconds.push_back(offsets[at]);
  }
  Rule rule(footer);
  if (!footer.empty()) {
    if (!rule.read()) {
      return broken();
    }
    extend(zone, rule);
  }
  if (!std::ranges::is_sorted(zone.at_seconds)) {
    return broken();
  }
  return zone;
}

}  // namespace

Result<ir::Zone> load_zone(const std::string& name) {
  const bool plain = !name.empty() && name.front() != '/' && name.find("..") == std::string::npos &&
                     std::ranges::all_of(name, [](unsigned char c) {
                       return std::isalnum(c) || c == '/' || c == '_' || c == '-' || c == '+';
                     });
  std::ifstream file;
  std::error_code ignored;
  // WHY: a folder opens as a stream too, and throws when it is read.
  if (plain && std::filesystem::is_regular_file(std::string(kTzdata) + name, ignored)) {
    file.open(std::string(kTzdata) + name, std::ios::binary);
  }
  if (!file.is_open()) {
    return fail(ErrorCode::Unreadable, fmt::format("there is no time zone `{}`", name), name);
  }
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return read_zone(bytes, name);
}

}  // namespace writ::lower
