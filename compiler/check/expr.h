// Expressions: AST → typed instructions (the tree form of runtime/ir/inst_kind.def). Takes what
// names mean from `Names`; mistakes go to the sink once and make an error type that fits anything.
#pragma once

#include "compiler/ast/ast.h"
#include "compiler/diag/diag.h"
#include "runtime/ir/builder.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace writ::check {

/// What a name means at the place of an expression. Implemented by compiler/check over the policy's
/// declarations; each function answers empty for a name that it does not know.
class Names {
 public:
  virtual ~Names() = default;
  [[nodiscard]] virtual std::optional<ir::AttributeId> attribute(std::string_view dotted) const = 0;
  /// A group by its bare name, `infrastructure`, `superusers`.
  [[nodiscard]] virtual std::optional<ir::SubjectId> group(std::string_view name) const = 0;
  /// `User:alice` as the policy writes it: subtypes resolved to the type that the system says.
  /// Reports an unknown type itself.
  [[nodiscard]] virtual std::optional<ir::SubjectId> principal(const ast::Word& type,
                                                               const ast::Word& name) const = 0;
  [[nodiscard]] virtual std::optional<ir::SubjectId> principal_type(
      std::string_view name) const = 0;
  [[nodiscard]] virtual std::optional<ir::NetworkClassId> network_class(
      std::string_view name) const = 0;
  /// The patterns of a tag, one set a kind; empty: there is no such tag.
  [[nodiscard]] virtual std::vector<ir::PatternSetId> tag(std::string_view name) const = 0;
  /// The words of each space, for "did you mean".
  [[nodiscard]] virtual std::vector<std::string> known() const = 0;
  [[nodiscard]] virtual ir::Builder& builder() const = 0;
};

/// Where the expression stands.
struct ExprContext {
  const ast::File* file = nullptr;
  const Names* names = nullptr;
  std::string_view resource_variable;  // `t` of `as t`; empty: none
  std::vector<ir::KindId> kinds;       // that the statement speaks of
  ir::ScopeId scope;                   // and where
  bool principal_only = false;         // a subtype's test: reads `name` (the principal's) alone
  bool session_only = false;           // a network class: no request, resource or clock
  /// A role's parameters with the arguments of the binding; null: none.
  const std::vector<std::pair<std::string, Value>>* parameters = nullptr;
};

struct TypedExpr {
  Type type;                     // None: a mistake was reported
  std::vector<ir::Inst> insts;   // tree in post-order
  std::vector<Value> constants;  // row for Const
  bool reads_asserted = false;   // an attribute that the client itself says
  std::string asserted_name;
};

/// Types one expression and emits it. `expected` None: any type.
[[nodiscard]] TypedExpr check_expr(ast::ExprId expr, const ExprContext& context, Type expected,
                                   diag::Sink& sink);

/// The condition `when a, b unless c, d` of a statement: and of all, `not` of each unless.
/// Type Bool; no insts when there is nothing to test.
[[nodiscard]] TypedExpr check_when(const ast::When& when, const ExprContext& context,
                                   diag::Sink& sink);

/// a and b, where either may be empty (no insts).
[[nodiscard]] TypedExpr conjunction(TypedExpr a, TypedExpr b);

/// A literal or constant expression → Value of the type (enum members by the names of the type).
[[nodiscard]] std::optional<Value> check_constant(ast::ExprId expr, const ExprContext& context,
                                                  Type expected, diag::Sink& sink);

}  // namespace writ::check
