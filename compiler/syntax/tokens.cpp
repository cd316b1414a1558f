#include "compiler/syntax/tokens.h"

#include "compiler/syntax/split.h"
#include "compiler/syntax/utf8_stream.h"
#include "compiler/unicode/unicode.h"

#include "WritLexer.h"
#include <fmt/format.h>

#include <string>
#include <utility>

namespace writ::syntax {
namespace {

using diag::Code;

class Lexing {
 public:
  Lexing(const source::SourceSet& sources, source::FileId file, diag::Sink& sink)
      : sources_(sources), file_(file), text_(sources.file(file).text), sink_(sink) {}

  std::vector<Token> run() {
    try {
      read_tokens();
    } catch (const std::exception& error) {
      // A bug of ours or of the runtime; the file is then refused as a whole, never half read.
      report({}, Code::SyntaxError, "the text cannot be read", error.what(), "");
      tokens_.clear();
    }
    pair_brackets();
    return std::move(tokens_);
  }

 private:
  void report(const Token& at, Code code, std::string message, std::string label,
              std::string help) {
    diag::Diag diag;
    diag.code = code;
    diag.message = std::move(message);
    diag.primary = {{file_, at.begin, at.end}, std::move(label)};
    diag.help = std::move(help);
    sink_.add(std::move(diag));
  }

  void read_tokens() {
    Utf8Stream stream(text_);
    WritLexer lexer(&stream);
    lexer.removeErrorListeners();
    for (;;) {
      const auto token = lexer.nextToken();
      if (token->getType() == antlr4::Token::EOF)
        break;
      Token mine;
      mine.begin = static_cast<std::uint32_t>(token->getStartIndex());
      mine.end = static_cast<std::uint32_t>(token->getStopIndex() + 1);
      mine.type = static_cast<std::uint16_t>(token->getType());
      mine.line_start = mine.begin == 0 || text_[mine.begin - 1] == '\n';
      if (keep(mine))
        tokens_.push_back(mine);
    }
  }

  bool keep(Token& token) {
    const std::string_view text = text_.substr(token.begin, token.end - token.begin);
    if (text.size() > source::kTokenBytesMax) {
      token.spoiled = true;
      report(
          token, Code::TokenTooLong,
          fmt::format("a token of {} bytes; the most is {}", text.size(), source::kTokenBytesMax),
          "too long", "shorten it, or load the data from a file");
      return true;
    }
    if (unicode::first_misleading(text, 0)) {
      token.spoiled = true;  // report_hidden says so
      return true;
    }
    switch (token.type) {
      case WritLexer::SEMICOLON:
        report(token, Code::SyntaxError, "a `;` ends nothing here", "does not belong here",
               "leave it out: a statement ends where the next begins");
        return false;
      case WritLexer::OPEN_STRING:
        token.spoiled = true;
        report(token, Code::SyntaxError, "the string is not closed on its line", "begins here",
               "end it with `\"`; a line break inside a string is written `\\n`");
        return true;
      case WritLexer::FOREIGN:
        token.spoiled = true;
        report_foreign(token, text);
        // A comment in another language's manner is taken for one.
        return !text.starts_with('#') && !text.starts_with("/*");
      case WritLexer::UNEXPECTED:
        token.spoiled = true;
        // A run of such characters is one mistake.
        if (!tokens_.empty() && tokens_.back().type == token.type &&
            tokens_.back().end == token.begin)
          return true;
        report_foreign(token, text);
        return true;
      default:
        return true;
    }
  }

  void report_foreign(const Token& token, std::string_view text) {
    static constexpr std::pair<std::string_view, std::string_view> kCures[] = {
        {"&&", "write `and`"},
        {"&", "write `and`"},
        {"||", "write `or`"},
        {"|", "write `or`"},
        {"!", "write `not`"},
        {"<>", "write `!=`"},
        {"=~", "write `matches`"},
        {"=>", "write `>=` to compare"},

        {"/", "a network is written `10.0.0.0/8`, a comment `// …`"},
    };
    std::string help;
    for (const auto& [foreign, cure] : kCures) {
      if (foreign == text)
        help = cure;
    }
    if (text.starts_with('#') || text.starts_with("/*")) {
      report(token, Code::SyntaxError, "a comment in another language's manner",
             "not a comment here", "a comment is written `// …`, on each of its lines");
      return;
    }
    if (text.starts_with('\'')) {
      report(token, Code::SyntaxError, "a string in single quotes", "not a string here",
             "a string is written in double quotes: `\"…\"`");
      return;
    }
    report(token, Code::SyntaxError, fmt::format("`{}` is no sign of the language", text),
           "does not belong here", std::move(help));
  }

  // ── brackets ──
  static bool opens(std::uint16_t type) {
    return type == WritLexer::LBRACE || type == WritLexer::LPAREN || type == WritLexer::LBRACKET;
  }
  static bool closes(std::uint16_t type) {
    return type == WritLexer::RBRACE || type == WritLexer::RPAREN || type == WritLexer::RBRACKET;
  }
  static std::uint16_t closer_of(std::uint16_t opener) {
    if (opener == WritLexer::LBRACE)
      return WritLexer::RBRACE;
    return opener == WritLexer::LPAREN ? WritLexer::RPAREN : WritLexer::RBRACKET;
  }

  [[nodiscard]] bool balanced() const {
    std::vector<std::uint16_t> open;
    for (const Token& token : tokens_) {
      if (opens(token.type))
        open.push_back(closer_of(token.type));
      if (!closes(token.type))
        continue;
      if (open.empty() || open.back() != token.type)
        return false;
      open.pop_back();
    }
    return open.empty();
  }

  void unclosed(std::size_t opener, std::size_t end) {
    Token& token = tokens_[opener];
    token.partner = static_cast<std::uint32_t>(end);
    token.spoiled = true;
    const std::string_view sign = text_.substr(token.begin, 1);
    report(token, Code::SyntaxError, fmt::format("this `{}` is never closed", sign), "opened here",
           fmt::format("add the `{}` that closes it", sign == "{"   ? "}"
                                                      : sign == "(" ? ")"
                                                                    : "]"));
  }

  /// Pairs brackets. In a file where they do not pair, a declaration that begins in the first
  /// column ends whatever is open, so that one forgotten brace is one mistake.
  void pair_brackets() {
    const bool sound = balanced();
    bool too_deep = false;
    for (std::size_t at = 0; at < tokens_.size(); ++at) {
      Token& token = tokens_[at];
      if (!sound && !open_.empty() && token.line_start && begins_declaration(tokens_, at))
        close_all(at);
      if (!sound)
        close_inner(at);
      if (opens(token.type)) {
        open_.push_back(at);
        if (open_.size() > source::kNestingMax && !too_deep) {
          too_deep = true;
          token.spoiled = true;
          report(token, Code::NestedTooDeep,
                 fmt::format("brackets are nested more than {} deep", source::kNestingMax),
                 "one too many", "give parts of it names of their own");
        }
      }
      if (closes(token.type))
        close(at);
      if (open_.empty())
        too_deep = false;
    }
    close_all(tokens_.size());
  }

  /// Whether the bracket belongs to an expression, not to a block.
  [[nodiscard]] bool of_expression(std::size_t opener) const {
    if (tokens_[opener].type != WritLexer::LBRACE)
      return true;
    if (opener == 0)
      return false;
    switch (tokens_[opener - 1].type) {
      case WritLexer::IN:
      case WritLexer::ASSIGN:
      case WritLexer::COMMA:
      case WritLexer::LPAREN:
      case WritLexer::COLON:
      case WritLexer::CONTAINS:
      case WritLexer::EQ:
      case WritLexer::NE:
        return true;
      default:
        return false;
    }
  }

  /// Where brackets do not pair: no expression runs over `allow` or `deny`, nor over a `}` in the
  /// first column.
  void close_inner(std::size_t at) {
    const Token& token = tokens_[at];
    const bool statement = token.type == WritLexer::ALLOW || token.type == WritLexer::DENY;
    if (!statement && !(token.type == WritLexer::RBRACE && token.line_start))
      return;
    std::size_t depth = open_.size();
    while (depth > 0 && of_expression(open_[depth - 1]))
      --depth;
    if (depth == 0)
      return;
    pop_unclosed(depth, at);
  }

  /// Reports the outermost bracket over `depth` and drops all of them.
  void pop_unclosed(std::size_t depth, std::size_t at) {
    if (open_.size() <= depth)
      return;
    for (; open_.size() > depth + 1; open_.pop_back()) {
      tokens_[open_.back()].partner = static_cast<std::uint32_t>(at);
      tokens_[open_.back()].spoiled = true;
    }
    unclosed(open_.back(), at);
    open_.pop_back();
  }

  void close_all(std::size_t at) {
    if (open_.empty())
      return;
    for (const std::size_t opener : open_)
      tokens_[opener].partner = static_cast<std::uint32_t>(at);
    unclosed(open_.front(), at);
    open_.clear();
  }

  void close(std::size_t at) {
    Token& token = tokens_[at];
    std::size_t depth = open_.size();
    while (depth > 0 && closer_of(tokens_[open_[depth - 1]].type) != token.type)
      --depth;
    if (depth == 0) {
      token.spoiled = true;
      report(token, Code::SyntaxError,
             fmt::format("this `{}` closes nothing", text_.substr(token.begin, 1)),
             "nothing is open here", "remove it, or add the bracket that it should close");
      return;
    }
    pop_unclosed(depth, at);
    tokens_[open_.back()].partner = static_cast<std::uint32_t>(at);
    open_.pop_back();
  }

  const source::SourceSet& sources_;
  source::FileId file_;
  std::string_view text_;
  diag::Sink& sink_;
  std::vector<Token> tokens_;
  std::vector<std::size_t> open_;
};

}  // namespace

std::vector<Token> lex(const source::SourceSet& sources, source::FileId file, diag::Sink& sink) {
  return Lexing(sources, file, sink).run();
}

}  // namespace writ::syntax
