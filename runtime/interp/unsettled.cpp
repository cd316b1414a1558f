#include "runtime/interp/unsettled.h"

#include <algorithm>
#include <utility>

namespace writ::interp {
namespace {

Reads reads_of(const ir::Program& program, const ir::Shape& shape) {
  using ir::InstKind;
  Reads reads;
  for (const ir::Inst& inst : shape.insts) {
    const bool clock = inst.kind == InstKind::Now || inst.kind == InstKind::SessionAge;
    const bool attribute = inst.kind == InstKind::LoadAttr || inst.kind == InstKind::HasAttr;
    reads.clock = reads.clock || clock;
    reads.covered = reads.covered || inst.kind == InstKind::Covered;
    reads.request = reads.request || (attribute && program.attributes[inst.a].moment ==
                                                       ir::AttributeMoment::Request);
  }
  return reads;
}

}  // namespace

std::vector<Reads> reads_of(const ir::Program& program) {
  std::vector<Reads> all;
  all.reserve(program.shapes.size());
  for (const ir::Shape& shape : program.shapes) all.push_back(reads_of(program, shape));
  return all;
}

std::vector<std::vector<Unsettled>> unsettled_grants(const ir::Program& program,
                                                     const std::vector<Reads>& reads) {
  std::vector<std::vector<Unsettled>> by_kind(program.kinds.size());
  if (program.conditions.empty() && program.validities.empty()) return by_kind;
  for (std::uint32_t at = 0; at < program.grants.size(); ++at) {
    const ir::Grant& grant = program.grants[at];
    if (!grant.condition.valid() && !grant.validity.valid()) continue;
    if (grant.layer != ir::Layer::Guard && grant.layer != ir::Layer::Grant) continue;
    if (!grant.kind.valid()) continue;
    const bool settles =
        !grant.condition.valid() ||
        reads[program.conditions[grant.condition.index].shape.index].settles();
    if (settles && !grant.validity.valid()) continue;
    const Stage stage = grant.layer == ir::Layer::Guard   ? Stage::Guard
                        : grant.effect == ir::Effect::Deny ? Stage::Deny
                                                           : Stage::Allow;
    std::vector<Unsettled>& own = by_kind[grant.kind.index];
    // One too many marks a kind that is too large; the rest need not be kept.
    if (own.size() <= kUnsettledMax) own.push_back({at, stage});
  }
  for (std::vector<Unsettled>& own : by_kind) {
    if (own.size() > kUnsettledMax) own.clear();
    std::ranges::stable_sort(own, {}, &Unsettled::stage);
  }
  return by_kind;
}

}  // namespace writ::interp
