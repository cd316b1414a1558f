// A session and a resource's name as bytes, for the ring and its dictionary. Decoding trusts
// nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/value/request.h"

namespace writ::audit {

void encode_session(const SessionFacts& facts, std::string& out);
[[nodiscard]] std::optional<SessionFacts> decode_session(std::string_view bytes);

// Entry::name of a longer name: so many bytes of its front, its length in eight bytes, its SHA-256.
// A name up to here stands as it is, so the size tells which it is.
inline constexpr std::size_t kNameWholeBytesMax = 1'024;
inline constexpr std::size_t kCutNameBytes = kNameWholeBytesMax + 8 + 32;
void append_name(std::string_view name, std::string& out);
struct NameSeen {
  std::string_view front;    // the whole name where `digest` is empty
  std::uint64_t length = 0;  // of the name
  std::string_view digest;   // SHA-256, 32 bytes
};
[[nodiscard]] NameSeen name_seen(std::string_view entry_name);

}  // namespace writ::audit
