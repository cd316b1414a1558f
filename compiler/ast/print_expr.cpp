#include "compiler/ast/print_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace writ::ast {
namespace {

// The words that are no names: those that begin a clause and the operators (WritLexer.g4).
constexpr std::array<std::string_view, 31> kHardWords = {
    "allow",      "deny",     "at",      "to",     "on",   "from", "when",    "unless",
    "since",      "until",    "except",  "tagged", "as",   "with", "because", "may",
    "any",        "all",      "and",     "or",     "not",  "in",   "has",     "contains",
    "startsWith", "endsWith", "matches", "if",     "then", "else", "true"};

bool is_hard(std::string_view text) {
  return text == "false" || std::ranges::find(kHardWords, text) != kHardWords.end();
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_part(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
}

/// A word as the lexer reads one; of other scripts only what is in quotes is certain to be read
/// back.
bool is_plain_word(std::string_view text) {
  if (text.empty() || !(is_letter(text[0]) || text[0] == '_') || text.back() == '-')
    return false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!is_part(text[at]) && (text[at] != '-' || text[at - 1] == '-'))
      return false;
  }
  return true;
}

bool is_plain_principal(std::string_view name) {
  const auto inner = [](char c) { return is_part(c) || c == '.' || c == '@' || c == '-'; };
  return !name.empty() && is_part(name.front()) && is_part(name.back()) &&
         std::ranges::all_of(name, inner);
}

// How tightly an expression binds; the grammar's order, loosest first.
enum Level : std::uint8_t {
  kLoose,
  kOr,
  kAnd,
  kNot,
  kTagged,
  kText,
  kIn,
  kCompare,
  kRange,
  kSum,
  kProduct,
  kTight
};

struct Operator {
  std::string_view text;
  Level level;
};

Operator operator_of(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::Or:
      return {"or", kOr};
    case ExprKind::And:
      return {"and", kAnd};
    case ExprKind::Tagged:
      return {"tagged", kTagged};
    case ExprKind::Contains:
      return {"contains", kText};
    case ExprKind::StartsWith:
      return {"startsWith", kText};
    case ExprKind::EndsWith:
      return {"endsWith", kText};
    case ExprKind::Matches:
      return {"matches", kText};
    case ExprKind::In:
      return {"in", kIn};
    case ExprKind::NotIn:
      return {"not in", kIn};
    case ExprKind::Eq:
      return {"==", kCompare};
    case ExprKind::Ne:
      return {"!=", kCompare};
    case ExprKind::Lt:
      return {"<", kCompare};
    case ExprKind::Le:
      return {"<=", kCompare};
    case ExprKind::Gt:
      return {">", kCompare};
    case ExprKind::Ge:
      return {">=", kCompare};
    case ExprKind::Range:
      return {expr.half_open ? "..<" : "..", kRange};
    case ExprKind::Add:
      return {"+", kSum};
    case ExprKind::Sub:
      return {"-", kSum};
    case ExprKind::Mul:
      return {"*", kProduct};
    case ExprKind::Error:
    case ExprKind::Literal:
    case ExprKind::Principal:
    case ExprKind::Name:
    case ExprKind::Set:
    case ExprKind::Not:
    case ExprKind::Has:
    case ExprKind::If:
    case ExprKind::Any:
    case ExprKind::All:
    case ExprKind::TimeIn:
    case ExprKind::Field:
    case ExprKind::Call:
      return {};
  }
  return {};
}

Level level_of(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::Not:
      return kNot;
    case ExprKind::TimeIn:
      return kIn;
    case ExprKind::If:
    case ExprKind::Any:
    case ExprKind::All:
      return kLoose;
    default:
      return operator_of(expr).text.empty() ? kTight : operator_of(expr).level;
  }
}

class ExprPrinter {
 public:
  explicit ExprPrinter(const File& file) : file_(file) {}

  std::string print(ExprId id, Level least) const {
    const Expr& expr = file_.expr(id);
    const std::string text = plain(expr);
    return level_of(expr) < least ? "(" + text + ")" : text;
  }

 private:
  std::string list(const std::vector<ExprId>& all) const {
    std::string out;
    for (const ExprId one : all)
      out += (out.empty() ? "" : ", ") + print(one, kLoose);
    return out;
  }

  std::string plain(const Expr& expr) const {
    switch (expr.kind) {
      case ExprKind::Error:
        return "<error>";
      case ExprKind::Literal:
        return value_text(expr.value);
      case ExprKind::Principal:
        return principal_text(expr.path.parts[0], expr.path.parts[1]);
      case ExprKind::Name:
        return path_text(expr.path);
      case ExprKind::Set:
        return expr.list.empty() ? "{ }" : "{ " + list(expr.list) + " }";
      case ExprKind::Not:
        return "not " + print(expr.a, kNot);
      case ExprKind::Has:
        return "has " + path_text(expr.path);
      case ExprKind::If:
        return fmt::format("if {} then {} else {}", print(expr.a, kLoose), print(expr.b, kLoose),
                           print(expr.c, kLoose));
      case ExprKind::Any:
      case ExprKind::All:
        return fmt::format("{} {} in {}: {}", expr.kind == ExprKind::Any ? "any" : "all",
                           expr.variable.text, print(expr.a, kOr), print(expr.b, kLoose));
      case ExprKind::TimeIn:
        return fmt::format("{} in {}", print(expr.a, kTight), quoted(expr.value.text));
      case ExprKind::Field:
        return field(expr);
      case ExprKind::Call:
        return fmt::format("{}({})", path_text(expr.path), list(expr.list));
      case ExprKind::Tagged:
        return fmt::format("{} tagged {}", print(expr.a, kTagged), path_text(expr.path));
      default:
        break;
    }
    const Operator op = operator_of(expr);
    const auto above = static_cast<Level>(op.level + 1);
    const std::string_view gap = expr.kind == ExprKind::Range ? "" : " ";
    return fmt::format("{}{}{}{}{}", print(expr.a, op.level), gap, op.text, gap,
                       print(expr.b, above));
  }

  std::string field(const Expr& expr) const {
    const ExprKind of = file_.expr(expr.a).kind;
    const bool bare = of == ExprKind::Field || of == ExprKind::Call;
    const std::string inner = print(expr.a, kLoose);
    return fmt::format("{}.{}", bare ? inner : "(" + inner + ")", name_text(expr.variable));
  }

  const File& file_;
};

}  // namespace

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\u{{{:x}}}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string name_text(const Word& word) {
  return is_plain_word(word.text) && !is_hard(word.text) ? word.text : quoted(word.text);
}

std::string path_text(const Path& path) {
  std::string out;
  for (const Word& part : path.parts)
    out += (out.empty() ? "" : ".") + name_text(part);
  return out;
}

std::string principal_text(const Word& type, const Word& name) {
  return type.text + ":" + (is_plain_principal(name.text) ? name.text : quoted(name.text));
}

std::string value_text(const Value& value) {
  if (value.type.is(TypeKind::String))
    return quoted(value.text);
  return to_text(value);
}

std::string expr_text(const File& file, ExprId id) {
  return ExprPrinter(file).print(id, kLoose);
}

}  // namespace writ::ast
