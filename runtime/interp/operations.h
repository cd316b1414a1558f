// What a condition does with texts, networks, sets, automata and the calendar, as plain functions:
// the interpreter calls them, and native code does through an allow-list of their names. Flat
// arguments, no allocation, no state; every answer that is a truth is 0 or 1.
#pragma once

#include <cstdint>

#include "runtime/value/value.h"

extern "C" {

[[nodiscard]] std::uint32_t writ_text_equal(const char* a, std::uint64_t a_bytes, const char* b,
                                            std::uint64_t b_bytes) noexcept;
/// Below, at or above zero, by bytes.
[[nodiscard]] std::int32_t writ_text_compare(const char* a, std::uint64_t a_bytes, const char* b,
                                             std::uint64_t b_bytes) noexcept;
/// Does a begin with b?
[[nodiscard]] std::uint32_t writ_text_starts_with(const char* a, std::uint64_t a_bytes,
                                                  const char* b, std::uint64_t b_bytes) noexcept;
/// Does a end with b?
[[nodiscard]] std::uint32_t writ_text_ends_with(const char* a, std::uint64_t a_bytes,
                                                const char* b, std::uint64_t b_bytes) noexcept;
/// Does a hold b?
[[nodiscard]] std::uint32_t writ_text_contains(const char* a, std::uint64_t a_bytes, const char* b,
                                               std::uint64_t b_bytes) noexcept;
/// Does the automaton accept the whole text? The tables are those of ir::Dfa.
[[nodiscard]] std::uint32_t writ_dfa_matches(const std::uint8_t* byte_class,
                                             const std::uint16_t* transitions,
                                             const std::uint8_t* accepting, std::uint32_t classes,
                                             std::uint32_t start, const char* text,
                                             std::uint64_t text_bytes) noexcept;

[[nodiscard]] std::uint32_t writ_cidr_equal(const writ::Cidr* a, const writ::Cidr* b) noexcept;
[[nodiscard]] std::uint32_t writ_in_cidr(std::uint64_t ip_high, std::uint64_t ip_low,
                                         const writ::Cidr* cidr) noexcept;

/// Is the value an element? One function for each form of element; sets are sorted.
/// Bool, Int, Time, Duration, Version and Enum:
[[nodiscard]] std::uint32_t writ_set_has_number(const writ::Slot* elements, std::uint64_t count,
                                                std::int64_t value) noexcept;
[[nodiscard]] std::uint32_t writ_set_has_text(const writ::Slot* elements, std::uint64_t count,
                                              const char* text, std::uint64_t text_bytes) noexcept;
[[nodiscard]] std::uint32_t writ_set_has_ip(const writ::Slot* elements, std::uint64_t count,
                                            std::uint64_t ip_high, std::uint64_t ip_low) noexcept;
[[nodiscard]] std::uint32_t writ_set_has_cidr(const writ::Slot* elements, std::uint64_t count,
                                              const writ::Cidr* cidr) noexcept;
/// Does one of the networks hold the address?
[[nodiscard]] std::uint32_t writ_networks_hold(const writ::Slot* elements, std::uint64_t count,
                                               std::uint64_t ip_high,
                                               std::uint64_t ip_low) noexcept;

/// Seconds east of UTC at a time. The tables are those of ir::Zone: `count` transitions and one
/// offset more.
[[nodiscard]] std::int64_t writ_zone_offset(const std::int64_t* at_seconds,
                                            const std::int32_t* offset_seconds,
                                            std::uint64_t count, std::int64_t micros) noexcept;
[[nodiscard]] std::int64_t writ_time_year(std::int64_t micros) noexcept;
[[nodiscard]] std::int64_t writ_time_month(std::int64_t micros) noexcept;
[[nodiscard]] std::int64_t writ_time_day(std::int64_t micros) noexcept;
[[nodiscard]] std::int64_t writ_time_weekday(std::int64_t micros) noexcept;
[[nodiscard]] std::int64_t writ_time_hour(std::int64_t micros) noexcept;
[[nodiscard]] std::int64_t writ_time_minute(std::int64_t micros) noexcept;

}  // extern "C"
