// A small bundle for tests, and its raw pieces for those that build a bad one by hand.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/bundle/format.h"
#include "runtime/crypto/keys.h"

namespace writ::bundle::testing {

inline std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

inline crypto::KeyPair make_key() {
  auto key = crypto::new_key();
  WRIT_CHECK(key.has_value());
  return std::move(*key);
}

inline Manifest sample_manifest() {
  Manifest manifest;
  manifest.package = "acme";
  manifest.version = UINT64_MAX;
  manifest.edition = 2026;
  manifest.models = {{"kafka", "4.4.0"}};
  manifest.clusters = {"lkc-1", "lkc-2"};
  manifest.not_before_us = -1;
  manifest.expires_us = INT64_MAX - 1;
  manifest.cost = {7, 8, 9};
  manifest.grants = 42;
  return manifest;
}

inline std::vector<Part> sample_parts() {
  return {{"program", bytes_of("the program")}, {"tables", bytes_of(std::string(65, 't'))}};
}

inline std::vector<std::byte> sample(const std::vector<std::string>& keys) {
  auto file = write(sample_manifest(), sample_parts(), keys);
  WRIT_CHECK(file.has_value());
  return std::move(*file);
}

/// A file of this envelope and manifest; `sections` as they are to lie there.
inline std::vector<std::byte> assemble(std::span<const std::byte> envelope,
                                       std::span<const std::byte> manifest,
                                       std::span<const std::byte> sections) {
  Header header = header_for(envelope.size(), manifest.size());
  header.file_bytes = header.sections_offset + sections.size();
  std::vector<std::byte> file = encode_header(header);
  file.insert(file.end(), envelope.begin(), envelope.end());
  file.resize(header.manifest_offset);
  file.insert(file.end(), manifest.begin(), manifest.end());
  file.resize(header.sections_offset);
  file.insert(file.end(), sections.begin(), sections.end());
  return file;
}

inline Signature signature_of(const crypto::KeyPair& key, std::span<const std::byte> manifest) {
  auto bytes = crypto::sign(key.private_pem, pre_authentication(manifest));
  WRIT_CHECK(bytes.has_value());
  return {crypto::key_id(key.public_pem).value(), std::move(*bytes)};
}

}  // namespace writ::bundle::testing
