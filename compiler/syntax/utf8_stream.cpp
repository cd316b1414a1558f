#include "compiler/syntax/utf8_stream.h"

namespace writ::syntax {

std::size_t Utf8Stream::length_at(std::size_t at) const {
  const auto lead = static_cast<unsigned char>(text_[at]);
  if (lead < 0x80)
    return 1;
  if (lead < 0xE0)
    return 2;
  return lead < 0xF0 ? 3 : 4;
}

void Utf8Stream::consume() {
  if (at_ < text_.size())
    at_ += length_at(at_);
}

std::size_t Utf8Stream::LA(ssize_t i) {
  std::size_t at = at_;
  for (; i > 1 && at < text_.size(); --i)
    at += length_at(at);
  for (; i < 0; ++i) {
    if (at == 0)
      return antlr4::IntStream::EOF;
    do {
      --at;
    } while (at > 0 && (static_cast<unsigned char>(text_[at]) & 0xC0) == 0x80);
  }
  if (at >= text_.size())
    return antlr4::IntStream::EOF;
  const auto byte = [&](std::size_t k) {
    return static_cast<std::size_t>(static_cast<unsigned char>(text_[at + k]));
  };
  switch (length_at(at)) {
    case 1:
      return byte(0);
    case 2:
      return (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
    case 3:
      return (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    default:
      return (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 |
             (byte(3) & 0x3F);
  }
}

std::string Utf8Stream::getText(const antlr4::misc::Interval& interval) {
  const auto begin = static_cast<std::size_t>(interval.a);
  if (interval.a < 0 || interval.b < interval.a || begin >= text_.size())
    return {};
  return std::string(text_.substr(begin, static_cast<std::size_t>(interval.b - interval.a) + 1));
}

}  // namespace writ::syntax
