// A text joined by `+`, compared piece by piece and never built: a condition allocates nothing.
// Used by evaluate.cpp alone.
#pragma once

#include "runtime/base/limits.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace writ::interp {

struct Piece {
  const char* data;
  std::uint64_t bytes;
};
// Half of the instructions of a tree of pairs are leaves.
constexpr std::size_t kPiecesMax = limits::kConditionInstructionsMax / 2 + 1;

/// The texts that a joined text consists of, last first.
struct Pieces {
  Piece items[kPiecesMax];
  std::size_t count;
  std::uint64_t bytes;
  Pieces() : count(0), bytes(0) {}  // NOLINT: items are set before they are read
};

/// Reads the bytes of a joined text from the front.
class PieceReader {
 public:
  explicit PieceReader(const Pieces& pieces) : pieces_(pieces), left_(pieces.count) { next(); }
  void skip(std::uint64_t bytes) {
    while (bytes > 0) {
      const std::uint64_t step = bytes < piece_.bytes ? bytes : piece_.bytes;
      drop(step);
      bytes -= step;
    }
  }
  static bool equal(PieceReader a, PieceReader b, std::uint64_t bytes) {
    while (bytes > 0) {
      std::uint64_t step = a.piece_.bytes < b.piece_.bytes ? a.piece_.bytes : b.piece_.bytes;
      if (bytes < step) step = bytes;
      if (std::memcmp(a.piece_.data, b.piece_.data, step) != 0) return false;
      a.drop(step);
      b.drop(step);
      bytes -= step;
    }
    return true;
  }

 private:
  void drop(std::uint64_t bytes) {
    piece_.data += bytes;
    piece_.bytes -= bytes;
    if (piece_.bytes == 0) next();
  }
  /// The next piece that is not empty; an empty one at the end.
  void next() {
    piece_ = {nullptr, 0};
    while (piece_.bytes == 0 && left_ > 0) piece_ = pieces_.items[--left_];
  }
  const Pieces& pieces_;
  std::size_t left_;
  Piece piece_{};
};

}  // namespace writ::interp
