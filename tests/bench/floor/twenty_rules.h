// The twenty rules of policies/twenty-rules as a person would compile them by hand. The session is
// resolved (groups are bits, the host a number), the resource's name is still text.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>

namespace writ::bench {

struct HandRequest {
  // who
  std::uint32_t groups = 0;
  bool user = false;
  std::string name_dot;  // the principal's name and a dot
  // the session
  std::uint32_t host = 0;
  std::uint32_t tls = 0;
  bool private_network = false;
  bool public_network = false;
  bool password = false;
  bool mfa = false;
  bool break_glass = false;
  bool incident = false;
  // what
  std::uint32_t operation = 0;  // one bit
  std::uint32_t kind = 0;
  bool prod = false;
  std::uint32_t cluster = 0;
  bool encrypts = false;     // the key's purpose
  bool own_cluster = false;  // the data is of the key's cluster
  std::string name;
  // when
  std::int64_t time = 0;
  std::uint32_t hour = 0;
  std::uint32_t weekday = 0;
};

/// Resolves a request of tests/conformance/conditional with its directory.
[[nodiscard]] HandRequest resolve(const nlohmann::json& request, const nlohmann::json& directory);
[[nodiscard]] bool permits_by_hand(const HandRequest& request);

}  // namespace writ::bench
