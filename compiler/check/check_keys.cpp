// Keys: their facts, the rules on their use, and which resources they protect.
#include "compiler/check/steps.h"
#include "runtime/interp/operations.h"

#include <fmt/format.h>

#include <algorithm>

namespace writ::check {
namespace {

constexpr std::string_view kFactPrefix = "key.";

// One key's declaration on its way to facts and grants.
class KeyFacts {
 public:
  KeyFacts(Policy& policy, const ast::KeyDecl& decl, ir::ScopeId scope, ir::KindId kind)
      : policy_(policy), decl_(decl) {
    facts_.kind = kind;
    facts_.scope = scope;
    facts_.name = policy.builder().string(decl.name.text);
  }

  void add() {
    bool purpose = false;
    for (const ast::Property& fact : decl_.facts) {
      purpose = purpose || fact.name.text == "purpose";
      add_fact(fact);
    }
    if (!purpose) {
      policy_.report(diag::Code::NoPurpose, decl_.name.span,
                     fmt::format("the key `{}` has no purpose", decl_.name.text),
                     "what may it be used for?",
                     fmt::format("write one of: purpose {}",
                                 fmt::join(Policy::names_of(policy_.purposes), ", purpose ")));
    }
    add_place();
    std::ranges::sort(facts_.values, {}, [](const auto& value) { return value.first; });
    policy_.program().facts.push_back(std::move(facts_));
  }

 private:
  void add_fact(const ast::Property& fact) {
    const std::string text = fact.value           ? fact.value->text
                             : fact.words.empty() ? std::string()
                                                  : fact.words.front().text;
    if (const auto provider = policy_.providers.find(fact.name.text);
        provider != policy_.providers.end()) {
      check_reference(fact, provider->second.value, text);
      put("provider", Value::of_text(fact.name.text));
      put("reference", Value::of_text(text));
      return;
    }
    if (fact.name.text == "algorithm" && !is_algorithm(fact, text)) {
      return;
    }
    if (fact.name.text == "purpose" && !fact.words.empty() && !policy_.purposes.contains(text)) {
      policy_.unknown(fact.words.front(), "purpose", Policy::names_of(policy_.purposes),
                      "purposes are declared by the model of keys");
      return;
    }
    const auto attribute = policy_.attribute(std::string(kFactPrefix) + fact.name.text);
    // Every key may say these, whether or not conditions of the model read them.
    if (!attribute && (fact.name.text == "purpose" || fact.name.text == "algorithm")) {
      return;
    }
    // Where a key is, its declaration says by `at`.
    const bool place = std::ranges::find(policy_.levels, fact.name.text) != policy_.levels.end();
    if (!attribute || place) {
      policy_.report(diag::Code::UnknownFact, fact.name.span,
                     fmt::format("keys have no fact `{}`", fact.name.text), "nothing reads this",
                     fmt::format("facts of a key are a provider with its reference ({}), purpose, "
                                 "algorithm",
                                 fmt::join(Policy::names_of(policy_.providers), ", ")));
      return;
    }
    const Type type = policy_.program().attributes[attribute->index].type;
    if (fact.value && !(fact.value->type == type.element())) {
      policy_.report(diag::Code::TypeMismatch, fact.span,
                     fmt::format("`{}` is a {}, this is a {}", fact.name.text, name_of(type.kind),
                                 name_of(fact.value->type.kind)),
                     "another type", "");
      return;
    }
    put(fact.name.text, fact.value ? *fact.value : Value::of_text(text));
  }

  void check_reference(const ast::Property& fact, const std::optional<ir::Dfa>& shape,
                       const std::string& text) const {
    if (!shape || writ_dfa_matches(shape->byte_class.data(), shape->transitions.data(),
                                   shape->accepting.data(), shape->classes, shape->start,
                                   text.data(), text.size()) != 0) {
      return;
    }
    policy_.report(diag::Code::UnfitFact, fact.span,
                   fmt::format("this is not how `{}` refers to a key", fact.name.text),
                   "no reference of this provider",
                   fmt::format("it matches `{}`", policy_.program().text(shape->pattern)));
  }

  // Is it one that the model knows? That the key's purpose is none of its own is reported too.
  [[nodiscard]] bool is_algorithm(const ast::Property& fact, const std::string& text) const {
    const ast::Word said =
        fact.words.empty() ? ast::Word{text, fact.span} : fact.words.front();
    const auto algorithm = policy_.algorithms.find(text);
    if (algorithm == policy_.algorithms.end()) {
      policy_.unknown(said, "algorithm", Policy::names_of(policy_.algorithms),
                      "algorithms are declared by the model of keys");
      return false;
    }
    const std::vector<std::string>& serves = algorithm->second.value;
    for (const ast::Property& other : decl_.facts) {
      if (other.name.text != "purpose" || other.words.empty() ||
          !policy_.purposes.contains(other.words.front().text) ||
          std::ranges::find(serves, other.words.front().text) != serves.end()) {
        continue;
      }
      policy_.report(diag::Code::UnfitFact, said.span,
                     fmt::format("`{}` does not serve the purpose `{}`", text,
                                 other.words.front().text),
                     "of another purpose",
                     fmt::format("it is for {}", fmt::join(serves, ", ")),
                     {{other.span, "the purpose is said here"}});
    }
    return true;
  }

  // Where the key is: the id (or name) of the scope at each level.
  void add_place() {
    for (ir::ScopeId at = facts_.scope; at.valid();
         at = policy_.program().scopes[at.index].parent) {
      const ir::Scope& scope = policy_.program().scopes[at.index];
      put(policy_.program().text(scope.level), Value::of_text(std::string(policy_.program().text(
                                                   scope.id.valid() ? scope.id : scope.name))));
    }
  }

  void put(std::string_view fact, Value value) {
    const auto attribute = policy_.attribute(std::string(kFactPrefix) + std::string(fact));
    if (attribute && policy_.program().attributes[attribute->index].type.element() == value.type &&
        std::ranges::find(facts_.values, *attribute, [](const auto& v) { return v.first; }) ==
            facts_.values.end()) {
      facts_.values.emplace_back(*attribute, std::move(value));
    }
  }

  Policy& policy_;
  const ast::KeyDecl& decl_;
  ir::Facts facts_;
};

bool overlap(const Policy& policy, ir::PatternId a_id, ir::PatternId b_id) {
  const ir::Pattern& a = policy.program().patterns[a_id.index];
  const ir::Pattern& b = policy.program().patterns[b_id.index];
  const std::string_view text = policy.program().text(a.text);
  const std::string_view other = policy.program().text(b.text);
  const auto open = [](const ir::Pattern& p) { return p.form == ir::PatternForm::Any; };
  const auto prefix = [](const ir::Pattern& p) { return p.form == ir::PatternForm::Prefix; };
  if (open(a) || open(b)) {
    return true;
  }
  if (prefix(a) && prefix(b)) {
    return text.starts_with(other) || other.starts_with(text);
  }
  if (prefix(a)) {
    return other.starts_with(text);
  }
  return prefix(b) ? text.starts_with(other) : text == other;
}

struct Protected {
  ir::Protection protection;
  source::Span span;
  std::string key;
};

void check_exactly_one(const Policy& policy, const std::vector<Protected>& all) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      const ir::Protection& a = all[i].protection;
      const ir::Protection& b = all[k].protection;
      const bool meet = a.kind == b.kind &&
                        (policy.within(a.scope, b.scope) || policy.within(b.scope, a.scope)) &&
                        overlap(policy, a.pattern, b.pattern);
      if (meet && all[i].key != all[k].key) {
        policy.report(diag::Code::SeveralKeys, all[i].span,
                      fmt::format("resources of this pattern are under `{}` and under `{}`",
                                  all[k].key, all[i].key),
                      "protected by a second key",
                      "a protected resource has exactly one key: narrow one of the patterns",
                      {{all[k].span, "the other key is said here"}});
        break;
      }
    }
  }
}

}  // namespace

void check_keys(Policy& policy) {
  for (const ast::File& file : policy.files) {
    for (const ast::Decl& decl : file.decls) {
      const auto* key = std::get_if<ast::KeyDecl>(&decl);
      if (key == nullptr || policy.declared(policy.keys, key->name, "key")) {
        continue;
      }
      const auto scope = policy.scope(key->at);
      policy.keys.emplace(key->name.text,
                          Named<Key>{{key, &file, scope.value_or(ir::ScopeId(0))}, key->name.span});
      if (!policy.key_kind) {
        policy.report(diag::Code::UnknownName, key->span, "no model says what a key is",
                      "of no kind", "use a model that declares a kind `as key`: `use kms`");
        continue;
      }
      if (scope) {
        KeyFacts(policy, *key, *scope, policy.key_kind->value).add();
      }
    }
  }
  if (!policy.key_kind) {
    return;
  }
  const std::string kind(
      policy.program().text(policy.program().kinds[policy.key_kind->value.index].name));
  for (const auto& [name, key] : policy.keys) {
    ast::Resource itself;
    itself.kind = {kind, key.span};
    itself.pattern.pieces.push_back({false, key.value.decl->name});
    itself.pattern.span = key.span;
    itself.span = key.span;
    const std::vector<ast::Resource> resources = {itself};
    StatementFrame frame;
    frame.file = key.value.file;
    frame.scope = key.value.scope;
    frame.rule = name;
    frame.resources = &resources;
    for (const ast::Statement& statement : key.value.decl->rules) {
      add_statement(policy, statement, frame);
    }
  }
}

void check_protections(Policy& policy) {
  std::vector<Protected> all;
  for (const ast::File& file : policy.files) {
    for (const ast::Decl& decl : file.decls) {
      const auto* protect = std::get_if<ast::ProtectDecl>(&decl);
      if (protect == nullptr) {
        continue;
      }
      const auto scope = policy.scope(protect->at);
      if (!policy.keys.contains(protect->key.text)) {
        policy.unknown(protect->key, "key", Policy::names_of(policy.keys),
                       "declare it with `key NAME at CLUSTER { … }`");
        continue;
      }
      if (!scope) {
        continue;
      }
      for (const ast::Resource& resource : protect->resources) {
        if (resource.any_kind || !resource.except.empty()) {
          policy.report(diag::Code::WrongPlace, resource.span,
                        "a protection is of kinds with patterns or tags, without `except`",
                        "not a plain pattern",
                        "name what is protected: `protect Topic tagged pci …`");
        }
      }
      const ir::OriginId origin = policy.origin(file, protect->span, protect->key.text, "");
      for (const model::Target& target : resolve_resources(policy, protect->resources, nullptr,
                                                           ast::Effect::Deny, *scope, nullptr)) {
        for (const model::Target::Cover& cover : target.covers) {
          ir::Protection made{target.kind,
                              cover.pattern,
                              cover.within,
                              cover.scope.valid() ? cover.scope : *scope,
                              policy.builder().string(protect->key.text),
                              origin};
          all.push_back({made, protect->span, protect->key.text});
          policy.program().protections.push_back(made);
        }
      }
    }
  }
  check_exactly_one(policy, all);
}

}  // namespace writ::check
