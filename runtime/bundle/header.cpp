// The fixed 64 bytes, and what may stand in them.
#include <algorithm>

#include <fmt/format.h>

#include "runtime/base/bytes.h"
#include "runtime/base/limits.h"
#include "runtime/bundle/format.h"

namespace writ::bundle {
namespace {

constexpr std::size_t kReservedOffset = 56;

Status whole(std::span<const std::byte> file, const Header& header) {
  const std::uint64_t size = file.size();
  if (size == header.file_bytes) {
    return {};
  }
  if (size > header.file_bytes) {
    return fail(ErrorCode::Malformed,
                fmt::format("{} bytes follow the end of the bundle", size - header.file_bytes),
                "file");
  }
  const std::string_view area = size < header.manifest_offset   ? "envelope"
                                : size < header.sections_offset ? "manifest"
                                                                : kSectionsArea;
  return fail(ErrorCode::Malformed,
              fmt::format("truncated: {} of {} bytes are there", size, header.file_bytes),
              std::string(area));
}

}  // namespace

Header header_for(std::uint64_t envelope_bytes, std::uint64_t manifest_bytes) {
  Header header;
  header.envelope_offset = kHeaderBytes;
  header.envelope_bytes = envelope_bytes;
  header.manifest_offset = aligned(header.envelope_offset + envelope_bytes);
  header.manifest_bytes = manifest_bytes;
  header.sections_offset = aligned(header.manifest_offset + manifest_bytes);
  return header;
}

std::vector<std::byte> encode_header(const Header& header) {
  ByteWriter out;
  out.text({kMagic.data(), kMagic.size()});
  out.integer(kFormatVersion);
  out.integer(header.file_bytes);
  out.integer(header.envelope_offset);
  out.integer(header.envelope_bytes);
  out.integer(header.manifest_offset);
  out.integer(header.manifest_bytes);
  out.integer(header.sections_offset);
  out.integer(std::uint64_t{0});
  return out.take();
}

Header header_fields(std::span<const std::byte> file) {
  ByteReader in(file.subspan(kMagic.size() + sizeof kFormatVersion));
  Header header;
  header.file_bytes = in.integer<std::uint64_t>();
  header.envelope_offset = in.integer<std::uint64_t>();
  header.envelope_bytes = in.integer<std::uint64_t>();
  header.manifest_offset = in.integer<std::uint64_t>();
  header.manifest_bytes = in.integer<std::uint64_t>();
  header.sections_offset = in.integer<std::uint64_t>();
  return header;
}

Result<Header> decode_header(std::span<const std::byte> file) {
  ByteReader in(file);
  const std::string_view magic = in.text(std::min(kMagic.size(), file.size()));
  if (magic.empty() || magic != std::string_view(kMagic.data(), magic.size())) {
    return fail(ErrorCode::Malformed, "this is not a bundle: `writ build` writes one", "header");
  }
  if (file.size() < kHeaderBytes) {
    return fail(ErrorCode::Malformed,
                fmt::format("truncated: {} bytes, of which the header alone has {}", file.size(),
                            kHeaderBytes),
                "header");
  }
  const auto version = in.integer<std::uint16_t>();
  if (version != kFormatVersion) {
    return fail(ErrorCode::Unsupported,
                fmt::format("this engine reads bundles of format {}, this one is of format {}",
                            kFormatVersion, version),
                "header");
  }
  const Header header = header_fields(file);
  const auto reserved = load_integer<std::uint64_t>(file.data() + kReservedOffset);
  if (header.file_bytes > limits::kBundleBytesMax) {
    return fail(ErrorCode::Limit,
                fmt::format("a bundle has at most {} bytes, this one says {}",
                            limits::kBundleBytesMax, header.file_bytes),
                "header");
  }
  if (header.envelope_bytes > kEnvelopeBytesMax || header.manifest_bytes > kManifestBytesMax) {
    return fail(ErrorCode::Limit,
                fmt::format("at most {} bytes of envelope and {} of manifest are read",
                            kEnvelopeBytesMax, kManifestBytesMax),
                "header");
  }
  // The sizes are small by now, so nothing below overflows.
  const Header right = header_for(header.envelope_bytes, header.manifest_bytes);
  if (header.envelope_offset != right.envelope_offset ||
      header.manifest_offset != right.manifest_offset ||
      header.sections_offset != right.sections_offset || reserved != 0 ||
      header.file_bytes < right.sections_offset) {
    return fail(ErrorCode::Malformed, "the header's offsets do not fit together", "header");
  }
  WRIT_TRY(whole(file, header));
  return header;
}

}  // namespace writ::bundle
