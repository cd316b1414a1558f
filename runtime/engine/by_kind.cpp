// "Is there a resource of this kind …?": the witnesses of runtime/reference, asked one by one;
// and the key that must protect a resource.
#include <algorithm>
#include <string>

#include "runtime/engine/questions.h"

namespace writ::engine {
namespace {

bool covers(const ir::Program& program, ir::PatternId id, std::string_view name) {
  const ir::Pattern& pattern = program.patterns[id.index];
  const std::string_view text = program.text(pattern.text);
  switch (pattern.form) {
    case ir::PatternForm::Literal: return name == text;
    case ir::PatternForm::Prefix: return name.starts_with(text);
    case ir::PatternForm::Any: return true;
    case ir::PatternForm::Suffix: return name.ends_with(text);
    case ir::PatternForm::Contains: return name.find(text) != std::string_view::npos;
  }
  return false;
}

}  // namespace

Decision any_resource(const Snapshot& snapshot, const View& view, std::uint32_t kind,
                      std::string_view operation, Clock& clock) {
  Name name;
  name.kind = kind;
  const std::uint32_t bit = kind == kNone ? kNone : snapshot.find_operation(kind, operation);
  if (const auto reason = refused(snapshot, view, name, bit)) return refusal(*reason);
  Decision answer;
  const auto ask = [&](std::string_view text) {
    name.text = text;
    name.node = snapshot.tables.resolve(kind, text);
    Decider decider(snapshot, view, name, nullptr, clock, thread_scratch());
    const Decision decision = decider.decide(bit);
    if (decision.verdict == Verdict::Allow) answer = decision;
    return decision.verdict == Verdict::Allow;
  };
  const tables::KindNames& names = snapshot.tables.kinds[kind];
  for (std::uint32_t at = 0; at < names.node_count; ++at) {
    const tables::Node& node = snapshot.tables.nodes[names.node_begin + at];
    const std::string_view text = snapshot.tables.node_text(node);
    if (ask(text)) return answer;
    if (node.form == static_cast<std::uint8_t>(ir::PatternForm::Literal)) continue;
    if (ask(std::string(text) + "\x01")) return answer;
  }
  return answer;
}

std::string_view key_for(const Snapshot& snapshot, std::string_view kind, std::string_view name,
                         std::string_view scope) {
  const ir::Program& program = snapshot.program;
  const std::uint32_t kind_id = snapshot.find_kind(kind);
  const std::uint32_t scope_id = snapshot.find_scope(scope).scope;
  if (kind_id == kNone || scope_id == kNone) return {};
  for (const ir::Protection& protection : program.protections) {
    if (protection.kind.index != kind_id || !covers(program, protection.pattern, name) ||
        !snapshot.scope_within(scope_id, protection.scope.index)) {
      continue;
    }
    if (protection.within.valid()) {
      const ir::PatternSet& set = program.pattern_sets[protection.within.index];
      const bool within = std::ranges::any_of(
          set.patterns, [&](ir::PatternId id) { return covers(program, id, name); });
      if (!within) continue;
    }
    return program.text(protection.key);
  }
  return {};
}

}  // namespace writ::engine
