#include "compiler/syntax/builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace writ::syntax {
namespace {

std::int64_t integer_or_zero(const std::optional<std::int64_t>& read) {
  return read.value_or(0);
}

}  // namespace

void Builder::declaration(P::DeclarationContext* ctx) {
  auto& decls = file_.decls;
  if (auto* c = ctx->scopeDecl())
    return void(decls.emplace_back(scope(c)));
  if (auto* c = ctx->networkDecl())
    return void(decls.emplace_back(network(c)));
  if (auto* c = ctx->groupDecl())
    return void(decls.emplace_back(group(c)));
  if (auto* c = ctx->privilegedDecl())
    return void(decls.emplace_back(privileged(c)));
  if (auto* c = ctx->bindDecl())
    return void(decls.emplace_back(bind(c)));
  if (auto* c = ctx->loadDecl())
    return void(decls.emplace_back(load(c)));
  if (auto* c = ctx->tagDecl())
    return void(decls.emplace_back(tag(c)));
  if (auto* c = ctx->protectDecl())
    return void(decls.emplace_back(protect(c)));
  if (auto* c = ctx->defaultDecl())
    return void(decls.emplace_back(fallback(c)));
  if (auto* c = ctx->laterDecl())
    return void(decls.emplace_back(ast::LaterDecl{word(c->start), span(c)}));
  file_head(ctx);
}

// ── the file ──
void Builder::file_head(P::DeclarationContext* ctx) {
  if (auto* package = ctx->packageDecl()) {
    if (!file_.package.parts.empty()) {
      mistake(span(package), "a file belongs to one package and says so once", "said again here",
              "");
      return;
    }
    file_.package = path(package->path());
    if (package->STRING() != nullptr)
      file_.title = word(package->STRING()).text;
  } else if (auto* model = ctx->modelDecl()) {
    model_head(model);
  } else if (auto* edition = ctx->editionDecl()) {
    file_.edition = {integer_or_zero(integer(edition->INT()->getSymbol())), span(edition)};
  } else if (auto* use = ctx->useDecl()) {
    for (P::WordContext* one : use->word())
      file_.uses.push_back({word(one)});
  } else if (auto* include = ctx->includeDecl()) {
    for (P::PathContext* one : include->path())
      file_.includes.push_back(path(one));
  } else {
    model_declaration(ctx);
  }
}

void Builder::model_head(P::ModelDeclContext* ctx) {
  if (!file_.package.parts.empty()) {
    mistake(span(ctx), "a model's file begins with `model` and has no `package`", "stands too late",
            "");
    return;
  }
  file_.is_model = true;
  file_.package = path(ctx->word());
  file_.package.parts.assign(1, word(ctx->word()));
  auto* number = ctx->VERSION() != nullptr ? ctx->VERSION() : ctx->INT();
  if (const auto read = value(number->getSymbol())) {
    const auto whole = static_cast<std::uint64_t>(read->integer);
    file_.model_version = ctx->VERSION() != nullptr ? whole : make_version(whole, 0, 0);
  }
  if (ctx->STRING() != nullptr)
    file_.title = word(ctx->STRING()).text;
}

// ── where ──
ast::ScopeDecl Builder::scope(P::ScopeDeclContext* ctx) {
  ast::ScopeDecl out;
  out.span = span(ctx);
  out.level = word(ctx->level);
  out.name = word(ctx->name());
  if (ctx->STRING() != nullptr)
    out.id = word(ctx->STRING());
  for (P::ScopeItemContext* item : ctx->scopeItem()) {
    if (auto* child = dynamic_cast<P::ScopeChildContext*>(item))
      out.children.push_back(scope(child->scopeDecl()));
    if (auto* fact = dynamic_cast<P::ScopePropertyContext*>(item))
      out.properties.push_back(property(fact->property()));
  }
  return out;
}

ast::Property Builder::property(P::PropertyContext* ctx) {
  ast::Property out;
  out.name = word(ctx->word());
  out.span = span(ctx);
  if (auto* plain = dynamic_cast<P::WordsValueContext*>(ctx->propertyValue()))
    out.words = words(plain->word());
  if (auto* constant = dynamic_cast<P::LiteralValueContext*>(ctx->propertyValue()))
    out.value = literal(constant->literal());
  return out;
}

ast::NetworkDecl Builder::network(P::NetworkDeclContext* ctx) {
  ast::NetworkDecl out;
  out.name = word(ctx->name());
  out.at = at(ctx->path());
  out.otherwise = ctx->OTHERWISE() != nullptr;
  in_network_ = true;
  if (ctx->expr() != nullptr)
    out.test = expr(ctx->expr());
  in_network_ = false;
  out.span = span(ctx);
  return out;
}

// ── who ──
ast::GroupDecl Builder::group(P::GroupDeclContext* ctx) {
  ast::GroupDecl out;
  out.span = span(ctx);
  if (auto* closed = dynamic_cast<P::ClosedGroupContext*>(ctx)) {
    out.name = word(closed->name());
    out.members = subjects(closed->subjects());
  } else if (auto* external = dynamic_cast<P::ExternalGroupContext*>(ctx)) {
    out.name = word(external->name());
    out.external = true;
  }
  return out;
}

ast::PrivilegedDecl Builder::privileged(P::PrivilegedDeclContext* ctx) {
  ast::PrivilegedDecl out;
  out.superusers = ctx->SUPERUSERS() != nullptr;
  out.at = at(ctx->path());
  out.subjects = subjects(ctx->subjects());
  out.from = from(ctx->fromClause());
  out.span = span(ctx);
  return out;
}

// ── roles and bindings ──
ast::RoleDecl Builder::role(P::RoleHeadContext* ctx) {
  ast::RoleDecl out;
  out.name = word(ctx->name());
  for (P::ParameterContext* one : ctx->parameter())
    out.parameters.push_back({word(one->word(0)), word(one->word(1))});
  if (ctx->STRING() != nullptr)
    out.title = word(ctx->STRING()).text;
  out.span = span(ctx);
  return out;
}

void Builder::role_item(P::RoleItemContext* ctx, ast::RoleDecl& into) {
  const auto own = [&]() -> ast::RolePart& {
    const auto found =
        std::ranges::find_if(into.parts, [](const ast::RolePart& part) { return !part.level; });
    return found != into.parts.end() ? *found : into.parts.emplace_back();
  };
  if (auto* include = dynamic_cast<P::RoleIncludeContext*>(ctx)) {
    include_roles(include->includeRole(), own().includes);
  } else if (auto* single = dynamic_cast<P::RoleStatementContext*>(ctx)) {
    own().statements.push_back(statement(single->statement()));
  } else if (auto* part = dynamic_cast<P::RolePartContext*>(ctx)) {
    ast::RolePart out;
    out.level = word(part->word());
    for (P::IncludeRoleContext* one : part->includeRole())
      include_roles(one, out.includes);
    for (P::StatementContext* one : part->statement())
      out.statements.push_back(statement(one));
    into.parts.push_back(std::move(out));
  }
}

void Builder::include_roles(P::IncludeRoleContext* ctx, std::vector<ast::RoleInclude>& into) {
  for (P::RoleCallContext* one : ctx->roleCall()) {
    into.push_back({path(one->path()), arguments(one->arguments()), span(one)});
  }
}

std::vector<ast::ExprId> Builder::arguments(P::ArgumentsContext* ctx) {
  std::vector<ast::ExprId> out;
  if (ctx == nullptr)
    return out;
  for (P::ExprContext* one : ctx->expr())
    out.push_back(expr(one));
  return out;
}

ast::BindDecl Builder::bind(P::BindDeclContext* ctx) {
  ast::BindDecl out;
  out.role = path(ctx->roleCall()->path());
  out.arguments = arguments(ctx->roleCall()->arguments());
  out.subjects = subjects(ctx->subjects());
  out.at = at(ctx->path());
  out.on = resources(ctx->resources());
  out.from = from(ctx->fromClause());
  out.conditions = conditions(ctx->conditions());
  out.span = span(ctx);
  return out;
}

// ── grants ──
ast::AclDecl Builder::acl(P::AclHeadContext* ctx) {
  ast::AclDecl out;
  if (ctx->word() != nullptr)
    out.name = word(ctx->word());
  if (ctx->STRING() != nullptr)
    out.reason = word(ctx->STRING());
  out.at = at(ctx->path());
  out.span = span(ctx);
  return out;
}

ast::AclDecl Builder::load(P::LoadDeclContext* ctx) {
  ast::AclDecl out = acl(ctx->aclHead());
  P::LoadClauseContext* clause = ctx->loadClause();
  ast::LoadClause load;
  load.path = word(clause->STRING(0));
  if (clause->ROWS() != nullptr) {
    const std::int64_t first = integer_or_zero(integer(clause->INT(0)->getSymbol()));
    const bool range = clause->RANGE() != nullptr;
    load.rows = {first, range ? integer_or_zero(integer(clause->INT(1)->getSymbol())) : first};
  }
  if (clause->SHA256() != nullptr)
    load.sha256 = word(clause->STRING(1));
  if (clause->AS() != nullptr) {
    load.as_kafka = word(clause->word()).text == "kafka";
    if (!load.as_kafka) {
      mistake(span(clause->word()),
              fmt::format("rows cannot be read as `{}`", text(clause->word()->start)),
              "not a way to read rows", "`as kafka` takes rows exactly as Kafka would");
    }
  }
  out.load = std::move(load);
  out.span = span(ctx);
  return out;
}

ast::TagDecl Builder::tag(P::TagDeclContext* ctx) {
  ast::TagDecl out;
  out.name = word(ctx->name());
  out.at = at(ctx->path());
  out.resources = resources(ctx->resources());
  out.span = span(ctx);
  return out;
}

ast::GuardDecl Builder::guard(P::GuardHeadContext* ctx) {
  ast::GuardDecl out;
  out.name = word(ctx->name());
  if (ctx->STRING() != nullptr)
    out.reason = word(ctx->STRING());
  out.observe = ctx->OBSERVE() != nullptr;
  if (out.observe) {
    out.observe_span = span(ctx->OBSERVE()->getSymbol());
    if (ctx->moment() != nullptr)
      out.observe_span.end = span(ctx->moment()).end;
  }
  out.at = at(ctx->path());
  out.span = span(ctx);
  return out;
}

ast::DefaultDecl Builder::fallback(P::DefaultDeclContext* ctx) {
  ast::DefaultDecl out;
  out.at = at(ctx->path());
  if (ctx->STRING() != nullptr)
    out.reason = word(ctx->STRING());
  out.span = span(ctx);
  return out;
}

// ── keys ──
ast::KeyDecl Builder::key(P::KeyHeadContext* ctx) {
  ast::KeyDecl out;
  out.name = word(ctx->name());
  out.at = at(ctx->path());
  out.span = span(ctx);
  return out;
}

void Builder::key_item(P::KeyItemContext* ctx, ast::KeyDecl& into) {
  if (auto* rule = dynamic_cast<P::KeyRuleContext*>(ctx)) {
    into.rules.push_back(statement(rule->statement()));
  } else if (auto* fact = dynamic_cast<P::KeyFactContext*>(ctx)) {
    ast::Property out;
    out.name = word(fact->word(0));
    out.span = span(ctx);
    if (fact->literal() != nullptr) {
      out.value = literal(fact->literal());
    } else {
      out.words.push_back(word(fact->word(1)));
    }
    into.facts.push_back(std::move(out));
  }
}

ast::ProtectDecl Builder::protect(P::ProtectDeclContext* ctx) {
  ast::ProtectDecl out;
  out.resources = resources(ctx->resources());
  out.at = at(ctx->path());
  out.key = word(ctx->name());
  out.span = span(ctx);
  return out;
}

// ── tests ──
ast::TestDecl Builder::test(P::TestHeadContext* ctx) {
  ast::TestDecl out;
  out.title = word(ctx->STRING());
  out.at = at(ctx->path());
  out.span = span(ctx);
  return out;
}

void Builder::test_item(P::TestItemContext* ctx, ast::TestDecl& into) {
  if (auto* given = dynamic_cast<P::TestGivenContext*>(ctx)) {
    for (ast::Given& one : givens(given->givens()))
      into.given.push_back(std::move(one));
  } else if (auto* one = dynamic_cast<P::TestClaimContext*>(ctx)) {
    into.claims.push_back(claim(one->claim()));
  }
}

std::vector<ast::Given> Builder::givens(P::GivensContext* ctx) {
  std::vector<ast::Given> out;
  if (ctx == nullptr)
    return out;
  for (P::GivenContext* one : ctx->given())
    out.push_back({path(one->path()), expr(one->expr())});
  return out;
}

ast::Claim Builder::claim(P::ClaimContext* ctx) {
  ast::Claim out;
  out.subject.form = ast::Subject::Form::Principal;
  out.subject.span = span(ctx->start);
  principal_words(ctx->start, out.subject.type, out.subject.name);
  if (ctx->address != nullptr)
    out.from = word(ctx->address);
  out.may = ctx->NOT() == nullptr;
  out.operations = operations(ctx->operations());
  out.kind = word(ctx->kind_->start);
  out.name = word(ctx->target->start);
  out.at = at(ctx->path());
  out.given = givens(ctx->givens());
  if (P::ReasonContext* reason = ctx->reason()) {
    ast::Claim::Because because;
    because.word = word(reason->start);
    if (reason->name() != nullptr)
      because.name = word(reason->name());
    if (reason->pattern() != nullptr)
      because.at = pattern(reason->pattern());
    out.because = std::move(because);
  }
  out.span = span(ctx);
  return out;
}

}  // namespace writ::syntax
