#include "compiler/syntax/piece_stream.h"

namespace writ::syntax {

void PieceStream::set(Piece piece) {
  count_ = piece.end - piece.begin + 1;
  at_ = 0;
  while (pool_.size() < count_) {
    pool_.emplace_back(std::size_t{0});
    pool_.back().setTokenIndex(pool_.size() - 1);
  }
  for (std::size_t k = 0; k + 1 < count_; ++k)
    pool_[k].setType(tokens_[piece.begin + k].type);
  pool_[count_ - 1].setType(antlr4::Token::EOF);
}

antlr4::Token* PieceStream::LT(ssize_t k) {
  if (k < 0) {
    const auto back = static_cast<std::size_t>(-k);
    return back > at_ ? nullptr : &pool_[at_ - back];
  }
  if (k == 0)
    return nullptr;
  return &pool_[std::min(at_ + static_cast<std::size_t>(k) - 1, count_ - 1)];
}

std::size_t PieceStream::LA(ssize_t k) {
  const antlr4::Token* token = LT(k);
  return token == nullptr ? 0 : token->getType();
}

void PieceStream::consume() {
  if (at_ + 1 < count_)
    ++at_;
}

}  // namespace writ::syntax
