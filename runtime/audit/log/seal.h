// A seal: somebody who holds the key says how far the log was, and with which hash. It stands in
// the log as a block of its own; as a head it is a small text that is kept elsewhere, against which
// the log can be proved whole. docs/internals/audit.md, "Seals", says the bytes.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/audit/log/format.h"
#include "runtime/base/error.h"
#include "runtime/crypto/parsed_keys.h"

namespace writ::audit::log {

/// Stored: append only.
enum class SealedAt : std::uint32_t {
  Interval = 0,
  Rotation = 1,  // the last block of its segment
  Close = 2,     // the last block of a writer
};

struct Seal {
  Id128 log_id{};
  std::uint64_t segment = 0;
  std::uint64_t block = 0;  // the seal's own index
  Hash chain{};             // of the block before it: the hash of everything so far
  std::int64_t time_us = 0;
  KeyId key_id{};
  SealedAt at = SealedAt::Interval;
  std::uint32_t ring_count = 0;
  Hash rings_digest{};      // SHA-256 of the positions of all rings with rows in the segment
  crypto::Signature signature{};
};

using Positions = std::map<RingName, RingPosition>;

/// Signs, and gives the payload of the seal's block. `seal` says all but the last four fields.
/// *errors* Internal.
[[nodiscard]] Result<std::vector<std::byte>> encode_seal(Seal seal, const Positions& rings,
                                                         const crypto::SigningKey& key);
struct SealRead {
  Seal seal;
  std::vector<std::pair<RingName, RingPosition>> rings;
};
/// *errors* Malformed. Whether the signature is good is is_good()'s to say.
[[nodiscard]] Result<SealRead> decode_seal(std::span<const std::byte> payload);
[[nodiscard]] bool is_good(const Seal& seal, const crypto::VerifyingKey& key);

/// The seal as text, to be published, and back. *errors* Malformed.
[[nodiscard]] std::string head_text(const Seal& seal);
[[nodiscard]] Result<Seal> parse_head(std::string_view text);

}  // namespace writ::audit::log
