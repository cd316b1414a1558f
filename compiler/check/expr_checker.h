// The inside of check_expr: one subexpression at a time becomes an Operand, a typed tree in
// post-order that is joined to its neighbours. Private to compiler/check/expr*.cpp.
#pragma once

#include "compiler/check/expr.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace writ::check {

/// One checked subexpression.
struct Operand {
  Type type;                      // None: a mistake was reported
  std::vector<ir::Inst> insts;    // tree in post-order; a Const reads the checker's pool
  std::optional<Value> constant;  // known at compile time; insts is then one Const
  bool local_time = false;        // a Time shifted to a zone
  source::Span span;
  [[nodiscard]] bool ok() const { return type.kind != TypeKind::None; }
};

/// Whether texts joined by `+` may stand here: evaluators compare them piece by piece.
enum class Joined : std::uint8_t { Refuse, Accept };

/// Appends a tree and answers the index of its root; constants keep their positions.
std::uint32_t append_tree(std::vector<ir::Inst>& to, const std::vector<ir::Inst>& from);

class ExprChecker {
 public:
  ExprChecker(const ExprContext& context, diag::Sink& sink);

  /// Types one expression. `expected` tells a bare word which enumeration it is a member of; a
  /// result of another type is left to the caller.
  Operand check(ast::ExprId id, Type expected, Joined joined = Joined::Refuse);
  /// As check, and reports a result that is not of the type.
  Operand check_as(ast::ExprId id, Type expected);
  Operand conjoin(Operand a, Operand b);
  Operand negate(Operand a);
  /// Numbers the constants in the order in which they are read.
  TypedExpr finish(Operand operand);
  void report(diag::Code code, source::Span span, std::string message, std::string label,
              std::string help);

 private:
  // expr.cpp
  Operand dispatch(const ast::Expr& e, Type expected, Joined joined);
  Operand literal(const ast::Expr& e);
  Operand chain(const ast::Expr& e);
  Operand choice(const ast::Expr& e, Type expected);
  Operand quantifier(const ast::Expr& e);
  Operand has(const ast::Expr& e);
  Operand tagged(const ast::Expr& e);
  bool reaches(const ast::Expr& e, std::string_view tag,
               const std::vector<ir::PatternSetId>& sets);
  Operand call(const ast::Expr& e);
  Operand stray_principal(const ast::Expr& e);

  // expr_names.cpp
  Operand name(const ast::Expr& e, Type expected);
  std::optional<Operand> local_name(const ast::Expr& e);
  std::optional<Operand> built_in(const ast::Expr& e);
  std::optional<Operand> member_name(const ast::Word& word, Type expected);
  Operand attribute(ir::AttributeId id, const source::Span& span);
  Operand unknown(const ast::Expr& e, Type expected);
  Operand out_of_place(const ast::Expr& e, std::string_view what);
  /// A single word that means nothing by itself: perhaps a member of an enumeration.
  [[nodiscard]] bool is_bare(ast::ExprId id) const;
  /// Is it the word `principal` (or `network`) alone?
  [[nodiscard]] bool is_word(ast::ExprId id, std::string_view word) const;

  // expr_time.cpp
  Operand zoned(ast::ExprId time, const ast::Expr& zone, source::Span span);
  Operand field(Operand time, const ast::Word& word, source::Span span);

  // expr_operators.cpp
  std::pair<Operand, Operand> pair(ast::ExprId a, ast::ExprId b, Type expected, Joined joined);
  Operand comparison(const ast::Expr& e);
  Operand compare(ir::InstKind kind, const ast::Expr& e, Operand a, Operand b);
  Operand arithmetic(const ast::Expr& e, Type expected, Joined joined);
  Operand text_test(const ast::Expr& e);
  Operand contains(const ast::Expr& e);
  Operand matches(const ast::Expr& e);

  // expr_membership.cpp
  Operand membership(const ast::Expr& e);
  Operand in_range(const ast::Expr& e, Operand a);
  Operand in_set_literal(const ast::Expr& e, Operand a);
  Operand in_value(const ast::Expr& e, Operand a, Operand b);
  Operand set_literal(const ast::Expr& e, Type expected);
  Operand principal_is(const ast::Expr& e, ast::ExprId what);
  Operand principal_in(ast::ExprId what);
  Operand network_in(ast::ExprId what);

  // expr_types.cpp
  Operand mistake(source::Span span);
  Operand constant(Value value, source::Span span);
  Operand leaf(ir::InstKind kind, Type type, source::Span span, std::uint32_t a = 0);
  Operand one(ir::InstKind kind, Type type, Operand a, source::Span span, std::uint32_t b = 0);
  Operand two(ir::InstKind kind, Type type, Operand a, Operand b, source::Span span);
  Operand three(ir::InstKind kind, Type type, Operand a, Operand b, Operand c, source::Span span);
  Operand bounded(Operand operand);
  Operand mismatch(const ast::Expr& e, const Operand& a, const Operand& b, std::string message,
                   std::string help);
  Operand wrong_type(const Operand& operand, std::string message, std::string help);
  [[nodiscard]] std::string type_text(Type type) const;  // `Version`, `{String}`, an enum's name
  [[nodiscard]] std::string a_type(Type type) const;     // `an Int`, `a Version`

  const ir::Program& program() const;

  struct Variable {
    std::string name;
    Type type;
  };
  const ExprContext& context_;
  diag::Sink& sink_;
  std::vector<Value> pool_;
  std::vector<Variable> variables_;  // of the quantifiers around, innermost last
  std::size_t depth_ = 0;
  bool too_large_ = false;  // reported once
  bool reads_asserted_ = false;
  std::string asserted_name_;
};

}  // namespace writ::check
