#include "compiler/syntax/builder.h"

#include <fmt/format.h>

#include <utility>

namespace writ::syntax {

void Builder::model_declaration(P::DeclarationContext* ctx) {
  auto& decls = file_.decls;
  if (auto* c = ctx->principalTypeDecl())
    return principal_type(c);
  if (auto* c = ctx->kindDecl())
    return kind(c);
  if (auto* c = ctx->implyDecl())
    return imply(c);
  if (auto* c = ctx->attributeDecl())
    return attribute(c);
  if (auto* c = ctx->purposeDecl())
    return purpose(c);
  if (auto* c = ctx->algorithmDecl())
    return algorithm(c);
  if (auto* c = ctx->providerDecl())
    return provider(c);
  if (auto* c = ctx->infrastructureOperationsDecl())
    return infrastructure_operations(c);
  if (auto* c = ctx->unauthenticatedDecl()) {
    ast::UnauthenticatedDecl out;
    out.subject.form = ast::Subject::Form::Principal;
    principal_words(c->PRINCIPAL_NAME()->getSymbol(), out.subject.type, out.subject.name);
    out.subject.span = span(c->PRINCIPAL_NAME()->getSymbol());
    decls.emplace_back(std::move(out));
  } else if (auto* level = ctx->levelDecl()) {
    decls.emplace_back(ast::LevelDecl{word(level->word())});
  } else if (auto* operation = ctx->operationDecl()) {
    ast::OperationDecl out{word(operation->word()), std::nullopt};
    if (operation->INT() != nullptr)
      out.code = integer(operation->INT()->getSymbol());
    decls.emplace_back(std::move(out));
  } else if (auto* set = ctx->operationSetDecl()) {
    std::vector<ast::Word> all = words(set->word());
    ast::OperationSetDecl out{all.front(), {}};
    out.operations.assign(all.begin() + 1, all.end());
    decls.emplace_back(std::move(out));
  } else if (auto* enumeration = ctx->enumDecl()) {
    ast::EnumDecl out{word(enumeration->word()), {}};
    for (P::NameContext* member : enumeration->name())
      out.members.push_back(word(member));
    decls.emplace_back(std::move(out));
  }
}

void Builder::principal_type(P::PrincipalTypeDeclContext* ctx) {
  ast::PrincipalTypeDecl out;
  out.span = span(ctx);
  if (auto* system = dynamic_cast<P::SystemTypeContext*>(ctx)) {
    out.name = word(system->word());
    if (system->STRING() != nullptr)
      out.everybody = word(system->STRING()->getSymbol());
  } else if (auto* subtype = dynamic_cast<P::SubtypeContext*>(ctx)) {
    out.name = word(subtype->word(0));
    out.base = word(subtype->word(1));
    out.test = expr(subtype->expr());
  }
  file_.decls.emplace_back(std::move(out));
}

void Builder::kind(P::KindDeclContext* ctx) {
  ast::KindDecl out;
  std::vector<ast::Word> all = words(ctx->word());
  out.name = all.front();
  out.operations.assign(all.begin() + 1, all.end());
  out.extend = ctx->EXTEND() != nullptr;
  out.keys = ctx->KEY() != nullptr;
  if (ctx->INT() != nullptr)
    out.code = integer(ctx->INT()->getSymbol());
  out.span = span(ctx);
  file_.decls.emplace_back(std::move(out));
}

void Builder::imply(P::ImplyDeclContext* ctx) {
  ast::ImplyDecl out;
  out.given = operations(ctx->operations());
  // `on any implies X` has one word, `on Topic implies X` two.
  const auto names = ctx->word();
  out.any_kind = names.size() == 1;
  if (!out.any_kind)
    out.kind = word(names.front());
  out.implied = word(names.back());
  out.span = span(ctx);
  file_.decls.emplace_back(std::move(out));
}

void Builder::infrastructure_operations(P::InfrastructureOperationsDeclContext* ctx) {
  ast::InfrastructureOperationsDecl out;
  for (P::OperationsOnKindContext* one : ctx->operationsOnKind()) {
    out.items.push_back({operations(one->operations()), word(one->word())});
  }
  file_.decls.emplace_back(std::move(out));
}

void Builder::attribute(P::AttributeDeclContext* ctx) {
  ast::AttributeDecl out;
  out.name = path(ctx->path());
  if (auto* scalar = dynamic_cast<P::ScalarTypeContext*>(ctx->typeName())) {
    out.type = {word(scalar->word()), scalar->QUESTION() != nullptr, false};
  } else if (auto* set = dynamic_cast<P::SetTypeContext*>(ctx->typeName())) {
    out.type = {word(set->word()), false, true};
  }
  out.source = word(ctx->source->start);
  out.moment = word(ctx->moment_->start);
  const auto refuse = [&](const ast::Word& said, std::string_view what, std::string_view known) {
    mistake(said.span, fmt::format("`{}` is no {} of an attribute", said.text, what),
            fmt::format("not a {}", what), fmt::format("it is one of {}", known));
  };
  const std::string& source = out.source.text;
  if (source != "observed" && source != "vouched" && source != "asserted" && source != "declared") {
    refuse(out.source, "source", "`observed`, `vouched`, `asserted` and `declared`");
  }
  const std::string& moment = out.moment.text;
  if (moment != "session" && moment != "request" && moment != "resource") {
    refuse(out.moment, "moment", "`session`, `request` and `resource`");
  }
  out.span = span(ctx);
  file_.decls.emplace_back(std::move(out));
}

void Builder::purpose(P::PurposeDeclContext* ctx) {
  ast::PurposeDecl out;
  if (auto* named = dynamic_cast<P::KeyPurposeContext*>(ctx)) {
    out.name = word(named->name());
    out.operations = words(named->word());
  } else if (auto* management = dynamic_cast<P::KeyManagementContext*>(ctx)) {
    out.name = word(management->start);
    out.management = true;
    out.operations = words(management->word());
  }
  file_.decls.emplace_back(std::move(out));
}

void Builder::algorithm(P::AlgorithmDeclContext* ctx) {
  ast::AlgorithmDecl out;
  for (P::NameContext* name : ctx->name()) out.names.push_back(word(name));
  out.purposes = words(ctx->word());
  file_.decls.emplace_back(std::move(out));
}

void Builder::provider(P::ProviderDeclContext* ctx) {
  ast::ProviderDecl out{word(ctx->name()), {}};
  if (ctx->STRING() != nullptr)
    out.reference = word(ctx->STRING()->getSymbol());
  file_.decls.emplace_back(std::move(out));
}

}  // namespace writ::syntax
