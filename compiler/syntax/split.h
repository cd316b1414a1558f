// Cuts a file's tokens into declarations, and the body of a block into its items, by the words that
// begin them; each piece is then parsed on its own. A piece may hold several declarations where no
// word shows the cut (the grammar finds it), never a part of one.
#pragma once

#include "compiler/syntax/tokens.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace writ::syntax {

/// A half-open range of tokens.
struct Piece {
  std::size_t begin = 0;
  std::size_t end = 0;
};

enum class Block : std::uint8_t { None, Acl, Guard, Role, Key, Audit, Test };

struct Cut {
  Piece piece;  // the declaration, or a block up to its `{`
  Block block = Block::None;
  bool has_body = false;
  Piece body;            // between the braces
  std::size_t next = 0;  // the token after it all
};

/// Whether the token can begin a declaration, by itself and what follows it.
[[nodiscard]] bool begins_declaration(const std::vector<Token>& tokens, std::size_t at);

/// The declaration that begins at `at` (< tokens.size()).
[[nodiscard]] Cut cut_declaration(const std::vector<Token>& tokens, std::size_t at);

/// The end of the item that begins at `at` in the body of a block ending at `end`.
[[nodiscard]] std::size_t cut_item(const std::vector<Token>& tokens, std::size_t at,
                                   std::size_t end, Block block);

}  // namespace writ::syntax
