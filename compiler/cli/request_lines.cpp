#include "compiler/cli/request_lines.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace writ::cli {
namespace {

using Json = nlohmann::json;
constexpr std::int64_t kMicrosPerSecond = 1'000'000;

/// The fields of the objects that are open while a request is read. JSON lets a field stand twice,
/// and then readers disagree about which one counts.
struct Fields {
  std::vector<std::set<std::string>> open;
  std::string twice;

  bool see(Json::parse_event_t event, const Json& key) {
    if (event == Json::parse_event_t::object_start) {
      open.emplace_back();
    } else if (event == Json::parse_event_t::object_end) {
      open.pop_back();
    } else if (event == Json::parse_event_t::key &&
               !open.back().insert(key.get<std::string>()).second && twice.empty()) {
      twice = key.get<std::string>();
    }
    return true;
  }
};

std::unexpected<Error> bad(std::string message) {
  return fail(ErrorCode::Malformed, std::move(message));
}

Result<std::string> text_field(const Json& object, const char* field, const char* example) {
  const auto at = object.find(field);
  if (at == object.end()) {
    return bad(fmt::format("the request has no `{}`: say for example {}", field, example));
  }
  if (!at->is_string()) {
    return bad(fmt::format("`{}` is not a text: say for example {}", field, example));
  }
  return at->get<std::string>();
}

Result<Value> scalar(const Json& json, const std::string& name) {
  if (json.is_boolean()) {
    return Value::boolean(json.get<bool>());
  }
  if (json.is_number_integer() &&
      !(json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX)) {
    return Value::of_int(json.get<std::int64_t>());
  }
  if (json.is_string()) {
    return Value::of_text(json.get<std::string>());
  }
  return bad(
      fmt::format("attribute `{}` is neither a truth, a whole number, a text nor a list of "
                  "these; a version or a time is written as a text",
                  name));
}

Result<std::optional<Value>> attribute_value(const Json& json, const std::string& name) {
  if (json.is_null()) {
    return std::optional<Value>();
  }
  if (!json.is_array()) {
    WRIT_ASSIGN(value, scalar(json, name));
    return std::optional<Value>(std::move(value));
  }
  Value set;
  set.type = kString;
  for (const Json& element : json) {
    WRIT_ASSIGN(value, scalar(element, name));
    if (!set.elements.empty() && !(set.elements.front().type == value.type)) {
      return bad(fmt::format("attribute `{}` is a list of different types", name));
    }
    set.type = value.type;
    set.elements.push_back(std::move(value));
  }
  set.type.set = true;
  std::sort(set.elements.begin(), set.elements.end(),
            [](const Value& a, const Value& b) { return compare(a, b) < 0; });
  set.elements.erase(std::unique(set.elements.begin(), set.elements.end()), set.elements.end());
  return std::optional<Value>(std::move(set));
}

const ir::Attribute* find_attribute(const ir::Program& program, const std::string& name) {
  const auto found = std::ranges::find_if(
      program.attributes,
      [&](const ir::Attribute& attribute) { return program.text(attribute.name) == name; });
  return found == program.attributes.end() ? nullptr : &*found;
}

Status read_attributes(const Json& json, const ir::Program& program, RequestLine& line) {
  if (!json.is_object()) {
    return bad(R"(`attributes` is not an object: say for example {"tls.version":"1.3"})");
  }
  for (const auto& [name, value] : json.items()) {
    WRIT_ASSIGN(given, attribute_value(value, name));
    const ir::Attribute* attribute = find_attribute(program, name);
    if (attribute == nullptr && name != "network") {
      return bad(fmt::format("no model of the policy has an attribute `{}`", name));
    }
    const bool of_request =
        attribute != nullptr && attribute->moment == ir::AttributeMoment::Request;
    auto& attributes = of_request ? line.request.attributes : line.session.attributes;
    attributes.emplace_back(name, std::move(given));
  }
  return {};
}

Status read_groups(const Json& json, RequestLine& line) {
  const bool texts =
      json.is_array() &&
      std::all_of(json.begin(), json.end(), [](const Json& group) { return group.is_string(); });
  if (!texts) {
    return bad(R"(`groups` is not a list of texts: say for example ["contractors"])");
  }
  line.session.groups = json.get<std::vector<std::string>>();
  return {};
}

Status read_time(const Json& json, RequestLine& line) {
  if (json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX) {
    return bad("`time` is beyond what a time can be: say seconds since 1970");
  }
  if (json.is_number_integer()) {
    const auto seconds = json.get<std::int64_t>();
    if (seconds > INT64_MAX / kMicrosPerSecond || seconds < INT64_MIN / kMicrosPerSecond) {
      return bad("`time` is beyond what a time can be: say seconds since 1970");
    }
    line.request.time_us = seconds * kMicrosPerSecond;
    return {};
  }
  if (json.is_string()) {
    line.request.time_us = parse_time(json.get<std::string>());
    if (line.request.time_us) {
      return {};
    }
  }
  return bad(
      "`time` is not a time: say seconds since 1970 or a text such as "
      "`2026-11-02T09:00:00Z`");
}

Status read_field(const std::string& field, const Json& json, const ir::Program& program,
                  RequestLine& line) {
  if (field == "host") {
    if (!json.is_string() && !json.is_null()) {
      return bad("`host` is not a text: say for example `10.0.0.1`, or null for an unknown one");
    }
    if (json.is_string()) {
      line.session.host = json.get<std::string>();
    }
    return {};
  }
  if (field == "scope") {
    if (!json.is_string()) {
      return bad("`scope` is not a text: say a path such as `prod.payments` or a cluster's id");
    }
    line.session.scope = json.get<std::string>();
    return {};
  }
  if (field == "groups") {
    return read_groups(json, line);
  }
  if (field == "attributes") {
    return read_attributes(json, program, line);
  }
  if (field == "time") {
    return read_time(json, line);
  }
  return bad(
      fmt::format("unknown field `{}`: a request has principal, host, operation, "
                  "resourceType, resourceName, scope, groups, attributes and time",
                  field));
}

}  // namespace

Result<RequestLine> parse_request(std::string_view json, const ir::Program& program,
                                  std::int64_t now_us) {
  Fields fields;
  const Json object = Json::parse(
      json, [&](int, Json::parse_event_t event, Json& key) { return fields.see(event, key); },
      false);
  if (!fields.twice.empty()) {
    return bad(fmt::format("the field `{}` stands twice: which one counts?", fields.twice));
  }
  if (object.is_discarded() || !object.is_object()) {
    return bad("a request is one JSON object on one line");
  }
  RequestLine line;
  line.request.time_us = now_us;
  line.session.opened_us = now_us;
  WRIT_ASSIGN(principal, text_field(object, "principal", "`User:alice`"));
  const std::size_t colon = principal.find(':');
  if (colon == std::string::npos) {
    return bad(
        fmt::format("principal `{}` has no type: say for example `User:{}`", principal, principal));
  }
  line.session.principal_type = principal.substr(0, colon);
  line.session.principal_name = principal.substr(colon + 1);
  WRIT_ASSIGN(operation, text_field(object, "operation", "`Read`"));
  WRIT_ASSIGN(kind, text_field(object, "resourceType", "`Topic`"));
  line.request.operation = std::move(operation);
  line.request.kind = std::move(kind);
  const auto name = object.find("resourceName");
  line.any_resource = name != object.end() && name->is_null();
  if (!line.any_resource) {
    WRIT_ASSIGN(text, text_field(object, "resourceName", "`orders`"));
    line.request.name = std::move(text);
  }
  for (const auto& [field, value] : object.items()) {
    const bool read = field == "principal" || field == "operation" || field == "resourceType" ||
                      field == "resourceName" || field == "id";
    if (!read) {
      WRIT_TRY(read_field(field, value, program, line));
    }
  }
  if (line.request.time_us) {
    line.session.opened_us = *line.request.time_us;
  }
  return line;
}

Result<std::vector<RequestLine>> parse_requests(std::string_view text, const std::string& file,
                                                const ir::Program& program, std::int64_t now_us) {
  std::vector<RequestLine> lines;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
      continue;
    }
    auto parsed = parse_request(line, program, now_us);
    if (!parsed) {
      parsed.error().where = fmt::format("{}:{}", file, number);
      return std::unexpected(std::move(parsed.error()));
    }
    lines.push_back(std::move(*parsed));
  }
  return lines;
}

}  // namespace writ::cli
