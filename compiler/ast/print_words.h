// Words, strings and expressions in canonical form; shared by the two files of the printer.
#pragma once

#include "compiler/ast/ast.h"

#include <string>

namespace writ::ast {

/// In quotes, with escapes.
[[nodiscard]] std::string quoted(std::string_view text);
/// Bare where the lexer gives one word that may stand for a name, else in quotes.
[[nodiscard]] std::string name_text(const Word& word);
[[nodiscard]] std::string path_text(const Path& path);
/// `User:alice`, `User:"CN=alice"`.
[[nodiscard]] std::string principal_text(const Word& type, const Word& name);
[[nodiscard]] std::string value_text(const Value& value);
/// Brackets only where the grammar needs them.
[[nodiscard]] std::string expr_text(const File& file, ExprId id);

}  // namespace writ::ast
