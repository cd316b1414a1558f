// The exception wall round ANTLR's parser: a piece and an entry rule in, a tree or one mistake out.
#pragma once

#include "compiler/syntax/mistake.h"
#include "compiler/syntax/piece_stream.h"

#include "WritParser.h"

#include <memory>
#include <optional>
#include <utility>

namespace writ::syntax {

class FirstMistake;

class PieceParser {
 public:
  explicit PieceParser(const std::vector<Token>& tokens);
  ~PieceParser();
  PieceParser(const PieceParser&) = delete;
  PieceParser& operator=(const PieceParser&) = delete;

  /// Parses the piece from `rule`. The tree lives until the next call; null: see `mistake()`.
  /// SLL prediction first, which is exact whenever it succeeds; full LL where it fails.
  template <class Context>
  [[nodiscard]] Context* parse(Piece piece, Context* (WritParser::*rule)()) {
    stream_.set(piece);
    piece_ = piece;
    if (auto* tree = attempt(Prediction::Sll, rule))
      return tree;
    return attempt(Prediction::Ll, rule);
  }
  /// Of the last call that gave null.
  [[nodiscard]] const Mistake& mistake() const { return mistake_; }

 private:
  enum class Prediction { Sll, Ll };

  template <class Context>
  [[nodiscard]] Context* attempt(Prediction prediction, Context* (WritParser::*rule)()) {
    begin(prediction);
    try {
      return (parser_.*rule)();
    } catch (const std::exception&) {
      finish();
      return nullptr;
    }
  }
  void begin(Prediction prediction);
  void finish();

  PieceStream stream_;
  WritParser parser_;
  std::shared_ptr<FirstMistake> strategy_;
  Piece piece_;
  Mistake mistake_;
};

}  // namespace writ::syntax
