// Operations, patterns, tags: what a statement speaks of.
#include "compiler/check/steps.h"

#include <fmt/format.h>

#include <algorithm>

namespace writ::check {
namespace {

ir::PatternForm form_of(ast::Pattern::Form form) {
  switch (form) {
    case ast::Pattern::Form::Literal:
      return ir::PatternForm::Literal;
    case ast::Pattern::Form::Prefix:
      return ir::PatternForm::Prefix;
    case ast::Pattern::Form::Any:
    case ast::Pattern::Form::Tagged:
      return ir::PatternForm::Any;
    case ast::Pattern::Form::Suffix:
      return ir::PatternForm::Suffix;
    case ast::Pattern::Form::Contains:
      return ir::PatternForm::Contains;
  }
  return ir::PatternForm::Literal;
}

bool is_loose(ir::PatternForm form) {
  return form == ir::PatternForm::Suffix || form == ir::PatternForm::Contains;
}

// A tag that speaks of less than the statement narrows it; one that speaks of nothing here is
// left out. Answers whether the tag reaches the scope at all.
bool meets(const Policy& policy, ir::ScopeId tag, ir::ScopeId statement, ir::ScopeId& narrowed) {
  if (policy.within(statement, tag)) {
    return true;
  }
  if (policy.within(tag, statement)) {
    narrowed = tag;
    return true;
  }
  return false;
}

class Resources {
 public:
  Resources(const Policy& policy, ir::ScopeId scope, const Arguments* arguments)
      : policy_(policy), scope_(scope), arguments_(arguments) {}

  std::optional<model::Target> target(const ast::Resource& resource, ir::KindId kind) {
    model::Target target;
    target.kind = kind;
    if (resource.pattern.form == ast::Pattern::Form::Tagged) {
      if (!add_tag(resource.pattern, kind, target)) {
        return std::nullopt;
      }
    } else {
      const auto pattern = resolve_pattern(policy_, resource.pattern, arguments_);
      if (!pattern) {
        return std::nullopt;
      }
      if (is_loose(pattern->form)) {
        policy_.report(diag::Code::OnlyInTags, resource.pattern.span,
                       fmt::format("`{}` can stand in a tag only", pattern_text(*pattern)),
                       "matches by the end or the middle of a name",
                       "declare `tag NAME on …` with it, and write `tagged NAME` here");
        return std::nullopt;
      }
      target.covers.push_back({policy_.builder().pattern(pattern->form, pattern->text), {}, {}});
    }
    if (!resource.except.empty() && !add_except(resource, kind, target)) {
      return std::nullopt;
    }
    return target;
  }

 private:
  const ir::PatternSet* find_tag(const ast::Pattern& pattern, ir::KindId kind) {
    const auto found = policy_.tags.find(pattern.tag.text());
    if (found == policy_.tags.end()) {
      policy_.unknown({pattern.tag.text(), pattern.tag.span}, "tag", Policy::names_of(policy_.tags),
                      "declare it with `tag NAME on …`");
      return nullptr;
    }
    std::vector<std::string_view> has;
    for (const ir::PatternSetId id : found->second.value) {
      const ir::PatternSet& set = policy_.program().pattern_sets[id.index];
      if (set.kind == kind) {
        return &set;
      }
      has.push_back(policy_.program().text(policy_.program().kinds[set.kind.index].name));
    }
    const std::string_view name =
        policy_.program().text(policy_.program().kinds[kind.index].name);
    policy_.report(diag::Code::TagOfAnotherKind, pattern.span,
                   fmt::format("no {} bears the tag `{}`, which is on {}", name,
                               pattern.tag.text(), fmt::join(has, " and ")),
                   "no name of this kind bears the tag",
                   fmt::format("add patterns of {} to the tag", name),
                   {{found->second.span, "the tag is declared here"}});
    return nullptr;
  }

  bool add_tag(const ast::Pattern& pattern, ir::KindId kind, model::Target& target) {
    const ir::PatternSet* tag = find_tag(pattern, kind);
    if (tag == nullptr) {
      return false;
    }
    ir::ScopeId narrowed;
    if (!meets(policy_, tag->scope, scope_, narrowed)) {
      policy_.report(
          diag::Code::MatchesNothing, pattern.span,
          fmt::format("the tag `{}` speaks of `{}`, this statement of `{}`", pattern.tag.text(),
                      policy_.scope_path(tag->scope), policy_.scope_path(scope_)),
          "no resource here bears the tag", "declare the tag at a scope above both");
      return false;
    }
    ir::PatternSet loose;
    loose.kind = kind;
    for (const ir::PatternId id : std::vector(tag->patterns)) {
      if (is_loose(policy_.program().patterns[id.index].form)) {
        loose.patterns.push_back(id);
      } else {
        target.covers.push_back({id, {}, narrowed});
      }
    }
    if (!loose.patterns.empty()) {
      const ir::PatternId everything = policy_.builder().pattern(ir::PatternForm::Any, "");
      target.covers.push_back({everything, policy_.builder().pattern_set(loose), narrowed});
    }
    return true;
  }

  bool add_except(const ast::Resource& resource, ir::KindId kind, model::Target& target) {
    ir::PatternSet set;
    set.kind = kind;
    for (const ast::Pattern& pattern : resource.except) {
      if (pattern.form == ast::Pattern::Form::Tagged) {
        const ir::PatternSet* tag = find_tag(pattern, kind);
        if (tag == nullptr) {
          return false;
        }
        ir::ScopeId narrowed;
        if (!meets(policy_, tag->scope, scope_, narrowed)) {
          policy_.report(diag::Code::MatchesNothing, pattern.span,
                         fmt::format("the tag `{}` speaks of `{}`, this statement of `{}`",
                                     pattern.tag.text(), policy_.scope_path(tag->scope),
                                     policy_.scope_path(scope_)),
                         "takes nothing away here", "declare the tag at a scope above both");
          return false;
        }
        if (narrowed.valid() && resource.except.size() > 1) {
          policy_.report(
              diag::Code::WrongLevel, pattern.span,
              fmt::format("the tag `{}` speaks of less than this statement", pattern.tag.text()),
              "cannot be taken away together with other patterns",
              fmt::format("say the statement at `{}`", policy_.scope_path(tag->scope)));
          return false;
        }
        set.scope = narrowed;
        set.patterns.insert(set.patterns.end(), tag->patterns.begin(), tag->patterns.end());
        continue;
      }
      const auto resolved = resolve_pattern(policy_, pattern, arguments_);
      if (!resolved) {
        return false;
      }
      set.patterns.push_back(policy_.builder().pattern(resolved->form, resolved->text));
    }
    if (set.patterns.empty()) {
      return true;
    }
    std::erase_if(target.covers, [&](const model::Target::Cover& cover) {
      return !cover.within.valid() && !set.scope.valid() && takes_all(set, cover.pattern);
    });
    if (target.covers.empty()) {
      policy_.report(diag::Code::MatchesNothing, resource.span,
                     "the exceptions take away every name of this pattern", "matches nothing",
                     "narrow the `except`");
      return false;
    }
    target.except = policy_.builder().pattern_set(set);
    return true;
  }

  [[nodiscard]] bool takes_all(const ir::PatternSet& set, ir::PatternId pattern) const {
    const ir::Pattern& whole = policy_.program().patterns[pattern.index];
    const std::string_view text = policy_.program().text(whole.text);
    return std::ranges::any_of(set.patterns, [&](ir::PatternId id) {
      const ir::Pattern& other = policy_.program().patterns[id.index];
      const std::string_view other_text = policy_.program().text(other.text);
      switch (other.form) {
        case ir::PatternForm::Any:
          return true;
        case ir::PatternForm::Prefix:
          return whole.form != ir::PatternForm::Any && text.starts_with(other_text);
        case ir::PatternForm::Literal:
          return whole.form == ir::PatternForm::Literal && text == other_text;
        case ir::PatternForm::Suffix:
          return whole.form == ir::PatternForm::Literal && text.ends_with(other_text);
        case ir::PatternForm::Contains:
          return whole.form != ir::PatternForm::Any &&
                 text.find(other_text) != std::string_view::npos;
      }
      return false;
    });
  }

  const Policy& policy_;
  ir::ScopeId scope_;
  const Arguments* arguments_;
};

}  // namespace

std::vector<ast::Word> operation_names(const Policy& policy, const ast::Operations& wanted) {
  std::vector<ast::Word> out;
  for (const ast::Word& word : wanted.names) {
    if (const auto set = policy.operation_sets.find(word.text);
        set != policy.operation_sets.end()) {
      for (const std::string& name : set->second.value) {
        out.push_back({name, word.span});
      }
    } else if (policy.operations.contains(word.text)) {
      out.push_back(word);
    } else {
      std::vector<std::string> known = Policy::names_of(policy.operations);
      const std::vector<std::string> sets = Policy::names_of(policy.operation_sets);
      known.insert(known.end(), sets.begin(), sets.end());
      policy.unknown(word, "operation", known, "operations are declared by the models in use");
    }
  }
  return out;
}

namespace {

std::uint32_t all_bits(const ir::Kind& kind) {
  const std::size_t count = kind.operations.size();
  return count >= 32 ? 0xFFFF'FFFFU : (1U << count) - 1;
}

void report_missing(const Policy& policy, const ir::Kind& kind, const ast::Word& word) {
  std::vector<std::string> has;
  for (std::size_t i = 0; i < kind.operations.size(); ++i) {
    if ((kind.listed >> i & 1) != 0) {
      has.emplace_back(
          policy.program().text(policy.program().operations[kind.operations[i].index].name));
    }
  }
  const std::string_view name = policy.program().text(kind.name);
  policy.report(diag::Code::NoSuchOperation, word.span,
                fmt::format("a {} has no operation `{}`", name, word.text),
                "never asked of this kind", fmt::format("a {} has {}", name, fmt::join(has, ", ")));
}

}  // namespace

std::uint32_t resolve_operations(const Policy& policy, const ast::Operations& wanted,
                                 ir::KindId kind_id, ast::Effect effect, Missing missing) {
  const ir::Kind& kind = policy.program().kinds[kind_id.index];
  // `on any` reaches also what data rows alone may name of a kind.
  const std::uint32_t may = missing == Missing::Report ? kind.listed : all_bits(kind);
  std::uint32_t named = 0;
  for (const ast::Word& word : wanted.names) {
    std::uint32_t bits = 0;
    const std::vector<ast::Word> names = operation_names(policy, {false, {word}, word.span});
    for (const ast::Word& name : names) {
      const ir::OperationId id = policy.operations.find(name.text)->second.value;
      const auto found = std::ranges::find(kind.operations, id);
      if (found != kind.operations.end()) {
        bits |= 1U << static_cast<std::uint32_t>(found - kind.operations.begin());
      }
    }
    bits &= may;
    // Of a set a kind may lack members, but not all.
    if (bits == 0 && !names.empty() && missing == Missing::Report) {
      report_missing(policy, kind, word);
    }
    named |= bits;
  }
  if (!wanted.any) {
    return named;
  }
  // An allow gives what the vocabulary lists, a denial takes everything that can be asked.
  return (effect == ast::Effect::Allow ? kind.listed : all_bits(kind)) & ~named;
}

std::string pattern_text(const ResolvedPattern& pattern) {
  const std::string quoted = to_text(Value::of_text(pattern.text));
  switch (pattern.form) {
    case ir::PatternForm::Literal:
      return quoted;
    case ir::PatternForm::Prefix:
      return quoted + "*";
    case ir::PatternForm::Any:
      return "*";
    case ir::PatternForm::Suffix:
      return "*" + quoted;
    case ir::PatternForm::Contains:
      return "*" + quoted + "*";
  }
  return quoted;
}

std::optional<ResolvedPattern> resolve_pattern(const Policy& policy, const ast::Pattern& pattern,
                                               const Arguments* arguments) {
  ResolvedPattern out;
  out.form = form_of(pattern.form);
  for (const ast::Pattern::Piece& piece : pattern.pieces) {
    if (!piece.parameter) {
      policy.check_characters(piece.word);
      out.text += piece.word.text;
      continue;
    }
    const Value* value = nullptr;
    if (arguments != nullptr) {
      const auto found =
          std::ranges::find(*arguments, piece.word.text, &std::pair<std::string, Value>::first);
      value = found == arguments->end() ? nullptr : &found->second;
    }
    if (value == nullptr || !value->type.is(TypeKind::String)) {
      policy.unknown(piece.word, "parameter", {},
                     "outside a role, and for text that is meant as it is, put it in quotes");
      return std::nullopt;
    }
    out.text += value->text;
  }
  if (out.text.empty() && out.form != ir::PatternForm::Any) {
    policy.report(diag::Code::MatchesNothing, pattern.span,
                  out.form == ir::PatternForm::Literal ? "the empty name is no resource"
                                                       : "an empty text is part of every name",
                  "names nothing", "write `*` for every name");
    return std::nullopt;
  }
  return out;
}

std::vector<model::Target> resolve_resources(const Policy& policy,
                                             const std::vector<ast::Resource>& resources,
                                             const ast::Operations* operations, ast::Effect effect,
                                             ir::ScopeId scope, const Arguments* arguments) {
  std::vector<model::Target> out;
  for (const ast::Resource& resource : resources) {
    if (resource.any_kind) {
      if (effect == ast::Effect::Allow) {
        policy.report(
            diag::Code::AnyKindInAllow, resource.span, "an allow must say of which kinds it speaks",
            "would allow on kinds that do not exist yet", "name the kinds: `on Topic *, Group *`");
        continue;
      }
      if (operations != nullptr) {
        static_cast<void>(operation_names(policy, *operations));
      }
      for (std::size_t i = 0; i < policy.program().kinds.size(); ++i) {
        model::Target target;
        target.kind = ir::KindId(i);
        target.operations =
            operations == nullptr
                ? 0
                : resolve_operations(policy, *operations, target.kind, effect, Missing::Ignore);
        target.covers.push_back({policy.builder().pattern(ir::PatternForm::Any, ""), {}, {}});
        if (target.operations != 0) {
          out.push_back(std::move(target));
        }
      }
      continue;
    }
    const auto kind = policy.kinds.find(resource.kind.text);
    if (kind == policy.kinds.end()) {
      policy.unknown(resource.kind, "kind", Policy::names_of(policy.kinds),
                     "kinds are declared by the models in use");
      continue;
    }
    Resources pieces(policy, scope, arguments);
    auto target = pieces.target(resource, kind->second.value);
    if (!target) {
      continue;
    }
    if (operations != nullptr) {
      target->operations =
          resolve_operations(policy, *operations, kind->second.value, effect, Missing::Report);
      if (target->operations == 0) {
        continue;
      }
    }
    out.push_back(std::move(*target));
  }
  return out;
}

About about(const Policy& policy, const std::vector<ast::Resource>& resources, ir::ScopeId scope) {
  About out;
  out.scope = scope;
  for (const ast::Resource& resource : resources) {
    if (out.variable.empty() && resource.binder) {
      out.variable = resource.binder->text;
    }
    const auto kind = policy.kinds.find(resource.kind.text);
    if (!resource.any_kind && kind != policy.kinds.end()) {
      out.kinds.push_back(kind->second.value);
    }
  }
  return out;
}

namespace {

// The patterns of one kind in a tag's declaration.
ir::PatternSet& set_of(std::vector<ir::PatternSet>& sets, const ir::PatternSet& like,
                       ir::KindId kind) {
  const auto found = std::ranges::find(sets, kind, &ir::PatternSet::kind);
  if (found != sets.end()) {
    return *found;
  }
  sets.push_back(like);
  sets.back().kind = kind;
  return sets.back();
}

// False: a mistake was reported.
bool add_to_tag(const Policy& policy, const ast::Resource& resource, const ir::PatternSet& like,
                std::vector<ir::PatternSet>& sets) {
  if (!resource.except.empty() || resource.pattern.form == ast::Pattern::Form::Tagged) {
    policy.report(diag::Code::WrongPlace, resource.span,
                  "a tag is a list of patterns, without `except` and other tags",
                  "not a plain pattern", "write patterns alone, as in `Topic \"ledger.\"*`");
    return false;
  }
  const auto kind = policy.kinds.find(resource.kind.text);
  if (resource.any_kind || kind == policy.kinds.end()) {
    policy.unknown(resource.any_kind ? ast::Word{"any", resource.span} : resource.kind, "kind",
                   Policy::names_of(policy.kinds));
    return false;
  }
  const auto pattern = resolve_pattern(policy, resource.pattern, nullptr);
  if (!pattern) {
    return false;
  }
  set_of(sets, like, kind->second.value)
      .patterns.push_back(policy.builder().pattern(pattern->form, pattern->text));
  return true;
}

void add_tag(Policy& policy, const ast::TagDecl& tag) {
  ir::PatternSet like;
  like.name = policy.builder().string(tag.name.text);
  like.scope = policy.scope(tag.at).value_or(ir::ScopeId(0));
  std::vector<ir::PatternSet> sets;
  bool sound = true;
  for (const ast::Resource& resource : tag.resources) {
    sound = add_to_tag(policy, resource, like, sets) && sound;
  }
  if (!sound) {
    policy.unread.push_back(tag.name.text);
    return;
  }
  std::vector<ir::PatternSetId> ids;
  for (ir::PatternSet& set : sets) {
    ids.push_back(policy.builder().pattern_set(std::move(set)));
  }
  policy.tags.emplace(tag.name.text, Named<std::vector<ir::PatternSetId>>{ids, tag.name.span});
}

}  // namespace

void check_tags(Policy& policy) {
  for (const ast::File& file : policy.files) {
    for (const ast::Decl& decl : file.decls) {
      const auto* tag = std::get_if<ast::TagDecl>(&decl);
      if (tag != nullptr && !policy.declared(policy.tags, tag->name, "tag")) {
        add_tag(policy, *tag);
      }
    }
  }
}

}  // namespace writ::check
