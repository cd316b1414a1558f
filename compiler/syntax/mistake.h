// Where ANTLR stopped, and what of it we tell: one sentence in our words, with the cure where there
// is one.
#pragma once

#include "compiler/diag/diag.h"
#include "compiler/syntax/split.h"
#include "compiler/syntax/tokens.h"

#include <cstddef>
#include <vector>

namespace writ::syntax {

struct Mistake {
  std::size_t token = 0;  // in the file's tokens; == piece.end: the piece ended too early
  std::vector<std::size_t> expected;  // token types; empty when the parser cannot tell
  std::vector<std::size_t> rules;     // WritParser's rules, innermost first
  bool rule_starts_here = false;      // the innermost rule began at this token
  std::size_t declaration = 0;        // where the declaration or item began that has the mistake
};

/// What a piece is for the reader.
struct Setting {
  const source::SourceSet* sources = nullptr;
  source::FileId file;
  const std::vector<Token>* tokens = nullptr;
  Piece piece;
  Block block = Block::None;  // whose item it is
};

/// The diagnostic of a mistake.
[[nodiscard]] diag::Diag explain(const Mistake& mistake, const Setting& setting);

}  // namespace writ::syntax
