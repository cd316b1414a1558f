#include "compiler/pack/golden.h"

#include <algorithm>

#include "runtime/engine/golden.h"
#include "runtime/reference/reference.h"

namespace writ::pack {
namespace {

// Half a second of the specification's walking at most.
constexpr std::size_t kGrantsWalkedMax = 50'000'000;

}  // namespace

bundle::Part golden_part(const ir::Program& program, const std::vector<model::TestBlock>& tests) {
  std::vector<const model::TestClaim*> claims;
  for (const model::TestBlock& block : tests) {
    for (const model::TestClaim& claim : block.claims) claims.push_back(&claim);
  }
  const std::size_t walks = kGrantsWalkedMax / std::max<std::size_t>(program.grants.size(), 1);
  const std::size_t count =
      std::min({claims.size(), engine::kGoldenMax, std::max<std::size_t>(walks, 1)});
  std::vector<engine::GoldenDecision> decisions;
  for (std::size_t at = 0; at < count; ++at) {
    const model::TestClaim& claim = *claims[at * claims.size() / count];
    decisions.push_back({claim.session, claim.request,
                         reference::decide(program, claim.session, claim.request)});
  }
  return {engine::kGoldenSection, engine::encode_golden(decisions)};
}

}  // namespace writ::pack
