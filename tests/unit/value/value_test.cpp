#include <gtest/gtest.h>

#include "runtime/value/calendar.h"
#include "runtime/value/value.h"

namespace writ {
namespace {

struct TextRow {
  const char* name;
  const char* text;
  const char* printed;  // null: refused
};
constexpr auto kName = [](const auto& row) { return row.param.name; };

class IpText : public testing::TestWithParam<TextRow> {};
TEST_P(IpText, IsReadAndPrinted) {
  const auto ip = parse_ip(GetParam().text);
  ASSERT_EQ(ip.has_value(), GetParam().printed != nullptr);
  if (!ip) return;
  EXPECT_EQ(to_text(*ip), GetParam().printed);
  EXPECT_EQ(parse_ip(to_text(*ip)), ip);
  EXPECT_EQ(parse_ip(java_text(*ip)), ip);
}
INSTANTIATE_TEST_SUITE_P(
    Notations, IpText,
    testing::Values(TextRow{"V4", "10.0.0.1", "10.0.0.1"},
                    TextRow{"V4Max", "255.255.255.255", "255.255.255.255"},
                    TextRow{"Mapped", "::ffff:1.2.3.4", "1.2.3.4"},
                    TextRow{"MappedHex", "::FFFF:102:304", "1.2.3.4"},
                    TextRow{"MappedLong", "0:0:0:0:0:ffff:1.2.3.4", "1.2.3.4"},
                    TextRow{"Compatible", "::1.2.3.4", "::102:304"},
                    TextRow{"Loopback", "::1", "::1"}, TextRow{"Zero", "::", "::"},
                    TextRow{"Full", "2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a"},
                    TextRow{"GapAtEnd", "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
                    TextRow{"GapAtStart", "::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
                    TextRow{"FirstOfTwoGaps", "1:0:0:2:3:0:0:4", "1::2:3:0:0:4"},
                    TextRow{"LongerGap", "1:0:0:2:0:0:0:4", "1:0:0:2::4"},
                    TextRow{"LeadingZeros", "0001:0db8::", "1:db8::"}),
    kName);
INSTANTIATE_TEST_SUITE_P(
    Refused, IpText,
    testing::Values(TextRow{"Empty", "", nullptr}, TextRow{"ThreeParts", "10.0.0", nullptr},
                    TextRow{"FiveParts", "1.2.3.4.5", nullptr},
                    TextRow{"LeadingZero", "10.0.0.01", nullptr},
                    TextRow{"TooLarge", "10.0.0.256", nullptr},
                    TextRow{"Name", "localhost", nullptr}, TextRow{"Sign", "10.0.0.-1", nullptr},
                    TextRow{"Zone", "fe80::1%eth0", nullptr},
                    TextRow{"TwoGaps", "1::2::3", nullptr}, TextRow{"ThreeColons", ":::", nullptr},
                    TextRow{"EightAndGap", "1:2:3:4:5:6:7:8::", nullptr},
                    TextRow{"SevenGroups", "1:2:3:4:5:6:7", nullptr},
                    TextRow{"NineGroups", "1:2:3:4:5:6:7:8:9", nullptr},
                    TextRow{"FiveDigits", "12345::", nullptr},
                    TextRow{"DottedInside", "1.2.3.4::", nullptr},
                    TextRow{"DottedTooFar", "1:2:3:4:5:6:7:1.2.3.4", nullptr},
                    TextRow{"ColonAtEnd", "1:2:3:4:5:6:7:", nullptr},
                    TextRow{"Space", " 10.0.0.1", nullptr}),
    kName);

TEST(JavaText, IsUncompressed) {
  EXPECT_EQ(java_text(*parse_ip("::1")), "0:0:0:0:0:0:0:1");
  EXPECT_EQ(java_text(*parse_ip("2001:db8::a0")), "2001:db8:0:0:0:0:0:a0");
  EXPECT_EQ(java_text(*parse_ip("::ffff:10.0.0.1")), "10.0.0.1");
}

class CidrText : public testing::TestWithParam<TextRow> {};
TEST_P(CidrText, IsReadAndPrinted) {
  const auto cidr = parse_cidr(GetParam().text, HostBits::Refuse);
  ASSERT_EQ(cidr.has_value(), GetParam().printed != nullptr);
  if (cidr) {
    EXPECT_EQ(to_text(*cidr), GetParam().printed);
  }
}
INSTANTIATE_TEST_SUITE_P(
    Networks, CidrText,
    testing::Values(TextRow{"V4", "10.0.0.0/8", "10.0.0.0/8"},
                    TextRow{"All4", "0.0.0.0/0", "0.0.0.0/0"}, TextRow{"All6", "::/0", "::/0"},
                    TextRow{"V6", "2001:db8::/32", "2001:db8::/32"},
                    TextRow{"Mapped", "::ffff:10.0.0.0/104", "10.0.0.0/8"},
                    TextRow{"Host", "10.0.0.1/32", "10.0.0.1/32"},
                    TextRow{"HostBits", "10.0.0.1/8", nullptr},
                    TextRow{"TooLong", "10.0.0.0/33", nullptr},
                    TextRow{"TooLong6", "::/129", nullptr},
                    TextRow{"NoLength", "10.0.0.0/", nullptr},
                    TextRow{"NoSlash", "10.0.0.0", nullptr},
                    TextRow{"PaddedLength", "10.0.0.0/08", nullptr}),
    kName);

TEST(Cidr, HoldsAddressesOfItsFamilyAlone) {
  const auto in = [](const char* cidr, const char* ip) {
    return parse_cidr(cidr, HostBits::Clear)->contains(*parse_ip(ip));
  };
  EXPECT_TRUE(in("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(in("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(in("10.0.0.0/8", "::ffff:10.0.0.1"));
  EXPECT_TRUE(in("0.0.0.0/0", "255.0.0.1"));
  EXPECT_FALSE(in("0.0.0.0/0", "::1"));
  EXPECT_TRUE(in("::/0", "::1"));
  EXPECT_FALSE(in("::/0", "10.0.0.1"));
  EXPECT_TRUE(in("2001:db8::/33", "2001:db8:7fff::"));
  EXPECT_FALSE(in("2001:db8::/33", "2001:db8:8000::"));
  EXPECT_TRUE(in("10.1.2.3/8", "10.9.9.9"));
}

class TimeText : public testing::TestWithParam<TextRow> {};
TEST_P(TimeText, IsReadAndPrinted) {
  const auto time = parse_time(GetParam().text);
  ASSERT_EQ(time.has_value(), GetParam().printed != nullptr);
  if (time) {
    EXPECT_EQ(time_text(*time), GetParam().printed);
  }
}
INSTANTIATE_TEST_SUITE_P(
    Times, TimeText,
    testing::Values(TextRow{"Date", "2026-12-20", "2026-12-20T00:00:00Z"},
                    TextRow{"Zulu", "2026-12-20T08:30:00Z", "2026-12-20T08:30:00Z"},
                    TextRow{"East", "2026-12-20T08:30:00+02:00", "2026-12-20T06:30:00Z"},
                    TextRow{"West", "2026-12-31T23:30:00-01:30", "2027-01-01T01:00:00Z"},
                    TextRow{"Fraction", "2026-12-20T08:30:00.125Z", "2026-12-20T08:30:00.125Z"},
                    TextRow{"Nanos", "2026-12-20T08:30:00.123456789Z",
                            "2026-12-20T08:30:00.123456Z"},
                    TextRow{"Before1970", "1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z"},
                    TextRow{"LeapDay", "2024-02-29", "2024-02-29T00:00:00Z"},
                    TextRow{"NoLeapDay", "2026-02-29", nullptr},
                    TextRow{"NoLeapCentury", "2100-02-29", nullptr},
                    TextRow{"LeapCentury", "2000-02-29", "2000-02-29T00:00:00Z"},
                    TextRow{"Month13", "2026-13-01", nullptr},
                    TextRow{"Hour24", "2026-12-20T24:00:00Z", nullptr},
                    TextRow{"Second60", "2026-12-20T23:59:60Z", nullptr},
                    TextRow{"NoZone", "2026-12-20T08:30:00", nullptr},
                    TextRow{"Trailing", "2026-12-20T08:30:00Zx", nullptr},
                    TextRow{"NoFraction", "2026-12-20T08:30:00.Z", nullptr},
                    TextRow{"ShortYear", "26-12-20", nullptr}),
    kName);

class DurationText : public testing::TestWithParam<TextRow> {};
TEST_P(DurationText, IsReadAndPrinted) {
  const auto duration = parse_duration(GetParam().text);
  ASSERT_EQ(duration.has_value(), GetParam().printed != nullptr);
  if (duration) {
    EXPECT_EQ(duration_text(*duration), GetParam().printed);
  }
}
INSTANTIATE_TEST_SUITE_P(
    Durations, DurationText,
    testing::Values(TextRow{"Days", "365d", "365d"}, TextRow{"Hours", "8h", "8h"},
                    TextRow{"Sum", "1d12h", "1d12h"}, TextRow{"Seconds", "90s", "1m30s"},
                    TextRow{"Minutes", "90m", "1h30m"}, TextRow{"Zero", "0s", "0s"},
                    TextRow{"Negative", "-90s", "-1m30s"}, TextRow{"Fraction", "1.5s", "1.5s"},
                    TextRow{"Empty", "", nullptr}, TextRow{"NoUnit", "5", nullptr},
                    TextRow{"WrongOrder", "1h1d", nullptr}, TextRow{"Twice", "1h1h", nullptr},
                    TextRow{"Years", "1y", nullptr}, TextRow{"HalfHour", "0.5h", nullptr},
                    TextRow{"Overflow", "99999999999d", nullptr}),
    kName);

class VersionText : public testing::TestWithParam<TextRow> {};
TEST_P(VersionText, IsReadAndPrinted) {
  const auto version = parse_version(GetParam().text);
  ASSERT_EQ(version.has_value(), GetParam().printed != nullptr);
  if (version) {
    EXPECT_EQ(version_text(*version), GetParam().printed);
  }
}
INSTANTIATE_TEST_SUITE_P(
    Versions, VersionText,
    testing::Values(TextRow{"Two", "1.3", "1.3"}, TextRow{"Three", "1.3.7", "1.3.7"},
                    TextRow{"ZeroPatch", "1.3.0", "1.3"},
                    TextRow{"Largest", "2097151.2097151.2097151", "2097151.2097151.2097151"},
                    TextRow{"TooLarge", "2097152.0", nullptr}, TextRow{"One", "1", nullptr},
                    TextRow{"Four", "1.2.3.4", nullptr}, TextRow{"Empty", "1..2", nullptr},
                    TextRow{"Padded", "1.02", nullptr}, TextRow{"Letters", "v1.2", nullptr}),
    kName);

struct Moment {
  const char* name;
  const char* text;
  std::int64_t year, month, day, weekday, hour, minute;
};
class CalendarOf : public testing::TestWithParam<Moment> {};
TEST_P(CalendarOf, HasTheFieldsThatAClockShows) {
  const Moment& row = GetParam();
  const std::int64_t at = *parse_time(row.text);
  EXPECT_EQ(calendar::year(at), row.year);
  EXPECT_EQ(calendar::month(at), row.month);
  EXPECT_EQ(calendar::day(at), row.day);
  EXPECT_EQ(calendar::weekday(at), row.weekday);
  EXPECT_EQ(calendar::hour(at), row.hour);
  EXPECT_EQ(calendar::minute(at), row.minute);
}
INSTANTIATE_TEST_SUITE_P(
    Moments, CalendarOf,
    testing::Values(Moment{"Epoch", "1970-01-01", 1970, 1, 1, 4, 0, 0},
                    Moment{"JustBefore", "1969-12-31T23:59:59.999999Z", 1969, 12, 31, 3, 23, 59},
                    Moment{"LeapDay", "2024-02-29T12:34:56Z", 2024, 2, 29, 4, 12, 34},
                    Moment{"Sunday", "2026-12-20T23:59:59Z", 2026, 12, 20, 7, 23, 59},
                    Moment{"YearZero", "0000-03-01", 0, 3, 1, 3, 0, 0},
                    Moment{"Last", "9999-12-31", 9999, 12, 31, 5, 0, 0}),
    kName);

TEST(Calendar, HoldsAtTheEndsOfTime) {
  EXPECT_EQ(calendar::year(INT64_MAX), 294'247);
  EXPECT_EQ(calendar::year(INT64_MIN), -290'308);
  EXPECT_EQ(calendar::hour(INT64_MIN), 19);
}

TEST(Values, AreOrderedWithinAType) {
  EXPECT_LT(compare(Value::of_int(-1), Value::of_int(0)), 0);
  EXPECT_GT(compare(Value::of_text("\xC3\xA9"), Value::of_text("z")), 0);
  EXPECT_EQ(compare(Value::of_ip(*parse_ip("::1")), Value::of_ip(*parse_ip("0:0::1"))), 0);
  Value one{{TypeKind::Int, false, true}, 0, {}, {}, {Value::of_int(1)}};
  Value two = one;
  two.elements.push_back(Value::of_int(2));
  EXPECT_LT(compare(one, two), 0);
}

TEST(Values, PrintAsPolicyWritesThem) {
  EXPECT_EQ(to_text(Value::boolean(true)), "true");
  EXPECT_EQ(to_text(Value::of_text("a\"\\\n\x01")), "\"a\\\"\\\\\\n\\u{1}\"");
  EXPECT_EQ(to_text(Value::of_cidr(*parse_cidr("10.0.0.0/8", HostBits::Refuse))), "10.0.0.0/8");
  const Value set{{TypeKind::Int, false, true}, 0, {}, {}, {Value::of_int(1), Value::of_int(2)}};
  EXPECT_EQ(to_text(set), "{ 1, 2 }");
}

}  // namespace
}  // namespace writ
