// Every cap of the runtime, with its unit in the name and its reason beside it. Each has a test
// at the limit and one above.
#pragma once

#include <cstddef>
#include <cstdint>

namespace writ::limits {

// A decision word holds two bits for each operation of a kind in 64 bits.
inline constexpr std::size_t kOperationsPerKindMax = 32;
// LANGUAGE.md section 3.5: a longer name is denied unseen. Kafka's own limit is 249 characters.
inline constexpr std::size_t kNameBytesMax = 65'535;
// Sets that a request brings (groups, a list attribute): a quantifier walks all of it.
inline constexpr std::size_t kSetElementsMax = 256;
// Text that a request brings as an attribute.
inline constexpr std::size_t kAttributeBytesMax = 65'535;
// A condition is straight-line code; one that is larger is refused by the verifier.
inline constexpr std::size_t kConditionInstructionsMax = 4'096;
// `matches`: a table of 1,024 states and at most 256 byte classes fits a private cache.
inline constexpr std::size_t kDfaStatesMax = 1'024;
// Scope trees are organization, environment, cluster; eight levels leave room for other models.
inline constexpr std::size_t kScopeDepthMax = 8;
inline constexpr std::size_t kKindsMax = 1'024;
inline constexpr std::size_t kAttributesMax = 1'024;
inline constexpr std::size_t kBundleBytesMax = std::size_t{8} << 30;

}  // namespace writ::limits
