// Names of a cluster as strings of the language: readable where a reader takes them for what they
// are, else in escapes.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>

#include "compiler/convert/kafka_acls/listing.h"

namespace writ::convert::kafka_acls {

class Names {
 public:
  explicit Names(std::span<const Acl> acls);

  /// `"orders"`, `"p\u{430}yments"`; none: policy text cannot say this name (a character that
  /// nobody sees, a token that is too long).
  [[nodiscard]] std::optional<std::string> quoted(std::string_view name) const;
  /// `User:alice`, `User:"CN=alice,O=acme"`, and `any, anonymous` (`any` of a denial) for Kafka's
  /// wildcard.
  [[nodiscard]] std::optional<std::string> principal(std::string_view principal, bool deny) const;

 private:
  std::unordered_set<std::string_view> lookalikes_;
};

}  // namespace writ::convert::kafka_acls
