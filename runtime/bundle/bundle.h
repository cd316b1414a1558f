// The signed bundle, one file (`.writb`): header, DSSE envelope over the manifest, manifest,
// sections, each with its SHA-256 in the manifest. Reader and writer trust nothing of each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/ir/program.h"
#include "runtime/ir/verify.h"

namespace writ::bundle {

/// What the signature speaks of. Serialised as canonical JSON (sorted keys, no spaces).
struct Manifest {
  std::string package;
  std::uint64_t version = 0;
  std::uint32_t edition = 0;
  std::vector<std::pair<std::string, std::string>> models;  // name, version text
  std::vector<std::string> clusters;                        // ids of the scope tree's leaves
  std::vector<std::string> features;  // what an engine must have; unknown: refused
  std::int64_t built_us = 0;  // 0 unless asked for: same input, same bytes
  std::int64_t not_before_us = INT64_MIN;
  std::int64_t expires_us = INT64_MAX;
  // Of a bundle that says again what an older one said: the older one's digest, and why.
  std::string same_as;
  std::string reason;
  ir::Cost cost;
  std::uint64_t grants = 0;
  struct Section {
    std::string name;     // program, tables, golden, …
    std::uint64_t offset = 0;  // from the start of the section area
    std::uint64_t bytes = 0;
    std::string sha256;   // hex
  };
  std::vector<Section> sections;
};

/// A section to be written.
struct Part {
  std::string name;
  std::vector<std::byte> bytes;
};

/// Signs with every key (PEM, PKCS#8 Ed25519) and lays out the file; offsets, sizes and digests of
/// `manifest.sections` are filled in. Same input, same bytes, whatever the order of the keys.
/// *errors* Usage: no key, one key twice, no part, a part's name that is none; Malformed: text that
/// is not UTF-8, a key that is none; Limit.
[[nodiscard]] Result<std::vector<std::byte>> write(Manifest manifest, std::span<const Part> parts,
                                                   std::span<const std::string> private_keys_pem);

struct Trust {
  std::vector<std::string> public_keys_pem;
  std::uint32_t threshold = 1;
};
struct Signer {
  std::string key_id;   // hint: hex SHA-256 of the raw public key, first 16 digits
  bool trusted = false;
};
/// A section where it lies in the file: valid as long as the file's bytes.
struct Section {
  std::string name;
  std::span<const std::byte> bytes;
};
struct Contents {
  Manifest manifest;
  std::string digest;              // SHA-256 of the manifest bytes, hex
  std::vector<Signer> signers;
  std::vector<Section> parts;      // hashed and equal to the manifest
};
/// Called with each section when its digest is proven, so that decoding starts while others are
/// still hashed. Threads: large bundles are hashed by two, so calls may overlap. What a call makes
/// is worth nothing unless read() succeeds.
using OnSection = std::function<void(const Section& section)>;
/// Verifies everything: layout, signatures of at least `threshold` distinct trusted keys, digests.
/// *errors* Usage: nobody to trust, a threshold that cannot be met; Malformed: truncated, not a
/// bundle, altered (`where` names the section); Signature: altered after signing, or by too few
/// trusted keys (names the ids found and trusted); Unsupported: a format or feature of a newer
/// engine; Limit. *lifetime* the contents lie in `file`, which nobody may change from the call on:
/// memory of one's own, never a mapped file.
[[nodiscard]] Result<Contents> read(std::span<const std::byte> file, const Trust& trust,
                                    const OnSection& on_section = {});
/// For `writ inspect` without --trust: the same checks but for who signed. Never decide from it.
[[nodiscard]] Result<Contents> read_for_inspection(std::span<const std::byte> file);

/// Is the bundle to be accepted at `now_us`? Asked when a bundle is offered, never of the running
/// one. *errors* Version, with the time from or until which it is valid.
[[nodiscard]] Status check_validity(const Manifest& manifest, std::int64_t now_us);

}  // namespace writ::bundle
