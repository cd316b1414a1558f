// The file → contents that may be believed. Order: header, envelope, signatures, manifest,
// sections; nothing is read for its meaning before what stands ahead of it is proven.
#include <algorithm>

#include <fmt/format.h>

#include "runtime/base/beside.h"
#include "runtime/bundle/format.h"
#include "runtime/crypto/keys.h"

namespace writ::bundle {
namespace {

struct TrustedKey {
  crypto::RawKey raw;
  std::string id;
  const std::string* pem = nullptr;
};

Result<std::vector<TrustedKey>> trusted_keys(const Trust& trust) {
  std::vector<TrustedKey> keys;
  for (std::size_t i = 0; i < trust.public_keys_pem.size(); ++i) {
    const std::string& pem = trust.public_keys_pem[i];
    auto raw = crypto::raw_public(pem);
    if (raw && pem.find("PRIVATE KEY-----") != std::string::npos) {
      return fail(ErrorCode::Malformed,
                  "a private key is no key to trust: give its public part, NAME.pub.pem",
                  fmt::format("trusted key {}", i + 1));
    }
    if (!raw) {
      return fail(raw.error().code, raw.error().message, fmt::format("trusted key {}", i + 1));
    }
    // One key under two names counts once.
    if (std::ranges::find(keys, *raw, &TrustedKey::raw) == keys.end()) {
      keys.push_back({*raw, crypto::key_id(*raw), &pem});
    }
  }
  if (keys.empty()) {
    return fail(ErrorCode::Usage, "say whom to trust: no bundle is read without a public key");
  }
  if (trust.threshold == 0 || trust.threshold > keys.size()) {
    return fail(ErrorCode::Usage,
                fmt::format("{} signatures cannot come from {} trusted keys", trust.threshold,
                            keys.size()));
  }
  return keys;
}

template <class Range, class Id>
std::string id_list(const Range& range, Id id) {
  std::string text;
  for (const auto& element : range) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", std::invoke(id, element));
  }
  return text.empty() ? "none" : text;
}

// Which key made the signature, whatever its hint says; null: none of these.
Result<const TrustedKey*> maker_of(const Signature& signature, std::span<const std::byte> message,
                                   std::span<const TrustedKey> keys) {
  for (const TrustedKey& key : keys) {
    WRIT_ASSIGN(good, crypto::verify(*key.pem, message, signature.bytes));
    if (good && key.id != signature.key_id) {
      return fail(ErrorCode::Malformed,
                  fmt::format("a signature of key {} carries the id of another", key.id),
                  "envelope");
    }
    if (good) {
      return &key;
    }
  }
  if (std::ranges::find(keys, signature.key_id, &TrustedKey::id) != keys.end()) {
    return fail(ErrorCode::Signature,
                fmt::format("the signature of key {} does not fit the manifest: one of them was "
                            "altered after signing",
                            signature.key_id),
                "envelope");
  }
  return nullptr;
}

Status check_signatures(std::span<const Signature> signatures, std::span<const std::byte> manifest,
                        const Trust& trust, std::vector<Signer>& signers) {
  WRIT_ASSIGN(keys, trusted_keys(trust));
  const std::vector<std::byte> message = pre_authentication(manifest);
  std::vector<const TrustedKey*> makers;
  for (const Signature& signature : signatures) {
    WRIT_ASSIGN(maker, maker_of(signature, message, keys));
    signers.push_back({signature.key_id, maker != nullptr});
    if (maker != nullptr && std::ranges::find(makers, maker) == makers.end()) {
      makers.push_back(maker);
    }
  }
  if (makers.size() < trust.threshold) {
    return fail(ErrorCode::Signature,
                fmt::format("{} of {} needed signatures are by trusted keys; signed by: {}; "
                            "trusted: {}",
                            makers.size(), trust.threshold, id_list(signatures, &Signature::key_id),
                            id_list(keys, &TrustedKey::id)),
                "envelope");
  }
  return {};
}

// Between areas and sections there are zeros, so that no byte of the file may be altered.
bool zeros(std::span<const std::byte> file, std::uint64_t begin, std::uint64_t end) {
  const auto gap = file.subspan(begin, end - begin);
  return std::ranges::all_of(gap, [](std::byte byte) { return byte == std::byte{0}; });
}

Result<std::vector<Section>> find_sections(std::span<const std::byte> file, const Header& header,
                                           const Manifest& manifest) {
  std::vector<Section> parts;
  std::uint64_t end = header.sections_offset;
  for (const Manifest::Section& section : manifest.sections) {
    // No overflow: decode_manifest keeps the sum of both below half of the range.
    const std::uint64_t left = file.size() - header.sections_offset;
    if (section.offset > left || section.bytes > left - section.offset) {
      return fail(ErrorCode::Malformed, "the section ends after the file", section.name);
    }
    const std::uint64_t begin = header.sections_offset + section.offset;
    if (!zeros(file, end, begin)) {
      return fail(ErrorCode::Malformed, "there are bytes before the section", section.name);
    }
    parts.push_back({section.name, file.subspan(begin, section.bytes)});
    end = begin + section.bytes;
  }
  if (end != file.size()) {
    return fail(ErrorCode::Malformed, "there are bytes after the last section",
                manifest.sections.back().name);
  }
  return parts;
}

// Below this a thread costs more than it saves.
constexpr std::size_t kHashedAloneBytes = std::size_t{4} << 20;

/// Hashes every section; the largest of a large bundle on a thread of its own.
Status check_digests(std::span<const Section> parts, const Manifest& manifest,
                     const OnSection& on_section) {
  // A byte each, since two threads write them.
  std::vector<std::uint8_t> proven(parts.size(), 0);
  const auto check = [&](std::size_t at) {
    const Section& section = parts[at];
    if (crypto::hex(crypto::sha256(section.bytes)) != manifest.sections[at].sha256) return;
    proven[at] = 1;
    if (on_section) on_section(section);
  };
  const auto largest = std::ranges::max_element(
      parts, {}, [](const Section& section) { return section.bytes.size(); });
  const auto apart = static_cast<std::size_t>(largest - parts.begin());
  const auto others = [&] {
    for (std::size_t at = 0; at < parts.size(); ++at) {
      if (at != apart) check(at);
    }
  };
  if (largest->bytes.size() < kHashedAloneBytes) {
    check(apart);
    others();
  } else {
    side_by_side([&] { check(apart); }, others);
  }
  const auto wrong = std::ranges::find(proven, 0);
  if (wrong == proven.end()) return {};
  return fail(ErrorCode::Malformed, "the section is not what was signed: its digest differs",
              parts[static_cast<std::size_t>(wrong - proven.begin())].name);
}

// Who cut the file is told which section is not whole, as far as the manifest is there to say it.
// The header was sound but for the length, so the areas before the sections are all there.
Error name_section(Error error, std::span<const std::byte> file) {
  if (error.where != kSectionsArea) {
    return error;
  }
  const Header header = header_fields(file);
  const auto manifest =
      decode_manifest(file.subspan(header.manifest_offset, header.manifest_bytes));
  if (!manifest) {
    return error;
  }
  for (const Manifest::Section& section : manifest->sections) {
    if (section.offset + section.bytes > file.size() - header.sections_offset) {
      error.where = section.name;
      break;
    }
  }
  return error;
}

Result<Contents> read_checked(std::span<const std::byte> file, const Trust* trust,
                              const OnSection& on_section) {
  auto header = decode_header(file);
  if (!header) {
    return std::unexpected(name_section(std::move(header.error()), file));
  }
  const auto envelope = file.subspan(header->envelope_offset, header->envelope_bytes);
  const auto manifest_bytes = file.subspan(header->manifest_offset, header->manifest_bytes);
  if (!zeros(file, header->envelope_offset + envelope.size(), header->manifest_offset) ||
      !zeros(file, header->manifest_offset + manifest_bytes.size(), header->sections_offset)) {
    return fail(ErrorCode::Malformed, "there are bytes between the parts of the file", "manifest");
  }
  WRIT_ASSIGN(signatures, decode_envelope(envelope));
  Contents contents;
  if (trust != nullptr) {
    WRIT_TRY(check_signatures(signatures, manifest_bytes, *trust, contents.signers));
  } else {
    for (const Signature& signature : signatures) {
      contents.signers.push_back({signature.key_id, false});
    }
  }
  contents.digest = crypto::hex(crypto::sha256(manifest_bytes));
  WRIT_ASSIGN(manifest, decode_manifest(manifest_bytes));
  WRIT_ASSIGN(parts, find_sections(file, *header, manifest));
  WRIT_TRY(check_digests(parts, manifest, on_section));
  contents.manifest = std::move(manifest);
  contents.parts = std::move(parts);
  return contents;
}

}  // namespace

Result<Contents> read(std::span<const std::byte> file, const Trust& trust,
                      const OnSection& on_section) {
  return read_checked(file, &trust, on_section);
}

Result<Contents> read_for_inspection(std::span<const std::byte> file) {
  return read_checked(file, nullptr, {});
}

}  // namespace writ::bundle
