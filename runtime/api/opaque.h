// What the files of the C ABI share: the handles, and flat arguments ↔ C++.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/api/include/writ/audit.hpp"
#include "runtime/api/include/writ/engine.hpp"
#include "runtime/api/include/writ/writ.h"

struct writ_engine {
  std::shared_ptr<writ::audit::Trail> trail;  // null: nothing is recorded. Outlives the engine
  std::unique_ptr<writ::Engine> engine;
};
struct writ_session {
  std::unique_ptr<writ::Session> session;
};
struct writ_resource {
  std::unique_ptr<writ::Resource> resource;
};
struct writ_values {
  std::unique_ptr<writ::RequestValues> values;
};
struct writ_because {
  writ::Because because;
};

namespace writ::api {

/// A stray exception becomes an internal error; what was to be decided stays the denial that was
/// written first.
template <class Body>
writ_status guarded(Body&& body) noexcept {
  try {
    return body();
  } catch (...) {
    return WRIT_INTERNAL;
  }
}

[[nodiscard]] inline std::string_view view(const char* text, std::size_t bytes) {
  return text == nullptr ? std::string_view() : std::string_view(text, bytes);
}
[[nodiscard]] writ_status status_of(ErrorCode code);
[[nodiscard]] writ_decision denial();
[[nodiscard]] writ_decision exported(const Decision& decision);
[[nodiscard]] Value text_set(std::string_view elements);
[[nodiscard]] std::vector<NamedValue> imported(const writ_attribute* attributes, std::size_t count);
[[nodiscard]] SessionFacts imported(const writ_session_facts& facts);
/// None: the engine reads its clock.
[[nodiscard]] std::optional<std::int64_t> time_of(std::int64_t time_us);
/// As much as there is room for; gives the bytes of the whole.
std::size_t copy_text(std::string_view text, char* out, std::size_t room);
void copy_terminated(std::string_view text, char* out, std::size_t room);
/// The message into the caller's room, the code as a status.
[[nodiscard]] writ_status told(const Error& error, char* message, std::size_t message_bytes);

}  // namespace writ::api
