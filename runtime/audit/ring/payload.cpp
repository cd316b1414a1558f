#include "runtime/audit/ring/payload.h"

#include "runtime/audit/append.h"

namespace writ::audit::ring {

bool PayloadWriter::add(Part part, std::string_view bytes) {
  if (kPartHeadBytes + bytes.size() > left()) return false;
  append_integer(bytes_, static_cast<std::uint8_t>(part));
  append_integer(bytes_, static_cast<std::uint16_t>(bytes.size()));
  bytes_ += bytes;
  return true;
}

std::optional<Parts> read_parts(std::string_view payload) {
  Parts parts;
  ByteReader in(std::as_bytes(std::span(payload)));
  // The last slot is filled up with zeros, which are no part.
  while (in.left() >= kPartHeadBytes) {
    const auto type = in.integer<std::uint8_t>();
    if (type == 0) break;
    const std::string_view bytes = in.text(in.integer<std::uint16_t>());
    if (in.failed()) return std::nullopt;
    std::optional<std::string_view>* part = nullptr;
    switch (static_cast<Part>(type)) {
      case Part::Name: part = &parts.name; break;
      case Part::Kind: part = &parts.kind; break;
      case Part::Operation: part = &parts.operation; break;
      case Part::Attributes: part = &parts.attributes; break;
      case Part::Text: part = &parts.text; break;
    }
    if (part == nullptr || part->has_value()) return std::nullopt;
    *part = bytes;
  }
  return parts;
}

}  // namespace writ::audit::ring
