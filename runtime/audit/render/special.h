// Events of rows that are no decisions: authentication results, the engine's life, gaps, counts.
#pragma once

#include <string>
#include <string_view>

#include "runtime/audit/entry.h"
#include "runtime/audit/event.h"

namespace writ::audit::render {

/// Is the row of a kind that special() renders?
[[nodiscard]] bool is_special(EntryKind kind);

/// Appends the event. What the row's text should be and is not, the event says as a message.
[[nodiscard]] Encoded special(const Entry& row, const EventOptions& options, std::string_view id,
                              std::string& out);

/// Stands for an event that could not be made within kEventBytesMax.
void too_large(const Entry& row, const EventOptions& options, std::string_view id,
               std::string& out);

}  // namespace writ::audit::render
