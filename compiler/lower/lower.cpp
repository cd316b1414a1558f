#include "compiler/lower/lower.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "compiler/lower/data_rows.h"

namespace writ::lower {
namespace {

/// A statement or a data file, whichever stands there.
struct Entry {
  const model::Place* place = nullptr;
  const model::Statement* statement = nullptr;
  const model::Load* load = nullptr;
};

std::vector<Entry> in_order(const model::Unit& unit) {
  std::vector<Entry> entries;
  entries.reserve(unit.statements.size() + unit.loads.size());
  for (const model::Statement& statement : unit.statements) {
    entries.push_back({&statement.place, &statement, nullptr});
  }
  for (const model::Load& load : unit.loads) {
    entries.push_back({&load.place, nullptr, &load});
  }
  std::ranges::stable_sort(entries,
                           [](const Entry& a, const Entry& b) { return *a.place < *b.place; });
  return entries;
}

ir::Grant frame_of(const model::Statement& statement, std::uint32_t number,
                   const ir::Program& program) {
  ir::Grant grant;
  grant.effect = statement.effect;
  grant.layer = statement.layer;
  grant.scope = statement.scope;
  grant.condition = statement.condition;
  grant.validity = statement.validity;
  grant.origin = statement.origin;
  grant.role_origin = statement.role_origin;
  grant.line = program.origins[statement.origin.index].line;
  grant.number = number;
  return grant;
}

/// One grant for each subject and network: of `grant` everything else is said.
void multiply(const model::Statement& statement, ir::Grant grant, std::vector<ir::Grant>& grants) {
  for (const ir::SubjectId subject : statement.subjects) {
    grant.subject = subject;
    if (statement.networks.empty()) {
      grants.push_back(grant);
    }
    for (const ir::NetworkId network : statement.networks) {
      grant.network = network;
      grants.push_back(grant);
    }
  }
}

void add_grants(const model::Statement& statement, std::uint32_t number, ir::Program& program) {
  ir::Grant grant = frame_of(statement, number, program);
  if (statement.layer == ir::Layer::Superuser || statement.layer == ir::Layer::Infrastructure) {
    multiply(statement, grant, program.grants);
    return;
  }
  for (const model::Target& target : statement.targets) {
    grant.kind = target.kind;
    grant.operations = target.operations;
    grant.except = target.except;
    for (const model::Target::Cover& cover : target.covers) {
      grant.pattern = cover.pattern;
      grant.within = cover.within;
      grant.scope = cover.scope.valid() ? cover.scope : statement.scope;
      multiply(statement, grant, program.grants);
    }
  }
}

DataFile data_file(const model::Load& load) {
  DataFile file;
  file.path = load.path;
  file.display = load.display;
  file.statement = load.statement;
  file.as_kafka = load.as_kafka;
  file.rows = load.rows;
  file.sha256 = load.sha256;
  file.scope = load.scope;
  file.origin = load.origin;
  return file;
}

}  // namespace

ir::Program lower(model::Unit unit, diag::Sink& sink) {
  std::uint32_t next = 0;
  const model::Place* before = nullptr;
  for (const Entry& entry : in_order(unit)) {
    if (entry.load != nullptr) {
      next = load_rows(data_file(*entry.load), next, *unit.builder, sink);
      before = nullptr;
      continue;
    }
    // The parts of one statement, and everything that a binding gives, share its number.
    const bool again = before != nullptr && *before == *entry.place;
    if (!again) {
      ++next;
    }
    before = entry.place;
    add_grants(*entry.statement, next - 1, unit.builder->program());
  }
  return unit.builder->take();
}

}  // namespace writ::lower
