// Patterns and resources of a statement → kinds, patterns, what is taken away.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/check/steps.h"

namespace writ::check {
namespace {

using Form = ast::Pattern::Form;

ir::PatternForm form_of(Form form) {
  switch (form) {
    case Form::Literal: return ir::PatternForm::Literal;
    case Form::Prefix: return ir::PatternForm::Prefix;
    case Form::Suffix: return ir::PatternForm::Suffix;
    case Form::Contains: return ir::PatternForm::Contains;
    case Form::Any:
    case Form::Tagged: return ir::PatternForm::Any;
  }
  return ir::PatternForm::Literal;
}

std::optional<std::string> text_of(const Policy& policy, const ast::Pattern& pattern,
                                   const Arguments* arguments) {
  std::string text;
  for (const ast::Pattern::Piece& piece : pattern.pieces) {
    if (!piece.parameter) {
      policy.check_characters(piece.word);
      text += piece.word.text;
      continue;
    }
    const auto is_it = [&](const auto& argument) { return argument.first == piece.word.text; };
    const auto found = arguments == nullptr
                           ? Arguments::const_iterator{}
                           : std::ranges::find_if(*arguments, is_it);
    if (arguments == nullptr || found == arguments->end()) {
      std::vector<std::string> known;
      for (const auto& [name, value] : arguments == nullptr ? Arguments{} : *arguments) {
        known.push_back(name);
      }
      policy.unknown(piece.word, "parameter", known,
                     fmt::format("a name stands in quotes: `\"{}\"`", piece.word.text));
      return std::nullopt;
    }
    if (!found->second.type.is(TypeKind::String)) {
      policy.report(diag::Code::TypeMismatch, piece.word.span,
                    fmt::format("`{}` is not text, so it cannot be part of a name",
                                piece.word.text),
                    "a pattern is made of text", "declare the parameter as a String");
      return std::nullopt;
    }
    text += found->second.text;
  }
  return text;
}

/// The tag of a pattern, of this kind.
const ir::PatternSet* tag_of(const Policy& policy, const ast::Pattern& pattern, ir::KindId kind) {
  const std::string name = pattern.tag.text();
  const auto id = policy.tag(name);
  if (!id) {
    policy.unknown({name, pattern.tag.span}, "tag", Policy::names_of(policy.tags),
                   "declare it with `tag NAME on Topic \"…\"*`");
    return nullptr;
  }
  const ir::PatternSet& set = policy.program().pattern_sets[id->index];
  if (set.kind != kind) {
    const auto kind_name = [&policy](ir::KindId of) {
      return policy.program().text(policy.program().kinds[of.index].name);
    };
    policy.report(diag::Code::MatchesNothing, pattern.span,
                  fmt::format("the tag `{}` is on {}, so no {} has it", name, kind_name(set.kind),
                              kind_name(kind)),
                  "matches nothing", fmt::format("give {} a tag of its own", kind_name(kind)));
    return nullptr;
  }
  return &set;
}

bool is_loose(ir::PatternForm form) {
  return form == ir::PatternForm::Suffix || form == ir::PatternForm::Contains;
}

/// `tagged t`: each literal and prefix of the tag is a pattern, all others are one set.
bool cover_tag(const Policy& policy, const ast::Resource& resource, const ResourceFrame& frame,
               model::Target& target) {
  const ir::PatternSet* found = tag_of(policy, resource.pattern, target.kind);
  if (found == nullptr) {
    return false;
  }
  const ir::PatternSet set = *found;
  ir::ScopeId scope;
  if (set.scope.valid() && !policy.within(frame.scope, set.scope)) {
    if (!policy.within(set.scope, frame.scope)) {
      policy.report(diag::Code::MatchesNothing, resource.pattern.span,
                    fmt::format("the tag `{}` speaks of nothing at `{}`",
                                resource.pattern.tag.text(), policy.scope_path(frame.scope)),
                    "matches nothing here",
                    fmt::format("the tag is declared at `{}`", policy.scope_path(set.scope)));
      return false;
    }
    scope = set.scope;
  }
  ir::PatternSet loose{set.name, set.kind, {}, {}};
  for (const ir::PatternId id : set.patterns) {
    if (is_loose(policy.program().patterns[id.index].form)) {
      loose.patterns.push_back(id);
    } else {
      target.covers.push_back({id, {}, scope});
    }
  }
  if (!loose.patterns.empty()) {
    target.covers.push_back({policy.builder().pattern(ir::PatternForm::Any, {}),
                             policy.builder().pattern_set(loose), scope});
  }
  return true;
}

/// Does what is taken away leave nothing of the pattern?
bool is_empty(const Policy& policy, const model::Target& target,
              const std::vector<ir::PatternId>& taken) {
  return std::ranges::all_of(target.covers, [&](const model::Target::Cover& cover) {
    return std::ranges::any_of(taken, [&](ir::PatternId id) {
      return covers(pattern_of(policy, id), pattern_of(policy, cover.pattern));
    });
  });
}

/// `except a, tagged b` → one set. A tag that speaks of a part of the statement's scope can only
/// stand alone, since a set has one scope.
bool take_away(const Policy& policy, const ast::Resource& resource, const ResourceFrame& frame,
               model::Target& target) {
  ir::PatternSet set;
  set.kind = target.kind;
  std::optional<ir::ScopeId> scope;
  bool good = true;
  for (const ast::Pattern& except : resource.except) {
    std::vector<ir::PatternId> patterns;
    ir::ScopeId here;
    if (except.form == Form::Tagged) {
      const ir::PatternSet* tag = tag_of(policy, except, target.kind);
      if (tag == nullptr) {
        good = false;
        continue;
      }
      if (tag->scope.valid() && !policy.within(frame.scope, tag->scope)) {
        if (!policy.within(tag->scope, frame.scope)) {
          continue;  // the tag speaks of no resource here: nothing is taken away
        }
        here = tag->scope;
      }
      patterns = tag->patterns;
    } else if (const auto resolved = resolve_pattern(policy, except, frame.arguments, Room::Tag)) {
      patterns = {policy.builder().pattern(resolved->form, resolved->text)};
    } else {
      good = false;
      continue;
    }
    if (scope && *scope != here) {
      policy.report(diag::Code::ExceptOfScopes, except.span,
                    "these exceptions hold in different scopes",
                    "a tag of a smaller scope stands alone",
                    "say the statement once for each scope");
      good = false;
      continue;
    }
    scope = here;
    set.patterns.insert(set.patterns.end(), patterns.begin(), patterns.end());
  }
  if (!set.patterns.empty()) {
    set.scope = *scope;
    if (!set.scope.valid() && is_empty(policy, target, set.patterns)) {
      policy.report(diag::Code::MatchesNothing, resource.span,
                    "what is taken away leaves nothing of the pattern", "matches nothing",
                    "remove the statement, or take away less");
      return false;
    }
    target.except = policy.builder().pattern_set(set);
  }
  return good;
}

std::optional<model::Target> target_of(const Policy& policy, const ast::Resource& resource,
                                       const ResourceFrame& frame) {
  const auto kind = resolve_kind(policy, resource.kind);
  if (!kind) {
    return std::nullopt;
  }
  model::Target target;
  target.kind = *kind;
  bool good = true;
  if (frame.operations != nullptr) {
    target.operations = resolve_operations(policy, *frame.operations, *kind, frame.effect,
                                           Missing::Report);
    good = target.operations != 0;
  }
  if (resource.pattern.form == Form::Tagged) {
    good = cover_tag(policy, resource, frame, target) && good;
  } else if (const auto pattern =
                 resolve_pattern(policy, resource.pattern, frame.arguments, Room::Statement)) {
    target.covers.push_back({policy.builder().pattern(pattern->form, pattern->text), {}, {}});
  } else {
    good = false;
  }
  good = (target.covers.empty() || take_away(policy, resource, frame, target)) && good;
  return good ? std::optional(std::move(target)) : std::nullopt;
}

/// `on any`: every kind that has one of the operations.
void add_every_kind(const Policy& policy, const ast::Resource& resource,
                    const ResourceFrame& frame, std::vector<model::Target>& targets) {
  if (frame.effect == ast::Effect::Allow) {
    policy.report(diag::Code::AnyKindInAllow, resource.span,
                  "an allow names the kinds that it gives",
                  "`on any` would give kinds that no model has yet",
                  "write them out, as in `on Topic *, Group *`");
    return;
  }
  const ir::PatternId every = policy.builder().pattern(ir::PatternForm::Any, {});
  for (std::size_t i = 0; i < policy.program().kinds.size(); ++i) {
    model::Target target;
    target.kind = ir::KindId(i);
    target.covers.push_back({every, {}, {}});
    if (frame.operations != nullptr) {
      target.operations = resolve_operations(policy, *frame.operations, target.kind, frame.effect,
                                             Missing::Ignore);
      if (target.operations == 0) {
        continue;
      }
    }
    targets.push_back(std::move(target));
  }
}

}  // namespace

std::optional<ResolvedPattern> resolve_pattern(const Policy& policy, const ast::Pattern& pattern,
                                               const Arguments* arguments, Room room) {
  auto text = text_of(policy, pattern, arguments);
  if (!text) {
    return std::nullopt;
  }
  const ir::PatternForm form = form_of(pattern.form);
  if (is_loose(form) && room == Room::Statement) {
    policy.report(diag::Code::OnlyInTags, pattern.span,
                  "a statement's pattern is a name, a prefix or `*`",
                  "how a name ends, and what it holds, only tags may ask",
                  fmt::format("write `tag NAME on …{}` and `tagged NAME` here",
                              policy.sources.text(pattern.span)));
    return std::nullopt;
  }
  if (form != ir::PatternForm::Any && text->empty()) {
    policy.report(diag::Code::MatchesNothing, pattern.span,
                  form == ir::PatternForm::Literal ? "no resource has an empty name"
                                                   : "an empty text before or after `*` says nothing",
                  form == ir::PatternForm::Literal ? "matches nothing" : "matches every name",
                  "for every name write `*` alone");
    return std::nullopt;
  }
  return ResolvedPattern{form, std::move(*text)};
}

bool covers(const ResolvedPattern& outer, const ResolvedPattern& inner) {
  switch (outer.form) {
    case ir::PatternForm::Any: return true;
    case ir::PatternForm::Literal:
      return inner.form == ir::PatternForm::Literal && inner.text == outer.text;
    case ir::PatternForm::Prefix:
      return (inner.form == ir::PatternForm::Literal || inner.form == ir::PatternForm::Prefix) &&
             inner.text.starts_with(outer.text);
    case ir::PatternForm::Suffix:
      return (inner.form == ir::PatternForm::Literal || inner.form == ir::PatternForm::Suffix) &&
             inner.text.ends_with(outer.text);
    case ir::PatternForm::Contains:
      return inner.form != ir::PatternForm::Any &&
             inner.text.find(outer.text) != std::string::npos;
  }
  return false;
}

ResolvedPattern pattern_of(const Policy& policy, ir::PatternId id) {
  const ir::Pattern& pattern = policy.program().patterns[id.index];
  return {pattern.form, std::string(policy.program().text(pattern.text))};
}

std::string pattern_text(const ResolvedPattern& pattern) {
  const std::string quoted = to_text(Value::of_text(pattern.text));
  switch (pattern.form) {
    case ir::PatternForm::Literal: return quoted;
    case ir::PatternForm::Prefix: return quoted + "*";
    case ir::PatternForm::Any: return "*";
    case ir::PatternForm::Suffix: return "*" + quoted;
    case ir::PatternForm::Contains: return "*" + quoted + "*";
  }
  return quoted;
}

std::vector<model::Target> resolve_resources(const Policy& policy,
                                             const std::vector<ast::Resource>& resources,
                                             const ResourceFrame& frame) {
  std::vector<model::Target> targets;
  for (const ast::Resource& resource : resources) {
    if (resource.any_kind) {
      add_every_kind(policy, resource, frame, targets);
    } else if (auto target = target_of(policy, resource, frame)) {
      targets.push_back(std::move(*target));
    }
  }
  return targets;
}

std::string_view variable_of(const std::vector<ast::Resource>& resources) {
  for (const ast::Resource& resource : resources) {
    if (resource.binder) {
      return resource.binder->text;
    }
  }
  return {};
}

}  // namespace writ::check
