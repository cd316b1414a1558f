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
    Decider decider(snapshot_, view_, name, {}, clock_, thread_scratch());
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

/// The lowest protection that speaks of a name at a scope or above it.
class Protecting {
 public:
  Protecting(const Snapshot& snapshot, const Name& name, std::uint32_t scope)
      : snapshot_(snapshot), name_(name), scope_(scope), loose_(thread_scratch().loose) {
    loose_.known = false;
  }

  std::uint32_t first() {
    const auto& scopes = snapshot_.program.scopes;
    for (std::uint32_t at = scope_; at != kNone; at = scopes[at].parent.index) {
      look_up(at, ir::PatternForm::Any, {});
      look_up(at, ir::PatternForm::Literal, name_.text);
      for (const std::uint32_t length : snapshot_.tables.protection_lengths) {
        if (length > name_.text.size()) break;
        look_up(at, ir::PatternForm::Prefix, name_.text.substr(0, length));
      }
    }
    return first_;
  }

 private:
  void look_up(std::uint32_t at, ir::PatternForm form, std::string_view text) {
    const ir::Program& program = snapshot_.program;
    for (const std::uint32_t id :
         snapshot_.tables.protections_of(program, at, name_.kind, form, text)) {
      if (id >= first_) return;
      const ir::PatternSetId within = program.protections[id].within;
      if (!within.valid() || covered(within.index)) first_ = id;
    }
  }

  bool covered(std::uint32_t set) {
    const ir::PatternSet& of = snapshot_.program.pattern_sets[set];
    const tables::Tables& t = snapshot_.tables;
    if (of.kind.index != name_.kind) return false;
    if (of.scope.valid() && !snapshot_.scope_within(scope_, of.scope.index)) return false;
    if (t.in_set(set, name_.node)) return true;
    if (t.sets[set].loose_count == 0) return false;
    if (!loose_.known) t.find_loose(name_.text, loose_);
    return std::ranges::binary_search(loose_.ids, set);
  }

  const Snapshot& snapshot_;
  const Name& name_;
  const std::uint32_t scope_;
  tables::LooseSets& loose_;
  std::uint32_t first_ = kNone;
};

}  // namespace

Decision any_resource(const Snapshot& snapshot, const View& view, std::string_view kind,
                      std::string_view operation, Clock& clock) {
  Name name;
  name.kind = snapshot.find_kind(kind);
  const std::uint32_t bit =
      name.kind == kNone ? kNone : snapshot.find_operation(name.kind, operation);
  if (const auto reason = refused(snapshot, view, name, bit)) return refusal(*reason);
  Decision decision;
  Memory* const memory = view.remembered.memory;
  const std::uint64_t key = DecisionCache::by_kind_key(view.remembered.stamp, name.kind, bit);
  if (memory != nullptr && memory->decisions.find(key, decision)) return decision;
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
  if (memory != nullptr && question.settled()) memory->decisions.insert(key, decision);
  return decision;
}

std::string_view key_for(const Snapshot& snapshot, std::string_view kind, std::string_view name,
                         std::string_view scope) {
  Name asked;
  asked.kind = snapshot.find_kind(kind);
  asked.text = name;
  const std::uint32_t scope_id = snapshot.find_scope(scope).scope;
  if (asked.kind == kNone || scope_id == kNone) return {};
  asked.node = snapshot.tables.resolve(asked.kind, name);
  const std::uint32_t first = Protecting(snapshot, asked, scope_id).first();
  if (first == kNone) return {};
  const ir::Program& program = snapshot.program;
  return program.text(program.protections[first].key);
}

}  // namespace writ::engine
