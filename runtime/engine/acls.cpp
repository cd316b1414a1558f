#include "runtime/engine/acls.h"

#include <algorithm>
#include <bit>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

namespace writ::engine {
namespace {

std::uint32_t bits_of(const ir::Kind& kind) {
  const std::size_t count = kind.operations.size();
  return count >= 32 ? 0xFFFF'FFFFU : (1U << count) - 1;
}

/// Empty: never matches anybody, or only by more than a list can say.
std::string host_text(const ir::Program& program, const ir::Network& network) {
  switch (network.form) {
    case ir::NetworkForm::Cidr: {
      const bool v4 = network.cidr.v4;
      const std::string base = java_text(network.cidr.base);
      // A single IPv4 address has no zone, so network and address are the same.
      if (v4 && network.cidr.bits == 128) return base;
      return fmt::format("{}/{}", base, network.cidr.bits - (v4 ? 96 : 0));
    }
    case ir::NetworkForm::Exact: return java_text(network.cidr.base);
    case ir::NetworkForm::Text: return std::string(program.text(network.text));
    case ir::NetworkForm::Never: break;
  }
  return {};
}

}  // namespace

Result<Acls> Acls::at(std::shared_ptr<const Snapshot> snapshot, std::string_view scope,
                      std::size_t rows_max) {
  const std::uint32_t where = snapshot->find_scope(scope).scope;
  if (where == kNone) {
    return fail(ErrorCode::Usage, fmt::format("the policy has no one scope `{}`", scope));
  }
  Acls out(std::move(snapshot));
  out.print_hosts();
  out.gather_members();
  for (const ir::Grant& grant : out.program().grants) {
    const bool decides = grant.layer == ir::Layer::Guard || grant.layer == ir::Layer::Grant;
    if (!decides || !out.snapshot_->scope_within(where, grant.scope.index)) continue;
    out.add(grant);
    if (out.rows_.size() > rows_max) {
      return fail(ErrorCode::Limit, fmt::format("more than {} rows", rows_max));
    }
  }
  std::ranges::sort(out.rows_);
  const auto repeats = std::ranges::unique(out.rows_);
  out.rows_.erase(repeats.begin(), repeats.end());
  return out;
}

void Acls::print_hosts() {
  std::unordered_map<std::string, std::uint32_t> first;
  const std::vector<ir::Network>& networks = program().networks;
  for (std::uint32_t id = 0; id < networks.size(); ++id) {
    hosts_.push_back(host_text(program(), networks[id]));
    same_host_.push_back(first.try_emplace(hosts_.back(), id).first->second);
  }
}

void Acls::gather_members() {
  members_.resize(program().groups.size());
  for (const auto& [subject, group] : program().members) {
    members_[group.index].push_back(subject.index);
  }
}

void Acls::miss(const ir::Grant& grant, Unsaid why) {
  // Grants of one statement stand side by side and have one number.
  std::uint64_t& last = missed_[static_cast<std::size_t>(why)];
  if (last == std::uint64_t{grant.number} + 1) return;
  last = std::uint64_t{grant.number} + 1;
  ++unsaid_[static_cast<std::size_t>(why)];
}

bool Acls::said_but_for_principal(const ir::Grant& grant) {
  const ir::Pattern& pattern = program().patterns[grant.pattern.index];
  // In a list the name `*` is every name, so the one name `*` cannot be said.
  const bool star = pattern.form == ir::PatternForm::Literal && program().text(pattern.text) == "*";
  if (grant.condition.valid()) {
    miss(grant, Unsaid::Condition);
  } else if (grant.validity.valid()) {
    miss(grant, Unsaid::Validity);
  } else if (star || grant.except.valid() || grant.within.valid()) {
    // Suffixes stand in such sets alone.
    miss(grant, Unsaid::Pattern);
  } else if (grant.network.valid() && hosts_[grant.network.index].empty()) {
    miss(grant, Unsaid::Host);
  } else {
    return true;
  }
  return false;
}

void Acls::add(const ir::Grant& grant) {
  if (!said_but_for_principal(grant)) return;
  const ir::Subject& subject = program().subjects[grant.subject.index];
  if (subject.form == ir::SubjectForm::Nobody) return;
  if (!subject.except.empty() || subject.form == ir::SubjectForm::Type ||
      subject.form == ir::SubjectForm::Authenticated) {
    miss(grant, Unsaid::Principal);
    return;
  }
  if (subject.form != ir::SubjectForm::Group) {
    add_for(grant, grant.subject.index);
    return;
  }
  // Whoever an identity provider puts into a group has no name here.
  if (snapshot_->reachable_groups[subject.group.index] != 0) miss(grant, Unsaid::Principal);
  for (const std::uint32_t member : members_[subject.group.index]) add_for(grant, member);
}

void Acls::add_for(const ir::Grant& grant, std::uint32_t id) {
  const ir::Subject& subject = program().subjects[id];
  AclRow row;
  if (subject.form == ir::SubjectForm::Principal && subject.except.empty() &&
      program().text(subject.name) != "*") {
    row.subject = id;
  } else if (subject.form != ir::SubjectForm::Any || !subject.except.empty()) {
    miss(grant, Unsaid::Principal);
    return;
  }
  row.kind = grant.kind.index;
  row.pattern = grant.pattern.index;
  row.effect = grant.effect;
  if (grant.network.valid()) row.network = same_host_[grant.network.index];
  const std::uint32_t every = bits_of(program().kinds[row.kind]);
  if ((grant.operations & every) == every) {
    rows_.push_back(row);
    return;
  }
  for (std::uint32_t left = grant.operations & every; left != 0; left &= left - 1) {
    row.operation = static_cast<std::uint32_t>(std::countr_zero(left));
    rows_.push_back(row);
  }
}

}  // namespace writ::engine
