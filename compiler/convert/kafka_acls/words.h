// Kafka's words: what listings call kinds and operations, and which operations a broker asks of
// which kind. The names are those of stdlib/kafka.writ.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace writ::convert::kafka_acls {

/// Bit n of a set is row n; `All` is behind the rows, so that it is a word but no bit of a kind.
inline constexpr std::array<std::string_view, 14> kOperations = {
    "Read",          "Write",           "Create",       "Delete",          "Alter",
    "Describe",      "ClusterAction",   "DescribeConfigs", "AlterConfigs", "IdempotentWrite",
    "CreateTokens",  "DescribeTokens",  "TwoPhaseCommit",  "All"};
inline constexpr std::size_t kAll = kOperations.size() - 1;

struct Kind {
  std::string_view name;
  std::uint32_t asked = 0;  // operations, as bits
};
// SOURCE: org.apache.kafka security.authorizer.AclEntry.supportedOperations of 4.4.
inline constexpr std::array<Kind, 6> kKinds = {{{"Topic", 0x1BF},
                                                {"Group", 0x1A9},
                                                {"Cluster", 0x3F4},
                                                {"TransactionalId", 0x1022},
                                                {"DelegationToken", 0x020},
                                                {"User", 0xC00}}};

/// Reads `TRANSACTIONAL_ID`, `TransactionalId`, `transactionalid`.
[[nodiscard]] std::optional<std::size_t> find_kind(std::string_view word);
[[nodiscard]] std::optional<std::size_t> find_operation(std::string_view word);
/// Whether the two words are one but for case and underscores.
[[nodiscard]] bool same_word(std::string_view a, std::string_view b);

/// What is left of an allow of `operation` on a kind that is never asked for it: a Describe that it
/// implies, or nothing. An operation that the kind has stays as it is.
// Read on TransactionalId ⇒ Describe on TransactionalId
[[nodiscard]] std::uint32_t asked_of(std::size_t kind, std::size_t operation, bool deny);

}  // namespace writ::convert::kafka_acls
