// The file as compact tokens: lexed once by ANTLR's lexer, whose own tokens live for one moment
// each. Limits on tokens and nesting are checked here, before anything is parsed.
#pragma once

#include "compiler/diag/diag.h"
#include "compiler/source/source_set.h"

#include <cstdint>
#include <vector>

namespace writ::syntax {

struct Token {
  std::uint32_t begin = 0;  // bytes of the file
  std::uint32_t end = 0;
  std::uint32_t partner = 0;  // of a bracket: the index of the token that closes it
  std::uint16_t type = 0;     // WritLexer's
  bool line_start = false;    // stands in the first column of its line
  bool spoiled = false;       // a mistake here was reported: its piece is not parsed
};

/// Lexes the file, reports tokens that no statement can have (E0103), too long ones (E0105) and
/// nesting that is too deep (E0104), and pairs the brackets. Semicolons are reported and dropped.
/// Cost: linear; 20 bytes a token.
[[nodiscard]] std::vector<Token> lex(const source::SourceSet& sources, source::FileId file,
                                     diag::Sink& sink);

}  // namespace writ::syntax
