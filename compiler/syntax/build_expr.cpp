#include "compiler/syntax/builder.h"

#include <fmt/format.h>

#include <ranges>
#include <utility>

namespace writ::syntax {
namespace {

using ast::ExprKind;

// A chain of operators without brackets. Later steps walk it as a tree as deep as it is long.
constexpr std::size_t kOperatorsMax = 4'096;

ExprKind kind_of(std::size_t op) {
  switch (op) {
    case WritParser::STAR:
      return ExprKind::Mul;
    case WritParser::PLUS:
      return ExprKind::Add;
    case WritParser::MINUS:
      return ExprKind::Sub;
    case WritParser::RANGE:
    case WritParser::RANGE_BELOW:
      return ExprKind::Range;
    case WritParser::EQ:
      return ExprKind::Eq;
    case WritParser::NE:
      return ExprKind::Ne;
    case WritParser::LT:
      return ExprKind::Lt;
    case WritParser::LE:
      return ExprKind::Le;
    case WritParser::GT:
      return ExprKind::Gt;
    case WritParser::GE:
      return ExprKind::Ge;
    case WritParser::IN:
      return ExprKind::In;
    case WritParser::NOT:
      return ExprKind::NotIn;
    case WritParser::CONTAINS:
      return ExprKind::Contains;
    case WritParser::STARTS_WITH:
      return ExprKind::StartsWith;
    case WritParser::ENDS_WITH:
      return ExprKind::EndsWith;
    case WritParser::MATCHES:
      return ExprKind::Matches;
    case WritParser::TAGGED:
      return ExprKind::Tagged;
    case WritParser::AND:
      return ExprKind::And;
    case WritParser::OR:
      return ExprKind::Or;
    default:
      return ExprKind::Error;
  }
}

WritParser::ExprContext* left_of(WritParser::ExprContext* ctx) {
  return dynamic_cast<WritParser::ExprContext*>(ctx->children.front());
}

}  // namespace

ast::ExprId Builder::add(ast::Expr expr) {
  file_.exprs.push_back(std::move(expr));
  return ast::ExprId(file_.exprs.size() - 1);
}

ast::Expr Builder::node(ExprKind kind, const antlr4::ParserRuleContext* ctx) {
  ast::Expr out;
  out.kind = kind;
  out.span = span(ctx);
  out.op_span = out.span;
  return out;
}

ast::ExprId Builder::expr(P::ExprContext* ctx) {
  // A chain `a and b and …` is a tree that leans left: walked as a list, not by recursion.
  std::vector<P::ExprContext*> chain;
  P::ExprContext* leaf = ctx;
  while (P::ExprContext* left = left_of(leaf)) {
    chain.push_back(leaf);
    leaf = left;
  }
  if (chain.size() > kOperatorsMax) {
    diag::Diag diag;
    diag.code = diag::Code::NestedTooDeep;
    diag.message =
        fmt::format("an expression of {} operators; the most is {}", chain.size(), kOperatorsMax);
    diag.primary = {span(ctx), "too long"};
    diag.help = "test membership of a set: `x in { a, b }`";
    sink_.add(std::move(diag));
    return add(node(ExprKind::Error, ctx));
  }
  ast::ExprId out = primary(leaf);
  for (const auto at : chain | std::views::reverse)
    out = infix(at, out);
  return out;
}

ast::ExprId Builder::fields(ast::ExprId of, const std::vector<P::PathPartContext*>& parts) {
  for (const P::PathPartContext* part : parts) {
    ast::Expr field = node(ExprKind::Field, part);
    field.span = {file_.id, file_.exprs[of.index].span.begin, field.span.end};
    field.variable = word(part);
    field.a = of;
    of = add(std::move(field));
  }
  return of;
}

ast::ExprId Builder::primary(P::ExprContext* ctx) {
  if (auto* name = dynamic_cast<P::NameExprContext*>(ctx)) {
    ast::Expr out = node(ExprKind::Name, ctx);
    out.path = path(name->dotted());
    return add(std::move(out));
  }
  if (auto* constant = dynamic_cast<P::LiteralExprContext*>(ctx)) {
    ast::Expr out = node(ExprKind::Literal, ctx);
    if (auto read = literal(constant->literal())) {
      out.value = std::move(*read);
    } else {
      out.kind = ExprKind::Error;
    }
    return add(std::move(out));
  }
  if (dynamic_cast<P::PrincipalExprContext*>(ctx) != nullptr) {
    ast::Expr out = node(ExprKind::Principal, ctx);
    out.path.span = out.span;
    out.path.parts.resize(2);
    principal_words(ctx->start, out.path.parts[0], out.path.parts[1]);
    return add(std::move(out));
  }
  if (auto* set = dynamic_cast<P::SetExprContext*>(ctx)) {
    std::vector<ast::ExprId> members;
    for (P::ExprContext* one : set->expr())
      members.push_back(expr(one));
    ast::Expr out = node(ExprKind::Set, ctx);
    out.list = std::move(members);
    return add(std::move(out));
  }
  if (auto* group = dynamic_cast<P::GroupExprContext*>(ctx))
    return fields(expr(group->expr()), group->pathPart());
  return prefix(ctx);
}

ast::ExprId Builder::prefix(P::ExprContext* ctx) {
  if (auto* negated = dynamic_cast<P::NotExprContext*>(ctx)) {
    const ast::ExprId operand = expr(negated->expr());
    ast::Expr out = node(ExprKind::Not, ctx);
    out.op_span = span(ctx->start);
    out.a = operand;
    return add(std::move(out));
  }
  if (auto* has = dynamic_cast<P::HasExprContext*>(ctx)) {
    ast::Expr out = node(ExprKind::Has, ctx);
    out.op_span = span(ctx->start);
    out.path = path(has->dotted());
    return add(std::move(out));
  }
  if (auto* call = dynamic_cast<P::CallExprContext*>(ctx)) {
    std::vector<ast::ExprId> given = arguments(call->arguments());
    ast::Expr out = node(ExprKind::Call, call->dotted());
    out.span.end = span(call->arguments()).end;
    out.path = path(call->dotted());
    out.list = std::move(given);
    return fields(add(std::move(out)), call->pathPart());
  }
  if (auto* is = dynamic_cast<P::IsExprContext*>(ctx)) {
    const antlr4::Token* text_token = is->STRING()->getSymbol();
    if (!in_network_) {
      mistake(span(text_token), "a string where an operator is expected",
              "an operator is missing before it",
              fmt::format("write `{} == …` to compare", path(is->dotted()).text()));
      return add(node(ExprKind::Error, ctx));
    }
    ast::Expr name = node(ExprKind::Name, is->dotted());
    name.path = path(is->dotted());
    ast::Expr constant = node(ExprKind::Literal, ctx);
    constant.span = constant.op_span = span(text_token);
    constant.value = Value::of_text(word(text_token).text);
    ast::Expr out = node(ExprKind::Eq, ctx);
    out.a = add(std::move(name));
    out.b = add(std::move(constant));
    return add(std::move(out));
  }
  if (auto* choice = dynamic_cast<P::IfExprContext*>(ctx)) {
    const ast::ExprId test = expr(choice->expr(0));
    const ast::ExprId yes = expr(choice->expr(1));
    const ast::ExprId no = expr(choice->expr(2));
    ast::Expr out = node(ExprKind::If, ctx);
    out.op_span = span(ctx->start);
    out.a = test;
    out.b = yes;
    out.c = no;
    return add(std::move(out));
  }
  if (auto* each = dynamic_cast<P::QuantifierExprContext*>(ctx)) {
    const ast::ExprId set = expr(each->expr(0));
    const ast::ExprId body = expr(each->expr(1));
    ast::Expr out = node(each->ANY() != nullptr ? ExprKind::Any : ExprKind::All, ctx);
    out.op_span = span(ctx->start);
    out.variable = word(each->word());
    out.a = set;
    out.b = body;
    return add(std::move(out));
  }
  return add(node(ExprKind::Error, ctx));
}

ast::ExprId Builder::infix(P::ExprContext* ctx, ast::ExprId left) {
  auto* op = dynamic_cast<antlr4::tree::TerminalNode*>(ctx->children[1]);
  if (op == nullptr)
    return add(node(ExprKind::Error, ctx));
  const std::size_t type = op->getSymbol()->getType();
  ast::ExprId right;
  auto* last = ctx->children.back();
  if (auto* operand = dynamic_cast<P::ExprContext*>(last))
    right = expr(operand);
  ast::Expr out = node(kind_of(type), ctx);
  out.op_span = span(op->getSymbol());
  out.a = left;
  out.b = right;
  out.half_open = type == P::RANGE_BELOW;
  if (auto* tag = dynamic_cast<P::PathContext*>(last))
    out.path = path(tag);
  // `time in "Europe/Zurich"` is local time, not membership.
  if (out.kind == ExprKind::In) {
    const ast::Expr& of = file_.exprs[left.index];
    const ast::Expr& zone = file_.exprs[right.index];
    const bool time =
        of.kind == ExprKind::Name && of.path.parts.size() == 1 && of.path.parts[0].text == "time";
    if (time && zone.kind == ExprKind::Literal && zone.value.type.is(TypeKind::String)) {
      out.kind = ExprKind::TimeIn;
      out.value = zone.value;
      out.b = {};
    }
  }
  return add(std::move(out));
}

}  // namespace writ::syntax
