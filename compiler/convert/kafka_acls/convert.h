// ACLs of a Kafka cluster → what Writ reads: policy text for people, or rows of a data file. Takes
// what listing.h gives; used by `writ import kafka-acls`.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "compiler/convert/kafka_acls/listing.h"

namespace writ::convert::kafka_acls {

struct PolicyOptions {
  std::string package = "imported";
  std::string at;  // a scope; empty: everywhere
};
struct PolicyText {
  std::string text;
  std::size_t statements = 0;
  std::size_t left_out = 0;  // ACLs that are not in the text, each warned about
};

/// Policy text that decides as the ACLs do whatever a broker asks. A denial that the language
/// cannot say is a mistake (E1203), an allow that it cannot say and an ACL that never applies are
/// left out with a warning (W1204). Takes ACLs as `different` gives them; the same ACLs give the
/// same text.
// allow READ from * to User:a, allow WRITE from * to User:a, the same to User:b
//   ⇒ allow Read, Write on Topic "orders" to User:a, User:b
[[nodiscard]] PolicyText policy_text(std::span<const Acl> acls, const PolicyOptions& options,
                                     diag::Sink& sink);

/// JSON Lines for `acl load "…" as kafka`: every ACL, exactly.
[[nodiscard]] std::string data_rows(std::span<const Acl> acls);

}  // namespace writ::convert::kafka_acls
