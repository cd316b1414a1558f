#include "compiler/convert/kafka_acls/quoted.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <unordered_map>

#include <fmt/format.h>

#include "compiler/unicode/unicode.h"

namespace writ::convert::kafka_acls {
namespace {

std::string_view name_of_principal(std::string_view principal) {
  return principal.substr(principal.find(':') + 1);
}

void escape(std::string& out, std::string_view character) {
  const auto lead = static_cast<unsigned char>(character[0]);
  std::uint32_t point = lead & (0xFFU >> (character.size() + 1));
  for (const char c : character.substr(1)) {
    point = point << 6 | (static_cast<unsigned char>(c) & 0x3FU);
  }
  out += fmt::format("\\u{{{:x}}}", point);
}

/// What stands behind `User:` without quotes: letters, digits and `_`, inside also `.`, `@`, `-`.
bool is_plain(std::string_view name) {
  const auto word = [](char c) {
    return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0;
  };
  return !name.empty() && unicode::is_ascii(name) && word(name.front()) && word(name.back()) &&
         std::ranges::all_of(name, [&](char c) {
           return word(c) || c == '.' || c == '@' || c == '-';
         });
}

}  // namespace

// Names that look alike are each written in escapes, all but the one in ASCII.
Names::Names(std::span<const Acl> acls) {
  const auto all_ascii = [](const Acl& acl) {
    return unicode::is_ascii(acl.name) && unicode::is_ascii(acl.principal);
  };
  if (std::ranges::all_of(acls, all_ascii)) {
    return;
  }
  std::unordered_map<std::string, std::string_view> looks;
  std::unordered_set<std::string_view> seen;
  const auto add = [&](std::string_view name) {
    if (!seen.insert(name).second) {
      return;
    }
    const auto [at, fresh] = looks.try_emplace(unicode::skeleton(name), name);
    if (!fresh) {
      lookalikes_.insert(at->second);
      lookalikes_.insert(name);
    }
  };
  for (const Acl& acl : acls) {
    add(acl.name);
    add(name_of_principal(acl.principal));
  }
}

std::optional<std::string> Names::quoted(std::string_view name) const {
  if (unicode::first_invisible(name)) {
    return std::nullopt;
  }
  const bool readable = unicode::is_ascii(name) ||
                        (unicode::is_nfc(name) && unicode::mixed_word(name).empty() &&
                         !unicode::first_misleading(name, 0) && !lookalikes_.contains(name));
  std::string out = "\"";
  for (std::size_t at = 0; at < name.size();) {
    const auto lead = static_cast<unsigned char>(name[at]);
    const std::size_t length = lead < 0x80 ? 1U : lead < 0xE0 ? 2U : lead < 0xF0 ? 3U : 4U;
    const std::string_view character = name.substr(at, length);
    if (character == "\"" || character == "\\") {
      out += '\\';
    }
    if (length > 1 && !readable) {
      escape(out, character);
    } else {
      out += character;
    }
    at += length;
  }
  out += '"';
  return out.size() < source::kTokenBytesMax ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<std::string> Names::principal(std::string_view principal, bool deny) const {
  if (principal == "User:*") {
    return deny ? "any" : "any, anonymous";
  }
  constexpr std::string_view kType = "User:";
  const std::string_view name = name_of_principal(principal);
  if (!principal.starts_with(kType) || name.empty()) {
    return std::nullopt;
  }
  if (is_plain(name)) {
    return std::string(principal);
  }
  const auto text = quoted(name);
  // The type stands in the same token.
  if (!text || text->size() + kType.size() > source::kTokenBytesMax) {
    return std::nullopt;
  }
  return std::string(kType) + *text;
}

}  // namespace writ::convert::kafka_acls
