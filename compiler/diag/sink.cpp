#include "compiler/diag/diag.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace writ::diag {
namespace {

struct Kind {
  std::string_view text;
  std::string_view title;
  Severity severity;
};

// The row's severity is its first letter; the code's number is always four digits.
constexpr char letter(Severity severity) {
  return severity == Severity::Error ? 'E' : 'W';
}

template <unsigned number, Severity severity>
struct CodeText {
  static constexpr std::array<char, 5> kText = {
      letter(severity), static_cast<char>('0' + number / 1000 % 10),
      static_cast<char>('0' + number / 100 % 10), static_cast<char>('0' + number / 10 % 10),
      static_cast<char>('0' + number % 10)};
};

constexpr Kind kKinds[] = {
#define WRIT_DIAG(code, name, severity, title)                                   \
  {std::string_view(CodeText<code, Severity::severity>::kText.data(), 5), title, \
   Severity::severity},
#include "compiler/diag/kinds.def"
#undef WRIT_DIAG
};

const Kind& kind(Code code) {
  return kKinds[static_cast<std::size_t>(code)];
}

auto place(const Diag& diag) {
  const source::Span& span = diag.primary.span;
  return std::tuple(span.file.index, span.begin, span.end);
}

}  // namespace

std::string_view code_text(Code code) {
  return kind(code).text;
}
std::string_view title(Code code) {
  return kind(code).title;
}
Severity severity(Code code) {
  return kind(code).severity;
}

std::vector<Code> all_codes() {
  std::vector<Code> codes;
  for (std::size_t at = 0; at < std::size(kKinds); ++at)
    codes.push_back(static_cast<Code>(at));
  return codes;
}

void Sink::add(Diag diag) {
  // Two steps may look at one mistake; rows of a data file share a place and differ in the words.
  const auto same = [&diag](const Diag& other) {
    return other.code == diag.code && place(other) == place(diag) && other.message == diag.message;
  };
  if (std::ranges::any_of(diags_, same))
    return;
  if (severity(diag.code) == Severity::Error)
    ++errors_;
  diags_.push_back(std::move(diag));
}

std::vector<Diag> Sink::sorted() const {
  std::vector<Diag> sorted = diags_;
  std::ranges::stable_sort(sorted, [](const Diag& a, const Diag& b) {
    return std::tuple(place(a), a.code) < std::tuple(place(b), b.code);
  });
  return sorted;
}

}  // namespace writ::diag
