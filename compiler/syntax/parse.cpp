#include "compiler/syntax/parse.h"

#include "compiler/syntax/builder.h"
#include "compiler/syntax/hidden.h"
#include "compiler/syntax/piece_parser.h"
#include "compiler/syntax/split.h"
#include "compiler/syntax/tokens.h"

#include <fmt/format.h>

#include <utility>

namespace writ::syntax {
namespace {

using P = WritParser;

/// One file: cut, parse each piece, build. A mistake spoils its piece and nothing else.
class FileParser {
 public:
  FileParser(const source::SourceSet& sources, ast::File& file, diag::Sink& sink)
      : sources_(sources),
        file_(file),
        sink_(sink),
        tokens_(lex(sources, file.id, sink)),
        parser_(tokens_),
        builder_(sources, tokens_, file, sink) {}

  void run() {
    std::size_t at = 0;
    while (at < tokens_.size()) {
      if (stray_closer(at)) {
        ++at;
        continue;
      }
      const Cut cut = cut_declaration(tokens_, at);
      if (cut.block == Block::None || (!cut.has_body && cut.block == Block::Acl)) {
        declarations(cut.piece);
      } else {
        block(cut);
      }
      at = std::max(cut.next, at + 1);
    }
  }

 private:
  // ── declarations that are one piece ──
  void declarations(Piece piece) {
    if (!fit(piece, Block::None))
      return lose(piece);
    if (auto* tree = parser_.parse(piece, &P::declarations))
      return build(piece, tree);
    const Mistake mistake = parser_.mistake();
    report(mistake, piece, Block::None);
    // What stands whole on the lines before the mistake is kept, so that it is not missed
    // elsewhere.
    std::size_t lost = piece.begin;
    const std::size_t whole = whole_until(mistake, piece);
    if (whole > piece.begin) {
      const Piece before{piece.begin, whole};
      if (auto* tree = parser_.parse(before, &P::declarations)) {
        build(before, tree);
        lost = whole;
      }
    }
    lose({lost, piece.end});
  }

  void build(Piece piece, P::DeclarationsContext* tree) {
    builder_.set_piece(piece);
    for (P::DeclarationContext* one : tree->declaration())
      builder_.declaration(one);
  }

  // ── blocks ──
  void block(const Cut& cut) {
    if (!fit({cut.piece.begin, std::min(cut.piece.end + 1, tokens_.size())}, Block::None))
      return lose(cut.piece);
    P::HeadPieceContext* head = parser_.parse(cut.piece, &P::headPiece);
    if (head == nullptr || !cut.has_body) {
      Mistake mistake = parser_.mistake();
      if (head != nullptr) {
        mistake = {};
        mistake.token = cut.piece.end;
        mistake.expected = {P::LBRACE};
        mistake.rules = {P::RuleHeadPiece};
        mistake.declaration = cut.piece.begin;
      }
      report(mistake, cut.piece, Block::None);
      lose(cut.piece);
    }
    builder_.set_piece(cut.piece);
    const std::size_t end = cut.has_body ? cut.next : cut.piece.end;
    const source::Span whole = builder_.span(Piece{cut.piece.begin, end});
    switch (cut.block) {
      case Block::None:
        return;
      case Block::Acl:
        return acl(cut, head, whole);
      case Block::Guard:
        return guard(cut, head, whole);
      case Block::Role:
        return role(cut, head, whole);
      case Block::Key:
        return key(cut, head, whole);
      case Block::Audit:
        return audit(cut, head, whole);
      case Block::Test:
        return test(cut, head, whole);
    }
  }

  // The items are parsed even where the head has a mistake: theirs are independent of it.
  void acl(const Cut& cut, P::HeadPieceContext* head, source::Span whole) {
    ast::AclDecl decl;
    if (head != nullptr)
      decl = builder_.acl(head->aclHead());
    decl.span = whole;
    items(cut, &P::aclItems, [&](P::AclItemsContext* tree) {
      for (P::StatementContext* one : tree->statement())
        decl.statements.push_back(builder_.statement(one));
    });
    if (head != nullptr)
      file_.decls.emplace_back(std::move(decl));
  }

  void guard(const Cut& cut, P::HeadPieceContext* head, source::Span whole) {
    ast::GuardDecl decl;
    if (head != nullptr)
      decl = builder_.guard(head->guardHead());
    decl.span = whole;
    items(cut, &P::aclItems, [&](P::AclItemsContext* tree) {
      for (P::StatementContext* one : tree->statement())
        decl.statements.push_back(builder_.statement(one));
    });
    if (head != nullptr)
      file_.decls.emplace_back(std::move(decl));
  }

  void role(const Cut& cut, P::HeadPieceContext* head, source::Span whole) {
    ast::RoleDecl decl;
    if (head != nullptr)
      decl = builder_.role(head->roleHead());
    decl.span = whole;
    items(cut, &P::roleItems, [&](P::RoleItemsContext* tree) {
      for (P::RoleItemContext* one : tree->roleItem())
        builder_.role_item(one, decl);
    });
    if (head != nullptr)
      file_.decls.emplace_back(std::move(decl));
  }

  void key(const Cut& cut, P::HeadPieceContext* head, source::Span whole) {
    ast::KeyDecl decl;
    if (head != nullptr)
      decl = builder_.key(head->keyHead());
    decl.span = whole;
    items(cut, &P::keyItems, [&](P::KeyItemsContext* tree) {
      for (P::KeyItemContext* one : tree->keyItem())
        builder_.key_item(one, decl);
    });
    if (head != nullptr)
      file_.decls.emplace_back(std::move(decl));
  }

  void audit(const Cut& cut, P::HeadPieceContext* head, source::Span whole) {
    ast::AuditDecl decl;
    if (head != nullptr)
      decl = builder_.audit(head->auditHead());
    decl.span = whole;
    items(cut, &P::auditItems, [&](P::AuditItemsContext* tree) {
      for (P::AuditItemContext* one : tree->auditItem())
        builder_.audit_item(one, decl);
    });
    if (head != nullptr)
      file_.decls.emplace_back(std::move(decl));
  }

  void test(const Cut& cut, P::HeadPieceContext* head, source::Span whole) {
    ast::TestDecl decl;
    if (head != nullptr)
      decl = builder_.test(head->testHead());
    decl.span = whole;
    items(cut, &P::testItems, [&](P::TestItemsContext* tree) {
      for (P::TestItemContext* one : tree->testItem())
        builder_.test_item(one, decl);
    });
    if (head != nullptr)
      file_.decls.emplace_back(std::move(decl));
  }

  /// Parses the body of a block item by item.
  template <class Context, class Take>
  void items(const Cut& cut, Context* (P::*rule)(), const Take& take) {
    if (!cut.has_body)
      return;
    for (std::size_t at = cut.body.begin; at < cut.body.end;) {
      const Piece piece{at, cut_item(tokens_, at, cut.body.end, cut.block)};
      at = piece.end;
      if (!fit(piece, cut.block))
        continue;
      Context* tree = parser_.parse(piece, rule);
      if (tree == nullptr) {
        const Mistake mistake = parser_.mistake();
        report(mistake, piece, cut.block);
        if (const std::size_t whole = whole_until(mistake, piece); whole > piece.begin) {
          tree = parser_.parse({piece.begin, whole}, rule);
        }
      }
      if (tree == nullptr)
        continue;
      builder_.set_piece(piece);
      take(tree);
    }
  }

  // ── mistakes ──
  [[nodiscard]] bool stray_closer(std::size_t at) const {
    const Token& token = tokens_[at];
    return token.spoiled &&
           (token.type == P::RBRACE || token.type == P::RPAREN || token.type == P::RBRACKET);
  }

  /// Whether the piece may be parsed: nothing in it was reported, and it does not nest without
  /// brackets.
  bool fit(Piece piece, Block block) {
    std::size_t nots = 0;
    std::size_t branches = 0;
    for (std::size_t at = piece.begin; at < piece.end; ++at) {
      const Token& token = tokens_[at];
      if (token.spoiled)
        return false;
      nots = token.type == P::NOT ? nots + 1 : 0;
      if (token.type == P::IF || token.type == P::COLON)
        ++branches;
      if (nots <= source::kNestingMax && branches <= source::kNestingMax)
        continue;
      diag::Diag diag;
      diag.code = diag::Code::NestedTooDeep;
      diag.message = fmt::format("more than {} conditions within one another", source::kNestingMax);
      diag.primary = {{file_.id, token.begin, token.end}, "one too many"};
      diag.help = block == Block::None ? "" : "say it in several statements";
      sink_.add(std::move(diag));
      return false;
    }
    return true;
  }

  /// The end of what stands whole before the mistake; the piece's begin when nothing does.
  [[nodiscard]] std::size_t whole_until(const Mistake& mistake, Piece piece) const {
    if (mistake.declaration > piece.begin)
      return mistake.declaration;
    const bool inside = mistake.token > piece.begin && mistake.token < piece.end;
    return inside && begins_line(mistake.token) ? mistake.token : piece.begin;
  }

  [[nodiscard]] bool begins_line(std::size_t at) const {
    const std::string_view text = sources_.file(file_.id).text;
    const std::uint32_t end = at == 0 ? 0 : tokens_[at - 1].end;
    return text.substr(end, tokens_[at].begin - end).find('\n') != std::string_view::npos;
  }

  void report(const Mistake& mistake, Piece piece, Block block) {
    sink_.add(explain(mistake, {&sources_, file_.id, &tokens_, piece, block}));
  }

  /// Remembers what the piece would have declared.
  void lose(Piece piece) {
    constexpr std::size_t kNamesMax = 3;  // `external group NAME`
    for (std::size_t at = piece.begin; at < std::min(piece.end, piece.begin + kNamesMax); ++at) {
      const Token& token = tokens_[at];
      if (!token.spoiled && (token.type == P::LOWER || token.type == P::UPPER))
        file_.unread.push_back(builder_.word(at));
    }
  }

  const source::SourceSet& sources_;
  ast::File& file_;
  diag::Sink& sink_;
  std::vector<Token> tokens_;
  PieceParser parser_;
  Builder builder_;
};

}  // namespace

ast::File parse(const source::SourceSet& sources, source::FileId file, diag::Sink& sink) {
  ast::File out;
  out.id = file;
  try {
    report_hidden(sources, file, sink);
    FileParser(sources, out, sink).run();
  } catch (const std::exception& error) {
    // Nothing of ours throws but for lack of memory; a file that was read in part must not decide.
    diag::Diag diag;
    diag.code = diag::Code::Unreadable;
    diag.message = fmt::format("the file cannot be parsed: {}", error.what());
    diag.primary.span = {file, 0, 0};
    sink.add(std::move(diag));
  }
  return out;
}

}  // namespace writ::syntax
