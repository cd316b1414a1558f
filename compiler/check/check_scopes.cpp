// The tree in which resources live, and classes of networks.
#include "compiler/check/steps.h"
#include "runtime/base/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace writ::check {
namespace {

template <class Decl>
std::vector<std::pair<const ast::File*, const Decl*>> all(const Policy& policy) {
  std::vector<std::pair<const ast::File*, const Decl*>> found;
  for (const ast::File& file : policy.files) {
    for (const ast::Decl& decl : file.decls) {
      if (const auto* wanted = std::get_if<Decl>(&decl)) {
        found.emplace_back(&file, wanted);
      }
    }
  }
  return found;
}

class Tree {
 public:
  explicit Tree(Policy& policy) : policy_(policy) {}

  void add(const ast::ScopeDecl& decl, ir::ScopeId parent, std::size_t depth) {
    const auto level = std::ranges::find(policy_.levels, decl.level.text);
    if (level == policy_.levels.end()) {
      policy_.unknown(decl.level, "level of scopes", policy_.levels,
                      fmt::format("levels are {}", fmt::join(policy_.levels, ", ")));
      forget(decl);
      return;
    }
    const std::size_t height = static_cast<std::size_t>(level - policy_.levels.begin());
    if (const auto above = height_of(parent); above && height <= *above) {
      policy_.report(
          diag::Code::WrongLevel, decl.level.span,
          fmt::format("a scope of level `{}` cannot lie in one of level `{}`", decl.level.text,
                      policy_.program().text(policy_.program().scopes[parent.index].level)),
          "too high for this place",
          fmt::format("from the top: {}", fmt::join(policy_.levels, ", ")));
      forget(decl);
      return;
    }
    if (depth >= limits::kScopeDepthMax) {
      policy_.report(diag::Code::WrongLevel, decl.name.span, "the tree of scopes is too deep",
                     "too deep", fmt::format("at most {} levels", limits::kScopeDepthMax));
      return;
    }
    policy_.check_characters(decl.name);
    const std::string above = parent.valid() ? policy_.scope_path(parent) : "";
    const std::string path = above.empty() ? decl.name.text : above + "." + decl.name.text;
    if (const auto found = policy_.scopes.find(path); found != policy_.scopes.end()) {
      policy_.duplicate(decl.name, "scope", found->second.span);
      forget(decl);
      return;
    }
    const ir::ScopeId made = push(decl, parent, height);
    policy_.scopes.emplace(path, Named<ir::ScopeId>{made, decl.name.span});
    for (const ast::ScopeDecl& child : decl.children) {
      add(child, made, depth + 1);
    }
  }

 private:
  // What a scope with a mistake would have declared is not reported as unknown too.
  void forget(const ast::ScopeDecl& decl) {
    policy_.unread.push_back(decl.name.text);
    for (const ast::ScopeDecl& child : decl.children) {
      forget(child);
    }
  }

  // None for no parent, and for the nameless root of a forest.
  [[nodiscard]] std::optional<std::size_t> height_of(ir::ScopeId scope) const {
    if (!scope.valid()) {
      return std::nullopt;
    }
    const std::string_view level =
        policy_.program().text(policy_.program().scopes[scope.index].level);
    const auto found = std::ranges::find(policy_.levels, level);
    return found == policy_.levels.end()
               ? std::nullopt
               : std::optional(static_cast<std::size_t>(found - policy_.levels.begin()));
  }

  ir::ScopeId push(const ast::ScopeDecl& decl, ir::ScopeId parent, std::size_t height) {
    ir::Scope scope;
    scope.name = policy_.builder().string(decl.name.text);
    scope.level = policy_.builder().string(decl.level.text);
    scope.parent = parent;
    scope.leaf = height + 1 == policy_.levels.size();
    if (decl.id) {
      scope.id = policy_.builder().string(decl.id->text);
      for (const auto& [path, named] : policy_.scopes) {
        if (policy_.program().scopes[named.value.index].id == scope.id) {
          policy_.report(
              diag::Code::SameClusterId, decl.id->span,
              fmt::format("`{}` and `{}` have one id, \"{}\"", path, decl.name.text, decl.id->text),
              "the same id again", "an id is what the broker itself reports: one cluster, one id",
              {{named.span, "the first is declared here"}});
        }
      }
    }
    policy_.program().scopes.push_back(scope);
    return ir::ScopeId(policy_.program().scopes.size() - 1);
  }

  Policy& policy_;
};

// A property that an enumeration is named for (`tier`, `Tier`) has one of its members.
void check_member(const Policy& policy, const ast::Property& property) {
  std::string type = property.name.text;
  type[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(type[0])));
  const auto found = policy.enumerations.find(type);
  if (found == policy.enumerations.end() || property.words.empty()) {
    return;
  }
  std::vector<std::string> members;
  for (const ir::StringId id : policy.program().enumerations[found->second.value.index].members) {
    members.emplace_back(policy.program().text(id));
  }
  const ast::Word& word = property.words.front();
  if (std::ranges::find(members, word.text) == members.end()) {
    policy.report(diag::Code::UnknownMember, word.span,
                  fmt::format("there is no {} `{}`", property.name.text, word.text),
                  fmt::format("not a member of `{}`", type),
                  fmt::format("one of {}", fmt::join(members, ", ")));
  }
}

// `encryption = self-managed ledger-cmk` must name a key.
void check_tree(const Policy& policy, const ast::ScopeDecl& decl) {
  for (const ast::Property& property : decl.properties) {
    check_member(policy, property);
    if (property.name.text == "encryption" && property.words.size() == 2 &&
        !policy.keys.contains(property.words[1].text)) {
      policy.unknown(property.words[1], "key", Policy::names_of(policy.keys),
                     "declare it with `key NAME at CLUSTER { … }`");
    }
  }
  for (const ast::ScopeDecl& child : decl.children) {
    check_tree(policy, child);
  }
}

// A request names a scope by its id or by the end of its path: one text, one scope.
void check_ids(const Policy& policy) {
  for (const auto& [path, named] : policy.scopes) {
    const ir::Scope& scope = policy.program().scopes[named.value.index];
    if (!scope.id.valid()) {
      continue;
    }
    const std::string id(policy.program().text(scope.id));
    if (id.empty()) {
      policy.report(diag::Code::SameClusterId, named.span,
                    fmt::format("the id of `{}` is empty", path), "no broker reports this",
                    "write the id that the broker reports, or none");
      continue;
    }
    for (const auto& [other, where] : policy.scopes) {
      if (where.value != named.value && (other == id || other.ends_with("." + id))) {
        policy.report(diag::Code::SameClusterId, named.span,
                      fmt::format("the id of `{}` is a name of `{}` too", path, other),
                      "a request that says this could mean both",
                      "an id is what the broker itself reports: rename the other scope",
                      {{where.span, "the other scope"}});
      }
    }
  }
}

}  // namespace

void check_scopes(Policy& policy) {
  const auto trees = all<ast::ScopeDecl>(policy);
  ir::ScopeId root;
  // Statements without `at` stand at the root; a forest gets one that has no name.
  if (trees.size() != 1) {
    ir::Scope scope;
    scope.name = policy.builder().string(trees.empty() ? policy.levels.back() : "");
    scope.level = policy.builder().string(trees.empty() ? policy.levels.back() : "");
    scope.leaf = trees.empty();
    policy.program().scopes.push_back(scope);
    root = ir::ScopeId(0);
    if (trees.empty()) {
      policy.scopes.emplace(policy.levels.back(), Named<ir::ScopeId>{root, {}});
    }
  }
  for (const auto& [file, decl] : trees) {
    Tree(policy).add(*decl, trees.size() == 1 ? ir::ScopeId() : root, trees.size() == 1 ? 0 : 1);
  }
  check_ids(policy);
  if (policy.program().scopes.empty()) {
    // The only tree had a mistake that was reported; the other checks need a root.
    ir::Scope scope;
    scope.name = policy.builder().string("");
    policy.program().scopes.push_back(scope);
  }
}

void check_networks(Policy& policy) {
  for (const auto& [file, decl] : all<ast::NetworkDecl>(policy)) {
    if (policy.declared(policy.network_classes, decl->name, "network")) {
      continue;
    }
    const auto scope = policy.scope(decl->at);
    ir::NetworkClass made;
    made.name = policy.builder().string(decl->name.text);
    made.scope = scope.value_or(ir::ScopeId(0));
    if (!decl->otherwise) {
      ExprContext context = policy.context(*file);
      context.session_only = true;
      TypedExpr test = check_expr(decl->test, context, kBool, policy.sink);
      if (test.type.kind == TypeKind::None) {
        policy.unread.push_back(decl->name.text);
        continue;
      }
      if (test.reads_asserted) {
        policy.report(diag::Code::AssertedAttribute, file->expr(decl->test).span,
                      fmt::format("the network `{}` rests on `{}`, which the client says of itself",
                                  decl->name.text, test.asserted_name),
                      "anybody can say this", "test what the broker observes");
      }
      made.test = policy.builder().condition(std::move(test.insts), std::move(test.constants));
    }
    policy.program().network_classes.push_back(made);
    policy.network_classes.emplace(
        decl->name.text,
        Named<ir::NetworkClassId>{ir::NetworkClassId(policy.program().network_classes.size() - 1),
                                  decl->name.span});
  }
}

void check_properties(const Policy& policy) {
  for (const auto& [file, decl] : all<ast::ScopeDecl>(policy)) {
    check_tree(policy, *decl);
  }
}

}  // namespace writ::check
