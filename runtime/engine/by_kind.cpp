// "Is there a resource of this kind?": the first of its witnesses that is allowed, in the
// order of runtime/reference; and the key that must protect a resource.
#include <algorithm>
#include <string>

#include "runtime/engine/questions.h"
#include "runtime/reference/reference.h"
#include "runtime/tables/word.h"

namespace writ::engine {
namespace {

/// Asks one operation for witness after witness.
class ByKind {
 public:
  ByKind(const Snapshot& snapshot, const View& view, std::uint32_t kind, std::uint32_t operation,
         Clock& clock)
      : snapshot_(snapshot),
        view_(view),
        kind_(kind),
        operation_(operation),
        clock_(clock),
        names_(snapshot.witnesses(kind)) {}

  Decision answer() {
    if (everywhere()) {
      for (const std::string& name : names_) {
        const Decision decision = ask(name);
        if (decision.verdict == Verdict::Allow) return decision;
      }
    } else {
      find_ranges();
      std::size_t next = 0;
      for (const auto& [begin, end] : ranges_) {
        for (std::size_t at = std::max(begin, next); at < end; ++at) {
          const Decision decision = ask(names_[at]);
          if (decision.verdict == Verdict::Allow) return decision;
        }
        next = std::max(next, end);
      }
    }
    return ask(names_.back());
  }
  [[nodiscard]] bool settled() const { return settled_; }

 private:
  Decision ask(std::string_view text) {
    const Name name{kind_, snapshot_.tables.resolve(kind_, text), text};
    Decider decider(snapshot_, view_, name, nullptr, clock_, thread_scratch());
    const Decision decision = decider.decide(operation_);
    settled_ = settled_ && decider.settled();
    return decision;
  }

  /// May something other than an allow of the session's own classes let it?
  [[nodiscard]] bool everywhere() const {
    return view_.superuser != kNone || view_.unlisted || !view_.infrastructure.empty();
  }

  /// Witnesses that some allow of an active class covers: a range for each such pattern.
  void find_ranges() {
    const tables::Tables& t = snapshot_.tables;
    for (const ActiveClass& active : view_.grants) {
      const tables::Class& cls = t.classes[active.cls];
      for (std::uint32_t at = 0; at < cls.cells_count; ++at) {
        const tables::Cell& cell = t.cells[cls.cells_begin + at];
        const std::uint32_t state = tables::state_of(cell.word, operation_);
        const bool may = state == static_cast<std::uint32_t>(tables::State::Allow) ||
                         state == static_cast<std::uint32_t>(tables::State::Conditional);
        if (may && t.nodes[cell.node].kind == kind_) add_range(t.nodes[cell.node]);
      }
    }
    std::ranges::sort(ranges_);
  }

  void add_range(const tables::Node& node) {
    const std::string_view text = snapshot_.tables.node_text(node);
    const bool literal = node.form == static_cast<std::uint8_t>(ir::PatternForm::Literal);
    const auto begin = std::ranges::lower_bound(names_, text);
    const auto end = literal ? std::ranges::upper_bound(names_, text)
                             : std::ranges::partition_point(
                                   std::ranges::subrange(begin, names_.end()),
                                   [text](const std::string& n) { return n.starts_with(text); });
    ranges_.emplace_back(begin - names_.begin(), end - names_.begin());
  }

  const Snapshot& snapshot_;
  const View& view_;
  const std::uint32_t kind_;
  const std::uint32_t operation_;
  Clock& clock_;
  const std::vector<std::string>& names_;  // sorted; never empty
  std::vector<std::pair<std::size_t, std::size_t>> ranges_;
  bool settled_ = true;
};

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

Decision any_resource(const Snapshot& snapshot, const View& view, std::string_view kind,
                      std::string_view operation, Clock& clock) {
  Name name;
  name.kind = snapshot.find_kind(kind);
  const std::uint32_t bit =
      name.kind == kNone ? kNone : snapshot.find_operation(name.kind, operation);
  if (const auto reason = refused(snapshot, view, name, bit)) return refusal(*reason);
  Decision decision;
  const std::uint64_t key = DecisionCache::by_kind_key(name.kind, bit);
  if (view.decisions.find(key, decision)) return decision;
  if (snapshot.names_read(name.kind)) {
    // WHY: such conditions make witnesses of what the session says; the specification knows how.
    RequestFacts request;
    request.kind = kind;
    request.operation = operation;
    request.time_us = clock.now_us();
    return reference::any_resource(snapshot.program, *view.facts, request);
  }
  ByKind question(snapshot, view, name.kind, bit, clock);
  decision = question.answer();
  if (question.settled()) view.decisions.insert(key, decision);
  return decision;
}

std::string_view key_for(const Snapshot& snapshot, std::string_view kind, std::string_view name,
                         std::string_view scope) {
  const ir::Program& program = snapshot.program;
  const std::uint32_t kind_id = snapshot.find_kind(kind);
  const std::uint32_t scope_id = snapshot.find_scope(scope).scope;
  if (kind_id == kNone || scope_id == kNone) return {};
  const auto in_set = [&](const ir::PatternSet& set) {
    return set.kind.index == kind_id &&
           (!set.scope.valid() || snapshot.scope_within(scope_id, set.scope.index)) &&
           std::ranges::any_of(set.patterns,
                               [&](ir::PatternId id) { return covers(program, id, name); });
  };
  for (const ir::Protection& protection : program.protections) {
    if (protection.kind.index == kind_id && covers(program, protection.pattern, name) &&
        snapshot.scope_within(scope_id, protection.scope.index) &&
        (!protection.within.valid() || in_set(program.pattern_sets[protection.within.index]))) {
      return program.text(protection.key);
    }
  }
  return {};
}

}  // namespace writ::engine
