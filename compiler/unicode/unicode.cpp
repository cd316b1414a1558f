#include "compiler/unicode/unicode.h"

#include "runtime/base/check.h"

#include <fmt/format.h>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uspoof.h>

#include <algorithm>
#include <array>
#include <memory>

namespace writ::unicode {
namespace {

icu::StringPiece piece(std::string_view text) {
  return {text.data(), static_cast<int32_t>(text.size())};
}

const icu::Normalizer2& nfc() {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* made = icu::Normalizer2::getNFCInstance(status);
  WRIT_CHECK(U_SUCCESS(status) && made != nullptr);
  return *made;
}

struct CloseSpoof {
  void operator()(USpoofChecker* checker) const { uspoof_close(checker); }
};

// Made once: it is not changed after, and its questions may come from any thread.
const USpoofChecker* spoof() {
  static const std::unique_ptr<USpoofChecker, CloseSpoof> kChecker = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<USpoofChecker, CloseSpoof> made(uspoof_open(&status));
    uspoof_setRestrictionLevel(made.get(), USPOOF_HIGHLY_RESTRICTIVE);
    uspoof_setChecks(made.get(), USPOOF_RESTRICTION_LEVEL, &status);
    WRIT_CHECK(U_SUCCESS(status));
    return made;
  }();
  return kChecker.get();
}

/// The code point at `at`, which is well formed.
Found read(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t k) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at + k]));
  };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80)
    return {lead, at, at + 1};
  if (lead < 0xE0)
    return {(lead & 0x1F) << 6 | (byte(1) & 0x3F), at, at + 2};
  if (lead < 0xF0)
    return {(lead & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), at, at + 3};
  return {(lead & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F),
          at, at + 4};
}

bool has(std::uint32_t point, UProperty property) {
  return u_hasBinaryProperty(static_cast<UChar32>(point), property) != 0;
}

bool in_word(std::uint32_t point) {
  const std::uint32_t mask = U_GET_GC_MASK(static_cast<UChar32>(point));
  return (mask & (U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK)) != 0;
}

}  // namespace

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_nfc(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const bool normal = nfc().isNormalizedUTF8(piece(text), status) != 0;
  WRIT_CHECK(U_SUCCESS(status));
  return normal;
}

std::string to_nfc(std::string_view text) {
  std::string out;
  icu::StringByteSink<std::string> sink(&out);
  UErrorCode status = U_ZERO_ERROR;
  nfc().normalizeUTF8(0, piece(text), sink, nullptr, status);
  WRIT_CHECK(U_SUCCESS(status));
  return out;
}

std::string skeleton(std::string_view text) {
  icu::UnicodeString made;
  UErrorCode status = U_ZERO_ERROR;
  uspoof_getSkeletonUnicodeString(spoof(), 0, icu::UnicodeString::fromUTF8(piece(text)), made,
                                  &status);
  WRIT_CHECK(U_SUCCESS(status));
  std::string out;
  return made.toUTF8String(out);
}

bool mixes_scripts(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const int32_t failed = uspoof_check2UTF8(spoof(), text.data(), static_cast<int32_t>(text.size()),
                                           nullptr, &status);
  WRIT_CHECK(U_SUCCESS(status));
  return failed != 0;
}

std::string_view mixed_word(std::string_view text) {
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= text.size();) {
    const bool end = at == text.size();
    const Found here = end ? Found{0, at, at + 1} : read(text, at);
    if (end || !in_word(here.point)) {
      const std::string_view word = text.substr(begin, at - begin);
      if (!is_ascii(word) && mixes_scripts(word))
        return word;
      begin = here.end;
    }
    at = here.end;
  }
  return {};
}

std::optional<Found> first_invisible(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const Found here = read(text, at);
    const bool control = u_charType(static_cast<UChar32>(here.point)) == U_CONTROL_CHAR;
    if (control || has(here.point, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
        has(here.point, UCHAR_BIDI_CONTROL) || here.point == 0x2028 || here.point == 0x2029)
      return here;
    at = here.end;
  }
  return std::nullopt;
}

std::optional<Found> first_misleading(std::string_view text, std::size_t from) {
  for (std::size_t at = from; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead >= 0x20 && lead < 0x7F) {
      ++at;
      continue;
    }
    const Found here = read(text, at);
    const bool line_end = lead == '\n' || (lead == '\r' && text.substr(at + 1).starts_with('\n'));
    const bool control =
        lead != '\t' && !line_end && u_charType(static_cast<UChar32>(here.point)) == U_CONTROL_CHAR;
    if (control || has(here.point, UCHAR_BIDI_CONTROL) || here.point == 0x2028 ||
        here.point == 0x2029)
      return here;
    at = here.end;
  }
  return std::nullopt;
}

std::string name_of(std::uint32_t point) {
  // The longest name of Unicode 15 has 88 letters; an extended one says the class of a control.
  std::array<char, 128> name{};
  UErrorCode status = U_ZERO_ERROR;
  u_charName(static_cast<UChar32>(point), U_UNICODE_CHAR_NAME, name.data(),
             static_cast<int32_t>(name.size()), &status);
  const std::string_view found = U_SUCCESS(status) ? std::string_view(name.data()) : "";
  return found.empty() ? fmt::format("U+{:04X}", point) : fmt::format("U+{:04X} {}", point, found);
}

}  // namespace writ::unicode
