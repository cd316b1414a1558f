#include "compiler/syntax/builder.h"

#include "compiler/unicode/unicode.h"

#include <fmt/format.h>

#include <utility>

namespace writ::syntax {
namespace {

/// Identifiers are in NFC; names that a system gives (in quotes, of a principal) stay as they are.
std::string identifier(std::string_view raw) {
  return unicode::is_ascii(raw) ? std::string(raw) : unicode::to_nfc(raw);
}

}  // namespace

source::Span Builder::span(Piece piece) const {
  if (piece.begin >= piece.end) {
    const std::uint32_t at = piece.end == 0 ? 0 : tokens_[piece.end - 1].end;
    return {file_.id, at, at};
  }
  return {file_.id, tokens_[piece.begin].begin, tokens_[piece.end - 1].end};
}

source::Span Builder::span(const antlr4::Token* antlr) const {
  const Token& at = token(antlr);
  return {file_.id, at.begin, at.end};
}

source::Span Builder::span(const antlr4::ParserRuleContext* ctx) const {
  const std::size_t begin = ctx->start->getTokenIndex();
  // A rule that matched nothing stops before it starts.
  const std::size_t stop = ctx->stop == nullptr ? begin : ctx->stop->getTokenIndex();
  return {file_.id, tokens_[base_ + begin].begin, tokens_[base_ + std::max(begin, stop)].end};
}

std::string_view Builder::text(const antlr4::Token* antlr) const {
  return sources_.text(span(antlr));
}

void Builder::mistake(source::Span at, std::string message, std::string label, std::string help) {
  diag::Diag diag;
  diag.code = diag::Code::SyntaxError;
  diag.message = std::move(message);
  diag.primary = {at, std::move(label)};
  diag.help = std::move(help);
  sink_.add(std::move(diag));
}

// ── words ──
ast::Word Builder::word(std::size_t at) {
  const Token& of = tokens_[at];
  const source::Span where{file_.id, of.begin, of.end};
  const std::string_view raw = sources_.text(where);
  if (of.type == WritParser::STRING)
    return {unquote(raw, of.begin), where};
  return {identifier(raw), where};
}
ast::Word Builder::word(const antlr4::Token* antlr) {
  return word(base_ + antlr->getTokenIndex());
}
ast::Word Builder::word(const antlr4::ParserRuleContext* ctx) {
  return word(ctx->start);
}
ast::Word Builder::word(antlr4::tree::TerminalNode* node) {
  return word(node->getSymbol());
}

std::vector<ast::Word> Builder::words(const std::vector<P::WordContext*>& all) {
  std::vector<ast::Word> out;
  out.reserve(all.size());
  for (const P::WordContext* one : all)
    out.push_back(word(one));
  return out;
}

ast::Path Builder::path(const antlr4::ParserRuleContext* ctx) {
  ast::Path out;
  out.span = span(ctx);
  for (const antlr4::tree::ParseTree* child : ctx->children) {
    if (const auto* part = dynamic_cast<const antlr4::ParserRuleContext*>(child))
      out.parts.push_back(word(part));
  }
  return out;
}

std::optional<ast::Path> Builder::at(P::PathContext* ctx) {
  if (ctx == nullptr)
    return std::nullopt;
  return path(ctx);
}

void Builder::principal_words(const antlr4::Token* antlr, ast::Word& type, ast::Word& name) {
  const Token& of = token(antlr);
  const std::string_view raw = text(antlr);
  const std::size_t colon = raw.find(':');
  const auto after = static_cast<std::uint32_t>(of.begin + colon + 1);
  type = {identifier(raw.substr(0, colon)), {file_.id, of.begin, after - 1}};
  const std::string_view rest = raw.substr(colon + 1);
  name = {rest.starts_with('"') ? unquote(rest, after) : std::string(rest),
          {file_.id, after, of.end}};
}

// ── operations and resources ──
ast::Operations Builder::operations(P::OperationsContext* ctx) {
  ast::Operations out;
  out.span = span(ctx);
  if (auto* any = dynamic_cast<P::AnyOperationContext*>(ctx)) {
    out.any = true;
    out.names = words(any->word());
  } else if (auto* some = dynamic_cast<P::SomeOperationsContext*>(ctx)) {
    out.names = words(some->word());
  }
  return out;
}

std::vector<ast::Resource> Builder::resources(P::ResourcesContext* ctx) {
  std::vector<ast::Resource> out;
  if (ctx == nullptr)
    return out;
  for (P::ResourceContext* one : ctx->resource())
    out.push_back(resource(one));
  return out;
}

ast::Resource Builder::resource(P::ResourceContext* ctx) {
  ast::Resource out;
  out.span = span(ctx);
  auto* of_kind = dynamic_cast<P::KindResourceContext*>(ctx);
  if (of_kind == nullptr) {
    out.any_kind = true;
    out.pattern.form = ast::Pattern::Form::Any;
    out.pattern.span = out.span;
    return out;
  }
  const auto names = of_kind->word();
  out.kind = word(names.front());
  if (of_kind->AS() != nullptr)
    out.binder = word(names.back());
  const auto patterns = of_kind->pattern();
  // The first is the resource's own unless it stands behind `except`.
  const bool own = !patterns.empty() && (of_kind->EXCEPT() == nullptr ||
                                         patterns.front()->start->getTokenIndex() <
                                             of_kind->EXCEPT()->getSymbol()->getTokenIndex());
  for (std::size_t k = 0; k < patterns.size(); ++k) {
    if (k == 0 && own) {
      out.pattern = pattern(patterns[k]);
    } else {
      out.except.push_back(pattern(patterns[k]));
    }
  }
  if (!own) {
    out.pattern.form = ast::Pattern::Form::Any;
    out.pattern.span = out.kind.span;
  }
  return out;
}

ast::Pattern Builder::pattern(P::PatternContext* ctx) {
  using Form = ast::Pattern::Form;
  ast::Pattern out;
  out.span = span(ctx);
  if (auto* star = dynamic_cast<P::StarPatternContext*>(ctx)) {
    out.form = Form::Any;
    if (star->STRING() != nullptr) {
      out.form = star->STAR().size() > 1 ? Form::Contains : Form::Suffix;
      out.pieces.push_back({false, word(star->STRING())});
    }
  } else if (auto* tagged = dynamic_cast<P::TaggedPatternContext*>(ctx)) {
    out.form = Form::Tagged;
    out.tag = path(tagged->path());
  } else if (auto* plain = dynamic_cast<P::TextPatternContext*>(ctx)) {
    out.form = plain->STAR() != nullptr ? Form::Prefix : Form::Literal;
    for (P::PieceContext* piece : plain->piece()) {
      const bool parameter = dynamic_cast<P::ParameterPieceContext*>(piece) != nullptr;
      out.pieces.push_back({parameter, word(piece)});
      if (!parameter)
        warn_star_in_string(out, out.pieces.back());
    }
  }
  return out;
}

void Builder::warn_star_in_string(const ast::Pattern& pattern, const ast::Pattern::Piece& piece) {
  const std::string& name = piece.word.text;
  if (pattern.form != ast::Pattern::Form::Literal || name.empty() ||
      (name.back() != '*' && name.front() != '*'))
    return;
  diag::Diag diag;
  diag.code = diag::Code::StarInString;
  diag.message = fmt::format("`{}` is one exact name, star included", name);
  diag.primary = {piece.word.span, "the star is inside the quotes"};
  diag.help = name == "*" ? "every name is written `*`, without quotes"
              : name.back() == '*'
                  ? fmt::format("a prefix is written with the star outside: `\"{}\"*`",
                                name.substr(0, name.size() - 1))
                  : fmt::format("a suffix (in a tag) is written with the star outside: `*\"{}\"`",
                                name.substr(1));
  sink_.add(std::move(diag));
}

// ── subjects and networks ──
std::vector<ast::Subject> Builder::subjects(P::SubjectsContext* ctx) {
  std::vector<ast::Subject> out;
  if (ctx == nullptr)
    return out;
  for (P::SubjectContext* one : ctx->subject())
    out.push_back(subject(one));
  return out;
}

ast::Subject Builder::subject(P::SubjectContext* ctx) {
  using Form = ast::Subject::Form;
  ast::Subject out;
  out.span = span(ctx);
  P::ExceptContext* except = nullptr;
  if (auto* principal = dynamic_cast<P::PrincipalSubjectContext*>(ctx)) {
    out.form = Form::Principal;
    principal_words(principal->PRINCIPAL_NAME()->getSymbol(), out.type, out.name);
    except = principal->except();
  } else if (auto* any = dynamic_cast<P::AnySubjectContext*>(ctx)) {
    out.form = any->word() != nullptr ? Form::AnyType : Form::Any;
    if (any->word() != nullptr)
      out.type = word(any->word());
    except = any->except();
  } else if (auto* named = dynamic_cast<P::NamedSubjectContext*>(ctx)) {
    out.form = Form::Name;
    out.name = word(named->name());
    except = named->except();
  }
  if (except != nullptr) {
    for (P::SubjectContext* one : except->subject())
      out.except.push_back(subject(one));
  }
  return out;
}

std::optional<ast::From> Builder::from(P::FromClauseContext* ctx) {
  if (ctx == nullptr)
    return std::nullopt;
  ast::From out;
  out.span = span(ctx);
  for (P::NetworkContext* one : ctx->network()) {
    if (dynamic_cast<P::ClassNetworkContext*>(one) != nullptr) {
      out.classes.push_back(word(one));
    } else if (auto read = value(one->start)) {
      out.networks.push_back(std::move(*read));
      out.spans.push_back(span(one));
    }
  }
  return out;
}

// ── conditions and validity ──
ast::When Builder::conditions(P::ConditionsContext* ctx) {
  ast::When out;
  for (P::ConditionContext* one : ctx->condition()) {
    if (auto* when = dynamic_cast<P::WhenConditionContext*>(one))
      out.when.push_back(expr(when->expr()));
    if (auto* unless = dynamic_cast<P::UnlessConditionContext*>(one))
      out.unless.push_back(expr(unless->expr()));
  }
  if (ctx->TRUST() != nullptr) {
    out.trust = true;
    out.trust_span = span(ctx->TRUST()->getSymbol());
  }
  for (P::MomentContext* one : ctx->moment()) {
    const bool since = ctx->SINCE() != nullptr && one == ctx->moment(0);
    (since ? out.since_us : out.until_us) = moment(one);
    (since ? out.since_span : out.until_span) = span(one);
  }
  return out;
}

std::optional<std::int64_t> Builder::moment(P::MomentContext* ctx) {
  const auto read = value(ctx->start);
  if (!read)
    return std::nullopt;
  return read->integer;
}

ast::Statement Builder::statement(P::StatementContext* ctx) {
  ast::Statement out;
  out.effect = ctx->ALLOW() != nullptr ? ast::Effect::Allow : ast::Effect::Deny;
  out.operations = operations(ctx->operations());
  out.resources = resources(ctx->resources());
  out.subjects = subjects(ctx->subjects());
  out.from = from(ctx->fromClause());
  out.conditions = conditions(ctx->conditions());
  out.span = span(ctx);
  return out;
}

}  // namespace writ::syntax
