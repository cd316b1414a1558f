// ANTLR's tree of one piece → AST. Values are read here (numbers, dates, addresses, escapes), and
// what the grammar leaves open is refused (`as` what, `is` outside a network class).
#pragma once

#include "compiler/ast/ast.h"
#include "compiler/diag/diag.h"
#include "compiler/syntax/split.h"
#include "compiler/syntax/tokens.h"

#include "WritParser.h"

#include <string>
#include <string_view>
#include <vector>

namespace writ::syntax {

class Builder {
 public:
  using P = WritParser;

  Builder(const source::SourceSet& sources, const std::vector<Token>& tokens, ast::File& file,
          diag::Sink& sink)
      : sources_(sources), tokens_(tokens), file_(file), sink_(sink) {}

  /// The piece that the next contexts come from.
  void set_piece(Piece piece) { base_ = piece.begin; }

  // Declarations and file heads go into the file.
  void declaration(P::DeclarationContext* ctx);
  // Heads of blocks; the caller fills the body.
  [[nodiscard]] ast::AclDecl acl(P::AclHeadContext* ctx);
  [[nodiscard]] ast::GuardDecl guard(P::GuardHeadContext* ctx);
  [[nodiscard]] ast::RoleDecl role(P::RoleHeadContext* ctx);
  [[nodiscard]] ast::KeyDecl key(P::KeyHeadContext* ctx);
  [[nodiscard]] ast::AuditDecl audit(P::AuditHeadContext* ctx);
  [[nodiscard]] ast::TestDecl test(P::TestHeadContext* ctx);
  // Items of blocks.
  [[nodiscard]] ast::Statement statement(P::StatementContext* ctx);
  void role_item(P::RoleItemContext* ctx, ast::RoleDecl& into);
  void key_item(P::KeyItemContext* ctx, ast::KeyDecl& into);
  void audit_item(P::AuditItemContext* ctx, ast::AuditDecl& into);
  void test_item(P::TestItemContext* ctx, ast::TestDecl& into);

  [[nodiscard]] source::Span span(Piece piece) const;
  [[nodiscard]] ast::Word word(std::size_t token);

 private:
  // build_pieces.cpp
  [[nodiscard]] const Token& token(const antlr4::Token* antlr) const {
    return tokens_[base_ + antlr->getTokenIndex()];
  }
  [[nodiscard]] source::Span span(const antlr4::Token* antlr) const;
  [[nodiscard]] source::Span span(const antlr4::ParserRuleContext* ctx) const;
  [[nodiscard]] std::string_view text(const antlr4::Token* antlr) const;
  [[nodiscard]] ast::Word word(const antlr4::Token* antlr);
  [[nodiscard]] ast::Word word(const antlr4::ParserRuleContext* ctx);
  [[nodiscard]] ast::Word word(antlr4::tree::TerminalNode* node);
  [[nodiscard]] std::vector<ast::Word> words(const std::vector<P::WordContext*>& all);
  [[nodiscard]] ast::Path path(const antlr4::ParserRuleContext* ctx);
  [[nodiscard]] std::optional<ast::Path> at(P::PathContext* ctx);
  [[nodiscard]] std::string unquote(std::string_view quoted, std::uint32_t begin);
  void principal_words(const antlr4::Token* antlr, ast::Word& type, ast::Word& name);
  void mistake(source::Span at, std::string message, std::string label, std::string help);

  [[nodiscard]] ast::Operations operations(P::OperationsContext* ctx);
  [[nodiscard]] std::vector<ast::Resource> resources(P::ResourcesContext* ctx);
  [[nodiscard]] ast::Resource resource(P::ResourceContext* ctx);
  [[nodiscard]] ast::Pattern pattern(P::PatternContext* ctx);
  void warn_star_in_string(const ast::Pattern& pattern, const ast::Pattern::Piece& piece);
  [[nodiscard]] std::vector<ast::Subject> subjects(P::SubjectsContext* ctx);
  [[nodiscard]] ast::Subject subject(P::SubjectContext* ctx);
  [[nodiscard]] std::optional<ast::From> from(P::FromClauseContext* ctx);
  [[nodiscard]] ast::When conditions(P::ConditionsContext* ctx);
  [[nodiscard]] std::optional<std::int64_t> moment(P::MomentContext* ctx);

  // build_values.cpp
  [[nodiscard]] std::optional<Value> literal(P::LiteralContext* ctx);
  [[nodiscard]] std::optional<Value> value(const antlr4::Token* antlr);
  [[nodiscard]] std::optional<std::int64_t> integer(const antlr4::Token* antlr);
  [[nodiscard]] std::optional<Value> subnet(const antlr4::Token* antlr);
  [[nodiscard]] std::optional<Value> duration(const antlr4::Token* antlr);

  // build_expr.cpp
  [[nodiscard]] ast::ExprId expr(P::ExprContext* ctx);
  [[nodiscard]] ast::ExprId primary(P::ExprContext* ctx);
  [[nodiscard]] ast::ExprId prefix(P::ExprContext* ctx);
  [[nodiscard]] ast::ExprId infix(P::ExprContext* ctx, ast::ExprId left);
  [[nodiscard]] ast::ExprId fields(ast::ExprId of, const std::vector<P::PathPartContext*>& parts);
  [[nodiscard]] ast::ExprId add(ast::Expr expr);
  [[nodiscard]] ast::Expr node(ast::ExprKind kind, const antlr4::ParserRuleContext* ctx);

  // build_policy.cpp
  void file_head(P::DeclarationContext* ctx);
  void model_head(P::ModelDeclContext* ctx);
  [[nodiscard]] ast::ScopeDecl scope(P::ScopeDeclContext* ctx);
  [[nodiscard]] ast::Property property(P::PropertyContext* ctx);
  [[nodiscard]] ast::NetworkDecl network(P::NetworkDeclContext* ctx);
  [[nodiscard]] ast::GroupDecl group(P::GroupDeclContext* ctx);
  [[nodiscard]] ast::PrivilegedDecl privileged(P::PrivilegedDeclContext* ctx);
  [[nodiscard]] ast::BindDecl bind(P::BindDeclContext* ctx);
  [[nodiscard]] ast::AclDecl load(P::LoadDeclContext* ctx);
  [[nodiscard]] ast::TagDecl tag(P::TagDeclContext* ctx);
  [[nodiscard]] ast::ProtectDecl protect(P::ProtectDeclContext* ctx);
  [[nodiscard]] ast::DefaultDecl fallback(P::DefaultDeclContext* ctx);
  void include_roles(P::IncludeRoleContext* ctx, std::vector<ast::RoleInclude>& into);
  [[nodiscard]] std::vector<ast::ExprId> arguments(P::ArgumentsContext* ctx);
  [[nodiscard]] std::vector<ast::Given> givens(P::GivensContext* ctx);
  [[nodiscard]] ast::Claim claim(P::ClaimContext* ctx);

  // build_audit.cpp
  [[nodiscard]] ast::AuditSelection selection(P::SelectionContext* ctx);

  // build_model.cpp
  void model_declaration(P::DeclarationContext* ctx);
  void infrastructure_operations(P::InfrastructureOperationsDeclContext* ctx);
  void imply(P::ImplyDeclContext* ctx);
  void attribute(P::AttributeDeclContext* ctx);
  void purpose(P::PurposeDeclContext* ctx);
  void algorithm(P::AlgorithmDeclContext* ctx);
  void provider(P::ProviderDeclContext* ctx);
  void kind(P::KindDeclContext* ctx);
  void principal_type(P::PrincipalTypeDeclContext* ctx);

  const source::SourceSet& sources_;
  const std::vector<Token>& tokens_;
  ast::File& file_;
  diag::Sink& sink_;
  std::size_t base_ = 0;
  bool in_network_ = false;  // `listener "X"` may stand in a network class alone
};

}  // namespace writ::syntax
