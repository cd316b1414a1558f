// Parts and keys → the file.
#include <algorithm>

#include <fmt/format.h>

#include "runtime/base/limits.h"
#include "runtime/bundle/format.h"
#include "runtime/crypto/keys.h"

namespace writ::bundle {
namespace {

Status place_sections(Manifest& manifest, std::span<const Part> parts) {
  if (parts.empty() || parts.size() > kSectionsMax) {
    return fail(ErrorCode::Usage, fmt::format("a bundle has 1 to {} sections", kSectionsMax));
  }
  manifest.sections.clear();
  std::uint64_t end = 0;
  for (const Part& part : parts) {
    const bool twice = std::ranges::any_of(
        manifest.sections, [&](const auto& section) { return section.name == part.name; });
    if (!is_section_name(part.name) || twice) {
      return fail(ErrorCode::Usage,
                  fmt::format("`{}` is not a section's name, or is there twice", part.name));
    }
    const std::uint64_t offset = aligned(end);
    manifest.sections.push_back(
        {part.name, offset, part.bytes.size(), crypto::hex(crypto::sha256(part.bytes))});
    end = offset + part.bytes.size();
  }
  return {};
}

Result<std::vector<Signature>> sign_all(std::span<const std::byte> manifest,
                                        std::span<const std::string> keys) {
  if (keys.empty() || keys.size() > kSignaturesMax) {
    return fail(ErrorCode::Usage,
                fmt::format("a bundle is signed by 1 to {} keys: there is no unsigned bundle",
                            kSignaturesMax));
  }
  const std::vector<std::byte> message = pre_authentication(manifest);
  std::vector<std::pair<crypto::RawKey, Signature>> signatures;
  for (const std::string& pem : keys) {
    WRIT_ASSIGN(raw, crypto::raw_public(pem));
    WRIT_ASSIGN(bytes, crypto::sign(pem, message));
    signatures.push_back({raw, {crypto::key_id(raw), std::move(bytes)}});
  }
  std::ranges::sort(signatures, {}, [](const auto& entry) {
    return std::pair(std::string_view(entry.second.key_id), entry.first);
  });
  const auto twice = std::ranges::adjacent_find(signatures, {}, [](const auto& entry) {
    return entry.first;
  });
  if (twice != signatures.end()) {
    return fail(ErrorCode::Usage,
                fmt::format("key {} is given twice: it counts once", twice->second.key_id));
  }
  std::vector<Signature> sorted;
  for (auto& [raw, signature] : signatures) sorted.push_back(std::move(signature));
  return sorted;
}

void put(std::vector<std::byte>& file, std::uint64_t offset, std::span<const std::byte> bytes) {
  std::ranges::copy(bytes, file.begin() + static_cast<std::ptrdiff_t>(offset));
}

}  // namespace

Result<std::vector<std::byte>> write(Manifest manifest, std::span<const Part> parts,
                                     std::span<const std::string> private_keys_pem) {
  WRIT_TRY(place_sections(manifest, parts));
  WRIT_ASSIGN(manifest_bytes, encode_manifest(manifest));
  WRIT_ASSIGN(signatures, sign_all(manifest_bytes, private_keys_pem));
  const std::vector<std::byte> envelope = encode_envelope(signatures);
  Header header = header_for(envelope.size(), manifest_bytes.size());
  const Manifest::Section& last = manifest.sections.back();
  header.file_bytes = header.sections_offset + last.offset + last.bytes;
  if (envelope.size() > kEnvelopeBytesMax || manifest_bytes.size() > kManifestBytesMax ||
      header.file_bytes > limits::kBundleBytesMax) {
    return fail(ErrorCode::Limit,
                fmt::format("a bundle has at most {} bytes, its manifest {}",
                            limits::kBundleBytesMax, kManifestBytesMax));
  }
  std::vector<std::byte> file(header.file_bytes);
  put(file, 0, encode_header(header));
  put(file, header.envelope_offset, envelope);
  put(file, header.manifest_offset, manifest_bytes);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    put(file, header.sections_offset + manifest.sections[i].offset, parts[i].bytes);
  }
  return file;
}

}  // namespace writ::bundle
