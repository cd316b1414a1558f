// What Unicode says of a name: its normal form, what it looks like, whether it mixes scripts, what
// of it nobody sees. Takes well-formed UTF-8 (compiler/source checked it). ICU lives and dies here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace writ::unicode {

/// Whether all of it is ASCII: then it is in NFC, of one script, and nothing below has to be asked.
[[nodiscard]] bool is_ascii(std::string_view text);

// SOURCE: Unicode Standard Annex 15.
[[nodiscard]] bool is_nfc(std::string_view text);
[[nodiscard]] std::string to_nfc(std::string_view text);

/// What a reader takes the text for: texts of one skeleton look alike.
// SOURCE: UTS 39 section 4, skeleton.
[[nodiscard]] std::string skeleton(std::string_view text);

/// Whether letters of scripts that are not written together stand side by side.
// SOURCE: UTS 39 section 5.2, less than "Highly Restrictive": one script, or Latin with those of
// Chinese, Japanese or Korean.
[[nodiscard]] bool mixes_scripts(std::string_view text);
/// The first run of letters, marks and digits that mixes scripts; empty: none.
[[nodiscard]] std::string_view mixed_word(std::string_view text);

/// A code point and where it stands.
struct Found {
  std::uint32_t point = 0;
  std::size_t begin = 0;  // bytes
  std::size_t end = 0;
};
/// The first character of a name that nobody sees: a control, or one that is ignored when shown.
[[nodiscard]] std::optional<Found> first_invisible(std::string_view text);
/// The first character at or after `from` that changes how the *rest* of a text is read: a control
/// (but tab and line ends), a bidirectional control, a separator of lines or paragraphs, a carriage
/// return without its line feed.
[[nodiscard]] std::optional<Found> first_misleading(std::string_view text, std::size_t from);
/// `U+202E RIGHT-TO-LEFT OVERRIDE`
[[nodiscard]] std::string name_of(std::uint32_t point);

}  // namespace writ::unicode
