#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "compiler/convert/kafka_acls/convert.h"
#include "compiler/convert/kafka_acls/words.h"

namespace writ::convert::kafka_acls {
namespace {

std::string quoted(std::string_view text) {
  return nlohmann::json(text).dump();
}

}  // namespace

std::string data_rows(std::span<const Acl> acls) {
  std::string out;
  for (const Acl& acl : acls) {
    fmt::format_to(std::back_inserter(out),
                   R"({{"principal":{},"host":{},"operation":"{}","permission":"{}",)"
                   R"("resourceType":"{}","patternType":"{}","resourceName":{}}})"
                   "\n",
                   quoted(acl.principal), quoted(acl.host), kOperations[acl.operation],
                   acl.deny ? "Deny" : "Allow", kKinds[acl.kind].name,
                   acl.prefixed ? "Prefixed" : "Literal", quoted(acl.name));
  }
  return out;
}

}  // namespace writ::convert::kafka_acls
