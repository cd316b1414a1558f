#include "runtime/audit/json_writer.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace writ::audit {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kHexDigits = "0123456789abcdef";

struct Range {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};
// Characters that show nothing, move the cursor or reorder what is shown around them. Ascending.
// SOURCE: Unicode 15, general categories Cc, Cf, Zl and Zp.
constexpr std::array<Range, 21> kInvisible = {{
    {0x00, 0x1F},       {0x7F, 0x9F},       {0xAD, 0xAD},       {0x600, 0x605},
    {0x61C, 0x61C},     {0x6DD, 0x6DD},     {0x70F, 0x70F},     {0x890, 0x891},
    {0x8E2, 0x8E2},     {0x180E, 0x180E},   {0x200B, 0x200F},   {0x2028, 0x202E},
    {0x2060, 0x206F},   {0xFEFF, 0xFEFF},   {0xFFF9, 0xFFFB},   {0x110BD, 0x110BD},
    {0x110CD, 0x110CD}, {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
    {0xE0000, 0xE007F},
}};

bool invisible(std::uint32_t code) {
  const auto range = std::ranges::lower_bound(kInvisible, code, {}, &Range::last);
  return range != kInvisible.end() && range->first <= code;
}

struct Character {
  std::uint32_t code = 0;
  std::size_t bytes = 0;  // 0: not a character of UTF-8
};

// SOURCE: RFC 3629, strict: no overlong forms, no surrogates, nothing above U+10FFFF.
Character decode(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xF0 ? 4U : lead >= 0xE0 ? 3U : 2U;
  if (lead < 0xC2 || lead > 0xF4 || bytes > text.size()) return {};
  std::uint32_t code = lead & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {};
    code = code << 6 | (byte(i) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x1'0000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kSmallest[bytes] || surrogate || code > 0x10'FFFF) return {};
  return {code, bytes};
}

void append_unit(std::string& out, std::uint32_t unit) {
  out += "\\u";
  for (const int shift : {12, 8, 4, 0}) out += kHexDigits[unit >> shift & 15U];
}

void append_escaped(std::string& out, std::uint32_t code) {
  if (code < 0x1'0000) {
    append_unit(out, code);
    return;
  }
  append_unit(out, 0xD800U + ((code - 0x1'0000U) >> 10));
  append_unit(out, 0xDC00U + ((code - 0x1'0000U) & 0x3FFU));
}

// How many bytes of the front stand as they are: printable ASCII but for quote and backslash. Eight
// at a time; a byte that borrows from its neighbour only ends the run early.
std::size_t plain_front(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101;
  constexpr std::uint64_t kTops = 0x8080'8080'8080'8080;
  const auto holds_zero = [](std::uint64_t word) { return (word - kOnes) & ~word & kTops; };
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    const std::uint64_t below_space = (word - kOnes * 0x20) & ~word & kTops;
    const std::uint64_t special = holds_zero(word ^ kOnes * '"') | holds_zero(word ^ kOnes * '\\') |
                                  holds_zero(word ^ kOnes * 0x7F);
    if ((below_space | special | (word & kTops)) != 0) break;
  }
  const auto plain = [](char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; };
  while (at < text.size() && plain(text[at])) ++at;
  return at;
}

}  // namespace

Fidelity append_json(std::string& out, std::string_view text) {
  Fidelity fidelity = Fidelity::Exact;
  out += '"';
  for (;;) {
    const std::size_t plain = plain_front(text);
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    const Character character = decode(text);
    if (character.bytes == 0) {
      out += kReplacement;
      fidelity = Fidelity::Replaced;
      text.remove_prefix(1);
      continue;
    }
    if (character.code == '"' || character.code == '\\') {
      out += '\\';
      out += text.front();
    } else if (invisible(character.code)) {
      append_escaped(out, character.code);
    } else {
      out += text.substr(0, character.bytes);
    }
    text.remove_prefix(character.bytes);
  }
  out += '"';
  return fidelity;
}

std::string_view front(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
  };
  std::size_t end = bytes_max;
  // A character has at most three further bytes; more than that is no UTF-8, and cut anywhere.
  while (end > 0 && bytes_max - end < 3 && continues(end)) --end;
  return text.substr(0, continues(end) ? bytes_max : end);
}

// The last byte tells whether a member stands before: a text ends in a quote, never in a brace.
void JsonWriter::separate() {
  if (!out_.empty() && out_.back() != '{' && out_.back() != '[' && out_.back() != '\n') out_ += ',';
}
void JsonWriter::name(std::string_view name) {
  separate();
  out_ += '"';
  out_ += name;
  out_ += "\":";
}
void JsonWriter::begin_object() {
  separate();
  out_ += '{';
}
void JsonWriter::begin_object(std::string_view of) {
  name(of);
  out_ += '{';
}
void JsonWriter::end_object() { out_ += '}'; }
void JsonWriter::begin_list(std::string_view of) {
  name(of);
  out_ += '[';
}
void JsonWriter::end_list() { out_ += ']'; }
Fidelity JsonWriter::text(std::string_view of, std::string_view value) {
  name(of);
  return append_json(out_, value);
}
Fidelity JsonWriter::text(std::string_view value) {
  separate();
  return append_json(out_, value);
}
void JsonWriter::number(std::string_view of, std::uint64_t value) {
  name(of);
  out_ += std::to_string(value);
}
void JsonWriter::raw(std::string_view of, std::string_view json) {
  name(of);
  out_ += json;
}
void JsonWriter::boolean(std::string_view of, bool value) {
  name(of);
  out_ += value ? "true" : "false";
}

}  // namespace writ::audit
