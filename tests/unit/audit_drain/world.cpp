#include "tests/unit/audit_drain/world.h"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace writ::audit::drain {

TestWords::TestWords(std::uint64_t generation, AuditPolicy policy)
    : facts_{fmt::format("digest{}", generation), "acme", generation, generation},
      policy_(std::move(policy)) {}

Question TestWords::question(std::uint16_t, std::uint8_t operation, std::uint32_t) const {
  static const std::string_view names[] = {"op 0", "op 1", "op 2", "op 3"};
  Question out;
  out.kind = "Topic";
  if (operation < std::size(names)) out.operation = names[operation];
  out.scope = "acme.prod";
  return out;
}

std::vector<std::string_view> TestWords::operations(std::uint16_t) const {
  return {"op 0", "op 1", "op 2", "op 3"};
}

Explained TestWords::explain(const Decision& decision, const Question&, const SessionFacts* session,
                             std::string_view name) const {
  Explained out;
  out.rule = fmt::format("grant {}", decision.grant);
  if (session != nullptr) out.nearest = fmt::format("near {}", name);
  return out;
}

TrailOptions trail_options(const ring::Folder& folder) {
  TrailOptions options;
  options.log = folder.path() + "/log";
  options.rings = folder.path() + "/rings";
  options.sizes = {{}, 12, 1'024, ring::kDictionaryBytesMin};
  options.waits = {std::chrono::seconds(30), std::chrono::seconds(30)};
  options.writer.reserve_bytes = 0;
  return options;
}

std::unique_ptr<Trail> open_trail(const TrailOptions& options) {
  auto trail = Trail::open(options);
  EXPECT_TRUE(trail) << (trail ? "" : trail.error().message);
  return trail ? std::move(*trail) : nullptr;
}

std::vector<Said> read_log(const std::string& folder) {
  std::vector<Said> rows;
  each_row(folder, [&rows](const Said& said) { rows.push_back(said); });
  return rows;
}

void each_row(const std::string& folder, const std::function<void(const Said&)>& see) {
  auto reader = log::Reader::open(folder, {}, {log::Shown::Written});
  EXPECT_TRUE(reader);
  if (!reader) return;
  for (;;) {
    Batch batch;
    const auto more = (*reader)->next(batch);
    EXPECT_TRUE(more) << (more ? "" : more.error().message + " " + more.error().where);
    if (!more || !*more) break;
    const Definitions& known = (*reader)->definitions();
    for (Entry& row : batch.entries) {
      Said said;
      said.instance = batch.instance.id;
      if (const SessionDef* session = known.session(row.session)) {
        said.principal = session->facts.principal_name;
      }
      const ResourceDef* resource = known.resource(row.resource);
      said.resource = resource == nullptr ? row.name : resource->name;
      if (const QuestionDef* question = known.question(row.question)) {
        for (const std::string& name : question->operations) {
          said.operation += (said.operation.empty() ? "" : ",") + name;
        }
      }
      if (const ReasonDef* reason = known.reason(row.reason)) {
        said.rule = reason->why.rule;
        said.nearest = reason->why.nearest;
      }
      said.row = std::move(row);
      see(said);
    }
  }
}

void Law::see(const Said& said) {
  At& at = rings_[{said.instance, said.row.ring}];
  ASSERT_EQ(said.row.sequence, at.sequence + said.row.records())
      << said.instance << " ring " << said.row.ring;
  at.sequence = said.row.sequence;
  if (said.row.ring == kEndRing) return;
  ASSERT_EQ(said.row.decisions, at.decisions + said.row.count);
  at.decisions = said.row.decisions;
}

void expect_law(const std::vector<Said>& rows) {
  Law law;
  for (const Said& said : rows) law.see(said);
}

std::size_t count_of(const std::vector<Said>& rows, EntryKind kind) {
  return static_cast<std::size_t>(
      std::ranges::count_if(rows, [kind](const Said& said) { return said.row.kind == kind; }));
}

}  // namespace writ::audit::drain
