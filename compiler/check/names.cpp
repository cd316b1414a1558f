// What misleads in a name: characters that nobody sees, letters of several scripts, two names that
// look the same. A character that is written as an escape is meant, and shows what it is.
#include "compiler/check/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "compiler/unicode/unicode.h"

namespace writ::check {
namespace {

/// `p\u{430}yments`: as a string of the language can say it without letters that mislead.
std::string with_escapes(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = lead < 0x80 ? 1U : lead < 0xE0 ? 2U : lead < 0xF0 ? 3U : 4U;
    if (length == 1) {
      out += text[at];
    } else {
      std::uint32_t point = lead & (0xFFU >> (length + 1));
      for (std::size_t i = 1; i < length; ++i) {
        point = point << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
      }
      out += fmt::format("\\u{{{:x}}}", point);
    }
    at += length;
  }
  return out;
}

}  // namespace

void Policy::check_characters(const ast::Word& word) const {
  if (const auto hidden = unicode::first_invisible(word.text)) {
    report(diag::Code::InvisibleCharacter, word.span,
           fmt::format("this name holds {}, which nobody sees", unicode::name_of(hidden->point)),
           "a reader sees another name than the broker",
           "remove the character; a name that needs it can only be data");
    return;
  }
  if (unicode::is_ascii(sources.text(word.span))) {
    if (unicode::is_ascii(word.text)) {
      seen_names_.try_emplace(word.text, word.span);
    }
    return;
  }
  if (const std::string_view mixed = unicode::mixed_word(word.text); !mixed.empty()) {
    report(diag::Code::MixedScripts, word.span,
           fmt::format("`{}` is written in letters of several scripts", mixed),
           fmt::format("in escapes: `{}`", with_escapes(word.text)),
           "write it in one script; if the name is meant, put it in quotes and in escapes");
    return;
  }
  if (!unicode::is_nfc(word.text)) {
    report(diag::Code::NotNormal, word.span,
           fmt::format("`{}` is not in Unicode's normal form NFC", word.text),
           "names are compared byte by byte",
           fmt::format("write `{}`, or in escapes what is meant: `{}`",
                       with_escapes(unicode::to_nfc(word.text)), with_escapes(word.text)));
  }
  seen_names_.try_emplace(word.text, word.span);
}

void Policy::report_lookalikes() const {
  struct Seen {
    std::string looks;
    bool foreign = false;
    source::Span span;
    std::string_view text;
  };
  if (std::ranges::all_of(seen_names_, [](const auto& one) {
        return unicode::is_ascii(one.first);
      })) {
    return;  // names of one script that look alike (`l1`, `ll`) are nobody's trick
  }
  std::vector<Seen> all;
  for (const auto& [text, span] : seen_names_) {
    // INVARIANT: a name and its normal form have one skeleton, and W0511 speaks of them already.
    all.push_back({unicode::skeleton(text), !unicode::is_ascii(text), span, text});
  }
  // Of names that look alike the one in ASCII comes first, then the one that stands first.
  std::ranges::sort(all, {}, [](const Seen& one) {
    return std::tuple(std::string_view(one.looks), one.foreign, one.span.file.index,
                      one.span.begin);
  });
  for (std::size_t i = 1; i < all.size(); ++i) {
    const Seen& first = all[i - 1];
    const Seen& second = all[i];
    if (first.looks != second.looks || !second.foreign ||
        unicode::to_nfc(first.text) == unicode::to_nfc(second.text)) {
      continue;
    }
    report(diag::Code::Lookalike, second.span,
           fmt::format("`{}` looks like another name and is written in other letters", second.text),
           fmt::format("in escapes: `{}`", with_escapes(second.text)),
           "write the other name; if both are meant, put this one in quotes and in escapes",
           {{first.span, "looks the same"}});
  }
}

std::string lookalike(std::string_view name, const std::vector<std::string>& known) {
  const std::string looks = unicode::skeleton(name);
  for (const std::string& other : known) {
    const bool foreign = !unicode::is_ascii(name) || !unicode::is_ascii(other);
    if (foreign && other != name && unicode::skeleton(other) == looks) {
      return other;
    }
  }
  return {};
}

}  // namespace writ::check
