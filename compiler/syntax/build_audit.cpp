// `audit { … }`: tree → AST.
#include "compiler/syntax/builder.h"

namespace writ::syntax {

ast::AuditDecl Builder::audit(P::AuditHeadContext* ctx) {
  ast::AuditDecl out;
  if (ctx->STRING() != nullptr)
    out.source = word(ctx->STRING());
  out.span = span(ctx);
  return out;
}

void Builder::audit_item(P::AuditItemContext* ctx, ast::AuditDecl& into) {
  ast::AuditItem out;
  out.span = span(ctx);
  if (auto* level = dynamic_cast<P::AuditLevelContext*>(ctx)) {
    out.form = ast::AuditItem::Form::Level;
    out.word = word(level->word());
    out.of = selection(level->selection());
  } else if (auto* route = dynamic_cast<P::AuditRouteContext*>(ctx)) {
    out.form = ast::AuditItem::Form::Route;
    out.of = selection(route->selection());
    out.word = word(route->word());
    out.destination = word(route->STRING());
  } else if (auto* redact = dynamic_cast<P::AuditRedactContext*>(ctx)) {
    out.form = ast::AuditItem::Form::Redact;
    out.attribute = path(redact->path());
    out.word = word(redact->word());
  } else if (auto* coalesce = dynamic_cast<P::AuditCoalesceContext*>(ctx)) {
    out.form = ast::AuditItem::Form::Coalesce;
    out.of = selection(coalesce->selection());
    out.window_span = span(coalesce->DURATION()->getSymbol());
    if (const auto window = duration(coalesce->DURATION()->getSymbol()))
      out.window_us = window->integer;
  }
  into.items.push_back(std::move(out));
}

ast::AuditSelection Builder::selection(P::SelectionContext* ctx) {
  ast::AuditSelection out;
  if (ctx->ALLOW() != nullptr)
    out.verdict = ast::Effect::Allow;
  if (ctx->DENY() != nullptr)
    out.verdict = ast::Effect::Deny;
  out.operations = operations(ctx->operations());
  bool any = false;
  for (P::SelectedKindContext* kind : ctx->selectedKind()) {
    any = any || kind->ANY() != nullptr;
    if (kind->word() != nullptr)
      out.kinds.push_back(word(kind->word()));
  }
  if (any)
    out.kinds.clear();
  out.at = at(ctx->path());
  out.span = span(ctx);
  return out;
}

}  // namespace writ::syntax
