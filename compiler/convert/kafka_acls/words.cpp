#include "compiler/convert/kafka_acls/words.h"

#include <cctype>

namespace writ::convert::kafka_acls {
namespace {

constexpr std::uint32_t bit(std::size_t operation) {
  return 1U << operation;
}

constexpr std::size_t index_of(std::string_view operation) {
  std::size_t at = 0;
  while (kOperations[at] != operation) {
    ++at;
  }
  return at;
}

// SOURCE: StandardAuthorizerData.IMPLIES_DESCRIBE. What implies DescribeConfigs has no row here:
// the kinds that are asked for DescribeConfigs are asked for AlterConfigs too.
constexpr std::uint32_t kImpliesDescribe = bit(index_of("Read")) | bit(index_of("Write")) |
                                           bit(index_of("Delete")) | bit(index_of("Alter"));

}  // namespace

bool same_word(std::string_view a, std::string_view b) {
  std::size_t i = 0;
  std::size_t j = 0;
  while (true) {
    while (i < a.size() && a[i] == '_') {
      ++i;
    }
    while (j < b.size() && b[j] == '_') {
      ++j;
    }
    if (i == a.size() || j == b.size()) {
      return i == a.size() && j == b.size();
    }
    if (std::tolower(static_cast<unsigned char>(a[i])) !=
        std::tolower(static_cast<unsigned char>(b[j]))) {
      return false;
    }
    ++i;
    ++j;
  }
}

std::optional<std::size_t> find_kind(std::string_view word) {
  for (std::size_t at = 0; at < kKinds.size(); ++at) {
    if (same_word(kKinds[at].name, word)) {
      return at;
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> find_operation(std::string_view word) {
  for (std::size_t at = 0; at < kOperations.size(); ++at) {
    if (same_word(kOperations[at], word)) {
      return at;
    }
  }
  return std::nullopt;
}

std::uint32_t asked_of(std::size_t kind, std::size_t operation, bool deny) {
  const std::uint32_t asked = kKinds[kind].asked;
  if (operation == kAll || (asked & bit(operation)) != 0) {
    return bit(operation);
  }
  return !deny && (kImpliesDescribe & bit(operation)) != 0 ? asked & bit(index_of("Describe")) : 0;
}

}  // namespace writ::convert::kafka_acls
