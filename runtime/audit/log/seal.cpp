#include "runtime/audit/log/seal.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "runtime/base/bytes.h"
#include "runtime/base/check.h"
#include "runtime/crypto/base64.h"

namespace writ::audit::log {
namespace {

// What is signed says what it is for, so that a signature of something else is never a seal.
constexpr std::string_view kPurpose = "writ-log-seal-v1";
constexpr std::size_t kStatementBytes = 112;
constexpr std::string_view kHeadTitle = "writ audit head 1";

template <class Bytes>
void append(std::vector<std::byte>& out, const Bytes& bytes) {
  for (const auto byte : bytes) out.push_back(static_cast<std::byte>(byte));
}
template <std::integral T>
void append_integer(std::vector<std::byte>& out, T value) {
  out.resize(out.size() + sizeof value);
  store_integer(out.data() + out.size() - sizeof value, value);
}
template <class Array>
void take_array(ByteReader& in, Array& out) {
  const std::byte* at = in.take(out.size());
  for (std::size_t i = 0; at != nullptr && i < out.size(); ++i) {
    out[i] = static_cast<typename Array::value_type>(at[i]);
  }
}

std::vector<std::byte> statement(const Seal& seal) {
  std::vector<std::byte> out;
  append(out, kPurpose);
  append(out, seal.log_id);
  append_integer(out, seal.segment);
  append_integer(out, seal.block);
  append(out, seal.chain);
  append_integer(out, seal.time_us);
  append(out, seal.key_id);
  append_integer(out, static_cast<std::uint32_t>(seal.at));
  append_integer(out, seal.ring_count);
  WRIT_CHECK(out.size() == kStatementBytes);
  return out;
}
std::vector<std::byte> signed_bytes(const Seal& seal) {
  std::vector<std::byte> out = statement(seal);
  append(out, seal.rings_digest);
  return out;
}

// The lines of a head are read back one by one; each begins with its name.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}
  std::string_view line(std::string_view name) {
    const std::size_t end = text_.find('\n');
    const std::string_view line = text_.substr(0, end);
    if (end == std::string_view::npos || !line.starts_with(name) ||
        line.substr(name.size(), 1) != " ") {
      good_ = false;
      return {};
    }
    text_.remove_prefix(end + 1);
    return line.substr(name.size() + 1);
  }
  template <class T>
  T number(std::string_view name) {
    const std::string_view digits = line(name);
    T value{};
    const auto [at, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    good_ = good_ && code == std::errc() && at == digits.data() + digits.size();
    return value;
  }
  template <std::size_t Size>
  std::array<std::byte, Size> bytes(std::string_view name) {
    std::array<std::byte, Size> out{};
    const auto raw = crypto::from_base64(line(name));
    good_ = good_ && raw && raw->size() == Size;
    if (good_) std::ranges::copy(*raw, out.begin());
    return out;
  }
  [[nodiscard]] bool done() const { return good_ && text_.empty(); }

 private:
  std::string_view text_;
  bool good_ = true;
};

}  // namespace

Result<std::vector<std::byte>> encode_seal(Seal seal, const Positions& rings,
                                           const crypto::SigningKey& key) {
  std::vector<std::byte> table;
  for (const auto& [name, position] : rings) encode_position(name, position, table);
  seal.ring_count = static_cast<std::uint32_t>(rings.size());
  seal.rings_digest = crypto::sha256(table);
  WRIT_CHECK(key.id().size() == seal.key_id.size());
  std::ranges::copy(key.id(), seal.key_id.begin());
  WRIT_ASSIGN(signature, key.sign(signed_bytes(seal)));
  std::vector<std::byte> out = statement(seal);
  append(out, table);
  append(out, signature);
  return out;
}

Result<SealRead> decode_seal(std::span<const std::byte> payload) {
  ByteReader in(payload);
  SealRead read;
  Seal& seal = read.seal;
  const bool titled = in.text(kPurpose.size()) == kPurpose;
  take_array(in, seal.log_id);
  seal.segment = in.integer<std::uint64_t>();
  seal.block = in.integer<std::uint64_t>();
  take_array(in, seal.chain);
  seal.time_us = in.integer<std::int64_t>();
  take_array(in, seal.key_id);
  const auto at = in.integer<std::uint32_t>();
  seal.at = static_cast<SealedAt>(at);
  seal.ring_count = in.integer<std::uint32_t>();
  if (!titled || in.failed() || at > static_cast<std::uint32_t>(SealedAt::Close) ||
      seal.ring_count > kPositionsMax) {
    return fail(ErrorCode::Malformed, "a seal is not what a writer writes");
  }
  const std::size_t table_bytes = seal.ring_count * kRingPositionBytes;
  const std::byte* table = in.take(table_bytes);
  take_array(in, seal.signature);
  if (in.failed() || in.left() != 0) {
    return fail(ErrorCode::Malformed, "a seal has a wrong length");
  }
  const std::span<const std::byte> positions(table, table_bytes);
  seal.rings_digest = crypto::sha256(positions);
  WRIT_ASSIGN(rings, decode_positions(positions));
  read.rings = std::move(rings);
  return read;
}

bool is_good(const Seal& seal, const crypto::VerifyingKey& key) {
  return std::ranges::equal(key.id(), seal.key_id) && key.good(signed_bytes(seal), seal.signature);
}

std::string head_text(const Seal& seal) {
  return fmt::format(
      "{}\nlog {}\nsegment {}\nblock {}\nchain {}\ntime {}\nkey {}\nat {}\nrings {}\n"
      "digest {}\nsignature {}\n",
      kHeadTitle, crypto::base64(seal.log_id), seal.segment, seal.block,
      crypto::base64(seal.chain), seal.time_us,
      std::string_view(seal.key_id.data(), seal.key_id.size()),
      static_cast<std::uint32_t>(seal.at), seal.ring_count, crypto::base64(seal.rings_digest),
      crypto::base64(seal.signature));
}

Result<Seal> parse_head(std::string_view text) {
  Lines lines(text);
  Seal seal;
  const bool titled = lines.line("writ") == kHeadTitle.substr(kHeadTitle.find(' ') + 1);
  seal.log_id = lines.bytes<std::tuple_size_v<Id128>>("log");
  seal.segment = lines.number<std::uint64_t>("segment");
  seal.block = lines.number<std::uint64_t>("block");
  seal.chain = lines.bytes<kHashBytes>("chain");
  seal.time_us = lines.number<std::int64_t>("time");
  const std::string_view key = lines.line("key");
  const auto at = lines.number<std::uint32_t>("at");
  seal.at = static_cast<SealedAt>(at);
  seal.ring_count = lines.number<std::uint32_t>("rings");
  seal.rings_digest = lines.bytes<kHashBytes>("digest");
  seal.signature = lines.bytes<std::tuple_size_v<crypto::Signature>>("signature");
  if (!titled || !lines.done() || key.size() != seal.key_id.size() ||
      at > static_cast<std::uint32_t>(SealedAt::Close)) {
    return fail(ErrorCode::Malformed,
                "this is no head of an audit log, as `writ audit verify --head-out` writes it");
  }
  std::ranges::copy(key, seal.key_id.begin());
  return seal;
}

}  // namespace writ::audit::log
