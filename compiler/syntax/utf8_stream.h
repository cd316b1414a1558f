// The policy's text as ANTLR's lexer wants it, decoded on the way: an index is a byte of the file,
// so tokens carry byte offsets and no UTF-32 copy of the file is made. The text is valid UTF-8.
#pragma once

#include "antlr4-runtime.h"

#include <string_view>

namespace writ::syntax {

class Utf8Stream final : public antlr4::CharStream {
 public:
  /// `text` must outlive the stream.
  explicit Utf8Stream(std::string_view text) : text_(text) {}

  void consume() override;
  std::size_t LA(ssize_t i) override;
  ssize_t mark() override { return -1; }
  void release(ssize_t) override {}
  std::size_t index() override { return at_; }
  void seek(std::size_t index) override { at_ = index; }
  std::size_t size() override { return text_.size(); }
  [[nodiscard]] std::string getSourceName() const override { return "policy"; }
  std::string getText(const antlr4::misc::Interval& interval) override;
  [[nodiscard]] std::string toString() const override { return std::string(text_); }

 private:
  [[nodiscard]] std::size_t length_at(std::size_t at) const;

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace writ::syntax
