#include "runtime/engine/nearest.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "runtime/engine/questions.h"

namespace writ::engine {
namespace {

// Of grants that are looked at: an explanation is worth milliseconds, not more.
constexpr std::size_t kGrantsMax = 65'536;

/// In what a grant differs from the question. The order is that of what helps most.
enum class Miss : std::uint8_t { Condition, Operation, Name, Scope, Principal, Several };

std::string_view text_of(Miss miss) {
  switch (miss) {
    case Miss::Condition: return "another network, time or condition";
    case Miss::Operation: return "another operation";
    case Miss::Name: return "another name";
    case Miss::Scope: return "another scope";
    case Miss::Principal: return "another principal";
    case Miss::Several: break;
  }
  return {};
}

bool holds(const ir::Program& program, ir::PatternId id, std::string_view name) {
  if (!id.valid()) return true;
  const ir::Pattern& pattern = program.patterns[id.index];
  const std::string_view text = program.text(pattern.text);
  switch (pattern.form) {
    case ir::PatternForm::Any: return true;
    case ir::PatternForm::Literal: return name == text;
    case ir::PatternForm::Prefix: return name.starts_with(text);
    case ir::PatternForm::Suffix: return name.ends_with(text);
    case ir::PatternForm::Contains: return name.find(text) != std::string_view::npos;
  }
  return false;
}

bool holds(const ir::Program& program, ir::PatternSetId id, std::string_view name) {
  return std::ranges::any_of(program.pattern_sets[id.index].patterns, [&](ir::PatternId pattern) {
    return holds(program, pattern, name);
  });
}

struct Wanted {
  std::uint32_t kind = kNone;
  std::uint32_t operations = 0;  // any of these bits in a grant would do
  std::uint32_t scope = kNone;
  std::string_view name;
};

Miss miss_of(const Snapshot& snapshot, const View& view, const Wanted& asked,
             const ir::Grant& grant) {
  const ir::Program& program = snapshot.program;
  const bool operation = (grant.operations & asked.operations) != 0;
  const bool name = holds(program, grant.pattern, asked.name) &&
                    (!grant.within.valid() || holds(program, grant.within, asked.name)) &&
                    !(grant.except.valid() && holds(program, grant.except, asked.name));
  const bool scope = !grant.scope.valid() || snapshot.scope_within(asked.scope, grant.scope.index);
  const int missed = (operation ? 0 : 1) + (name ? 0 : 1) + (scope ? 0 : 1);
  if (missed > 1) return Miss::Several;
  const bool principal = !grant.subject.valid() || view.is_of(snapshot, grant.subject.index);
  if (missed == 1 && !principal) return Miss::Several;
  if (!principal) return Miss::Principal;
  if (!operation) return Miss::Operation;
  if (!name) return Miss::Name;
  return scope ? Miss::Condition : Miss::Scope;
}

}  // namespace

std::string nearest_miss(const Snapshot& snapshot, const audit::Question& question,
                         const SessionFacts& session, std::string_view name) {
  const ir::Program& program = snapshot.program;
  Wanted asked{snapshot.find_kind(question.kind), 0, kNone, name};
  if (asked.kind == kNone) return {};
  const std::uint32_t bit = snapshot.find_operation(asked.kind, question.operation);
  if (bit == kNone) return {};
  const ir::Kind& kind = program.kinds[asked.kind];
  asked.operations = 1U << bit | (bit < kind.implied_by.size() ? kind.implied_by[bit] : 0U);
  const View view(snapshot, std::make_shared<const SessionFacts>(session), question.scope);
  asked.scope = view.scope;
  if (asked.scope == kNone) return {};
  Miss best = Miss::Several;
  const ir::Grant* closest = nullptr;
  const std::size_t count = std::min(program.grants.size(), kGrantsMax);
  for (std::size_t at = 0; at < count && best != Miss::Condition; ++at) {
    const ir::Grant& grant = program.grants[at];
    if (grant.layer != ir::Layer::Grant || grant.effect != ir::Effect::Allow ||
        grant.kind.index != asked.kind) {
      continue;
    }
    const Miss miss = miss_of(snapshot, view, asked, grant);
    if (miss >= best) continue;
    best = miss;
    closest = &grant;
  }
  if (closest == nullptr) return {};
  Decision decision;
  decision.grant = static_cast<std::uint32_t>(closest - program.grants.data());
  const Because why = because(snapshot, decision);
  return fmt::format("{}: {}, {}:{}", text_of(best), why.statement, why.file, why.line);
}

}  // namespace writ::engine
