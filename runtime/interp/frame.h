// What a condition reads, as plain data: shared by the interpreter and native code, so its layout
// is pinned. Filled by the engine; every pointer outlives the evaluation.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/value/value.h"

namespace writ {

/// Truth of something decided at session open: 0 false, 1 true, 2 error (the code is fixed by
/// what was asked: UnknownGroups for memberships, the class's own error for networks).
enum class Truth : std::uint8_t { False = 0, True = 1, Error = 2 };

/// Does the name, through its chain of covering patterns, lie in a set of patterns?
using CoveredFn = bool (*)(const void* tables, const void* resource, std::uint32_t pattern_set);

struct Frame {
  const Slot* session_slots = nullptr;         // by Attribute::slot of moment Session
  const std::uint8_t* session_presence = nullptr;  // Presence; 3 = BadValue
  const Slot* request_slots = nullptr;
  const std::uint8_t* request_presence = nullptr;
  const Slot* fact_slots = nullptr;            // null: the resource has no declared facts
  const std::uint8_t* fact_presence = nullptr;
  const std::uint8_t* memberships = nullptr;   // Truth by MembershipId
  const std::uint8_t* network_classes = nullptr;  // Truth by NetworkClassId
  const std::uint32_t* network_errors = nullptr;  // by NetworkClassId, where Truth is Error
  const char* principal_type = nullptr;
  const char* principal_name = nullptr;
  const char* resource_name = nullptr;
  std::uint64_t principal_type_bytes = 0;
  std::uint64_t principal_name_bytes = 0;
  std::uint64_t resource_name_bytes = 0;
  Slot host;                                   // Ip
  std::int64_t now_us = 0;
  std::int64_t opened_us = 0;
  CoveredFn covered = nullptr;
  const void* tables = nullptr;
  const void* resource = nullptr;
  std::uint8_t host_known = 0;
  std::uint8_t now_known = 0;
  std::uint8_t reserved[6] = {};
};
inline constexpr std::uint8_t kPresenceBadValue = 3;

/// What differs from question to question, apart from the frame: a decision function takes it
/// beside a frame whose own fields of these names say nothing.
struct Moment {
  const Slot* request_slots = nullptr;
  const std::uint8_t* request_presence = nullptr;
  std::int64_t now_us = 0;
  std::uint8_t now_known = 0;
  std::uint8_t reserved[7] = {};
};
static_assert(offsetof(Moment, now_us) == 16 && offsetof(Moment, now_known) == 24);
static_assert(sizeof(Moment) == 32);

static_assert(offsetof(Frame, memberships) == 48 && offsetof(Frame, principal_type) == 72);
static_assert(offsetof(Frame, host) == 120 && offsetof(Frame, now_us) == 136);
static_assert(offsetof(Frame, covered) == 152 && offsetof(Frame, host_known) == 176);
static_assert(sizeof(Frame) == 184);

/// What a condition answers: bit 0 the truth, the error in the upper half (0: none).
/// With an error the truth bit is 0.
struct Outcome {
  std::uint32_t truth = 0;
  std::uint32_t error = 0;
};
static_assert(sizeof(Outcome) == 8);

/// Native code of one shape; constants are the condition's row. Answers error << 32 | truth.
using ShapeFn = std::uint64_t (*)(const Frame* frame, const Slot* constants) noexcept;

/// Native code of one kind: asks those of its unsettled grants (interp/unsettled.h) that are in
/// `rows`, in order, until one decides. `constants` are all of the program's.
using KindFn = std::uint64_t (*)(const Frame* frame, const Moment* moment, const Slot* constants,
                                 std::uint64_t rows) noexcept;
/// Its answer: the position of the grant that decided, or kNobody; else of the first allow that
/// failed by an error, with kFailed. The error is in the upper half.
inline constexpr std::uint64_t kPosition = 0xFF;
inline constexpr std::uint64_t kNobody = 0xFF;
inline constexpr std::uint64_t kFailed = 0x100;

}  // namespace writ
