// Any bytes as a bundle: no crash, and what inspection accepts lies within the file, has the
// digests that its manifest says, and is still believed by nobody who trusts another key.
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/bundle/format.h"
#include "runtime/crypto/keys.h"

namespace {

using namespace writ;

const bundle::Trust& nobody() {
  static const bundle::Trust kTrust = [] {
    const auto key = crypto::new_key();
    WRIT_CHECK(key.has_value());
    return bundle::Trust{{key->public_pem}, 1};
  }();
  return kTrust;
}

void read_as_bundle(std::span<const std::byte> file) {
  WRIT_CHECK(!bundle::read(file, nobody()));
  const auto contents = bundle::read_for_inspection(file);
  if (!contents) return;
  WRIT_CHECK(contents->parts.size() == contents->manifest.sections.size());
  for (std::size_t i = 0; i < contents->parts.size(); ++i) {
    WRIT_CHECK(contents->parts[i].bytes.size() <= file.size());
    WRIT_CHECK(crypto::hex(crypto::sha256(contents->parts[i].bytes)) ==
               contents->manifest.sections[i].sha256);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> bytes = std::as_bytes(std::span(data, size));
  read_as_bundle(bytes);
  // The pieces by themselves, for the header stands in the way of most inputs.
  static_cast<void>(bundle::decode_envelope(bytes));
  static_cast<void>(bundle::decode_manifest(bytes));
  return 0;
}
