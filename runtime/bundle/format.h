// The bytes of a bundle (docs/internals/bundle.md): header, DSSE envelope, manifest, sections. The
// writer and the reader share this and nothing else. Every byte of a file is one of: a field that
// has one right value, the signed manifest, what the manifest's digests cover, zero padding.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/bundle/bundle.h"

namespace writ::bundle {

inline constexpr std::array<char, 6> kMagic = {'W', 'R', 'I', 'T', 'B', '\0'};
inline constexpr std::uint16_t kFormatVersion = 1;
inline constexpr std::string_view kPayloadType = "application/vnd.writ.manifest+json";
// A cache line: sections may be read in place by whoever has the file in memory.
inline constexpr std::uint64_t kAlignmentBytes = 64;

// Names of scopes are what makes a manifest long: a hundred thousand clusters fit.
inline constexpr std::uint64_t kManifestBytesMax = std::uint64_t{16} << 20;
// 64 signatures of some 130 bytes.
inline constexpr std::uint64_t kEnvelopeBytesMax = std::uint64_t{16} << 10;
inline constexpr std::size_t kSignaturesMax = 64;
inline constexpr std::size_t kSectionsMax = 64;
inline constexpr std::size_t kSectionNameBytesMax = 32;

/// What this engine has beyond format version 1. A bundle that needs anything else is refused.
inline constexpr std::array<std::string_view, 0> kFeatures = {};

/// The file's first 64 bytes. Offsets are from the start of the file, ascending, aligned.
struct Header {
  std::uint64_t file_bytes = 0;
  std::uint64_t envelope_offset = 0;
  std::uint64_t envelope_bytes = 0;
  std::uint64_t manifest_offset = 0;
  std::uint64_t manifest_bytes = 0;
  std::uint64_t sections_offset = 0;
};
inline constexpr std::uint64_t kHeaderBytes = 64;

/// The place after `end` where the next area begins.
[[nodiscard]] constexpr std::uint64_t aligned(std::uint64_t end) {
  return (end + kAlignmentBytes - 1) / kAlignmentBytes * kAlignmentBytes;
}

/// The only header that fits these sizes but for `file_bytes`.
[[nodiscard]] Header header_for(std::uint64_t envelope_bytes, std::uint64_t manifest_bytes);
[[nodiscard]] std::vector<std::byte> encode_header(const Header& header);
/// The fields as they stand there, unchecked, of a file that has kHeaderBytes.
[[nodiscard]] Header header_fields(std::span<const std::byte> file);
/// `where` of a file that ends within its sections.
inline constexpr std::string_view kSectionsArea = "sections";
/// Checks the header and the file's length against it. *errors* Malformed, Unsupported, Limit.
[[nodiscard]] Result<Header> decode_header(std::span<const std::byte> file);

struct Signature {
  std::string key_id;
  std::vector<std::byte> bytes;
};
/// What is signed: DSSE's pre-authentication encoding, which binds the payload's type.
[[nodiscard]] std::vector<std::byte> pre_authentication(std::span<const std::byte> manifest);
/// JSON: `{"payloadType":…,"signatures":[{"keyid":…,"sig":…}]}`; the payload is the manifest.
[[nodiscard]] std::vector<std::byte> encode_envelope(std::span<const Signature> signatures);
/// *errors* Malformed when it is not byte for byte what encode_envelope writes.
[[nodiscard]] Result<std::vector<Signature>> decode_envelope(std::span<const std::byte> bytes);

/// Canonical JSON: keys sorted, no spaces, 64-bit numbers exact, what has its default left out.
/// *errors* Malformed when a text is not UTF-8.
[[nodiscard]] Result<std::vector<std::byte>> encode_manifest(const Manifest& manifest);
/// *errors* Unsupported for a feature that this engine lacks, Malformed when it is not byte for
/// byte what encode_manifest writes or its sections do not lie side by side.
[[nodiscard]] Result<Manifest> decode_manifest(std::span<const std::byte> bytes);

/// Lower-case letters, digits, `-` and `_`, a letter first.
[[nodiscard]] bool is_section_name(std::string_view name);

}  // namespace writ::bundle
