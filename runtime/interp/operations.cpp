#include "runtime/interp/operations.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>

#include "runtime/value/calendar.h"

namespace {

using writ::Cidr;
using writ::Slot;

std::string_view view(const char* data, std::uint64_t bytes) {
  return bytes == 0 ? std::string_view() : std::string_view(data, bytes);
}

std::span<const Slot> view(const Slot* elements, std::uint64_t count) {
  return count == 0 ? std::span<const Slot>() : std::span(elements, count);
}

const Cidr& cidr_of(const Slot& slot) {
  return *reinterpret_cast<const Cidr*>(slot.a);  // NOLINT: what a slot of this type holds
}

/// The first element that is not below, by `order(element)`: negative for those below.
template <class Order>
bool found(std::span<const Slot> elements, Order order) {
  const auto at = std::partition_point(elements.begin(), elements.end(),
                                       [&order](const Slot& slot) { return order(slot) < 0; });
  return at != elements.end() && order(*at) == 0;
}

template <class T>
int compare(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

}  // namespace

extern "C" {

std::uint32_t writ_text_equal(const char* a, std::uint64_t a_bytes, const char* b,
                              std::uint64_t b_bytes) noexcept {
  return view(a, a_bytes) == view(b, b_bytes) ? 1 : 0;
}

std::int32_t writ_text_compare(const char* a, std::uint64_t a_bytes, const char* b,
                               std::uint64_t b_bytes) noexcept {
  return view(a, a_bytes).compare(view(b, b_bytes));
}

std::uint32_t writ_text_starts_with(const char* a, std::uint64_t a_bytes, const char* b,
                                    std::uint64_t b_bytes) noexcept {
  return view(a, a_bytes).starts_with(view(b, b_bytes)) ? 1 : 0;
}

std::uint32_t writ_text_ends_with(const char* a, std::uint64_t a_bytes, const char* b,
                                  std::uint64_t b_bytes) noexcept {
  return view(a, a_bytes).ends_with(view(b, b_bytes)) ? 1 : 0;
}

std::uint32_t writ_text_contains(const char* a, std::uint64_t a_bytes, const char* b,
                                 std::uint64_t b_bytes) noexcept {
  if (b_bytes == 0) return 1;
  if (a_bytes < b_bytes) return 0;
  return memmem(a, a_bytes, b, b_bytes) != nullptr ? 1 : 0;
}

std::uint32_t writ_dfa_matches(const std::uint8_t* byte_class, const std::uint16_t* transitions,
                               const std::uint8_t* accepting, std::uint32_t classes,
                               std::uint32_t start, const char* text,
                               std::uint64_t text_bytes) noexcept {
  std::uint32_t state = start;
  for (std::uint64_t i = 0; i < text_bytes && state != 0; ++i) {
    state = transitions[state * classes + byte_class[static_cast<unsigned char>(text[i])]];
  }
  return accepting[state];
}

std::uint32_t writ_cidr_equal(const Cidr* a, const Cidr* b) noexcept { return *a == *b ? 1 : 0; }

std::uint32_t writ_in_cidr(std::uint64_t ip_high, std::uint64_t ip_low,
                           const Cidr* cidr) noexcept {
  return cidr->contains({ip_high, ip_low}) ? 1 : 0;
}

std::uint32_t writ_set_has_number(const Slot* elements, std::uint64_t count,
                                  std::int64_t value) noexcept {
  return found(view(elements, count), [value](const Slot& slot) {
    return compare(static_cast<std::int64_t>(slot.a), value);
  });
}

std::uint32_t writ_set_has_text(const Slot* elements, std::uint64_t count, const char* text,
                                std::uint64_t text_bytes) noexcept {
  const std::string_view wanted = view(text, text_bytes);
  return found(view(elements, count),
               [wanted](const Slot& slot) { return writ::slot_text(slot).compare(wanted); });
}

std::uint32_t writ_set_has_ip(const Slot* elements, std::uint64_t count, std::uint64_t ip_high,
                              std::uint64_t ip_low) noexcept {
  const writ::Ip wanted{ip_high, ip_low};
  return found(view(elements, count),
               [&wanted](const Slot& slot) { return compare(writ::Ip{slot.a, slot.b}, wanted); });
}

std::uint32_t writ_set_has_cidr(const Slot* elements, std::uint64_t count,
                                const Cidr* cidr) noexcept {
  return std::ranges::any_of(view(elements, count),
                             [cidr](const Slot& slot) { return cidr_of(slot) == *cidr; });
}

std::uint32_t writ_networks_hold(const Slot* elements, std::uint64_t count, std::uint64_t ip_high,
                                 std::uint64_t ip_low) noexcept {
  const writ::Ip ip{ip_high, ip_low};
  return std::ranges::any_of(view(elements, count),
                             [&ip](const Slot& slot) { return cidr_of(slot).contains(ip); });
}

std::int64_t writ_zone_offset(const std::int64_t* at_seconds, const std::int32_t* offset_seconds,
                              std::uint64_t count, std::int64_t micros) noexcept {
  const std::int64_t seconds = writ::calendar::floor_div(micros, writ::calendar::kMicrosPerSecond);
  const std::int64_t* passed = std::upper_bound(at_seconds, at_seconds + count, seconds);
  return offset_seconds[passed - at_seconds];
}

std::int64_t writ_time_year(std::int64_t micros) noexcept { return writ::calendar::year(micros); }
std::int64_t writ_time_month(std::int64_t micros) noexcept {
  return writ::calendar::month(micros);
}
std::int64_t writ_time_day(std::int64_t micros) noexcept { return writ::calendar::day(micros); }
std::int64_t writ_time_weekday(std::int64_t micros) noexcept {
  return writ::calendar::weekday(micros);
}
std::int64_t writ_time_hour(std::int64_t micros) noexcept { return writ::calendar::hour(micros); }
std::int64_t writ_time_minute(std::int64_t micros) noexcept {
  return writ::calendar::minute(micros);
}

}  // extern "C"
