// Definitions as bytes: the other part of a block. docs/internals/audit.md, "Definitions", says
// them.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "runtime/audit/entry.h"
#include "runtime/base/error.h"

namespace writ::audit::log {

/// Stored: append only.
enum class Defines : std::uint8_t {
  Instance = 1,
  Session = 2,
  Resource = 3,
  Question = 4,
  Reason = 5,
};

/// Appends one definition.
void encode(const InstanceDef& def, std::string& out);
void encode(const SessionDef& def, std::string& out);
void encode(const ResourceDef& def, std::string& out);
void encode(const QuestionDef& def, std::string& out);
void encode(const ReasonDef& def, std::string& out);

/// Adds what is defined to `batch`, whose instance is replaced if one is among them. *errors*
/// Malformed.
[[nodiscard]] Status decode_definitions(std::span<const std::byte> bytes, Batch& batch);

}  // namespace writ::audit::log
