// The policy while it is being checked: its files, what their names mean, and the unit that grows.
// Each concern (models, scopes, principals, …) is a class of functions over it, in a file of its
// own; check.cpp has their order.
#pragma once

#include "compiler/ast/ast.h"
#include "compiler/check/expr.h"
#include "compiler/diag/diag.h"
#include "compiler/model/model.h"
#include "compiler/source/source_set.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace writ::check {

/// A declared name with the place that declared it.
template <class T>
struct Named {
  T value;
  source::Span span;
};
template <class T>
using Space = std::map<std::string, Named<T>, std::less<>>;

/// A role as declared, with the file that its expressions live in.
struct Role {
  const ast::RoleDecl* decl = nullptr;
  const ast::File* file = nullptr;
};
struct Purpose {
  std::vector<std::string> operations;
};
/// A declared key, for `protect` and its rules.
struct Key {
  const ast::KeyDecl* decl = nullptr;
  const ast::File* file = nullptr;
  ir::ScopeId scope;
};

class Policy final : public Names {
 public:
  Policy(const std::vector<ast::File>& files, const source::SourceSet& sources, diag::Sink& sink);

  const std::vector<ast::File>& files;
  const source::SourceSet& sources;
  diag::Sink& sink;
  model::Unit unit;

  const ast::File* root = nullptr;  // of the root package: the file that includes, or the first
  std::string root_package;

  Space<ir::OperationId> operations;
  Space<ir::KindId> kinds;
  Space<ir::EnumerationId> enumerations;
  Space<ir::AttributeId> attributes;
  Space<ir::PrincipalTypeId> principal_types;
  Space<std::vector<std::string>> operation_sets;
  Space<Purpose> purposes;
  Space<std::vector<std::string>> algorithms;      // the purposes that each serves
  Space<std::optional<ir::Dfa>> providers;         // what their references look like, where said
  std::optional<Named<ir::KindId>> key_kind;       // what `key` declares
  std::vector<std::string> management;  // operations that every purpose allows
  std::vector<std::string> levels;      // top to bottom
  Space<ir::GroupId> groups;
  Space<ir::NetworkClassId> network_classes;
  Space<std::vector<ir::PatternSetId>> tags;  // the patterns of a tag, one set a kind
  Space<Role> roles;
  Space<Key> keys;
  Space<ir::ScopeId> scopes;  // by path: acme.prod.payments
  std::optional<ir::SubjectId> infrastructure_subject;
  std::optional<ir::SubjectId> superusers_subject;
  // What statements mean, with the place that says it first.
  mutable std::map<std::string, source::Span> said;
  std::vector<std::string> unread;  // names of declarations that could not be read

  // Names
  [[nodiscard]] std::optional<ir::AttributeId> attribute(std::string_view dotted) const override;
  [[nodiscard]] std::optional<ir::SubjectId> group(std::string_view name) const override;
  [[nodiscard]] std::optional<ir::SubjectId> principal(const ast::Word& type,
                                                       const ast::Word& name) const override;
  [[nodiscard]] std::optional<ir::SubjectId> principal_type(std::string_view name) const override;
  [[nodiscard]] std::optional<ir::NetworkClassId> network_class(
      std::string_view name) const override;
  [[nodiscard]] std::vector<ir::PatternSetId> tag(std::string_view name) const override;
  [[nodiscard]] std::vector<std::string> known() const override;
  [[nodiscard]] ir::Builder& builder() const override { return *unit.builder; }

  [[nodiscard]] ir::Program& program() const { return unit.builder->program(); }
  void report(diag::Code code, source::Span span, std::string message, std::string label = {},
              std::string help = {}, std::vector<diag::Label> related = {}) const;
  /// Reports a second declaration of a name, and what misleads in it. True: it was declared before.
  template <class T>
  bool declared(const Space<T>& space, const ast::Word& word, std::string_view what) const {
    check_characters(word);
    const auto found = space.find(word.text);
    if (found == space.end()) {
      return false;
    }
    duplicate(word, what, found->second.span);
    return true;
  }
  void duplicate(const ast::Word& word, std::string_view what, source::Span first) const;
  /// Reports a name that nothing declares, unless its declaration had a mistake.
  void unknown(const ast::Word& word, std::string_view what,
               const std::vector<std::string>& known_names, std::string help = {}) const;
  template <class T>
  [[nodiscard]] static std::vector<std::string> names_of(const Space<T>& space) {
    std::vector<std::string> names;
    for (const auto& [name, ignored] : space) {
      names.push_back(name);
    }
    return names;
  }
  /// Reports what misleads in a name that a person reads: characters that nobody sees, letters of
  /// several scripts, another normal form. Remembers the name for report_lookalikes.
  void check_characters(const ast::Word& word) const;
  /// Reports names that are written differently and look the same.
  void report_lookalikes() const;

  /// A path or id → scope; reports unknown and ambiguous ones. Absent: the root scope.
  [[nodiscard]] std::optional<ir::ScopeId> scope(const std::optional<ast::Path>& at) const;
  [[nodiscard]] std::optional<ir::ScopeId> find_scope(std::string_view path) const;
  [[nodiscard]] std::string scope_path(ir::ScopeId scope) const;
  [[nodiscard]] bool within(ir::ScopeId inner, ir::ScopeId outer) const;

  [[nodiscard]] model::Place place(const ast::File& file, source::Span span) const;
  /// An origin for a statement of the policy: its text on one line, its rule and reason.
  ir::OriginId origin(const ast::File& file, source::Span span, std::string_view rule,
                      std::string_view reason) const;
  [[nodiscard]] ExprContext context(const ast::File& file) const;

 private:
  // Every name that a statement wrote, where it first stands; filled while names are resolved.
  mutable std::unordered_map<std::string, source::Span> seen_names_;
};

/// The known name that looks the same as `name` in other letters; empty: none.
[[nodiscard]] std::string lookalike(std::string_view name, const std::vector<std::string>& known);

/// The statement's text with white space folded, cut at a length that fits a line of a report.
[[nodiscard]] std::string folded_text(std::string_view text);

}  // namespace writ::check
