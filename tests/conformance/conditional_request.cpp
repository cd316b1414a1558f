#include "tests/conformance/conditional_request.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace writ::conformance {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;

}  // namespace

Question conditional_request(const nlohmann::json& json) {
  Question q;
  const auto principal = json["principal"].get<std::string>();
  const std::size_t colon = principal.find(':');
  const int tls = json["tls"].get<int>();
  q.session.principal_type = principal.substr(0, colon);
  q.session.principal_name = principal.substr(colon + 1);
  q.session.groups.emplace();  // the policy knows who is in which group
  q.session.host = json["host"].get<std::string>();
  q.session.scope = json["cluster"].get<std::string>();
  const auto text = [&](const char* field) {
    return Value::of_text(json[field].get<std::string>());
  };
  q.session.attributes = {
      {"listener", text("network")},
      {"tls.version", tls == 0 ? std::optional<Value>()
                               : Value::of_text(fmt::format("{}.{}", tls / 10, tls % 10))},
      {"auth", text("auth")},
      {"mfa", Value::boolean(json["mfa"].get<bool>())},
      {"break_glass", Value::boolean(json["break_glass"].get<bool>())},
      {"ticket", text("ticket")}};
  q.request.attributes = {{"encryption.cluster", text("data_cluster")}};
  q.request.operation = json["operation"].get<std::string>();
  q.request.kind = json["kind"].get<std::string>();
  q.request.name = json["name"].get<std::string>();
  q.request.time_us = json["time"].get<std::int64_t>() * kMicrosPerSecond;
  q.session.opened_us = *q.request.time_us;
  return q;
}

}  // namespace writ::conformance
