#include "runtime/audit/render/special.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "runtime/audit/authentication.h"
#include "runtime/audit/crn.h"
#include "runtime/audit/json_writer.h"
#include "runtime/base/check.h"

namespace writ::audit::render {
namespace {

using nlohmann::json;

constexpr std::size_t kDetailDepthMax = 4;
constexpr std::size_t kDetailTextBytesMax = 256;
// Of a detail that would be larger stands its text, cut.
constexpr std::size_t kDetailBytesMax = std::size_t{16} << 10;
constexpr std::size_t kTypeBytesMax = 64;

// JSON of the log, written again: the log's bytes never reach an event as they are.
void append_value(std::string& out, const json& value, std::size_t depth) {
  if (value.is_string()) {
    append_json(out, front(value.get_ref<const std::string&>(), kDetailTextBytesMax));
  } else if (value.is_number_unsigned()) {
    out += std::to_string(value.get<std::uint64_t>());
  } else if (value.is_number_integer()) {
    out += std::to_string(value.get<std::int64_t>());
  } else if (value.is_boolean()) {
    out += value.get<bool>() ? "true" : "false";
  } else if (value.is_structured() && depth < kDetailDepthMax) {
    out += value.is_object() ? '{' : '[';
    bool first = true;
    for (const auto& [name, element] : value.items()) {
      if (!first) out += ',';
      first = false;
      if (value.is_object()) {
        append_json(out, front(name, kDetailTextBytesMax));
        out += ':';
      }
      append_value(out, element, depth + 1);
    }
    out += value.is_object() ? '}' : ']';
  } else {
    out += "null";
  }
}

// Nested deeper than a detail may be: not worth a parser's stack.
bool too_deep(std::string_view text) {
  constexpr std::ptrdiff_t kBracketsMax = 4'096;
  return std::ranges::count_if(text, [](char c) { return c == '[' || c == '{'; }) > kBracketsMax;
}

std::string detail_of(std::string_view text) {
  if (text.size() > kDetailBytesMax || too_deep(text)) return {};
  const json value = json::parse(text, nullptr, false);
  std::string out;
  if (value.is_object()) append_value(out, value, 0);
  return out.size() > kDetailBytesMax ? std::string() : out;
}

Lifecycle lifecycle(const Entry& row, std::string_view type, std::string_view message) {
  Lifecycle out;
  out.type = type;
  out.message = message;
  out.time_us = row.time_us;
  out.uncertainty_us = row.uncertainty_us;
  return out;
}

Encoded authentication(const Entry& row, const EventOptions& options, std::string_view id,
                       std::string& out) {
  const std::optional<Authentication> result = read_authentication(row.text);
  if (!result) {
    return encode(lifecycle(row, "audit.malformed",
                            "an authentication result that cannot be read"),
                  options, id, out);
  }
  return encode(AuthenticationEvent{*result, row.time_us, row.uncertainty_us}, options, id, out);
}

Encoded withdrawn(const Entry& row, const EventOptions& options, std::string_view id,
                  std::string& out) {
  const bool digits = !row.text.empty() && row.text.size() <= 20 &&
                      std::ranges::all_of(row.text, [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) {
    return encode(lifecycle(row, "audit.malformed", "a withdrawal that cannot be read"), options,
                  id, out);
  }
  const std::string_view ring = id.substr(0, id.rfind('-'));
  const std::string message = fmt::format(
      "the decision {}-{} was not released: it became a denial, audit-unavailable", ring,
      row.text);
  const std::string detail = fmt::format(R"({{"id":"{}-{}"}})", ring, row.text);
  Lifecycle event = lifecycle(row, "audit.withdrawn", message);
  event.detail = detail;
  return encode(event, options, id, out);
}

Encoded counted(const Entry& row, std::string_view type, std::string_view what,
                const EventOptions& options, std::string_view id, std::string& out) {
  const std::string message = fmt::format("{} {}", row.count, what);
  Lifecycle event = lifecycle(row, type, message);
  event.count = row.count;
  return encode(event, options, id, out);
}

Encoded gap(const Entry& row, const EventOptions& options, std::string_view id,
            std::string& out) {
  const std::string detail = detail_of(row.text);
  Lifecycle event = lifecycle(row, "audit.gap", "records may be missing here");
  event.detail = detail;
  if (detail.empty()) event.message = row.text;
  return encode(event, options, id, out);
}

}  // namespace

bool is_special(EntryKind kind) {
  switch (kind) {
    case EntryKind::Decision:
    case EntryKind::Mask:
    case EntryKind::ByKind: return false;
    case EntryKind::Unavailable:
    case EntryKind::Infrastructure:
    case EntryKind::Authentication:
    case EntryKind::Lifecycle:
    case EntryKind::Gap:
    case EntryKind::Withdrawn: return true;
  }
  return true;
}

Encoded special(const Entry& row, const EventOptions& options, std::string_view id,
                std::string& out) {
  switch (row.kind) {
    case EntryKind::Unavailable:
      return counted(row, "audit.unavailable",
                     "decisions were denied because they could not be recorded", options, id, out);
    case EntryKind::Infrastructure:
      return counted(row, "audit.infrastructure",
                     "infrastructure operations did not wait for room in the ring", options, id,
                     out);
    case EntryKind::Authentication: return authentication(row, options, id, out);
    case EntryKind::Lifecycle: {
      const std::size_t end = std::min(row.text.find('\n'), row.text.size());
      const std::string_view text = row.text;
      const std::string type = percent(front(text.substr(0, end), kTypeBytesMax));
      const std::string_view message = text.substr(std::min(end + 1, text.size()));
      return encode(lifecycle(row, type.empty() ? "unnamed" : std::string_view(type), message),
                    options, id, out);
    }
    case EntryKind::Gap: return gap(row, options, id, out);
    case EntryKind::Withdrawn: return withdrawn(row, options, id, out);
    case EntryKind::Decision:
    case EntryKind::Mask:
    case EntryKind::ByKind: break;
  }
  return encode(lifecycle(row, "audit.malformed", "a row of a kind that nobody knows"), options,
                id, out);
}

void too_large(const Entry& row, const EventOptions& options, std::string_view id,
               std::string& out) {
  const Encoded encoded = encode(
      lifecycle(row, "audit.too-large", "the event of this row would pass 64 KiB: see the log"),
      options, id, out);
  WRIT_CHECK(encoded == Encoded::Whole);
}

}  // namespace writ::audit::render
