#include <algorithm>
#include <deque>
#include <set>
#include <string>

#include "runtime/base/limits.h"
#include "runtime/reference/evaluate.h"
#include "runtime/reference/reference.h"
#include "runtime/reference/world.h"

namespace writ::reference {
namespace {

/// The names that answer "is there any": two names that the same patterns cover and that
/// conditions cannot tell apart get one answer, so one of each sort is enough.
class Witnesses {
 public:
  explicit Witnesses(const World& world) : world_(world), program_(world.program) {}

  std::set<std::string> all() {
    for (const ir::Grant& grant : program_.grants) {
      if (grant.kind != world_.kind) continue;
      patterns_.insert(grant.pattern);
      if (grant.condition.valid()) {
        for (std::string& text : texts_beside_name(world_, grant.condition)) {
          texts_.insert(std::move(text));
        }
        accepted_texts(grant.condition);
      }
    }
    for (const ir::PatternSet& set : program_.pattern_sets) {
      if (set.kind == world_.kind) patterns_.insert(set.patterns.begin(), set.patterns.end());
    }
    for (const ir::Facts& facts : program_.facts) {
      if (facts.kind == world_.kind) names_.insert(std::string(program_.text(facts.name)));
    }
    for (const ir::PatternId pattern : patterns_) of_pattern(program_.patterns[pattern.index]);
    for (const std::string& text : texts_) around("", text);
    names_.insert(fresh(""));
    std::erase_if(names_, [](const std::string& name) {
      return name.size() > limits::kNameBytesMax;
    });
    return std::move(names_);
  }

 private:
  void of_pattern(const ir::Pattern& pattern) {
    const std::string text(program_.text(pattern.text));
    switch (pattern.form) {
      case ir::PatternForm::Any: return;
      case ir::PatternForm::Literal: names_.insert(text); return;
      case ir::PatternForm::Prefix:
        if (!text.empty()) names_.insert(text);
        names_.insert(fresh(text));
        for (const std::string& inner : texts_) around(text, inner);
        // A name under a prefix may also end with, or hold, what a set of patterns asks for.
        for (const ir::PatternId other : patterns_) {
          const ir::Pattern& loose = program_.patterns[other.index];
          if (loose.form == ir::PatternForm::Suffix || loose.form == ir::PatternForm::Contains) {
            around(text, std::string(program_.text(loose.text)));
          }
        }
        return;
      case ir::PatternForm::Suffix:
      case ir::PatternForm::Contains: around("", text); return;
    }
  }

  /// The text itself behind a prefix, and with something fresh before, after and on both sides.
  void around(const std::string& prefix, const std::string& text) {
    names_.insert(prefix + text);
    names_.insert(fresh(prefix + text));
    names_.insert(fresh(prefix) + text);
    names_.insert(fresh(fresh(prefix) + text));
  }

  /// An extension that no pattern covers but those that cover every extension. Patterns that ask
  /// for each single character somewhere would leave none: then any extension is as good.
  std::string fresh(const std::string& text) const {
    constexpr std::size_t kTriesMax = 10'000;
    constexpr std::size_t kPrintable = '~' - '!' + 1;
    for (std::size_t count = 0; count < kTriesMax; ++count) {
      std::string name = text;
      for (std::size_t rest = count + 1; rest > 0; rest = (rest - 1) / kPrintable) {
        name += static_cast<char>('~' - (rest - 1) % kPrintable);
      }
      const bool taken = std::ranges::any_of(patterns_, [&](ir::PatternId id) {
        const ir::Pattern& pattern = program_.patterns[id.index];
        if (!covers(program_, pattern, name)) return false;
        const std::string_view of = program_.text(pattern.text);
        switch (pattern.form) {
          case ir::PatternForm::Any: return false;
          case ir::PatternForm::Prefix: return of.size() > text.size();
          case ir::PatternForm::Contains: return text.find(of) == std::string::npos;
          case ir::PatternForm::Literal:
          case ir::PatternForm::Suffix: return true;
        }
        return true;
      });
      if (!taken) return name;
    }
    return text + "~";
  }

  /// A shortest text of each automaton that the condition runs.
  void accepted_texts(ir::ConditionId condition) {
    const ir::ShapeId shape = program_.conditions[condition.index].shape;
    for (const ir::Inst& inst : program_.shapes[shape.index].insts) {
      if (inst.kind == ir::InstKind::Matches) shortest(program_.dfas[inst.b]);
    }
  }

  void shortest(const ir::Dfa& dfa) {
    std::vector<bool> seen(dfa.accepting.size());
    std::deque<std::pair<std::uint16_t, std::string>> open{{dfa.start, ""}};
    while (!open.empty()) {
      auto [state, text] = std::move(open.front());
      open.pop_front();
      if (dfa.accepting[state] != 0) {
        texts_.insert(text);
        return;
      }
      for (unsigned byte = 0; byte < 256; ++byte) {
        const std::size_t row = static_cast<std::size_t>(state) * dfa.classes;
        const std::uint16_t to = dfa.transitions[row + dfa.byte_class[byte]];
        if (seen[to]) continue;
        seen[to] = true;
        open.emplace_back(to, text + static_cast<char>(byte));
      }
    }
  }

  const World& world_;
  const ir::Program& program_;
  std::set<ir::PatternId> patterns_;
  std::set<std::string> texts_;  // that conditions compare the name with
  std::set<std::string> names_;
};

}  // namespace

Decision any_resource(const ir::Program& program, const SessionFacts& session,
                      const RequestFacts& request) {
  RequestFacts asked = request;
  asked.name.clear();
  const Decision nameless = decide(program, session, asked);
  const World world(program, session, asked);
  if (!world.kind.valid() || !world.scope.valid()) return nameless;
  Decision last = nameless;
  for (const std::string& name : Witnesses(world).all()) {
    asked.name = name;
    last = decide(program, session, asked);
    if (last.verdict == Verdict::Allow) return last;
  }
  return last;
}

}  // namespace writ::reference
