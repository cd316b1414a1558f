// A piece of the file's tokens as ANTLR's parser wants it. One stream serves all pieces; its tokens
// are reused, so parsing allocates what the largest piece needs and no more.
#pragma once

#include "compiler/syntax/split.h"
#include "compiler/syntax/tokens.h"

#include "antlr4-runtime.h"

#include <deque>
#include <vector>

namespace writ::syntax {

class PieceStream final : public antlr4::TokenStream {
 public:
  explicit PieceStream(const std::vector<Token>& tokens) : tokens_(tokens) {}

  /// Turns to another piece; the tokens that were handed out before are overwritten.
  void set(Piece piece);

  antlr4::Token* LT(ssize_t k) override;
  std::size_t LA(ssize_t k) override;
  [[nodiscard]] antlr4::Token* get(std::size_t index) const override { return &pool_[index]; }
  [[nodiscard]] antlr4::TokenSource* getTokenSource() const override { return nullptr; }
  std::string getText(const antlr4::misc::Interval&) override { return {}; }
  std::string getText() override { return {}; }
  std::string getText(antlr4::RuleContext*) override { return {}; }
  std::string getText(antlr4::Token*, antlr4::Token*) override { return {}; }
  void consume() override;
  ssize_t mark() override { return 0; }
  void release(ssize_t) override {}
  std::size_t index() override { return at_; }
  void seek(std::size_t index) override { at_ = index; }
  std::size_t size() override { return count_; }
  [[nodiscard]] std::string getSourceName() const override { return "policy"; }

 private:
  const std::vector<Token>& tokens_;
  mutable std::deque<antlr4::CommonToken> pool_;  // the piece, then the end of file
  std::size_t count_ = 0;                         // tokens with the end of file
  std::size_t at_ = 0;
};

}  // namespace writ::syntax
